internal import EngramNumerics

/// The libraries that this process runs on, as they say themselves.
package enum RuntimeLibraries {
    /// Versions by name.
    package static var versions: [String: String] {
        var versions: [String: String] = [:]
        // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64": name and version come first.
        let words = BLASLibrary.configuration.split(separator: " ")
        if words.count > 1 { versions[String(words[0])] = String(words[1]) }
        return versions
    }

    /// The kernel set that linear algebra chose for this processor, such as `Haswell` or `SkylakeX`.
    package static var kernelName: String { BLASLibrary.coreName }

    /// Sets how many threads linear algebra uses. Call it once, at start.
    /// - Parameter count: At least 1.
    package static func setThreadCount(_ count: Int) { BLASLibrary.setThreadCount(count) }

    /// Takes the working space of linear algebra, which does not survive being refused it. Call it before memory is limited.
    /// - Parameter threadCount: At least 1.
    package static func reserveWorkingSpace(threadCount: Int) { BLASLibrary.reserveWorkingSpace(threadCount: threadCount) }
}
