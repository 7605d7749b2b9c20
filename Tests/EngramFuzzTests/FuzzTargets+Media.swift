@testable import EngramMedia
import EngramSystem
import Foundation

extension FuzzTarget {
    /// Small enough that what a header lies about is refused at once, large enough for every whole input.
    private static var limits: MediaLimits {
        var limits = MediaLimits()
        limits.maxDecodedByteCount = 8 << 20
        limits.maxPixelCount = 1 << 18
        return limits
    }

    /// A refusal must be a verdict on the bytes that people can read.
    private static func check(_ error: MediaError) throws(FuzzFinding) {
        let text = error.description
        try require(!text.isEmpty && text.utf8.count < 4096, "a message of \(text.utf8.count) bytes")
        try require(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "control characters in \(text.debugDescription)")
        try require(!error.isRetryable, "bytes blamed on the system: \(text)")
    }

    private static func picture(_ bytes: [UInt8], _ decode: ([UInt8]) throws(MediaError) -> DecodedImage) throws -> Bool {
        let image: DecodedImage
        do throws(MediaError) {
            image = try decode(bytes)
        } catch {
            try check(error)
            return false
        }
        var values: [Float] = []
        image.appendValues(to: &values)
        try require(values.count == image.format.dimension, "\(values.count) values")
        try require(values.allSatisfy { $0 >= 0 && $0 <= 1 }, "a value outside 0 to 1")
        return true
    }

    private static func png(_ bytes: [UInt8]) throws -> Bool {
        try picture(bytes) { bytes throws(MediaError) in try PNGDecoder.decode(bytes, file: "f", limits: limits) }
    }

    private static func jpeg(_ bytes: [UInt8]) throws -> Bool {
        try picture(bytes) { bytes throws(MediaError) in try JPEGDecoder.decode(bytes, file: "f", limits: limits) }
    }

    /// Markers of every kind of segment, and what EXIF begins with.
    private static let jpegWords =
        [0xC0, 0xC1, 0xC2, 0xC4, 0xC9, 0xCC, 0xD0, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xE0, 0xE1, 0xEE, 0xFE].map { [0xFF, $0] }
        + tags("Exif\0\0", "II*\0", "MM\0*", "JFIF\0", "Adobe")

    private static func audio(_ bytes: [UInt8]) throws -> Bool {
        let audio: DecodedAudio
        do throws(MediaError) {
            audio = try AudioDecoder.decode(bytes, file: "f", limits: limits)
        } catch {
            try check(error)
            return false
        }
        try require(audio.channels > 0 && audio.sampleRateHz > 0 && audio.values.count % audio.channels == 0, "\(audio.channels) channels")
        try require(audio.values.count * 4 <= limits.maxDecodedByteCount, "\(audio.values.count) values")
        try require(audio.values.allSatisfy(\.isFinite), "a value that is not finite")
        return true
    }

    private static func idx(_ bytes: [UInt8]) throws -> Bool {
        let decoded: IDXCodec.Decoded
        do throws(MediaError) {
            decoded = try IDXCodec.decode(bytes, name: "f", limits: limits)
        } catch {
            try check(error)
            return false
        }
        try require(decoded.values.count == decoded.header.dimensions.reduce(1, *), "\(decoded.values.count) values")
        try require(decoded.values.allSatisfy(\.isFinite), "a value that is not finite")
        return true
    }

    private static func labels(_ bytes: [UInt8]) throws -> Bool {
        let values: [Int]
        do throws(MediaError) { values = try IDXLabels.decode(bytes, name: "f", limits: limits) } catch {
            try check(error)
            return false
        }
        try require(!values.isEmpty && values.count <= limits.maxSampleCount, "\(values.count) labels")
        return true
    }

