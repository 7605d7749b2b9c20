internal import Glibc

extension FileAccess {
    /// Adds bytes to the end of a file, which is made where there is none. Nothing is flushed.
    /// - Parameter path: In a folder that nobody else writes in.
    package func append(_ bytes: [UInt8], to path: String) throws(Fault) {
        try willPerform(.write, path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .fromErrno("opening", path) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
    }
}
