import CEngramMedia

/// A picture as integer codes.
struct DecodedImage: Equatable {
    var format: ImageFormat
    /// Row-major, channels interleaved; one byte a code up to 8 bits, two (most significant first) at 16.
    var codeBytes: [UInt8]
    var notes: [String]

    /// Appends code / (2^bits - 1) for each code.
    func appendValues(to values: inout [Float]) {
        let scale = Float((1 << format.bitDepth) - 1)
        if format.bitDepth == 16 {
            for index in stride(from: 0, to: codeBytes.count, by: 2) {
                values.append(Float(UInt16(codeBytes[index]) << 8 | UInt16(codeBytes[index + 1])) / scale)
            }
        } else {
            values.append(contentsOf: codeBytes.lazy.map { Float($0) / scale })
        }
    }
}

/// PNG in memory to codes, through libpng behind a strict walk over the chunks.
enum PNGDecoder {
    /// - Throws: `MediaError.malformed`, `.overLimit`, or `.system` when memory ran out.
    static func decode(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedImage {
        try decode(bytes, try PNGStructure(walking: bytes, file: file), file: file, limits: limits)
    }

    /// - Parameter structure: Of these bytes.
    static func decode(_ bytes: [UInt8], _ structure: PNGStructure, file: String, limits: MediaLimits) throws(MediaError) -> DecodedImage {
        let bytes = structure.plain(bytes)
        let format = structure.format
        try check(structure, file: file, limits: limits)
        let codeCount = format.dimension * (format.bitDepth == 16 ? 2 : 1)
        // `check` bounded width and height by limits far below UInt32.max.
        let layout = engram_png_layout(format)
        var notes = structure.notes
        var options: UInt32 = 0
        var result = run(bytes, layout, codeCount, options: 0)
        // Every pixel is there, and the stream goes on behind them: viewers show it.
        if result.message == "IDAT: Extra compressed data" {
            options = UInt32(ENGRAM_PNG_TAKES_MORE_DATA)
            result = run(bytes, layout, codeCount, options: options)
            notes.append("compressed bytes after the last pixel not read")
        }
        switch result.status {
        case ENGRAM_OK:
            if let note = paletteNote(structure, bytes, options) { notes.append(note) }
            return DecodedImage(format: format, codeBytes: result.codes, notes: notes)
        case ENGRAM_OUT_OF_MEMORY: throw .system(path: file, call: "libpng", errorNumber: outOfMemoryErrorNumber)
        default:
            throw .malformed(
                file: file, place: MediaPlace(chunk: "IDAT"),
                expected: "\(format.width) x \(format.height) pixels of intact image data",
                found: "\"\(result.message)\" from libpng", remedy: remedy(for: result.message))
        }
    }

    /// A word on pixels whose index the palette does not have: libpng makes them black, as viewers do.
    private static func paletteNote(_ structure: PNGStructure, _ bytes: ArraySlice<UInt8>, _ options: UInt32) -> String? {
        // A palette of every index that the depth has leaves none out.
        guard structure.colorType == .palette, structure.paletteCount < 1 << structure.bitDepth else { return nil }
        let format = ImageFormat(width: structure.width, height: structure.height, colorKind: .gray, bitDepth: 8)
        let indexes = run(bytes, engram_png_layout(format), format.dimension, options: options | UInt32(ENGRAM_PNG_INDEXES))
        guard indexes.status == ENGRAM_OK else { return nil }
        let beyond = indexes.codes.count { Int($0) >= structure.paletteCount }
        guard beyond > 0 else { return nil }
        return
            "\(beyond) \(beyond == 1 ? "pixel names a colour" : "pixels name colours") that the palette of \(structure.paletteCount) does not "
            + "have, taken as black"
    }

    private static func run(
        _ bytes: ArraySlice<UInt8>, _ layout: engram_png_layout, _ codeCount: Int, options: UInt32
    ) -> (codes: [UInt8], status: engram_status, message: String) {
        var message = messageBuffer()
        var status = ENGRAM_OK
        let codes = [UInt8](unsafeUninitializedCapacity: codeCount) { output, initializedCount in
            output.initialize(repeating: 0)
            status = bytes.withUnsafeBufferPointer {
                engram_png_decode($0.baseAddress, $0.count, layout, options, output.baseAddress, codeCount, &message)
            }
            initializedCount = codeCount
        }
        return (codes, status, text(message))
    }

    private static func remedy(for message: String) -> String {
        message == "IDAT: Too much image data" ? "Its header says fewer rows than it holds; export it again." : copyAgain
    }

    /// Refuses a picture whose header asks for more than the limits; what it decodes to at 4 bytes a value is then a number.
    static func checkSize(_ format: ImageFormat, file: String, limits: MediaLimits) throws(MediaError) {
        let side = max(format.width, format.height)
        guard side <= min(limits.maxImageSide, Int(Int32.max)) else {
            throw .overLimit(file: file, quantity: "width or height in pixels", limit: limits.maxImageSide, found: side)
        }
        let (pixels, overflow) = format.width.multipliedReportingOverflow(by: format.height)
        guard !overflow, pixels <= limits.maxPixelCount else {
            throw .overLimit(file: file, quantity: "pixel count", limit: limits.maxPixelCount, found: overflow ? .max : pixels)
        }
        let (decoded, decodedOverflow) = pixels.multipliedReportingOverflow(by: 4 * format.channels)
        guard !decodedOverflow, decoded <= limits.maxDecodedByteCount else {
            throw .overLimit(
                file: file, quantity: "decoded byte count", limit: limits.maxDecodedByteCount, found: decodedOverflow ? .max : decoded)
        }
    }

    private static func check(_ structure: PNGStructure, file: String, limits: MediaLimits) throws(MediaError) {
        try checkSize(structure.format, file: file, limits: limits)
        // A header that promises more than deflate can hold is a lie; no need to inflate to know.
        let stored = structure.width * structure.height * structure.colorType.storedChannelCount * structure.bitDepth / 8
        guard stored / Gzip.maxRatio <= structure.compressedByteCount + 1 else {
            throw .malformed(
                file: file, place: MediaPlace(chunk: "IHDR", byteOffset: 16),
                expected: "at least \(stored / Gzip.maxRatio) bytes of IDAT for \(structure.width) x \(structure.height) pixels",
                found: "\(structure.compressedByteCount)", remedy: copyAgain)
        }
    }
}

extension engram_png_layout {
    /// The caller checked that width and height fit in 31 bits.
    init(_ format: ImageFormat) {
        self.init(
            width: UInt32(format.width), height: UInt32(format.height), channels: UInt8(format.channels),
            bit_depth: UInt8(format.bitDepth))
    }
}