    private static func text(_ bytes: [UInt8]) throws -> Bool {
        var isText = false
        for unit in [nil, TextUnit.words, .characters, .bytes] {
            let text: TextTokens
            do throws(MediaError) {
                text = try TextTokens(bytes, file: "f", unit: unit)
            } catch {
                try check(error)
                continue
            }
            try require(text.tokens.flatMap(\.self) == bytes, "tokens that are not the text")
            isText = isText || text.unit != .bytes
        }
        return isText
    }

    private static func tags(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }

    private static let pngWords =
        tags("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "iCCP", "sBIT", "zTXt", "iTXt", "acTL", "fcTL", "fdAT", "pCAL", "sPLT", "eXIf")
    private static let audioWords =
        tags(
            "RIFF", "RIFX", "RF64", "WAVE", "fmt ", "data", "fact", "LIST", "INFO", "ds64", "FORM", "AIFF", "AIFC", "COMM", "SSND", "NONE",
            "sowt", "fl32", ".snd", "caff", "desc", "pakt", "kuki", "chan", "OggS", "fLaC", "ID3\u{4}", "smpl", "bext", "cart", "PEAK")

    /// Images of each colour type and depth, as small as they come.
    private static func images() throws -> [[UInt8]] {
        var images: [[UInt8]] = []
        for (kind, depth) in [(ColorKind.gray, 1), (.gray, 8), (.gray, 16), (.grayAlpha, 8), (.rgb, 8), (.rgba, 16)] {
            let format = ImageFormat(width: 5, height: 3, colorKind: kind, bitDepth: depth)
            let count = format.dimension * (depth == 16 ? 2 : 1)
            images.append(try PNGEncoder.encode((0..<count).map { UInt8($0 * 7 % (depth == 1 ? 2 : 256)) }, format: format, file: "f"))
        }
        // A palette with transparency, and one that is interlaced.
        let header = { (type: UInt8, interlace: UInt8) in FuzzRepair.big(8, 4) + FuzzRepair.big(8, 4) + [8, type, 0, 0, interlace] }
        // Eight rows of a filter byte and eight pixels; Adam7 spreads the same pixels over 15 rows.
        let (rows, interlacedRows) = ([UInt8](repeating: 0, count: 72), [UInt8](repeating: 0, count: 79))
        images.append(FuzzRepair.png(header: header(3, 0), palette: [1, 2, 3, 4, 5, 6], imageData: try FuzzRepair.zlib(rows)))
        images.append(FuzzRepair.png(header: header(0, 1), palette: [], imageData: try FuzzRepair.zlib(interlacedRows)))
        return images
    }

    private static func idxFiles() -> [[UInt8]] {
        let widths: [(UInt8, Int)] = [(8, 1), (9, 1), (0x0B, 2), (0x0C, 4), (0x0D, 4), (0x0E, 8)]
        return widths.map { type, width in
            [0, 0, type, 3] + FuzzRepair.big(3, 4) + FuzzRepair.big(2, 4) + FuzzRepair.big(2, 4)
                + [UInt8](repeating: 0x3F, count: 12 * width)
        }
    }

    private static func audioTarget(_ name: String, _ endings: [String]) -> FuzzTarget {
        FuzzTarget(
            name: name, corpus: { try files(endings) }, words: audioWords,
            repair: {
                FuzzRepair.containerSize(&$0)
                FuzzRepair.oggPages(&$0)
            }, execute: audio)
    }

    // MARK: What the daemon asks of a file that may still grow

    private static func completeness(_ bytes: [UInt8]) throws -> Bool {
        func file(_ name: String, _ byteCount: Int64) -> GrowingFile<Never> {
            // A size that is not the file's: it has changed since the look, or the file system lies. The end is then where the bytes end.
            GrowingFile(name: name, byteCount: byteCount) { (offset, count) throws(Never) in
                offset < bytes.count ? Array(bytes[Int(offset)...].prefix(count)) : Array(bytes.suffix(count))
            }
        }
        for count in [Int64(bytes.count), .max, 1] {
            for name in ["f", "f.png", "f.jpg", "f.wav", "f.gz"] {
                _ = MediaFormats.all.completeness(of: file(name, count))
                let shape = MediaFormats.all.shape(of: file(name, count))
                try require(shape.map { $0.sampleCount >= 0 && $0.dimension >= 0 } ?? true, "a shape below zero")
            }
        }
        return MediaFormats.all.completeness(of: file("f", Int64(bytes.count))) == .complete
    }

    private static let mediaHeads: [[UInt8]] = [
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82],
        Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WAVE".utf8), Array("FORM".utf8) + [0, 0, 0, 4] + Array("AIFF".utf8),
        Array("RF64".utf8) + [255, 255, 255, 255] + Array("WAVEds64".utf8) + [28, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 8, 2] + FuzzRepair.big(2, 4) + FuzzRepair.big(3, 4) + [1, 2, 3, 4, 5, 6],
        [0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0] + FuzzRepair.little(56, 8)
            + [UInt8](repeating: 3, count: 32),
        [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 0, count: 30),
    ]

