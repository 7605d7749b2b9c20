import EngramReports

/// A comparison as a table for a terminal.
struct ComparisonText {
    let comparison: ReportComparison
    /// Whether what is equal is shown too.
    let showsAll: Bool

    private static let valueWidth = 34

    /// The lines of it.
    var lines: [String] {
        var rows = [["", shown(comparison.labels.a), shown(comparison.labels.b), "CHANGE"]]
        let figures = comparison.figures.filter { showsAll || $0.differs }
        rows += figures.map { [TerminalText.printable($0.name), shown($0.a), shown($0.b), TerminalText.printable($0.change ?? "")] }
        let widths = rows[0].indices.map { column in rows.map { TerminalText.columnCount($0[column]) }.max() ?? 0 }
        var lines: [String] =
            figures.isEmpty
            ? []
            : rows.map { row -> String in
                var line = zip(row, widths).map { TerminalText.padded($0, toColumnCount: $1) }.joined(separator: "  ")
                while line.hasSuffix(" ") { line.removeLast() }
                return line
            }
        let equal = comparison.figures.count { !$0.differs }
        lines.append(
            figures.isEmpty
                ? "all \(comparison.figures.count) figures are equal"
                : "\(comparison.figures.count - equal) figures differ, \(equal) are equal"
                    + (showsAll || equal == 0 ? "" : "; --all shows them"))
        return lines
    }

    private func shown(_ text: String) -> String {
        TerminalText.shortened(TerminalText.printable(text), toColumnCount: Self.valueWidth)
    }
}
