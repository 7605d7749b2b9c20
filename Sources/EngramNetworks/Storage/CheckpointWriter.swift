/// Builds one sealed part of a checkpoint.
///
/// Layout: 8 letters that name the kind, then as UInt64 a byte-order mark, the format's version and the content's length; the
/// content; the `Checksum64` of all before. Numbers are in the machine's byte order and floats are stored by their bits, so that
/// large parts are copied and not converted; the mark keeps another machine from misreading them.
package struct CheckpointWriter {
    static let headerByteCount = 32
    static let trailerByteCount = 8
    static let byteOrderMark: UInt64 = 0x0102_0304_0506_0708

    private var bytes: [UInt8]

    /// An empty part.
    /// - Parameters:
    ///   - kind: Eight ASCII letters.
    ///   - contentByteCount: A guess that saves growing.
    package init(kind: String, version: UInt64, contentByteCount: Int = 0) {
        precondition(kind.utf8.count == 8, "A kind of checkpoint has eight letters, got '\(kind)'.")
        bytes = Array(kind.utf8)
        bytes.reserveCapacity(Self.headerByteCount + contentByteCount + Self.trailerByteCount)
        append(Self.byteOrderMark)
        append(version)
        append(0 as UInt64)
    }

    /// Appends a number by its bits.
    package mutating func append(_ value: UInt64) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    /// Appends a number.
    package mutating func append(_ value: Int) { append(UInt64(bitPattern: Int64(value))) }
    /// Appends a number by its bits.
    package mutating func append(_ value: Double) { append(value.bitPattern) }
    /// Appends a truth value.
    package mutating func append(_ value: Bool) { append(value ? 1 : 0 as UInt64) }
    /// Appends a text with its length.
    package mutating func append(_ text: String) {
        append(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
    /// Appends entries by their bits, without their count.
    package mutating func append<Scalar: BitwiseCopyable>(contentsOf values: [Scalar]) {
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// The finished part.
    package consuming func sealed() -> [UInt8] {
        let contentByteCount = UInt64(bytes.count - Self.headerByteCount)
        withUnsafeBytes(of: contentByteCount) { bytes.replaceSubrange(Self.headerByteCount - 8..<Self.headerByteCount, with: $0) }
        append(Checksum64.of(bytes[...]))
        return bytes
    }
}
