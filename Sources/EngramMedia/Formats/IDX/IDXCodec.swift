/// IDX, the format of MNIST: two zero bytes, type code, rank, big-endian dimensions, big-endian elements.
enum IDXCodec {
    struct Header: Equatable {
        var elementType: IDXElementType
        var dimensions: [Int]
        var byteCount: Int { 4 + 4 * dimensions.count }
        /// Checked for overflow when the header was read.
        var elementCount: Int { dimensions.reduce(1, *) }
        var fileByteCount: Int { byteCount + elementCount * elementType.byteCount }
        var itemDimension: Int { dimensions.dropFirst().reduce(1, *) }
        var shapeText: String { "\(elementType) \(IDXCodec.describe(dimensions))" }
    }

    struct Decoded: Equatable {
        var header: Header
        var isGzipped: Bool
        var values: [Float]
        /// Elements that the 24 bits of a float did not hold.
        var roundedCount = 0
        var notes: [String]
    }

    /// Longest header: rank 255.
    static let maxHeaderByteCount = 4 + 4 * 255

    static func looksLikeIDX(_ bytes: some Collection<UInt8>) -> Bool {
        let head = Array(bytes.prefix(4))
        return head.count == 4 && head[0] == 0 && head[1] == 0 && (0x08...0x0E).contains(head[2]) && head[3] > 0
    }

    /// - Throws: `MediaError.malformed`, `.overLimit`, `.empty`, or `.system` when memory ran out.
    static func decode(_ file: [UInt8], name: String, limits: MediaLimits) throws(MediaError) -> Decoded {
        guard Gzip.isGzip(file) else {
            let header = try readHeader(file, name: name, limits: limits)
            return try decode(file, header, name: name, isGzipped: false)
        }
        let head = try Gzip.inflate(file, capacity: maxHeaderByteCount, file: name)
        if !looksLikeIDX(head.bytes), let foreign = ForeignContent(head: head.bytes) {
            throw .malformed(
                file: name, place: MediaPlace(chunk: "gzip stream", byteOffset: 0), expected: "IDX data in the .gz",
                found: "\(foreign.name) in it", remedy: packedRemedy(foreign, file: name))
        }
        let header = try readHeader(head.bytes, name: name, limits: limits)
        // The header's promise is checked against what deflate can hold before memory is taken for it.
        guard header.fileByteCount / Gzip.maxRatio <= file.count else {
            throw truncated(name, header, found: "a .gz of \(file.count) bytes, which cannot hold it")
        }
        let whole = try Gzip.inflate(file, capacity: header.fileByteCount, file: name)
        guard whole.isComplete else { throw excess(name, header, found: "more in the .gz") }
        var decoded = try decode(whole.bytes, header, name: name, isGzipped: true)
        if whole.trailingByteCount > 0 { decoded.notes.append("\(whole.trailingByteCount) bytes after the gzip stream not read") }
        return decoded
    }

    /// What is packed has to be unpacked first, which tar does by itself.
    private static func packedRemedy(_ content: ForeignContent, file: String) -> String {
        let remedy = content.remedy(for: file)
        return content.name.hasSuffix("a tar archive") || content.name == "a gzip file" ? remedy : "Unpack it with gunzip. " + remedy
    }

