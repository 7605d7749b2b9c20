extension ReportPage {
    /// The memory beside simpler methods on the same damaged copies.
    var baselinesSection: HTML? {
        guard let found = report.recoveryBaselines, !found.rows.isEmpty else { return nil }
        // One is told what is covered and the memory is not: that is no equal contest.
        let behind = found.rows.filter { row in
            zip(found.methods, row.baselines).contains { $0.name != "nearest-known" && ($1 ?? 0) > row.rightItem }
        }
        let rows = found.rows.map { row -> [HTML] in
            [
                "\(Self.capitalized(row.corruption))", "\(Self.levelText(row.level, of: row.corruption))", "\(NumberText.count(row.total))",
                "<strong>\(NumberText.count(row.rightItem))</strong>",
            ]
                + row.baselines.map { count in count.map { "\(NumberText.count($0))" } ?? "–" }
        }
        let columns =
            [("Damage", false), ("level", true), ("n", true), ("this memory", true)] + found.methods.map { (Self.title($0), true) }
        return section(
            "baselines", "Could something simpler have found it?",
            lead: behind.isEmpty
                ? "From every kind of damage the memory finds the right \(words.singular) at least as often as each of these methods that knows no more."
                : "From \(found.rows.count - behind.count) of \(found.rows.count) kinds of damage the memory finds the right "
                    + "\(words.singular) at least as often as each of these methods that knows no more.",
            """
            \(table(caption: "Damaged copies whose \(words.singular) is found, of n", columns: columns, rows: rows))
            <p class="fine">All get the same cues. A method with a number, v or β, is shown with the one that is best on these very cues.
            Nearest, known: the nearest over the entries that are not covered, for which the method is told what is covered; the memory is not.
            Whitened: the nearest in the metric (C + v)⁻¹. Matched: the largest answer of matched filters without brightness. Hopfield: the
            heaviest item of a modern Hopfield network.</p>
            """)
    }

    private static func title(_ method: DropReport.RecoveryBaselines.Method) -> String {
        let number = method.parameter.map { ", \(method.name == "hopfield" ? "β" : "v") = \(NumberText.significant($0, digits: 2))" } ?? ""
        return switch method.name {
        case "nearest-known": "nearest, known"
        default: method.name + number
        }
    }
}
