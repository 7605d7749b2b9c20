internal import Glibc

/// The file that this process runs, held open: what it starts of itself is this version, also while an upgrade puts another into its place
/// or has taken it away for a moment.
package enum OwnProgram {
    /// Its path when it was first asked for; nil where /proc does not say.
    package static let path: String? = {
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }()

    private static let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)

    /// The path by which a child of this process starts the program at `executable`.
    static func startingPath(of executable: String) -> String {
        // The child has the descriptor until the moment at which the program begins.
        executable == path && descriptor >= 0 ? "/proc/self/fd/\(descriptor)" : executable
    }

    /// Opens the file now.
    package static func hold() { _ = (path, descriptor) }
}
