/// What a strict walk over the chunks of a PNG finds, before libpng sees a byte.
///
/// The walk names chunk and offset where libpng says only what went wrong. It checks the signature, every length
/// and CRC, the order IHDR … IDAT … IEND, and the fixed lengths of ancillary chunks.
struct PNGStructure: Equatable {
    /// The order that the type byte of IHDR counts in.
    enum ColorType: Int {
        case gray = 0
        case rgb = 2
        case palette = 3
        case grayAlpha = 4
        case rgba = 6

        var storedChannelCount: Int {
            switch self {
            case .gray, .palette: 1
            case .grayAlpha: 2
            case .rgb: 3
            case .rgba: 4
            }
        }

        var bitDepths: [Int] {
            switch self {
            case .gray: [1, 2, 4, 8, 16]
            case .palette: [1, 2, 4, 8]
            case .rgb, .grayAlpha, .rgba: [8, 16]
            }
        }
    }

    var width = 0
    var height = 0
    var bitDepth = 0
    var colorType = ColorType.gray
    var hasTransparency = false
    /// Colours of the palette; 0 where there is none.
    var paletteCount = 0
    /// Bytes of all IDAT chunks.
    var compressedByteCount = 0
    /// Where the picture ends: after IEND.
    var byteCount = 0
    /// Bytes of the file after that.
    var trailingByteCount = 0
    /// Frames that acTL promises; nil for a still.
    var frameCount: Int?
    /// Where a tRNS chunk lies that the standard forbids, since the picture has alpha of its own.
    var forbiddenTransparency: Range<Int>?
    /// Chunks that change how a viewer shows the picture and that are not applied.
    var notAppliedChunks: [String] = []

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// What the picture decodes to: palettes as RGB, tRNS as alpha, gray below 8 bits with tRNS at 8.
    var format: ImageFormat {
        let kind: ColorKind =
            switch colorType {
            case .gray: hasTransparency ? .grayAlpha : .gray
            case .rgb, .palette: hasTransparency ? .rgba : .rgb
            case .grayAlpha: .grayAlpha
            case .rgba: .rgba
            }
        let depth = kind == .gray ? bitDepth : max(8, bitDepth)
        return ImageFormat(width: width, height: height, colorKind: kind, bitDepth: depth)
    }

    var notes: [String] {
        var notes = notAppliedChunks.map { "\($0) chunk not applied" }
        if colorType == .palette { notes.append("palette expanded to \(hasTransparency ? "RGBA" : "RGB") at 8 bits") }
        if colorType != .palette, hasTransparency { notes.append("tRNS expanded to an alpha channel") }
        if forbiddenTransparency != nil { notes.append("tRNS of a picture with alpha not applied") }
        if trailingByteCount > 0 { notes.append("bytes after the end of the picture (IEND) not read") }
        return notes
    }

    init(walking bytes: [UInt8], file: String) throws(MediaError) {
        let reader = ByteReader(bytes)
        func fault(_ offset: Int, _ chunk: String?, _ expected: String, _ found: String) -> MediaError {
            .malformed(
                file: file, place: MediaPlace(chunk: chunk, byteOffset: offset), expected: expected, found: found, remedy: copyAgain)
        }
        guard bytes.starts(with: Self.signature) else {
            throw fault(0, nil, "the PNG signature", bytes.prefix(8).map(hex).joined(separator: " "))
        }
        var offset = 8
        var lastTag = ""
        while true {
            guard let stated = reader.unsigned(at: offset, byteCount: 4, isBigEndian: true), offset + 8 <= bytes.count else {
                throw fault(offset, nil, "a chunk, up to IEND", "the end of the file")
            }
            let tag = reader.tag(at: offset + 4)
            guard tag.utf8.count == 4, tag.utf8.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else {
                throw fault(offset, nil, "a chunk name of four letters", tag)
            }
            guard let length = Int(exactly: stated), length <= Int(Int32.max), length <= bytes.count - offset - 12 else {
                throw fault(offset, tag, "\(stated) bytes of data and a CRC", "\(max(0, bytes.count - offset - 8)) bytes in the file")
            }
            let storedCRC = reader.unsigned(at: offset + 8 + length, byteCount: 4, isBigEndian: true)
            let crc = crc32(bytes[offset + 4..<offset + 8 + length])
            guard storedCRC == UInt64(crc) else {
                throw fault(offset, tag, "CRC 0x\(String(crc, radix: 16))", "0x\(String(storedCRC ?? 0, radix: 16))")
            }
            if offset == 8, tag == "CgBI" {
                throw .unsupported(
                    file: file, feature: "a PNG of Xcode's own kind (CgBI)",
                    remedy: "Make it a plain one with: xcrun -sdk iphoneos pngcrush -revert-iphone-optimizations IN OUT; then drop that.")
            }
            if (offset == 8) != (tag == "IHDR") { throw fault(offset, tag, "IHDR as the first chunk and only there", tag) }
            if let lengths = Self.dataLengths[tag], !lengths.contains(length) {
                throw fault(offset, tag, "\(Self.describe(lengths)) bytes of data", "\(length)")
            }
            switch tag {
            case "IHDR": try readHeader(reader, fault)
            case "IDAT":
                if compressedByteCount > 0, lastTag != "IDAT" {
                    throw fault(offset, tag, "IDAT chunks side by side", "one after \(lastTag)")
                }
                compressedByteCount += length
            case "tRNS":
                if colorType == .grayAlpha || colorType == .rgba {
                    forbiddenTransparency = offset..<offset + 12 + length
                } else {
                    hasTransparency = true
                }
            case "acTL":
                frameCount = reader.unsigned(at: offset + 8, byteCount: 4, isBigEndian: true).map { Int($0) }
                noteAncillary(tag)
            case "PLTE": paletteCount = length / 3
            case "IEND":
                guard compressedByteCount > 0 else { throw fault(offset, tag, "image data (IDAT) before IEND", "none") }
                byteCount = offset + 12 + length
                trailingByteCount = bytes.count - byteCount
                return
            default:
                if tag.utf8.first.map({ $0 & 0x20 == 0 }) ?? true { throw fault(offset, tag, "only critical chunks of PNG 1.2", tag) }
                noteAncillary(tag)
            }
            lastTag = tag
            offset += 12 + length
        }
    }

