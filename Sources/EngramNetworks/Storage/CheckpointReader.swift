/// Reads one sealed part of a checkpoint, as `CheckpointWriter` lays it out. Nothing of the content is read before it is whole.
package struct CheckpointReader {
    private let content: ArraySlice<UInt8>
    private var position: Int

    /// A reader of a checkpoint that is one part, with nothing after it.
    /// - Throws: `CheckpointError`, case by case.
    static func openWhole(_ checkpoint: ArraySlice<UInt8>, kind: String, version: UInt64) throws(CheckpointError) -> CheckpointReader {
        let (reader, rest) = try open(checkpoint, kind: kind, version: version)
        guard rest.isEmpty else {
            throw .wrongLength(expectedByteCount: checkpoint.count - rest.count, foundByteCount: checkpoint.count)
        }
        return reader
    }

    /// Checks the part that `bytes` begin with.
    /// - Returns: A reader of its content, and the bytes after it.
    /// - Throws: `CheckpointError`, case by case.
    package static func open(
        _ bytes: ArraySlice<UInt8>, kind: String, version: UInt64
    ) throws(CheckpointError) -> (reader: CheckpointReader, rest: ArraySlice<UInt8>) {
        let headerCount = CheckpointWriter.headerByteCount
        guard bytes.prefix(8).elementsEqual(kind.utf8.prefix(bytes.count)) else { throw .notACheckpoint }
        guard bytes.count >= headerCount else {
            throw .wrongLength(expectedByteCount: headerCount, foundByteCount: bytes.count)
        }
        var header = CheckpointReader(content: bytes.prefix(headerCount), position: bytes.startIndex + 8)
        guard try header.readUInt64() == CheckpointWriter.byteOrderMark else { throw .otherByteOrder }
        let foundVersion = try header.readUInt64()
        guard foundVersion == version else { throw .otherVersion(found: foundVersion, expected: version) }
        let announced = try header.readUInt64()
        let available = bytes.count - headerCount - CheckpointWriter.trailerByteCount
        guard available >= 0, let contentCount = Int(exactly: announced), contentCount <= available else {
            let overhead = UInt64(headerCount + CheckpointWriter.trailerByteCount)
            throw .wrongLength(
                expectedByteCount: Int(clamping: announced.addingReportingOverflow(overhead).overflow ? .max : announced + overhead),
                foundByteCount: bytes.count)
        }
        let contentEnd = bytes.startIndex + headerCount + contentCount
        var trailer = CheckpointReader(content: bytes[contentEnd..<contentEnd + 8], position: contentEnd)
        guard try trailer.readUInt64() == Checksum64.of(bytes[bytes.startIndex..<contentEnd]) else { throw .damaged }
        let contentStart = bytes.startIndex + headerCount
        return (
            CheckpointReader(content: bytes[contentStart..<contentEnd], position: contentStart), bytes[(contentEnd + 8)...]
        )
    }

    private init(content: ArraySlice<UInt8>, position: Int) {
        self.content = content
        self.position = position
    }

    private var malformed: CheckpointError { .malformed(byteOffset: position - content.startIndex) }

    /// Reads what `append(_: UInt64)` wrote.
    package mutating func readUInt64() throws(CheckpointError) -> UInt64 {
        guard content.endIndex - position >= 8 else { throw malformed }
        let value = content[position..<position + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        position += 8
        return value
    }

    /// Reads a number that counts something or is an index.
    package mutating func readCount() throws(CheckpointError) -> Int {
        guard let value = Int(exactly: try readUInt64()) else { throw malformed }
        return value
    }

    /// Reads what `append(_: Double)` wrote, every bit of it.
    package mutating func readDouble() throws(CheckpointError) -> Double { Double(bitPattern: try readUInt64()) }

    /// Reads what `append(_: Bool)` wrote.
    package mutating func readBool() throws(CheckpointError) -> Bool {
        let value = try readUInt64()
        guard value <= 1 else { throw malformed }
        return value == 1
    }

    /// Reads what `append(_: String)` wrote.
    package mutating func readString() throws(CheckpointError) -> String {
        let count = try readCount()
        guard count <= content.endIndex - position,
            let text = String(validating: content[position..<position + count], as: UTF8.self)
        else { throw malformed }
        position += count
        return text
    }

    /// Reads `count` numbers that `append(contentsOf:)` wrote, every bit of them.
    package mutating func readValues<Scalar: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        count: Int
    ) throws(CheckpointError) -> [Scalar] {
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
        guard count >= 0, !overflow, byteCount <= content.endIndex - position else { throw malformed }
        var values = [Scalar](repeating: 0, count: count)
        let source = content[position..<position + byteCount]
        values.withUnsafeMutableBytes { target in source.withUnsafeBytes { target.copyMemory(from: $0) } }
        position += byteCount
        return values
    }

    /// Requires that everything was read.
    package func finish() throws(CheckpointError) {
        guard position == content.endIndex else { throw malformed }
    }
}