    // MARK: Tables

    /// A refusal names the line; what is read comes back byte for byte, and every cell can be spelled again.
    private static func table(_ bytes: [UInt8]) throws -> Bool {
        let table: DataTable
        do throws(MediaError) {
            table = try DataTable(try DelimitedText(bytes, name: "f"))
        } catch {
            try check(error)
            return false
        }
        try require(table.text.replacing([:]) == bytes, "bytes changed by nothing")
        try require(table.columns.allSatisfy { $0.values.count == table.rowCount }, "columns of unequal length")
        for (index, column) in table.columns.enumerated() where column.kind.isUsed {
            try require(column.values.allSatisfy { $0.isFinite || $0.isNaN }, "a value that is infinite")
            guard let row = column.values.firstIndex(where: { !$0.isNaN }) else { continue }
            let filled = table.filled([row * table.columns.count + index: column.values[row]])
            _ = try DelimitedText(filled, name: "f")
            for value in [-1e300, -0.5, 0, 1e300] { _ = column.text(of: value) }
        }
        let encoding = TableEncoding(table.columns)
        try require(encoding.values.count == encoding.rowCount * encoding.columnCount, "\(encoding.values.count) values")
        return true
    }

    private static let tables: [[UInt8]] = [
        "a,b,c\n1,2.5,x\n,3,y\n4,NA,x\n", "\u{FEFF}a;b\r\n1,5;\"x;y\"\r\n2,5;\"say \"\"hi\"\"\"\r\n",
        "sep=|\nd|e\n2024-01-31|1e9\n2023-12-01 10:00|?\n",
        "user\titem\tvalue\n1\t2\t3\n1\t3\t\n", "n\n1\n\n3\n", "01.02.2024,=cmd\n3/4/2020,@x\n",
    ].map { Array($0.utf8) }
    // MARK: Pictures with missing pixels

    /// A mask for a picture of 4×4.
    private static func checkered() throws -> [UInt8] {
        let format = ImageFormat(width: 4, height: 4, colorKind: .gray, bitDepth: 8)
        return try PNGEncoder.encode((0..<16).map { ($0 + $0 / 4) % 2 == 0 ? 0 : 255 }, format: format, file: "f")
    }

    /// A picture of 3×3 with one transparent pixel.
    private static func transparent() throws -> [UInt8] {
        let format = ImageFormat(width: 3, height: 3, colorKind: .grayAlpha, bitDepth: 8)
        return try PNGEncoder.encode((0..<18).map { $0 == 9 ? 0 : 200 }, format: format, file: "f")
    }

