/// How the bytes of a text file stand for characters.
public enum TextEncoding: String, Sendable, CaseIterable {
    /// UTF-8, the default of today's programs.
    case utf8 = "UTF-8"
    /// ISO 8859-1: each byte is the character of that number.
    case latin1 = "Latin-1"
    /// Microsoft's superset of Latin-1, which older spreadsheets write: letters and signs where Latin-1 has control characters.
    case windows1252 = "Windows-1252"

    /// The encoding that bytes are in: UTF-8 where they are valid as such, else Windows-1252 where a byte of 0x80 to 0x9F stands, else
    /// Latin-1. Text in another language of one byte a character is taken for Latin-1 and comes back byte for byte all the same.
    static func found(in bytes: [UInt8]) -> TextEncoding {
        if bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil { return .utf8 }
        return bytes.contains { (0x80..<0xA0).contains($0) } ? .windows1252 : .latin1
    }

    /// The characters that bytes stand for. No byte is refused: in UTF-8 a wrong one becomes U+FFFD.
    public func text(of bytes: some Sequence<UInt8>) -> String {
        switch self {
        case .utf8: return String(decoding: Array(bytes), as: UTF8.self)
        case .latin1:
            var scalars = String.UnicodeScalarView()
            for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
            return String(scalars)
        case .windows1252:
            var scalars = String.UnicodeScalarView()
            for byte in bytes { scalars.append(Self.scalar(ofWindows: byte)) }
            return String(scalars)
        }
    }

    /// The bytes that stand for a text, or nil where it has a character that the encoding lacks.
    public func bytes(of text: String) -> [UInt8]? {
        guard self != .utf8 else { return Array(text.utf8) }
        var result: [UInt8] = []
        for scalar in text.unicodeScalars {
            if let byte = UInt8(exactly: scalar.value), Self.windowsSpecials[Int(byte)] == nil || self == .latin1 {
                result.append(byte)
            } else if self == .windows1252, let byte = Self.windowsSpecials.first(where: { $0.value == scalar })?.key {
                result.append(UInt8(truncatingIfNeeded: byte))
            } else {
                return nil
            }
        }
        return result
    }

    private static func scalar(ofWindows byte: UInt8) -> Unicode.Scalar {
        windowsSpecials[Int(byte)] ?? Unicode.Scalar(byte)
    }

    /// Bytes of Windows-1252 that differ from Latin-1; the five without a character stay control characters.
    private static let windowsSpecials: [Int: Unicode.Scalar] = [
        0x80: "\u{20AC}", 0x82: "\u{201A}", 0x83: "\u{0192}", 0x84: "\u{201E}", 0x85: "\u{2026}", 0x86: "\u{2020}", 0x87: "\u{2021}",
        0x88: "\u{02C6}", 0x89: "\u{2030}", 0x8A: "\u{0160}", 0x8B: "\u{2039}", 0x8C: "\u{0152}", 0x8E: "\u{017D}", 0x91: "\u{2018}",
        0x92: "\u{2019}", 0x93: "\u{201C}", 0x94: "\u{201D}", 0x95: "\u{2022}", 0x96: "\u{2013}", 0x97: "\u{2014}", 0x98: "\u{02DC}",
        0x99: "\u{2122}", 0x9A: "\u{0161}", 0x9B: "\u{203A}", 0x9C: "\u{0153}", 0x9E: "\u{017E}", 0x9F: "\u{0178}",
    ]
}
