import CEngramMedia

/// JPEG in memory to codes, through libjpeg-turbo behind a walk over the segments.
enum JPEGDecoder {
    /// Whether a file begins as a JPEG does.
    static func isBegun(by head: [UInt8]) -> Bool { head.starts(with: [0xFF, 0xD8, 0xFF]) }

    /// - Throws: `MediaError.malformed`, `.unsupported` for what is neither gray nor RGB of 8 bits, `.overLimit`, or `.system` when memory
    ///   ran out.
    static func decode(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedImage {
        let structure = try JPEGStructure(walking: bytes, file: file)
        let format = try readable(structure, file: file)
        try PNGDecoder.checkSize(format, file: file, limits: limits)
        var end = JPEGEnd(scanOffset: Int64(structure.scanOffset))
        end.advance(over: Array(bytes[structure.scanOffset...]))
        var notes: [String] = []
        var input = bytes
        if let stop = end.end.map({ Int($0) }) {
            if stop < bytes.count { notes.append("bytes after the end of the picture (EOI) not read") }
            input = Array(bytes[..<stop])
        } else if structure.scannedComponentCount == structure.componentCount, [0xC0, 0xC1].contains(structure.process) {
            // One scan holds all there is: where its last pixel is there, only the marker behind it is missing.
            input += [0xFF, 0xD9]
            notes.append("the marker of its end (EOI) is missing")
        } else {
            throw cutShort(file, structure, "no marker of its end (EOI)")
        }
        let (codes, status, message) = run(input, structure, channels: format.channels)
        switch status {
        case ENGRAM_OK: break
        case ENGRAM_OUT_OF_MEMORY: throw .system(path: file, call: "libjpeg", errorNumber: outOfMemoryErrorNumber)
        default:
            if end.end == nil { throw cutShort(file, structure, "\"\(message)\" from libjpeg, and no marker of its end (EOI)") }
            throw .malformed(
                file: file, place: MediaPlace(byteOffset: structure.scanOffset), expected: Self.intact(structure),
                found: "\"\(message)\" from libjpeg", remedy: copyAgain)
        }
        if structure.orientation != 1 { notes.append("turned as its EXIF orientation, \(structure.orientation), says") }
        let upright = EXIFOrientation.upright(
            codes, width: structure.width, height: structure.height, channels: format.channels, orientation: structure.orientation)
        return DecodedImage(format: format, codeBytes: upright, notes: notes)
    }

    private static func intact(_ structure: JPEGStructure) -> String {
        "\(structure.width) x \(structure.height) pixels of intact image data"
    }

    private static func cutShort(_ file: String, _ structure: JPEGStructure, _ found: String) -> MediaError {
        .malformed(
            file: file, place: MediaPlace(byteOffset: structure.scanOffset), expected: intact(structure) + ", up to its end",
            found: found, remedy: copyAgain)
    }

    /// The format of a picture that can be decoded.
    private static func readable(_ structure: JPEGStructure, file: String) throws(MediaError) -> ImageFormat {
        func remedy(_ command: String) -> String {
            "Convert it with: \(command) (ImageMagick); then drop what comes out."
        }
        let quoted = "'" + file.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
        let convert = remedy("magick \(quoted) -colorspace sRGB -depth 8 picture.png")
        guard let format = structure.format else {
            throw .unsupported(
                file: file, feature: structure.componentCount == 4 ? "a JPEG of CMYK" : "a JPEG of \(structure.componentCount) components",
                remedy: convert)
        }
        guard structure.precision == 8 else {
            throw .unsupported(file: file, feature: "a JPEG of \(structure.precision) bits", remedy: convert)
        }
        guard [0xC0, 0xC1, 0xC2].contains(structure.process) else {
            throw .unsupported(
                file: file, feature: "a lossless, hierarchical or arithmetic-coded JPEG (SOF\(structure.process & 0x0F))", remedy: convert)
        }
        guard format.width > 0, format.height > 0 else {
            throw .malformed(
                file: file, place: MediaPlace(byteOffset: 2), expected: "a width and a height above 0",
                found: "\(structure.width) x \(structure.height)", remedy: copyAgain)
        }
        return format
    }

    private static func run(
        _ bytes: [UInt8], _ structure: JPEGStructure, channels: Int
    ) -> (codes: [UInt8], status: engram_status, message: String) {
        // Both sides have 16 bits in the file.
        let layout = engram_jpeg_layout(
            width: UInt32(structure.width), height: UInt32(structure.height), channels: UInt8(channels))
        let count = structure.width * structure.height * channels
        var message = messageBuffer()
        var status = ENGRAM_OK
        let codes = [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
            output.initialize(repeating: 0)
            status = bytes.withUnsafeBufferPointer {
                engram_jpeg_decode($0.baseAddress, $0.count, layout, output.baseAddress, count, &message)
            }
            initializedCount = count
        }
        return (codes, status, text(message))
    }
}
