import Foundation
import Glibc

/// Runs long computations on a thread of their own, so that the few threads of Swift's tasks stay free for signals and display.
enum ComputeThread {
    /// As much as a main thread has.
    private static let stackByteCount = 8 << 20

    /// Runs `body` and returns what it returns or throws.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                // Threads of the pool block all signals, and this one inherits that. SIGXFSZ goes to the thread that writes: blocked, it
                // would leave an error where a worker is to end.
                var set = sigset_t()
                sigemptyset(&set)
                sigaddset(&set, SIGXFSZ)
                pthread_sigmask(SIG_UNBLOCK, &set, nil)
                continuation.resume(with: Result(catching: body))
            }
            thread.name = "engram-compute"
            thread.stackSize = stackByteCount
            thread.start()
        }
    }
}
