internal import EngramSystem

/// Whether a FLAC, Ogg or MP3 file ends where one of its own units ends, judged by its last bytes.
///
/// These formats do not say how long they are. Their units do: a file that ends with a whole last one is all there, or was cut
/// exactly between two, which the unit itself tells for FLAC (the number of its samples) and Ogg (a mark).
enum FrameTail {
    /// An Ogg page has at most 27 + 255 + 255 · 255 bytes (RFC 3533, section 6).
    static let longestOggPage = 65_307
    /// Longer FLAC frames exist only for 8 channels of 32 bits in the largest blocks, compressed by nothing.
    static let longestFLACFrame = 1 << 20
    /// An MPEG audio frame has at most 2881 bytes (layer II, 384 kbit/s at 16 kHz does not exist; layer I at 448 kbit/s is shorter).
    static let longestMPEGFrame = 4096

    // MARK: Ogg

    /// Ogg (RFC 3533): the last page must end with the file and be marked as the end of its stream.
    /// - Parameter tail: The last `longestOggPage` bytes, or the whole file.
    static func ogg(_ tail: [UInt8]) -> FileCompleteness {
        var start = tail.count - 27
        while start >= 0 {
            defer { start -= 1 }
            guard tail[start] == 0x4f, tail[start...].starts(with: Array("OggS".utf8)) else { continue }
            let segmentCount = Int(tail[start + 26])
            let body = start + 27 + segmentCount
            guard body <= tail.count else { continue }
            guard body + tail[start + 27..<body].reduce(0, { $0 + Int($1) }) == tail.count else { continue }
            return tail[start + 5] & 4 != 0 ? .complete : .incomplete(reason: "its last Ogg page is not marked as the end of the stream")
        }
        return .incomplete(reason: "it does not end with a whole Ogg page")
    }

    // MARK: FLAC

    /// FLAC (RFC 9639): the last frame must end with the file, by its CRC-16, and bring the number of samples to what STREAMINFO says.
    /// - Parameters:
    ///   - head: At least the first 42 bytes.
    ///   - tail: The last `longestFLACFrame` bytes, or the whole file.
    static func flac(head: [UInt8], tail: [UInt8]) -> FileCompleteness {
        guard head.count >= 42 else { return .incomplete(reason: "its STREAMINFO is cut") }
        // Without STREAMINFO first it is not FLAC as the standard has it; the decoder says so.
        guard head[4] & 0x7f == 0 else { return .unknown }
        let largestBlock = Int(head[10]) << 8 | Int(head[11])
        let sampleCount = head[21..<26].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & 0xf_ffff_ffff
        let audio = isID3v1(tail) ? tail.dropLast(128) : tail[...]
        var start = audio.endIndex - 10
        while start >= audio.startIndex {
            defer { start -= 1 }
            guard audio[start] == 0xff, audio[start + 1] & 0xfe == 0xf8 else { continue }
            guard let frame = FLACFrameHeader(audio[start...], largestBlock: largestBlock), crc16(audio[start...]) == 0 else { continue }
            // 0: the encoder wrote to a pipe and never knew.
            if sampleCount == 0 || frame.endSample == sampleCount { return .complete }
            return .incomplete(reason: "its header promises \(sampleCount) samples, and its last frame ends with \(frame.endSample)")
        }
        return .incomplete(reason: "it does not end with a whole FLAC frame")
    }

    /// CRC-16 with polynomial 0x8005 over a frame with its own CRC at the end: 0 when that is right.
    static func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var crc: UInt16 = 0
        for byte in bytes {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x8005 : crc << 1 }
        }
        return crc
    }

    // MARK: MP3

    /// MPEG audio: the size that a Xing or Info frame states, or else a frame like the first that ends with the file. Best effort: a file
    /// cut between two frames looks whole.
    /// - Parameters:
    ///   - head: From the first frame on, at least 64 bytes where the file has them.
    ///   - start: Where the first frame is in the file, after an ID3v2 tag.
    ///   - byteCount: The file's size.
    ///   - tail: The last `longestMPEGFrame` + 128 bytes, or the whole file.
    static func mp3(head: [UInt8], start: Int64, byteCount: Int64, tail: [UInt8]) -> FileCompleteness {
        guard let first = MPEGFrameHeader(head[...]) else { return .unknown }
        let tagByteCount: Int64 = isID3v1(tail) ? 128 : 0
        if let stated = first.statedByteCount(in: head) {
            let found = byteCount - start - tagByteCount
            return found >= stated ? .complete : .incomplete(reason: "its Xing header promises \(stated) bytes, there are \(found)")
        }
        let audio = tail.dropLast(Int(tagByteCount))
        for offset in audio.indices.dropLast(4).reversed() {
            guard let frame = MPEGFrameHeader(audio[offset...]), frame.isLike(first), offset + frame.byteCount == audio.endIndex
            else { continue }
            return .complete
        }
        return .incomplete(reason: "it does not end with a whole MPEG frame")
    }

    private static func isID3v1(_ tail: [UInt8]) -> Bool { tail.count >= 128 && tail.suffix(128).starts(with: Array("TAG".utf8)) }
}

