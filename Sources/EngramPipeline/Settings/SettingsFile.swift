internal import EngramMemories
internal import EngramSystem
import Foundation
import Glibc

/// A settings text with the name that error messages give it.
package struct SettingsFile: Equatable, Sendable {
    /// Longest text read. The longest sensible `pipeline.yml` has some hundred rules of some hundred bytes.
    package static let byteCountLimit = 65_536

    /// The path, or what else error messages should call it.
    package let source: String
    /// The YAML text.
    package let text: String

    /// Wraps a text that is already in memory.
    package init(source: String, text: String) {
        self.source = source
        self.text = text
    }

    /// Reads a regular file of UTF-8 text.
    /// - Parameters:
    ///   - path: The file.
    ///   - followsLink: Whether `path` may be a link; what came with a drop may not, it would lead anywhere.
    /// - Throws: `SettingsError.unreadable` if it cannot be opened or is not a regular file, `.tooLarge` above
    ///   `byteCountLimit`, `.malformed` if it is not UTF-8.
    package init(path: String, followsLink: Bool = true) throws(SettingsError) {
        // Non-blocking, so that a named pipe put in place of a file cannot hold the program.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            let code = errno
            throw .unreadable(
                path: path,
                reason: code == ELOOP && !followsLink ? "it is a symbolic link, which is not followed" : SystemMessage.text(of: code))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: SystemMessage.text(of: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "not a regular file") }

        // One byte above the limit, to see that a file grew after its size was taken.
        var bytes = [UInt8](repeating: 0, count: Self.byteCountLimit + 1)
        var count = 0
        while count < bytes.count {
            let start = count
            let readCount = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if readCount < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .unreadable(path: path, reason: SystemMessage.text(of: code))
            }
            if readCount == 0 { break }
            count += readCount
        }
        try self.init(source: path, bytes: Array(bytes[..<count]))
    }

    /// Takes the bytes of a file; one more than `byteCountLimit` is enough to refuse a longer one.
    /// - Throws: `SettingsError.tooLarge`, `.malformed`.
    package init(source: String, bytes: [UInt8]) throws(SettingsError) {
        guard bytes.count <= Self.byteCountLimit else { throw .tooLarge(path: source, limit: Self.byteCountLimit) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(SettingsLocation(source: source), problem: "it is not UTF-8 text")
        }
        self.init(source: source, text: text)
    }
}
