/// Whether a file is all there, as its format says.
package enum FileCompleteness: Equatable, Sendable {
    /// The format says where it ends, and the file ends there.
    case complete
    /// The format does not say; a stable size has to do.
    case unknown
    /// The format says that there is more to come, or less than there is.
    case incomplete(reason: String)
}

/// A file that may still grow, as its format looks at it: a few bytes at a time, through whatever reads files for the caller.
package struct GrowingFile<Failure: Error> {
    /// Its name without a path; it decides only where the bytes do not.
    package let name: String
    /// Its size at the last look.
    package let byteCount: Int64
    /// Its first bytes, up to 64.
    package let head: [UInt8]
    private let read: (_ offset: Int64, _ count: Int) throws(Failure) -> [UInt8]

    /// - Parameter read: Up to `count` bytes from `offset`; fewer at the end of the file.
    /// - Throws: What `read` throws.
    package init(
        name: String, byteCount: Int64, read: @escaping (_ offset: Int64, _ count: Int) throws(Failure) -> [UInt8]
    ) throws(Failure) {
        self.name = name
        self.byteCount = byteCount
        self.read = read
        head = byteCount > 0 ? try read(0, 64) : []
    }

    /// Up to `count` bytes from `offset`.
    package func bytes(from offset: Int64, count: Int) throws(Failure) -> [UInt8] { try read(offset, count) }

    /// The last `count` bytes, or the whole file.
    package func tail(_ count: Int) throws(Failure) -> [UInt8] { try read(max(0, byteCount - Int64(count)), count) }
}
