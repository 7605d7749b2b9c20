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

    private static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }
}