    /// The bytes as a picture of its own and as the mask of an intact one: a refusal says what is wrong, and what is taken can be written.
    private static func masked(_ bytes: [UInt8]) throws -> Bool {
        let folder = NSTemporaryDirectory() + "engram-fuzz-\(getpid())-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (bent, whole) = (folder + "/bent.png", folder + "/whole.png")
        try Data(bytes).write(to: URL(fileURLWithPath: bent))
        let picture = ImagePreview(
            format: ImageFormat(width: 4, height: 4, colorKind: .rgb, bitDepth: 8), codes: [UInt8](repeating: 90, count: 48))
        try Data(try picture.png()).write(to: URL(fileURLWithPath: whole))
        var isTaken = false
        for (path, mask) in [(bent, nil), (whole, bent)] {
            do throws(MediaError) {
                let picture = try MaskedPicture(picture: path, mask: mask, limits: limits)
                let filled = [Float](repeating: 0.5, count: picture.isKnown.count * picture.filledChannelCount)
                _ = try picture.png(filled: filled)
                isTaken = true
            } catch {
                try check(error)
            }
        }
        _ = try? MaskedPicture.hasTransparentPixels(bent, limits: limits)
        return isTaken
    }

    /// Decoders of what people drop.
    static let media: [FuzzTarget] = [
        FuzzTarget(name: "png", corpus: images, words: pngWords, repair: FuzzRepair.pngChunks, execute: png),
        // What an intact zlib stream may hold, under a header that need not agree.
        FuzzTarget(
            name: "png-image-data",
            corpus: {
                [[8, 2, 0, 0, 0, 4, 4] + [UInt8](repeating: 4, count: 52), [8, 3, 0, 0, 1, 8, 8] + [UInt8](repeating: 0, count: 79)]
            },
            execute: { bytes in
                let field = { (at: Int) in at < bytes.count ? bytes[at] : 0 }
                let header = FuzzRepair.big(UInt64(field(5) % 9), 4) + FuzzRepair.big(UInt64(field(6) % 9), 4) + (0..<5).map(field)
                return try png(
                    FuzzRepair.png(header: header, palette: [9, 8, 7], imageData: try FuzzRepair.zlib(Array(bytes.dropFirst(7)))))
            }),
        FuzzTarget(
            name: "masked", corpus: { try [checkered(), transparent()] }, words: pngWords, repair: FuzzRepair.pngChunks, execute: masked),
        FuzzTarget(name: "jpeg", corpus: { try files([".jpg"]) }, words: jpegWords, execute: jpeg),
        audioTarget("wav", [".wav"]), audioTarget("aiff", [".aiff"]), audioTarget("flac", [".flac"]),
        audioTarget("ogg", [".ogg", ".opus"]),
        audioTarget("w64", [".w64"]), audioTarget("au", [".au"]), audioTarget("caf", [".caf"]), audioTarget("mp3", [".mp3"]),
        FuzzTarget(
            name: "csv", corpus: { tables }, words: tags("\r\n", "\"\"", ",\"", "NaN", "1,5", "-.5e-9", "31.12.1999", "\u{FEFF}"),
            execute: table),
        FuzzTarget(name: "idx", corpus: idxFiles, execute: idx),
        FuzzTarget(
            name: "idx-labels",
            corpus: {
                let bytes: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 9]
                return [bytes, [0, 0, 0x0C, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE], try Gzip.deflate(bytes, file: "f")]
            }, execute: labels),
        FuzzTarget(
            name: "text",
            corpus: {
                ["to be or not to be\r\n", " e\u{301} \u{1F469}\u{200D}\u{1F680} 日本語\n\n", "\u{FEFF}a\u{2003}b"].map { Array($0.utf8) }
            },
            words: [[0xC3], [0xE2, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90], [0xFF, 0xFE], [0x0D, 0x0A]], execute: text),
        FuzzTarget(name: "gzip", corpus: { try idxFiles().map { try Gzip.deflate($0, file: "f") } }, execute: idx),
        FuzzTarget(name: "completeness", corpus: { try mediaHeads + files([".jpg"]) }, execute: completeness),
        FuzzTarget(name: "idx-in-gzip", corpus: idxFiles, execute: { try idx(try Gzip.deflate($0, file: "f")) }),
    ]
}
