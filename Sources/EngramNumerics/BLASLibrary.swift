internal import COpenBLAS
internal import Synchronization

/// The linear-algebra library this process runs on.
public enum BLASLibrary {
    /// Version and build options, e.g. `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …`.
    public static var configuration: String { String(cString: openblas_get_config()) }

    /// The kernel set that was chosen for this CPU, e.g. `Haswell` or `SkylakeX`.
    public static var coreName: String { String(cString: openblas_get_corename()) }

    /// Sets how many threads each product uses: once, at start. It is the one level of parallelism, but for `withOneThread`.
    /// - Parameter count: At least 1.
    public static func setThreadCount(_ count: Int) {
        precondition(count >= 1, "A BLAS needs at least one thread, asked for \(count).")
        openblas_set_num_threads(blasInt(count))
    }

    /// How many threads each product uses.
    public static var threadCount: Int { Int(openblas_get_num_threads()) }

    /// Runs `body` with products of one thread each, for callers that divide many small problems among threads themselves.
    ///
    /// The count belongs to the process. It is set back when the last of overlapping calls ends.
    /// - Parameter body: Given the number of threads that products used before.
    public static func withOneThread<Result>(_ body: (Int) throws -> Result) rethrows -> Result {
        let before = suspension.withLock { state in
            if state.depth == 0 {
                state.threadCount = threadCount
                setThreadCount(1)
            }
            state.depth += 1
            return state.threadCount
        }
        defer {
            suspension.withLock { state in
                state.depth -= 1
                if state.depth == 0 { setThreadCount(state.threadCount) }
            }
        }
        return try body(before)
    }

    /// Calls of `withOneThread` under way, and the count that they replace: OpenBLAS keeps it in one global of the process.
    private static let suspension = Mutex((depth: 0, threadCount: 1))
}
