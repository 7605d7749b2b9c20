/// What the segments of a JPEG say before any pixel is decoded (ITU-T T.81, annex B).
struct JPEGStructure: Equatable {
    /// Of the picture as it is stored, before it is turned.
    var (width, height) = (0, 0)
    /// 1 gray, 3 colour, 4 CMYK.
    var componentCount = 0
    /// Bits of a sample.
    var precision = 0
    /// The marker of the frame header, which names the process: 0xC0 baseline, 0xC2 progressive.
    var process: UInt8 = 0
    /// The orientation that EXIF says, 1 to 8; 1 is as stored.
    var orientation = 1
    /// Where the first scan begins.
    var scanOffset = 0
    /// Components of the first scan; a sequential picture with all of them in it has one scan.
    var scannedComponentCount = 0

    /// A segment with more bytes of filling before it than this is none.
    static let longestFilling = 1 << 16

    /// Reads the segments up to the first scan.
    /// - Throws: `MediaError.malformed` with the place.
    init(walking bytes: [UInt8], file: String) throws(MediaError) {
        let reader = ByteReader(bytes)
        func fault(_ offset: Int, _ expected: String, _ found: String) -> MediaError {
            .malformed(file: file, place: MediaPlace(byteOffset: offset), expected: expected, found: found, remedy: copyAgain)
        }
        guard bytes.starts(with: [0xFF, 0xD8]) else {
            throw fault(0, "the JPEG signature", bytes.prefix(4).map(hex).joined(separator: " "))
        }
        var offset = 2
        while scanOffset == 0 {
            guard let marker = JPEGMarker(at: offset, in: reader) else {
                throw fault(offset, "a segment, up to the first scan", offset < bytes.count ? "other bytes" : "the end of the file")
            }
            let content = marker.offset + 2
            guard marker.code != 0xD9, let length = reader.unsigned(at: content, byteCount: 2, isBigEndian: true).map({ Int($0) }),
                length >= 2, length <= bytes.count - content
            else {
                throw fault(marker.offset, "a segment with its length, up to the first scan", "the end of the picture")
            }
            let body = content + 2..<content + length
            switch marker.code {
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker.code):
                guard process == 0, body.count >= 6 else { throw fault(marker.offset, "one whole frame header", "another") }
                process = marker.code
                precision = Int(bytes[body.lowerBound])
                height = Int(bytes[body.lowerBound + 1]) << 8 | Int(bytes[body.lowerBound + 2])
                width = Int(bytes[body.lowerBound + 3]) << 8 | Int(bytes[body.lowerBound + 4])
                componentCount = Int(bytes[body.lowerBound + 5])
            case 0xDA:
                guard process != 0 else { throw fault(marker.offset, "a frame header before the first scan", "none") }
                scanOffset = content + length
                scannedComponentCount = body.isEmpty ? 0 : Int(bytes[body.lowerBound])
            case 0xE1 where orientation == 1: orientation = EXIFOrientation.read(Array(bytes[body])) ?? 1
            default: break
            }
            offset = content + length
        }
    }

    /// Size and colour of what is decoded, turned as EXIF says; nil for what is no gray or RGB.
    var format: ImageFormat? {
        guard componentCount == 1 || componentCount == 3 else { return nil }
        let isOnItsSide = orientation >= 5
        return ImageFormat(
            width: isOnItsSide ? height : width, height: isOnItsSide ? width : height, colorKind: componentCount == 1 ? .gray : .rgb,
            bitDepth: 8)
    }
}

/// A marker of a JPEG: 0xFF and a code.
struct JPEGMarker: Equatable {
    /// Where its 0xFF stands.
    let offset: Int
    let code: UInt8

    /// The marker of a segment at `offset`, before which filling of 0xFF may stand; nil where there is none.
    init?(at offset: Int, in reader: ByteReader) {
        var offset = offset
        let limit = offset + JPEGStructure.longestFilling
        while offset + 1 < reader.bytes.count, offset < limit, reader.bytes[offset] == 0xFF {
            let code = reader.bytes[offset + 1]
            if code == 0xFF {
                offset += 1
                continue
            }
            guard code >= 0xC0, !(0xD0...0xD8).contains(code) else { return nil }
            (self.offset, self.code) = (offset, code)
            return
        }
        return nil
    }
}