/// The header of a FLAC frame, as far as the end of its samples needs it (RFC 9639, section 9.1).
private struct FLACFrameHeader {
    /// Samples of one channel from the start of the stream to the end of this frame.
    let endSample: UInt64

    /// nil when `bytes` do not begin with a header whose CRC-8 is right.
    init?(_ bytes: ArraySlice<UInt8>, largestBlock: Int) {
        let bytes = Array(bytes.prefix(16))
        guard bytes.count >= 6, bytes[3] & 1 == 0 else { return nil }
        let isVariable = bytes[1] & 1 == 1
        var position = 4
        guard let number = Self.codedNumber(bytes, at: &position) else { return nil }
        let code = Int(bytes[2] >> 4)
        var block: Int
        switch code {
        case 1: block = 192
        case 2...5: block = 576 << (code - 2)
        case 6, 7:
            guard position + code - 5 <= bytes.count else { return nil }
            block = bytes[position..<position + code - 5].reduce(0) { $0 << 8 | Int($1) } + 1
            position += code - 5
        case 8...15: block = 256 << (code - 8)
        default: return nil
        }
        switch bytes[2] & 0x0f {
        case 12: position += 1
        case 13, 14: position += 2
        case 15: return nil
        default: break
        }
        guard position < bytes.count, Self.crc8(bytes[...position]) == 0 else { return nil }
        // With blocks of one size the number counts frames, and only the last may be shorter.
        let startSample = isVariable ? number : number.multipliedReportingOverflow(by: UInt64(largestBlock)).partialValue
        endSample = startSample &+ UInt64(block)
    }

    /// A number of up to 36 bits, coded as UTF-8 codes characters, extended to seven bytes.
    private static func codedNumber(_ bytes: [UInt8], at position: inout Int) -> UInt64? {
        let first = bytes[position]
        let length = (~first).leadingZeroBitCount
        position += 1
        guard length != 0 else { return UInt64(first) }
        guard (2...7).contains(length), position + length - 1 <= bytes.count else { return nil }
        var value = length == 7 ? 0 : UInt64(first & (0x7f >> UInt8(length)))
        for _ in 1..<length {
            guard bytes[position] & 0xc0 == 0x80 else { return nil }
            value = value << 6 | UInt64(bytes[position] & 0x3f)
            position += 1
        }
        return value
    }

    private static func crc8(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        var crc: UInt8 = 0
        for byte in bytes {
            crc ^= byte
            for _ in 0..<8 { crc = crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
        }
        return crc
    }
}

/// The header of an MPEG audio frame (ISO/IEC 11172-3 and 13818-3).
private struct MPEGFrameHeader {
    /// 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1.
    let version: Int
    /// 1 to 3.
    let layer: Int
    let sampleRate: Int
    let isMono: Bool
    /// The whole frame.
    let byteCount: Int

    init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes.prefix(4))
        guard bytes.count == 4, bytes[0] == 0xff, bytes[1] & 0xe0 == 0xe0 else { return nil }
        version = Int(bytes[1] >> 3 & 3)
        layer = 4 - Int(bytes[1] >> 1 & 3)
        let rateIndex = Int(bytes[2] >> 2 & 3)
        let bitRateIndex = Int(bytes[2] >> 4)
        guard version != 1, layer != 4, rateIndex != 3, (1...14).contains(bitRateIndex) else { return nil }
        sampleRate = [44_100, 48_000, 32_000][rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
        isMono = bytes[3] >> 6 == 3
        let table = Self.kilobits[version == 3 ? layer - 1 : layer == 1 ? 3 : 4]
        let bitRate = table[bitRateIndex - 1] * 1000
        let padding = Int(bytes[2] >> 1 & 1)
        let samples = layer == 1 ? 384 : layer == 3 && version != 3 ? 576 : 1152
        byteCount = layer == 1 ? (12 * bitRate / sampleRate + padding) * 4 : samples / 8 * bitRate / sampleRate + padding
    }

    /// Whether two frames can be of one stream: the bit rate may change.
    func isLike(_ other: MPEGFrameHeader) -> Bool { version == other.version && layer == other.layer && sampleRate == other.sampleRate }

    /// The bytes of the stream from its first frame on, as the Xing or Info tag in that frame states them.
    func statedByteCount(in head: [UInt8]) -> Int64? {
        let sideInfo = version == 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17
        let tag = 4 + sideInfo
        guard layer == 3, head.count >= tag + 16 else { return nil }
        let name = Array(head[tag..<tag + 4])
        guard name == Array("Xing".utf8) || name == Array("Info".utf8) else { return nil }
        let flags = head[tag + 7]
        guard flags & 2 != 0 else { return nil }
        let offset = tag + 8 + (flags & 1 != 0 ? 4 : 0)
        return head[offset..<offset + 4].reduce(Int64(0)) { $0 << 8 | Int64($1) }
    }

    /// MPEG 1 layers I to III, then MPEG 2 layer I, then its layers II and III.
    private static let kilobits: [[Int]] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320], [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
}
