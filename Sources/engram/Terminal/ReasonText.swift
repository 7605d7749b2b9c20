/// Reasons as people read them in lists: one sentence or two, and where the rest is.
enum ReasonText {
    /// Columns of a reason in a list; longer ones are cut. The longest that Engram writes itself have about 300.
    static let columnCount = 400

    /// Returns the reason, printable and cut.
    /// - Parameter path: The file that has all of it; nil where there is none.
    static func shown(_ reason: String, whole path: String? = nil) -> String {
        // A reason may be a worker's text of a million bytes; what cannot be shown need not be measured.
        let start = String(reason.prefix(columnCount + 1))
        let text = TerminalText.printable(start)
        guard start.utf8.count < reason.utf8.count || TerminalText.columnCount(text) > columnCount else { return text }
        return TerminalText.shortened(text, toColumnCount: columnCount) + " (all of it: \(path ?? "engram status --json"))"
    }
}
