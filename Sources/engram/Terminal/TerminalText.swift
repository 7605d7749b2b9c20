/// Text on its way to a terminal. Names of drops are anybody's bytes: escape sequences in them must not reach the terminal, and lines
/// must keep to its width, or redrawing them would leave rests behind.
enum TerminalText {
    /// Replaces control characters and invisible direction marks by `?`.
    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isHarmless(scalar) ? scalar : "?") }
        return String(result)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        // Format characters turn the direction of text round; a joiner within an emoji does not.
        case .format: scalar.value == 0x200d
        default: true
        }
    }

    /// How many columns a terminal needs: two for East Asian wide characters and emoji, none for combining marks.
    static func columnCount(_ text: String) -> Int { text.reduce(0) { $0 + columnCount($1) } }

    private static func columnCount(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return isWide(first.value) ? 2 : 1
        }
    }

    /// The wide ranges of Unicode's East Asian Width (UAX #11), joined where nothing narrow lies between.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1faff, 0x20000...0x3fffd:
            true
        default: false
        }
    }

    /// Cuts `text` to at most `limit` columns; a cut is shown by `…`.
    static func shortened(_ text: String, toColumnCount limit: Int) -> String {
        guard columnCount(text) > limit else { return text }
        guard limit > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let width = columnCount(character)
            guard used + width <= limit - 1 else { break }
            result.append(character)
            used += width
        }
        return result + "…"
    }

    /// Adds spaces up to `columnCount` columns.
    static func padded(_ text: String, toColumnCount target: Int) -> String {
        text + String(repeating: " ", count: max(0, target - columnCount(text)))
    }
}