/// Where a JPEG ends, found in pieces: markers between coded bytes, and segments between scans.
struct JPEGEnd {
    /// What was read so far is whole segments up to here, or coded bytes.
    private(set) var offset: Int64
    /// The place after the marker of the end; nil until it was met.
    private(set) var end: Int64?
    private var sawFF = false

    /// - Parameter scanOffset: Where the first scan begins.
    init(scanOffset: Int64) { offset = scanOffset }

    /// Goes on with the bytes at `offset`.
    mutating func advance(over bytes: [UInt8]) {
        var index = 0
        while index < bytes.count, end == nil {
            let byte = bytes[index]
            defer { index += 1 }
            guard sawFF else {
                sawFF = byte == 0xFF
                continue
            }
            switch byte {
            case 0xFF: break
            // A stuffed zero, or a restart.
            case 0, 0x01, 0xD0...0xD7: sawFF = false
            case 0xD9: end = offset + Int64(index) + 1
            default:
                // Tables between scans, or the next scan: their own bytes are no markers.
                guard index + 2 < bytes.count else {
                    // Whoever reads on begins at the marker.
                    offset += Int64(index - 1)
                    sawFF = false
                    return
                }
                sawFF = false
                index += max(2, Int(bytes[index + 1]) << 8 | Int(bytes[index + 2]))
            }
        }
        offset += Int64(max(index, 1))
    }
}

/// The tag `Orientation` of an EXIF segment.
enum EXIFOrientation {
    /// - Parameter segment: The content of an APP1 segment.
    /// - Returns: 2 to 8 where the picture is to be turned; nil for anything else.
    static func read(_ segment: [UInt8]) -> Int? {
        let reader = ByteReader(segment)
        guard reader.hasTag("Exif\0\0", at: 0) else { return nil }
        let start = 6
        let isBigEndian = reader.hasTag("MM", at: start)
        guard isBigEndian || reader.hasTag("II", at: start) else { return nil }
        func value(_ offset: Int, _ byteCount: Int) -> Int? {
            reader.unsigned(at: start + offset, byteCount: byteCount, isBigEndian: isBigEndian).map { Int($0) }
        }
        guard let directory = value(4, 4), let entryCount = value(directory, 2) else { return nil }
        for entry in 0..<entryCount {
            let offset = directory + 2 + 12 * entry
            guard let tag = value(offset, 2) else { return nil }
            // A short in the first two bytes of the value's four.
            if tag == 0x0112, let orientation = value(offset + 8, 2) { return (2...8).contains(orientation) ? orientation : nil }
        }
        return nil
    }

    /// The same picture turned and mirrored so that it stands as its orientation says.
    /// - Parameters:
    ///   - codes: Shape `[height, width, channels]`.
    ///   - orientation: 1 to 8 (EXIF 2.3, 4.6.4 A).
    static func upright(_ codes: [UInt8], width: Int, height: Int, channels: Int, orientation: Int) -> [UInt8] {
        guard (2...8).contains(orientation) else { return codes }
        let isOnItsSide = orientation >= 5
        let (newWidth, newHeight) = isOnItsSide ? (height, width) : (width, height)
        var result: [UInt8] = []
        result.reserveCapacity(codes.count)
        for row in 0..<newHeight {
            for column in 0..<newWidth {
                // Where the pixel at (row, column) of the upright picture is stored.
                let (y, x) =
                    switch orientation {
                    case 2: (row, width - 1 - column)
                    case 3: (height - 1 - row, width - 1 - column)
                    case 4: (height - 1 - row, column)
                    case 5: (column, row)
                    case 6: (height - 1 - column, row)
                    case 7: (height - 1 - column, width - 1 - row)
                    default: (column, width - 1 - row)
                    }
                let start = (y * width + x) * channels
                result += codes[start..<start + channels]
            }
        }
        return result
    }
}
