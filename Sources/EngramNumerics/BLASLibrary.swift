internal import COpenBLAS

/// The linear-algebra library this process runs on.
public enum BLASLibrary {
    /// Version and build options, e.g. `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …`.
    public static var configuration: String { String(cString: openblas_get_config()) }

    /// The kernel set that was chosen for this CPU, e.g. `Haswell` or `SkylakeX`.
    public static var coreName: String { String(cString: openblas_get_corename()) }

    /// Sets how many threads each product uses. This is the one level of parallelism: set it once, at start.
    /// - Parameter count: At least 1.
    public static func setThreadCount(_ count: Int) {
        precondition(count >= 1, "A BLAS needs at least one thread, asked for \(count).")
        openblas_set_num_threads(blasInt(count))
    }

    /// How many threads each product uses.
    public static var threadCount: Int { Int(openblas_get_num_threads()) }
}
