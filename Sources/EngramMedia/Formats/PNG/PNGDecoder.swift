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
        let structure = try PNGStructure(walking: bytes, file: file)
        let format = structure.format
        try check(structure, file: file, limits: limits)
        let codeCount = format.dimension * (format.bitDepth == 16 ? 2 : 1)
        // `check` bounded width and height by limits far below UInt32.max.
        let layout = engram_png_layout(format)
        var message = messageBuffer()
        var status = ENGRAM_OK
        let codes = [UInt8](unsafeUninitializedCapacity: codeCount) { output, initializedCount in
            output.initialize(repeating: 0)
            status = bytes.withUnsafeBufferPointer {
                engram_png_decode($0.baseAddress, $0.count, layout, output.baseAddress, codeCount, &message)
            }
            initializedCount = codeCount
        }
        switch status {
        case ENGRAM_OK: return DecodedImage(format: format, codeBytes: codes, notes: structure.notes)
        case ENGRAM_OUT_OF_MEMORY: throw .system(path: file, call: "libpng", errorNumber: outOfMemoryErrorNumber)
        default:
            throw .malformed(
                file: file, place: MediaPlace(chunk: "IDAT"),
                expected: "\(format.width) x \(format.height) pixels of intact image data",
                found: "\"\(text(message))\" from libpng", remedy: copyAgain)
        }
    }

    private static func check(_ structure: PNGStructure, file: String, limits: MediaLimits) throws(MediaError) {
        let side = max(structure.width, structure.height)
        guard side <= min(limits.maxImageSide, Int(Int32.max)) else {
            throw .overLimit(file: file, quantity: "width or height in pixels", limit: limits.maxImageSide, found: side)
        }
        let (pixels, overflow) = structure.width.multipliedReportingOverflow(by: structure.height)
        guard !overflow, pixels <= limits.maxPixelCount else {
            throw .overLimit(file: file, quantity: "pixel count", limit: limits.maxPixelCount, found: overflow ? .max : pixels)
        }
        let (decoded, decodedOverflow) = pixels.multipliedReportingOverflow(by: 4 * structure.format.channels)
        guard !decodedOverflow, decoded <= limits.maxDecodedByteCount else {
            throw .overLimit(
                file: file, quantity: "decoded byte count", limit: limits.maxDecodedByteCount, found: decodedOverflow ? .max : decoded)
        }
        // A header that promises more than deflate can hold is a lie; no need to inflate to know.
        let stored = pixels * structure.colorType.storedChannelCount * structure.bitDepth / 8
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
