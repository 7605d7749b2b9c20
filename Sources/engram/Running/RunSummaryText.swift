import EngramDrops

/// The table at the end of `engram run --once`.
enum RunSummaryText {
    /// Renders one line a drop, in the order published, reused, rejected, failed, blocked, waiting, and a line of counts.
    /// - Parameter outcome: What the verification of the result at a path came to.
    static func text(
        _ summary: RunSummary, rejections: [RunJournal.RejectedDrop], outcome: (String) -> String? = { _ in nil },
        shownPath: (String) -> String = { PathText.shown($0) }
    ) -> String {
        var rows: [(word: String, name: String, detail: [String])] = []
        for item in summary.published {
            rows.append(
                ("published", item.name, [(outcome(item.detail).map { $0 + ": " } ?? "") + shownPath(item.detail) + "/report.html"]))
        }
        for item in summary.reused { rows.append(("reused", item.name, ["has a result already: " + shownPath(item.detail)])) }
        for item in rejections {
            rows.append(("rejected", item.name, [ReasonText.shown(item.reason), "see " + shownPath(item.path) + "/error.json"]))
        }
        for item in summary.failed {
            rows.append(("unfinished", item.name, [ReasonText.shown(item.detail), "the next run goes on with it"]))
        }
        for item in summary.blocked { rows.append(("blocked", item.name, [item.detail])) }
        for item in summary.waiting { rows.append(("waiting", item.name, [item.detail])) }
        guard !rows.isEmpty else { return "The inbox is empty." }

        let names = rows.map { TerminalText.shortened(TerminalText.printable($0.name), toColumnCount: 40) }
        let nameWidth = names.map(TerminalText.columnCount).max() ?? 0
        let wordWidth = "unfinished".count
        let indent = String(repeating: " ", count: wordWidth + nameWidth + 4)
        var lines: [String] = []
        for (row, name) in zip(rows, names) {
            let start = TerminalText.padded(row.word, toColumnCount: wordWidth) + "  " + TerminalText.padded(name, toColumnCount: nameWidth)
            for (number, detail) in row.detail.enumerated() {
                lines.append((number == 0 ? start + "  " : indent) + TerminalText.printable(detail))
            }
        }
        let counts = [
            (summary.published.count, "published"), (summary.reused.count, "reused"), (rejections.count, "rejected"),
            (summary.failed.count, "unfinished"), (summary.blocked.count, "blocked"), (summary.waiting.count, "waiting"),
        ]
        lines += ["", counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")]
        return lines.joined(separator: "\n")
    }
}
