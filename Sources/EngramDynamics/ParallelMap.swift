internal import Dispatch
internal import Synchronization

/// Independent computations divided among threads.
package enum ParallelMap {
    /// `body(0)` to `body(count - 1)`, in order.
    ///
    /// - Parameters:
    ///   - threadCount: Most computations at a time; 1 keeps to the calling thread.
    ///   - body: Called from several threads at once, for each index by one of them.
    package static func results<Result: Sendable>(
        of count: Int, threadCount: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        guard threadCount > 1, count > 1 else { return (0..<count).map(body) }
        let next = Atomic(0)
        let results = Mutex([Result?](repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
            while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < count {
                let result = body(index)
                results.withLock { $0[index] = result }
            }
        }
        return results.withLock { $0.compactMap(\.self) }
    }
}
