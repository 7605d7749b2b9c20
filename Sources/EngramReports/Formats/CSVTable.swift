/// A table as comma-separated values after RFC 4180: a header row, CRLF after every row, quotes where a field needs them.
///
/// Numbers use Swift's shortest text that reads back to the same value, so they do not depend on locale; `inf`, `-inf` and `nan` are spelled
/// as numpy and pandas read them. A missing number is an empty field.
struct CSVTable {
    private(set) var text: String
    private let columnCount: Int

    init(header: [String]) {
        columnCount = header.count
        text = Self.row(header)
    }

    mutating func append(_ fields: [String]) {
        precondition(fields.count == columnCount, "A CSV row has \(fields.count) fields, its header has \(columnCount).")
        text += Self.row(fields)
    }

    static func number(_ value: Double?) -> String {
        value.map(\.description) ?? ""
    }

    /// Quotes a field that holds a separator, a quote or a line break.
    ///
    /// Works on scalars: CR LF is one `Character` in Swift, and a combining mark would hide a quote.
    static func field(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }) else { return text }
        var quoted = "\""
        for scalar in scalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        quoted.unicodeScalars.append("\"")
        return quoted
    }

    /// A name from a drop as a field: spreadsheets take what begins with `=`, `+`, `-` or `@` for a formula, so it gets an apostrophe in
    /// front; control characters and marks that turn the direction of text are spelled out.
    static func name(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        // The full-width forms are taken for the same signs.
        let formulaSigns: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"]
        return result.unicodeScalars.first.map(formulaSigns.contains) == true ? "'" + result : result
    }

    private static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }
}