    private mutating func readHeader(
        _ reader: ByteReader, _ fault: (Int, String?, String, String) -> MediaError
    ) throws(MediaError) {
        let field = { (at: Int, count: Int) in Int(reader.unsigned(at: at, byteCount: count, isBigEndian: true) ?? 0) }
        width = field(16, 4)
        height = field(20, 4)
        bitDepth = field(24, 1)
        guard (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height) else {
            throw fault(16, "IHDR", "width and height from 1 to 2^31 - 1", "\(width) x \(height)")
        }
        guard let type = ColorType(rawValue: field(25, 1)) else {
            throw fault(25, "IHDR", "colour type 0, 2, 3, 4 or 6", "\(field(25, 1))")
        }
        guard type.bitDepths.contains(bitDepth) else {
            let depths = type.bitDepths.map(String.init).joined(separator: ", ")
            throw fault(24, "IHDR", "bit depth \(depths) for colour type \(type.rawValue)", "\(bitDepth)")
        }
        guard field(26, 1) == 0, field(27, 1) == 0, field(28, 1) <= 1 else {
            throw fault(26, "IHDR", "compression 0, filter 0 and interlace 0 or 1", "\(field(26, 1)), \(field(27, 1)), \(field(28, 1))")
        }
        colorType = type
    }

    private mutating func noteAncillary(_ tag: String) {
        guard ["gAMA", "sRGB", "iCCP", "cHRM", "sBIT", "bKGD", "cICP", "acTL", "eXIf"].contains(tag) else { return }
        let name = tag == "acTL" ? "acTL (animation: only the default image is read)" : tag
        if !notAppliedChunks.contains(name) { notAppliedChunks.append(name) }
    }

    /// Data lengths that the PNG specification fixes or bounds.
    private static let dataLengths: [String: ClosedRange<Int>] = [
        "IHDR": 13...13, "PLTE": 3...768, "IEND": 0...0, "tRNS": 1...256, "gAMA": 4...4, "cHRM": 32...32, "sRGB": 1...1,
        "sBIT": 1...4, "bKGD": 1...6, "hIST": 2...512, "pHYs": 9...9, "tIME": 7...7, "oFFs": 9...9, "sTER": 1...1,
        "iCCP": 3...Int(Int32.max), "sPLT": 3...Int(Int32.max), "tEXt": 2...Int(Int32.max), "zTXt": 3...Int(Int32.max),
        "iTXt": 6...Int(Int32.max), "acTL": 8...8, "fcTL": 26...26, "fdAT": 4...Int(Int32.max), "pCAL": 14...Int(Int32.max),
        "sCAL": 4...Int(Int32.max), "eXIf": 4...Int(Int32.max),
    ]

    private static func describe(_ lengths: ClosedRange<Int>) -> String {
        if lengths.lowerBound == lengths.upperBound { return "\(lengths.lowerBound)" }
        if lengths.upperBound == Int(Int32.max) { return "at least \(lengths.lowerBound)" }
        return "\(lengths.lowerBound) to \(lengths.upperBound)"
    }
}

extension PNGStructure {
    /// The picture without what follows it and without what the standard forbids.
    func plain(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let forbidden = forbiddenTransparency else { return bytes[..<byteCount] }
        return bytes[..<forbidden.lowerBound] + bytes[forbidden.upperBound..<byteCount]
    }
}
