import Foundation

/// Runs long computations on a thread of their own, so that the few threads of Swift's tasks stay free for signals and display.
enum ComputeThread {
    /// As much as a main thread has.
    private static let stackByteCount = 8 << 20

    /// Runs `body` and returns what it returns or throws.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.name = "engram-compute"
            thread.stackSize = stackByteCount
            thread.start()
        }
    }
}
