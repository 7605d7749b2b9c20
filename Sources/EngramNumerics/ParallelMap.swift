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

    /// Calls `body` with adjoining ranges that make up `0..<count`, as many at a time as products use threads; one range where there are
    /// too few elements to divide.
    ///
    /// Ranges begin at multiples of `alignment`, so that element-wise loops have their vectors, and with them their rounding, where they
    /// have them in one range.
    static func forEachRange(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
        let threadCount = count < fewestElements ? 1 : BLASLibrary.threadCount
        guard threadCount > 1 else { return body(0..<count) }
        let size = ((count + threadCount - 1) / threadCount + alignment - 1) / alignment * alignment
        DispatchQueue.concurrentPerform(iterations: (count + size - 1) / size) { index in
            body(index * size..<min((index + 1) * size, count))
        }
    }

    /// Below this, waking a thread takes longer than it saves.
    private static let fewestElements = 1 << 17
    /// Elements; more than any vector holds.
    private static let alignment = 256
}
