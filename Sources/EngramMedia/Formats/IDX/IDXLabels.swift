/// Labels as MNIST has them: an IDX file of rank 1, one whole number for each item of another file.
package enum IDXLabels {
    /// Reads the labels of a file, also `.gz`.
    ///
    /// - Throws: `MediaError.malformed` for what is not whole numbers of rank 1; the errors of reading.
    package static func read(path: String, limits: MediaLimits) throws(MediaError) -> [Int] {
        try decode(try InputFile.read(path, limits: limits), name: lastComponent(of: path), limits: limits)
    }

    /// The labels in a file's bytes, also of a `.gz`.
    static func decode(_ bytes: [UInt8], name: String, limits: MediaLimits) throws(MediaError) -> [Int] {
        var bytes = bytes
        if Gzip.isGzip(bytes) {
            // Whole numbers take at most 4 bytes; a count above 2³² - 1 is in no header.
            let labelBytes = 4 * min(max(limits.maxSampleCount, 0), Int(UInt32.max))
            bytes = try Gzip.inflate(bytes, capacity: 8 + min(labelBytes, max(limits.maxDecodedByteCount, 0)), file: name).bytes
        }
        func fault(_ offset: Int, _ expected: String, _ found: String) -> MediaError {
            .malformed(
                file: name, place: MediaPlace(chunk: "IDX labels", byteOffset: offset), expected: expected, found: found,
                remedy: "Labels are an IDX file of rank 1 with whole numbers, one for each picture.")
        }
        guard bytes.count >= 8, bytes[0] == 0, bytes[1] == 0 else { throw fault(0, "an IDX header", "\(bytes.count) other bytes") }
        guard let type = IDXElementType(rawValue: bytes[2]), type != .float, type != .double else {
            throw fault(2, "a type of whole numbers", "type 0x\(hex(bytes[2]))")
        }
        guard bytes[3] == 1 else { throw fault(3, "rank 1", "rank \(bytes[3])") }
        let count = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
        guard count > 0, count <= limits.maxSampleCount else { throw fault(4, "1 to \(limits.maxSampleCount) labels", "\(count)") }
        let size = type.byteCount
        guard bytes.count == 8 + count * size else { throw fault(8, "\(count * size) bytes of labels", "\(bytes.count - 8)") }
        return (0..<count).map { index in
            let code = bytes[8 + index * size..<8 + (index + 1) * size].reduce(0) { $0 << 8 | Int($1) }
            // Two's complement, except for unsigned bytes.
            let half = 1 << (8 * size - 1)
            return type == .ubyte || code < half ? code : code - 2 * half
        }
    }
}
