internal import EngramSystem

/// The frames of an animated PNG as a viewer shows them.
///
/// Source: PNG Third Edition, sections 11.3.4 (acTL, fcTL, fdAT) and 14.2 (frames, disposal and blending).
enum APNGDecoder {
    struct Film: Equatable {
        var format: ImageFormat
        var frames: [DecodedImage]
        var notes: [String]
    }

    /// One fcTL with its image data.
    private struct Part {
        var width: Int
        var height: Int
        var x: Int
        var y: Int
        /// 0 leaves the frame, 1 clears its place, 2 puts back what was there.
        var disposal: UInt8
        /// 0 replaces, 1 lays over by alpha.
        var blend: UInt8
        var data: [UInt8] = []
    }

    /// - Returns: nil for a still, and for an animation of one frame.
    /// - Throws: As `PNGDecoder.decode`; `.malformed` for frames that are missing or lie outside of the picture.
    static func decode(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> Film? {
        let structure = try PNGStructure(walking: bytes, file: file)
        guard let promised = structure.frameCount, promised > 1 else { return nil }
        try PNGDecoder.checkSize(structure.format, file: file, limits: limits)
        let picture = Array(structure.plain(bytes))
        let (prologue, parts) = try read(picture, structure, file)
        guard parts.count == promised else {
            throw fault(file, "acTL", "\(promised) frames, as its header says", "\(parts.count)")
        }
        let format = structure.format
        let (total, overflow) = promised.multipliedReportingOverflow(by: 4 * format.dimension)
        guard !overflow, total <= limits.maxDecodedByteCount, promised <= limits.maxSampleCount else {
            throw .overLimit(
                file: file, quantity: "byte count of \(promised) decoded frames", limit: limits.maxDecodedByteCount,
                found: overflow ? .max : total)
        }
        let bytesPerPixel = format.channels * (format.bitDepth == 16 ? 2 : 1)
        // A viewer begins with nothing: black, and transparent where there is alpha.
        var canvas = [UInt8](repeating: 0, count: format.width * format.height * bytesPerPixel)
        var frames: [DecodedImage] = []
        for (index, part) in parts.enumerated() {
            let alone = png(picture, part, prologue)
            let image = try PNGDecoder.decode(alone, file: file, limits: limits)
            // Transparency that comes after the image data is of the whole, and of no frame.
            guard image.format.channels == format.channels, image.format.bitDepth == format.bitDepth else {
                throw fault(
                    file, "fcTL", "frames of \(format.channels) channels of \(format.bitDepth) bits, as the whole has",
                    "\(image.format.channels) of \(image.format.bitDepth) bits in frame \(index + 1)")
            }
            let before = part.disposal == 2 ? canvas : []
            draw(image, part, on: &canvas, format)
            frames.append(DecodedImage(format: format, codeBytes: canvas, notes: []))
            switch part.disposal {
            case 1: clear(part, in: &canvas, format)
            // The first frame has nothing before it to put back.
            case 2: if index == 0 { clear(part, in: &canvas, format) } else { canvas = before }
            default: break
            }
        }
        return Film(format: format, frames: frames, notes: structure.notes.filter { !$0.hasPrefix("acTL") })
    }

    private static func fault(_ file: String, _ chunk: String, _ expected: String, _ found: String) -> MediaError {
        .malformed(file: file, place: MediaPlace(chunk: chunk), expected: expected, found: found, remedy: copyAgain)
    }

    /// The chunks that every frame needs, palette and transparency, and the frames. The walk has checked lengths and CRCs.
    private static func read(
        _ bytes: [UInt8], _ structure: PNGStructure, _ file: String
    ) throws(MediaError) -> (prologue: [UInt8], parts: [Part]) {
        var reader = ByteReader(bytes, offset: 8)
        var prologue: [UInt8] = []
        var parts: [Part] = []
        var hasData = false
        while let length = reader.next(4) {
            let (start, tag) = (reader.offset, reader.tag(at: reader.offset))
            let data = start + 4..<start + 4 + length
            switch tag {
            case "fcTL": parts.append(try part(reader, at: data.lowerBound, structure, file))
            case "IDAT":
                // Without an fcTL before it, the default image is no frame.
                if !parts.isEmpty { parts[0].data += bytes[data] }
                hasData = true
            case "fdAT":
                guard !parts.isEmpty else { throw fault(file, tag, "fcTL before it", "none") }
                parts[parts.count - 1].data += bytes[data.lowerBound + 4..<data.upperBound]
            case "PLTE", "tRNS": if !hasData { prologue += bytes[start - 4..<data.upperBound + 4] }
            default: break
            }
            reader.offset = data.upperBound + 4
        }
        if let empty = parts.firstIndex(where: \.data.isEmpty) { throw fault(file, "fcTL", "image data for frame \(empty + 1)", "none") }
        return (prologue, parts)
    }

    private static func part(
        _ reader: ByteReader, at start: Int, _ structure: PNGStructure, _ file: String
    ) throws(MediaError) -> Part {
        let field = { (at: Int, count: Int) in Int(reader.unsigned(at: start + at, byteCount: count, isBigEndian: true) ?? 0) }
        let part = Part(
            width: field(4, 4), height: field(8, 4), x: field(12, 4), y: field(16, 4), disposal: UInt8(truncatingIfNeeded: field(24, 1)),
            blend: UInt8(truncatingIfNeeded: field(25, 1)))
        guard part.width > 0, part.height > 0, part.x + part.width <= structure.width, part.y + part.height <= structure.height,
            part.disposal <= 2, part.blend <= 1
        else {
            throw fault(
                file, "fcTL", "a frame inside of \(structure.width) x \(structure.height) pixels",
                "\(part.width) x \(part.height) at \(part.x), \(part.y)")
        }
        return part
    }

    /// One frame as a picture of its own.
    private static func png(_ bytes: [UInt8], _ part: Part, _ prologue: [UInt8]) -> [UInt8] {
        var header: [UInt8] = []
        header.appendBigEndian(UInt64(part.width), byteCount: 4)
        header.appendBigEndian(UInt64(part.height), byteCount: 4)
        var png = PNGStructure.signature
        APNGEncoder.appendChunk("IHDR", header + bytes[24..<29], to: &png)
        png += prologue
        APNGEncoder.appendChunk("IDAT", part.data, to: &png)
        APNGEncoder.appendChunk("IEND", [], to: &png)
        return png
    }

    // MARK: The canvas

    private static func draw(_ image: DecodedImage, _ part: Part, on canvas: inout [UInt8], _ format: ImageFormat) {
        let width = format.bitDepth == 16 ? 2 : 1
        let bytesPerPixel = format.channels * width
        let hasAlpha = format.channels > format.colorKind.colorCount
        for row in 0..<part.height {
            for column in 0..<part.width {
                let source = (row * part.width + column) * bytesPerPixel
                let target = ((part.y + row) * format.width + part.x + column) * bytesPerPixel
                if part.blend == 0 || !hasAlpha {
                    for offset in 0..<bytesPerPixel { canvas[target + offset] = image.codeBytes[source + offset] }
                } else {
                    blend(image.codeBytes, at: source, over: &canvas, at: target, channels: format.channels, width: width)
                }
            }
        }
    }

    /// Alpha compositing of one pixel (W3C PNG, section 13.16), in codes.
    private static func blend(
        _ source: [UInt8], at from: Int, over canvas: inout [UInt8], at to: Int, channels: Int, width: Int
    ) {
        let highest = width == 2 ? 65535.0 : 255
        func code(_ bytes: [UInt8], _ start: Int, _ channel: Int) -> Double {
            let at = start + channel * width
            return width == 2 ? Double(UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])) : Double(bytes[at])
        }
        let above = code(source, from, channels - 1) / highest
        let below = code(canvas, to, channels - 1) / highest * (1 - above)
        let alpha = above + below
        for channel in 0..<channels {
            let color = code(source, from, channel) * above + code(canvas, to, channel) * below
            let value = channel == channels - 1 ? alpha * highest : alpha > 0 ? color / alpha : 0
            // Between 0 and the highest code: a mean of two codes, or alpha.
            let rounded = UInt16(saturating: value.rounded())
            let at = to + channel * width
            if width == 2 { canvas[at] = UInt8(rounded >> 8) }
            canvas[at + width - 1] = UInt8(truncatingIfNeeded: rounded)
        }
    }

    private static func clear(_ part: Part, in canvas: inout [UInt8], _ format: ImageFormat) {
        let bytesPerPixel = format.channels * (format.bitDepth == 16 ? 2 : 1)
        for row in part.y..<part.y + part.height {
            let start = (row * format.width + part.x) * bytesPerPixel
            for offset in start..<start + part.width * bytesPerPixel { canvas[offset] = 0 }
        }
    }
}
