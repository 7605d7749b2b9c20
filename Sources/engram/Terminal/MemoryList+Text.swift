import EngramDrops
import EngramService

extension MemoryList {
    /// Lines for a terminal.
    var text: String {
        guard !entries.isEmpty || !problems.isEmpty else { return "Nothing is stored yet. Drop something into the inbox and run engram." }
        var rows = [["NAME", "ITEMS", "KIND", "OF", "FAMILY", "SIZE", "VERIFIED"]]
        for entry in entries {
            rows.append([
                TerminalText.printable(entry.name), "\(entry.items)", entry.kind, entry.media, entry.family,
                DiskAdmission.text(entry.byteCount),
                entry.check.map { "\(Timestamp.text($0.at).prefix(10)), \($0.state)" } ?? "when it was made",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { TerminalText.columnCount($0[column]) }.max() ?? 0 }
        var lines = rows.map { row in
            zip(row, widths).map { TerminalText.padded($0, toColumnCount: $1) }.joined(separator: "  ").trimmingTrailingSpaces
        }
        lines += problems.map { TerminalText.printable("\($0.name): cannot be read: \($0.reason)") }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// Without spaces at the end.
    fileprivate var trimmingTrailingSpaces: String {
        var result = self
        while result.hasSuffix(" ") { result.removeLast() }
        return result
    }
}
