/// Integers out of bytes, with every read checked.
struct ByteReader {
    let bytes: [UInt8]
    var offset: Int

    init(_ bytes: [UInt8], offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var remaining: Int { bytes.count - offset }

    /// An unsigned integer of `byteCount` ≤ 8 bytes at `at`, or nil past the end.
    func unsigned(at: Int, byteCount: Int, isBigEndian: Bool) -> UInt64? {
        guard at >= 0, byteCount <= bytes.count, at <= bytes.count - byteCount else { return nil }
        var value: UInt64 = 0
        for index in 0..<byteCount {
            value = value << 8 | UInt64(bytes[at + (isBigEndian ? index : byteCount - 1 - index)])
        }
        return value
    }

    /// Reads an unsigned integer and moves past it.
    mutating func next(_ byteCount: Int, isBigEndian: Bool = true) -> Int? {
        guard let value = unsigned(at: offset, byteCount: byteCount, isBigEndian: isBigEndian) else { return nil }
        offset += byteCount
        return Int(exactly: value)
    }

    /// Whether the ASCII text `tag` stands at `at`.
    func hasTag(_ tag: String, at: Int) -> Bool {
        let wanted = Array(tag.utf8)
        guard at >= 0, wanted.count <= bytes.count, at <= bytes.count - wanted.count else { return false }
        return bytes[at..<at + wanted.count].elementsEqual(wanted)
    }

    /// Four bytes at `at` as text; unprintable ones as hex.
    func tag(at: Int) -> String {
        guard at >= 0, at + 4 <= bytes.count else { return "?" }
        let four = bytes[at..<at + 4]
        if four.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(decoding: four, as: UTF8.self) }
        return "0x" + four.map(hex).joined()
    }
}

/// Two hex digits.
func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
}

extension [UInt8] {
    /// Appends the low `byteCount` bytes of `value`, most significant first.
    mutating func appendBigEndian(_ value: UInt64, byteCount: Int) {
        for index in (0..<byteCount).reversed() { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
}
