/// Checks that an Ogg file is whole pages with the right CRC, the last one marked as the end. RFC 3533, section 6.
///
/// libogg drops a damaged page silently, which would leave a hole in the sound.
enum OggPageCheck {
    /// - Throws: `MediaError.malformed`.
    static func check(_ bytes: [UInt8], file: String) throws(MediaError) {
        let reader = ByteReader(bytes)
        let table = crcTable()
        var offset = 0
        var isEnd = false
        while offset < bytes.count {
            guard reader.hasTag("OggS", at: offset), let segmentCount = reader.unsigned(at: offset + 26, byteCount: 1, isBigEndian: false)
            else {
                throw AudioContainerCheck.fault(
                    file, "Ogg page", offset, "a page starting with OggS", "\(reader.tag(at: offset)) or too few bytes")
            }
            let tableStart = offset + 27
            let bodyStart = tableStart + Int(segmentCount)
            guard bodyStart <= bytes.count else { throw cut(file, offset) }
            let end = bodyStart + bytes[tableStart..<bodyStart].reduce(0) { $0 + Int($1) }
            guard end <= bytes.count else { throw cut(file, offset) }
            let stored = UInt32(truncatingIfNeeded: reader.unsigned(at: offset + 22, byteCount: 4, isBigEndian: false) ?? 0)
            var crc: UInt32 = 0
            for index in offset..<end {
                // The CRC is taken with its own four bytes as zero.
                let byte = (offset + 22..<offset + 26).contains(index) ? 0 : bytes[index]
                crc = crc << 8 ^ table[Int(UInt8(truncatingIfNeeded: crc >> 24) ^ byte)]
            }
            guard crc == stored else {
                throw AudioContainerCheck.fault(
                    file, "Ogg page", offset, "CRC 0x\(String(crc, radix: 16))", "0x\(String(stored, radix: 16))")
            }
            isEnd = bytes[offset + 5] & 4 != 0
            offset = end
        }
        guard isEnd else {
            throw AudioContainerCheck.fault(file, "Ogg page", offset, "a last page marked as the end of the stream", "the end of the file")
        }
    }

    private static func cut(_ file: String, _ offset: Int) -> MediaError {
        AudioContainerCheck.fault(file, "Ogg page", offset, "a whole page", "the end of the file inside it")
    }

    /// Table of the polynomial 0x04C11DB7, not reflected.
    private static func crcTable() -> [UInt32] {
        (0..<256).map { index in
            var value = UInt32(index) << 24
            for _ in 0..<8 { value = value & 0x8000_0000 == 0 ? value << 1 : value << 1 ^ 0x04C1_1DB7 }
            return value
        }
    }
}
