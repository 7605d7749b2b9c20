internal import COpenBLAS
internal import Glibc
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

    /// Takes the working space that products will need, before a limit of memory is set.
    ///
    /// OpenBLAS asks for it at the first product, 128 MiB of address space a thread, keeps it, and tries for ever where it gets none. Each
    /// of its threads holds one piece, and so does each caller at the same time, hence 2·threadCount - 1. Pages are taken only when used.
    /// - Parameter threadCount: At least 1.
    public static func reserveWorkingSpace(threadCount: Int) {
        precondition(threadCount >= 1, "A BLAS needs at least one thread, asked for \(threadCount).")
        // Not in its headers, but in every release since 2011; a BLAS without them has no such space to take.
        guard let allocation = dlsym(nil, "blas_memory_alloc"), let release = dlsym(nil, "blas_memory_free") else { return }
        let allocate = unsafeBitCast(allocation, to: (@convention(c) (Int32) -> UnsafeMutableRawPointer?).self)
        let free = unsafeBitCast(release, to: (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)
        let pieces = (0..<2 * threadCount - 1).map { _ in allocate(0) }
        for piece in pieces { free(piece) }
    }

    /// Calls of `withOneThread` under way, and the count that they replace: OpenBLAS keeps it in one global of the process.
    private static let suspension = Mutex((depth: 0, threadCount: 1))
}
