/// What a text is cut into.
public enum TextUnit: String, Equatable, Sendable, CaseIterable {
    /// Words, each with the white space that follows it; white space at the beginning is one of its own.
    case words
    /// Characters as people count them: letters with their accents, CR LF as one.
    case characters
    /// Bytes.
    case bytes
}

/// A text cut into tokens, none of whose bytes is lost: joined, the tokens are the text.
struct TextTokens: Equatable {
    let unit: TextUnit
    let tokens: [[UInt8]]

    /// Cuts the bytes of a file.
    /// - Parameter unit: nil for words, or characters where words are few for the text's length, as in scripts without spaces.
    /// - Throws: `MediaError.malformed` for what is not UTF-8, with the place; `.empty` for no bytes.
    init(_ bytes: [UInt8], file: String, unit: TextUnit?) throws(MediaError) {
        guard !bytes.isEmpty else { throw .empty(path: file, found: "a text of 0 bytes") }
        if unit == .bytes {
            (self.unit, tokens) = (.bytes, bytes.map { [$0] })
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.invalid(bytes, file: file) }
        let words = unit == .characters ? [] : Self.words(of: text)
        if unit == .words || (unit == nil && words.count > 1 && bytes.count <= Self.longestMeanWord * words.count) {
            (self.unit, tokens) = (.words, words)
        } else {
            (self.unit, tokens) = (.characters, text.map { Array($0.utf8) })
        }
    }

    /// Bytes of a word and its white space, on the average of a text with spaces; those of languages are half as long.
    private static let longestMeanWord = 24

    private static func words(of text: String) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var isAfterSpace = true
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if words.isEmpty || (isAfterSpace && !isSpace) { words.append([]) }
            words[words.count - 1] += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            isAfterSpace = isSpace
        }
        return words
    }

    /// A token without the white space at its end, by which words of a cue are found.
    static func core(of token: [UInt8]) -> [UInt8] {
        let text = String(decoding: token, as: UTF8.self).unicodeScalars
        let end = text.reversed().prefix { $0.properties.isWhitespace }.count
        return Array(String(String.UnicodeScalarView(text.dropLast(end))).utf8)
    }

    /// How a token is shown to people: in quotation marks, control characters spelled out, shortened.
    static func shown(_ token: [UInt8]) -> String {
        let text = String(decoding: token, as: UTF8.self)
        return (text.count > 24 ? text.prefix(23) + "…" : text[...]).debugDescription
    }

    /// The first byte that no UTF-8 text can have.
    private static func invalid(_ bytes: [UInt8], file: String) -> MediaError {
        var (codec, iterator, offset) = (UTF8(), bytes.makeIterator(), 0)
        while case .scalarValue(let scalar) = codec.decode(&iterator) { offset += UTF8.width(scalar) }
        let isUTF16 = ForeignContent.isUTF16(Array(bytes.prefix(64)))
        return .malformed(
            file: file, place: MediaPlace(byteOffset: offset), expected: "text in UTF-8",
            found: isUTF16 ? "text in UTF-16" : "the bytes " + bytes[offset...].prefix(4).map(hex).joined(separator: " "),
            remedy: "Convert it with: iconv -f \(isUTF16 ? "UTF-16" : "WINDOWS-1252") -t UTF-8; or say text.unit: bytes.")
    }
}
