/// `report.html` of a completed table: one file that opens offline and runs no script.
struct CompletionPage: Page {
    let content: CompletionContent

    private var report: CompletionReport { content.report }
    private var isRatings: Bool { report.table.form == "ratings" }

    /// Every part in the order of the page, with the sections of `report.json` that it shows.
    static let parts: [ReportPart<CompletionPage>] = [
        .init([
            JobSummary.self, CompletionReport.Table.self, CompletionReport.Seconds.self, CompletionReport.Intervals.self,
            DropReport.Interpretation.self,
        ]) { $0.cards },
        .init { $0.worthKnowing($0.report.notes) },
        .init { $0.holes },
        .init([[CompletionReport.HeldOutCell].self]) { $0.heldOut },
        .init([[CompletionReport.Prior].self]) { $0.priors },
        .init([[CompletionReport.UncertainCell].self]) { $0.leastCertain },
        .init([[CompletionReport.Column].self]) { $0.columns },
        .init { $0.reproduce },
    ]

    var markup: HTML {
        document(
            title: "\(report.name): completed", style: HoleMap.style, header: header, main: Self.parts.map { $0.markup(self) })
    }

    // MARK: Head

    private var header: HTML {
        let isWhole = report.table.filled == report.table.missing
        return """
            <header class="top \(isWhole ? "exact" : "partial")">
            <p class="eyebrow"><span class="badge \(isWhole ? "exact" : "partial")">\(isWhole ? "✓ completed" : "! completed in part")</span> <span class="name"><bdi>\(report.name)</bdi></span></p>
            <h1>\(headline)</h1>
            <p class="facts">\(NumberText.count(report.table.rows)) rows · \(NumberText.count(report.columns.count)) columns · \(report.table.delimiter) between cells · \(report.table.encoding)</p>
            </header>
            """
    }

    private var headline: HTML {
        let filled = NumberText.count(report.table.filled)
        let what = report.table.filled == 1 ? "cell is" : "cells are"
        return "\(filled) missing \(what) filled; every known cell is as it was, byte for byte."
    }

    /// Priors that are a mean and nothing else, as reports call them.
    private static let meanNames: Set<String> = ["column mean (identity prior)", "mean of all ratings"]

    private var cards: HTML {
        let intervals = report.intervals
        let baseline = report.priors.first { Self.meanNames.contains($0.name) }?.heldOutError
        let isBetter = baseline.map { intervals.heldOutError < $0 } ?? true
        let comparison: String = baseline.map { "; the mean alone has \(NumberText.significant($0))" } ?? ""
        var all: [HTML] = [
            card(
                "Filled", NumberText.count(report.table.filled), unit: "of \(NumberText.count(report.table.missing)) missing",
                meaning: isRatings ? "ratings" : "cells, \(NumberText.count(report.table.known)) are known",
                tone: report.table.filled == report.table.missing ? "good" : "warn"),
            card(
                "Error on hidden cells", NumberText.significant(intervals.heldOutError),
                unit: isRatings ? "ratings" : "standard deviations",
                meaning: "root mean square\(comparison)", tone: isBetter ? "good" : "warn"),
        ]
        if let coverage = intervals.heldOutCoverage {
            all.append(
                card(
                    "Intervals hold", NumberText.fixed(100 * coverage, decimals: 1) + " %",
                    unit: "of hidden cells", meaning: "meant to hold \(NumberText.fixed(100 * intervals.coverage, decimals: 0)) %",
                    tone: abs(coverage - intervals.coverage) <= 0.02 ? "good" : "warn"))
        }
        all.append(card("Time", NumberText.duration(seconds: report.seconds.total), meaning: "from the table to this page"))
        return "<section class=\"cards\" aria-label=\"Key figures\">\(all)</section>"
    }

    // MARK: Sections

    private var holes: HTML {
        let label =
            "\(NumberText.count(report.table.missing)) missing cells of \(NumberText.count(report.table.rows)) rows and \(NumberText.count(report.columns.count)) columns."
        return section(
            "holes", "Where cells were missing", lead: "Rows from top to bottom, columns from left to right; darker where more is missing.",
            "<figure>\(content.holes.markup(label: label))</figure>")
    }

    private var heldOut: HTML? {
        guard let plot = HeldOutPlot(cells: report.heldOut).markup() else { return nil }
        return section(
            "held-out", "Known cells that were hidden",
            lead:
                "A part of the known cells was hidden and filled as the missing ones are. On the dashed line what was filled in is what the cell is.",
            "<div class=\"plots\"><figure>\(plot)</figure></div>")
    }

    private var priors: HTML {
        section(
            "priors", "What each prior contributes",
            lead:
                "A prior says which rows, columns or cells are alike. Each was tried alone on the hidden cells; the share is its weight in the values that were filled in.",
            table(
                caption: isRatings
                    ? "Root mean square error on hidden ratings"
                    : "Root mean square error on hidden cells, over their column's standard deviation",
                columns: [("prior", false), ("error alone", true), ("share", true)],
                rows: report.priors.map {
                    [
                        "\($0.name)", "\(NumberText.fixed($0.heldOutError, decimals: 4))",
                        "\($0.share > 0 ? NumberText.fixed($0.share, decimals: 2) : "–")",
                    ]
                }))
    }

    private var leastCertain: HTML? {
        guard !report.leastCertain.isEmpty else { return nil }
        return section(
            "least-certain", "The least certain cells",
            lead: "Filled cells whose interval is widest for their column. uncertainty.csv has all of them.",
            table(
                caption: "Intervals hold \(NumberText.fixed(100 * report.intervals.coverage, decimals: 0)) % of true values",
                columns: [("column", false), ("line", true), ("filled in", false), ("interval", false)],
                rows: report.leastCertain.map {
                    ["<bdi>\($0.column)</bdi>", "\($0.line)", "<bdi>\($0.value)</bdi>", "<bdi>\($0.certainty)</bdi>"]
                }))
    }

    private var columns: HTML {
        section(
            "columns", "Columns", lead: "What each column was taken for; the settings under complete: say otherwise.",
            table(
                caption: "Error on hidden cells over the column's standard deviation, or share of levels found",
                columns: [("column", false), ("kind", false), ("missing", true), ("on hidden cells", true)],
                rows: report.columns.prefix(Self.largestColumnCount).map { column in
                    let quality =
                        column.heldOutAccuracy.map { NumberText.fixed(100 * $0, decimals: 0) + " % found" }
                        ?? NumberText.significant(column.heldOutError)
                    return ["<bdi>\(column.name)</bdi>", "\(column.kind)", "\(NumberText.count(column.missing))", "\(quality)"]
                }))
    }

    /// report.json has the columns beyond these.
    private static let largestColumnCount = 200

    private var reproduce: HTML {
        let versions = report.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · ")
        return section(
            "reproduce", "Do it again",
            """
            <pre tabindex="0"><code>\(content.command)</code></pre>
            <p>Beside this page: <code>completed.csv</code> (the table), <code>uncertainty.csv</code> (each filled cell with its interval),
            <code>neighbours.csv</code> (the known cells that each came from), <code>report.json</code> (these figures),
            <code>settings.yml</code> (what the command above needs) and <code>manifest.json</code> (checksums). <code>completed.csv</code> has the drop's own bytes: a cell that begins with
            <code>=</code> is text there as it was before.</p>
            <p class="fine">Made with \(versions).</p>
            """)
    }
}

extension CompletionReport {
    package static var sectionTypes: [any ReportSection.Type] { CompletionPage.parts.flatMap(\.sections) }
}