    static func readHeader(_ bytes: [UInt8], name: String, limits: MediaLimits) throws(MediaError) -> Header {
        func fault(_ offset: Int, _ expected: String, _ found: String, _ remedy: String = copyAgain) -> MediaError {
            .malformed(
                file: name, place: MediaPlace(chunk: "IDX header", byteOffset: offset), expected: expected, found: found, remedy: remedy
            )
        }
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
            throw fault(0, "two zero bytes, a type code and a rank", bytes.prefix(4).map(hex).joined(separator: " "))
        }
        guard let type = IDXElementType(rawValue: bytes[2]) else {
            throw fault(2, "type code 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e", "0x\(hex(bytes[2]))", "Convert the elements to 0x08 or 0x0d.")
        }
        let rank = Int(bytes[3])
        guard rank <= mostDimensions else {
            throw fault(
                3, "rank 2 to \(mostDimensions): items along the first axis", "rank \(rank)",
                "No program makes such arrays; look at the header, and join axes that belong together.")
        }
        guard rank >= 2 else {
            throw fault(
                3, "rank 2 or more: items along the first axis", "rank \(rank)",
                "Labels and plain vectors hold no pattern to learn; drop the images file.")
        }
        var reader = ByteReader(bytes, offset: 4)
        var dimensions: [Int] = []
        for _ in 0..<rank {
            guard let dimension = reader.next(4) else { throw fault(reader.offset, "\(rank) dimensions of 4 bytes", "the end of the file") }
            dimensions.append(dimension)
        }
        if let swapped = littleEndian(dimensions, byteCount: bytes.count, type) {
            let sides = swapped.map(String.init).joined(separator: ", ")
            throw fault(
                4, "big-endian dimensions", "\(describe(swapped)) in little-endian order",
                "Write the header with the highest byte first, in Python with struct.pack('>\(rank)I', \(sides)).")
        }
        let items = dimensions[0]
        if dimensions.contains(0) { throw .empty(path: name, found: "an IDX of \(describe(dimensions)), which has no elements") }
        guard items <= limits.maxSampleCount else {
            throw .overLimit(file: name, quantity: "item count", limit: limits.maxSampleCount, found: items)
        }
        let elements = dimensions.reduce(1) { product, dimension in
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            return overflow ? .max : next
        }
        // Values are held at 4 bytes; 8-byte doubles pass through memory once, so the larger counts.
        let most = limits.maxDecodedByteCount / max(4, type.byteCount)
        guard elements <= most else {
            throw .overLimit(file: name, quantity: "element count of \(describe(dimensions))", limit: most, found: elements)
        }
        return Header(elementType: type, dimensions: dimensions)
    }

    /// NumPy has arrays of at most 64 axes.
    static let mostDimensions = 64

    /// The dimensions with their bytes turned round, where those fit the file and these do not.
    private static func littleEndian(_ dimensions: [Int], byteCount: Int, _ type: IDXElementType) -> [Int]? {
        func size(_ sides: [Int]) -> Int? {
            var product = type.byteCount
            for side in sides {
                let (next, overflow) = product.multipliedReportingOverflow(by: side)
                if overflow { return nil }
                product = next
            }
            let (size, overflow) = product.addingReportingOverflow(4 + 4 * sides.count)
            return overflow ? nil : size
        }
        let swapped = dimensions.map { Int(UInt32(truncatingIfNeeded: $0).byteSwapped) }
        return size(dimensions) != byteCount && size(swapped) == byteCount ? swapped : nil
    }

    private static func decode(_ bytes: [UInt8], _ header: Header, name: String, isGzipped: Bool) throws(MediaError) -> Decoded {
        guard bytes.count >= header.fileByteCount else { throw truncated(name, header, found: "\(bytes.count)") }
        guard bytes.count == header.fileByteCount else { throw excess(name, header, found: "\(bytes.count)") }
        var notes: [String] = []
        let values = elements(of: bytes, header)
        let roundedCount = roundedCount(of: values, in: bytes, header)
        let rounded = roundedCount > 0 ? ": \(roundedCount) of \(values.count) elements rounded to 24 bits" : ""
        if header.elementType == .int { notes.append("32-bit integers held at float32 precision\(rounded)") }
        if header.elementType == .double { notes.append("64-bit floats held at float32 precision\(rounded)") }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw .malformed(
                file: name,
                place: MediaPlace(chunk: "element \(bad)", byteOffset: header.byteCount + bad * header.elementType.byteCount),
                expected: "finite numbers within the range of float32", found: "NaN, infinity or a larger number",
                remedy: "Replace such elements and drop it again.")
        }
        return Decoded(header: header, isGzipped: isGzipped, values: values, roundedCount: roundedCount, notes: notes)
    }

    /// Elements of 32-bit integers and 64-bit floats that are not what their values say.
    private static func roundedCount(of values: [Float], in bytes: [UInt8], _ header: Header) -> Int {
        guard header.elementType == .int || header.elementType == .double else { return 0 }
        return bytes.withUnsafeBytes { raw in
            values.indices.count { index in
                let at = header.byteCount + index * header.elementType.byteCount
                if header.elementType == .int {
                    // The scale is a power of two, so only the code itself was rounded.
                    let code = Int32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: Int32.self))
                    return Double(values[index]) * 2_147_483_648 != Double(code)
                }
                let number = Double(bitPattern: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                return Double(values[index]) != number
            }
        }
    }

    private static func elements(of bytes: [UInt8], _ header: Header) -> [Float] {
        let type = header.elementType
        let count = header.elementCount
        return [Float](unsafeUninitializedCapacity: count) { output, initializedCount in
            bytes.withUnsafeBytes { raw in
                for index in 0..<count {
                    let at = header.byteCount + index * type.byteCount
                    output[index] =
                        switch type {
                        case .ubyte: Float(raw[at]) / 255
                        case .byte: Float(Int8(bitPattern: raw[at])) / 128
                        case .short: Float(Int16(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: Int16.self))) / 32768
                        // Rounds once, to 24 bits; the division by a power of two is exact.
                        case .int: Float(Int32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: Int32.self))) / 2_147_483_648
                        case .float: Float(bitPattern: UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                        case .double: Float(Double(bitPattern: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))))
                        }
                }
            }
            initializedCount = count
        }
    }

    /// Writes `itemCount` items in the drop's own type; gzipped where the drop was.
    static func encode(values: [Float], itemCount: Int, format: IDXFormat) throws(MediaError) -> [UInt8] {
        let type = format.elementType
        let dimensions = [itemCount] + format.itemDimensions
        precondition(dimensions.reduce(1, *) == values.count, "\(values.count) values for \(dimensions)")
        guard let rank = UInt8(exactly: dimensions.count), dimensions.allSatisfy({ UInt32(exactly: $0) != nil }) else {
            throw .notWritten(file: format.fileName, reason: "IDX has no shape \(dimensions)")
        }
        var bytes: [UInt8] = [0, 0, type.rawValue, rank]
        bytes.reserveCapacity(4 + 4 * dimensions.count + values.count * type.byteCount)
        for dimension in dimensions { bytes.appendBigEndian(UInt64(dimension), byteCount: 4) }
        if let quantizer = format.quantizer {
            for code in try quantizer.codes(of: values) {
                bytes.appendBigEndian(UInt64(bitPattern: Int64(code)), byteCount: type.byteCount)
            }
        } else {
            for (index, value) in values.enumerated() {
                guard value.isFinite else { throw .nonFiniteValue(index: index) }
                bytes.appendBigEndian(type == .float ? UInt64(value.bitPattern) : Double(value).bitPattern, byteCount: type.byteCount)
            }
        }
        return format.isGzipped ? try Gzip.deflate(bytes, file: format.fileName) : bytes
    }

    static func describe(_ dimensions: [Int]) -> String { dimensions.map(String.init).joined(separator: " x ") }

    private static func sizeFault(_ name: String, _ header: Header, found: String, remedy: String) -> MediaError {
        .malformed(
            file: name, place: MediaPlace(chunk: "IDX header", byteOffset: 4),
            expected:
                "\(header.fileByteCount) bytes for \(describe(header.dimensions)) elements of \(header.elementType.byteCount) bytes",
            found: found, remedy: remedy)
    }

    private static func truncated(_ name: String, _ header: Header, found: String) -> MediaError {
        sizeFault(name, header, found: found, remedy: "The file was cut short or its header lies; copy it again.")
    }

    private static func excess(_ name: String, _ header: Header, found: String) -> MediaError {
        sizeFault(name, header, found: found, remedy: "Bytes follow the last element; check the dimensions in the header.")
    }
}
