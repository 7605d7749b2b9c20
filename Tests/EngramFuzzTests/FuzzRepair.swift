@testable import EngramMedia
import EngramNetworks

/// Puts right what a mutation broke and a decoder checks first, so that what lies behind the check is reached.
enum FuzzRepair {
    static func big(_ value: UInt64, _ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (byteCount - 1 - $0))) }
    }

    static func little(_ value: UInt64, _ byteCount: Int) -> [UInt8] { big(value, byteCount).reversed() }

    private static func bigAt(_ bytes: [UInt8], _ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }

    /// The CRC of every chunk of a PNG whose length stays within the file.
    static func pngChunks(_ bytes: inout [UInt8]) {
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = bigAt(bytes, offset)
            guard length <= bytes.count - offset - 12 else { return }
            let end = offset + 8 + length
            bytes.replaceSubrange(end..<end + 4, with: big(UInt64(crc32(bytes[offset + 4..<end])), 4))
            offset = end + 4
        }
    }

    /// Zlib's wrapping of what is to be image data: intact, whatever is in it.
    static func zlib(_ bytes: [UInt8]) throws -> [UInt8] {
        // Gzip is ten bytes, the stream, a CRC and a length.
        let stream = try Gzip.deflate(bytes, file: "fuzz").dropFirst(10).dropLast(8)
        var (low, high) = (UInt32(1), UInt32(0))
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return [0x78, 0x9C] + stream + big(UInt64(high << 16 | low), 4)
    }

    /// A PNG around a header of 13 bytes and image data, both as they come.
    static func png(header: [UInt8], palette: [UInt8], imageData: [UInt8]) -> [UInt8] {
        var bytes = PNGStructure.signature
        var chunks = [("IHDR", header), ("IDAT", imageData), ("IEND", [])]
        if !palette.isEmpty { chunks.insert(("PLTE", palette), at: 1) }
        for (name, data) in chunks {
            let body = Array(name.utf8) + data
            bytes += big(UInt64(data.count), 4) + body + big(UInt64(crc32(body)), 4)
        }
        return bytes
    }

    /// The sizes that RIFF, RF64, AIFF and CAF give of the whole.
    static func containerSize(_ bytes: inout [UInt8]) {
        guard bytes.count >= 12 else { return }
        switch String(decoding: bytes[0..<4], as: UTF8.self) {
        case "RIFF": bytes.replaceSubrange(4..<8, with: little(UInt64(bytes.count - 8), 4))
        case "FORM": bytes.replaceSubrange(4..<8, with: big(UInt64(bytes.count - 8), 4))
        case "riff" where bytes.count >= 24: bytes.replaceSubrange(16..<24, with: little(UInt64(bytes.count), 8))
        default: break
        }
    }

    /// The CRC of every Ogg page whose parts stay within the file (RFC 3533, section 6).
    static func oggPages(_ bytes: inout [UInt8]) {
        var offset = 0
        while offset + 27 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("OggS".utf8) {
            let segmentCount = Int(bytes[offset + 26])
            guard offset + 27 + segmentCount <= bytes.count else { return }
            let length = 27 + segmentCount + bytes[offset + 27..<offset + 27 + segmentCount].reduce(0) { $0 + Int($1) }
            guard offset + length <= bytes.count else { return }
            bytes.replaceSubrange(offset + 22..<offset + 26, with: [0, 0, 0, 0])
            var crc: UInt32 = 0
            for byte in bytes[offset..<offset + length] {
                crc ^= UInt32(byte) << 24
                for _ in 0..<8 { crc = crc & 0x8000_0000 == 0 ? crc << 1 : crc << 1 ^ 0x04C1_1DB7 }
            }
            bytes.replaceSubrange(offset + 22..<offset + 26, with: little(UInt64(crc), 4))
            offset += length
        }
    }

    /// Length and checksum of a part of a checkpoint.
    static func checkpoint(_ bytes: inout [UInt8]) {
        guard bytes.count >= 40 else { return }
        bytes.replaceSubrange(24..<32, with: little(UInt64(bytes.count - 40), 8))
        let sum = Checksum64.of(bytes[..<(bytes.count - 8)])
        bytes.replaceSubrange((bytes.count - 8)..., with: little(sum, 8))
    }

    /// The length of a safetensors header: up to the last brace of its text.
    static func safetensors(_ bytes: inout [UInt8]) {
        guard bytes.count >= 8, let brace = bytes.dropFirst(8).prefix(2048).lastIndex(of: UInt8(ascii: "}")) else { return }
        bytes.replaceSubrange(0..<8, with: little(UInt64(brace - 7), 8))
    }
}
