extension SettingsNode {
    /// The text without the mark that editors of Windows put in front of it.
    static func withoutByteOrderMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Refuses spaces that are none to YAML where they stand for one: at the start of a line, and beside a sign of the structure. Editors and
    /// web pages put them there unseen, and the key or value beside them would be another.
    /// - Throws: `SettingsError.malformed` at the first one.
    static func checkSpaces(in file: SettingsFile) throws(SettingsError) {
        for (number, line) in withoutByteOrderMark(file.text).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let scalars = Array(line.unicodeScalars)
            guard let column = columnOfFalseSpace(in: scalars) else { continue }
            let code = String(scalars[column].value, radix: 16, uppercase: true)
            throw .malformed(
                SettingsLocation(source: file.source, line: number + 1, column: column + 1),
                problem: "a space that YAML takes for a letter (U+\(code.count < 4 ? "00" : "")\(code)); write an ordinary one")
        }
    }

    /// The first false space that stands for one; each is looked at once, since the line may be anybody's.
    private static func columnOfFalseSpace(in line: [Unicode.Scalar]) -> Int? {
        var quote: Unicode.Scalar?
        /// What stands before; a space at the start of a line.
        var previous: Unicode.Scalar = " "
        var index = 0
        while index < line.count {
            let scalar = line[index]
            if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == "\"" || scalar == "'" {
                if " :-,[{".unicodeScalars.contains(previous) { quote = scalar }
            } else if scalar == "#", previous == " " || previous == "\t" {
                return nil
            } else if isFalseSpace(scalar) {
                let start = index
                while index + 1 < line.count, isFalseSpace(line[index + 1]) { index += 1 }
                let isBesideSign = index + 1 == line.count || " :,]}#\r".unicodeScalars.contains(line[index + 1])
                if " \t:-,[{".unicodeScalars.contains(previous) || isBesideSign { return start }
            }
            previous = scalar
            index += 1
        }
        return nil
    }

    private static func isFalseSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x7f && scalar.properties.generalCategory == .spaceSeparator || scalar == "\u{feff}"
    }
}
