extension ReportPage {
    /// Recall statistics with their numbers of trials, criteria and intervals.
    var recallSection: HTML? {
        guard !report.recall.isEmpty else { return nil }
        let rows = report.recall.map { row -> [HTML] in
            let share = ShareBar(count: row.recovered, total: row.starts)
            return [
                "\(row.start)", "\(NumberText.count(row.starts))", "\(NumberText.count(row.recovered))", "\(share.markup())",
                "\(share.intervalText)", "\(NumberText.count(row.exact))", "\(NumberText.count(row.distinct))",
                "\(row.iterationsMedian.map { NumberText.fixed($0, decimals: $0 == $0.rounded() ? 0 : 1) } ?? NumberText.missing)",
                "\(NumberText.significant(row.mseMax))",
            ]
        }
        let columns = [
            ("Start", false), ("n", true), ("recovered", true), ("share", false), ("95 % interval", true), ("bit-exact", true),
            ("different memories", true), ("median steps", true), ("largest MSE", true),
        ]
        return section(
            "recall", "Did it come back?",
            lead: "The network was applied to its own output, again and again, from starts it was never shown.",
            """
            \(table(caption: "Recall by kind of start; seed \(report.seed)", columns: columns, rows: rows))
            \(criteria)
            <p class="fine">The interval is Wilson's; median and largest MSE are over the recovered starts.</p>
            """)
    }

    /// Each criterion is said once, with the starts that it is for where there are several.
    private var criteria: HTML {
        let distinct = report.recall.map(\.criterion).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        if distinct.count == 1, let only = distinct.first {
            return "<p class=\"fine\">A start counts as recovered when \(only).</p>"
        }
        let items = distinct.map { criterion -> HTML in
            let starts = report.recall.filter { $0.criterion == criterion }.map(\.start).joined(separator: ", ")
            return "<li>\(starts): recovered when \(criterion)</li>"
        }
        return "<ul class=\"fine\">\(items)</ul>"
    }

    /// The examples that did worst, so that a good average cannot hide them.
    var weakestSection: HTML? {
        // Frames of a cycle have no radius of their own: with none lost there is nothing to rank.
        guard content.examples.contains(where: { $0.spectralRadius != nil || $0.residual != nil || !$0.exact }) else { return nil }
        guard content.examples.count > 1 else { return nil }
        let hasRadius = content.examples.contains { $0.spectralRadius != nil }
        // Index order breaks ties, so equal examples always come out in the same order.
        let order = content.examples.indices.sorted {
            let (a, b) = (Self.badness(content.examples[$0]), Self.badness(content.examples[$1]))
            return a == b ? $0 < $1 : b.lexicographicallyPrecedes(a)
        }
        // Where all is well, five lines say so.
        let isPerfect = content.examples.allSatisfy { $0.recovered && $0.exact && $0.isAttractor != false }
        let rows = order.prefix(isPerfect ? 5 : 10).map { index -> [HTML] in
            let example = content.examples[index]
            let outcome: HTML = example.recovered ? (example.exact ? "bit-exact" : "recovered, not exact") : "not recovered"
            let name: HTML = "<bdi>\(example.name)</bdi>"
            let result: HTML = "<span class=\"mark \(Self.tone(example.recovered, example.exact))\">\(outcome)</span>"
            let residual: HTML = "\(NumberText.significant(example.residual))"
            guard hasRadius else { return [name, residual, result] }
            let attractor = example.isAttractor.map { $0 ? "yes" : "no" } ?? NumberText.missing
            let radius: HTML = "\(NumberText.significant(example.spectralRadius, digits: 3))"
            let norm: HTML = "\(NumberText.significant(example.operatorNorm, digits: 3))"
            return [name, radius, norm, residual, "\(attractor)", result]
        }
        let columns =
            hasRadius
            ? [
                ("Example", false), ("spectral radius", true), ("operator norm", true), ("residual", true), ("attractor", false),
                ("recall", false),
            ]
            : [("Example", false), ("residual", true), ("recall", false)]
        return section(
            "weakest", "The weakest examples", lead: "Lost ones first, then by spectral radius and residual ‖f(x) − y‖.",
            table(
                caption: rows.count == content.examples.count
                    ? words.all(rows.count) : "The \(rows.count) weakest of \(words.counted(content.examples.count))", columns: columns,
                rows: Array(rows)))
    }

    /// Sort key of an example, worst largest: outcome before radius before residual.
    private static func badness(_ example: ExampleVerdict) -> [Double] {
        let outcome = example.recovered ? (example.exact ? 0.0 : 1) : 2
        return [outcome, finite(example.spectralRadius), finite(example.residual)]
    }

    /// A number that sorts: NaN counts as the worst, a missing one as the best.
    private static func finite(_ value: Double?) -> Double {
        value.map { $0.isNaN ? .infinity : $0 } ?? -.infinity
    }
}
