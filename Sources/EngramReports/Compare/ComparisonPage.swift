/// A comparison as one file that opens offline.
struct ComparisonPage: Page {
    let comparison: ReportComparison

    /// The whole page.
    var markup: HTML {
        let (labels, headlines) = (comparison.labels, comparison.headlines)
        let differing = comparison.figures.filter(\.differs)
        let sentence =
            headlines.a == headlines.b
            ? "Both: \(headlines.a)." : "\(labels.a): \(headlines.a). \(labels.b): \(headlines.b)."
        let header: HTML = """
            <header class="top">
            <p class="eyebrow"><span class="name"><bdi>\(labels.a)</bdi> beside <bdi>\(labels.b)</bdi></span></p>
            <h1>\(headlines.a.isEmpty && headlines.b.isEmpty ? "Two results of the job \(comparison.job)." : sentence)</h1>
            <p class="facts">\(NumberText.count(differing.count)) of \(NumberText.count(comparison.figures.count)) figures differ.</p>
            </header>
            """
        let equal = comparison.figures.filter { !$0.differs }
        let others: HTML? =
            equal.isEmpty
            ? nil
            : section(
                "equal", "What is equal",
                "<details><summary>\(NumberText.count(equal.count)) figures</summary>\(table("Equal", equal))</details>")
        let main = [differing.isEmpty ? nil : section("differs", "What differs", table("What differs", differing)), others]
        return document(title: "\(labels.a) beside \(labels.b)", header: header, main: main)
    }

    private func table(_ caption: String, _ figures: [ReportComparison.Figure]) -> HTML {
        table(
            caption: caption,
            columns: [("Figure", false), (comparison.labels.a, true), (comparison.labels.b, true), ("Change", true)],
            rows: figures.map { ["\($0.name)", cell($0.a), cell($0.b), "\($0.change ?? "")"] })
    }

    /// A sentence may break its line; a number may not.
    private func cell(_ text: String) -> HTML { text.count > 24 ? "<span class=\"wrap\">\(text)</span>" : "\(text)" }
}

extension ReportComparison {
    /// The text of the page; equal comparisons give equal bytes.
    package var html: String { ComparisonPage(comparison: self).markup.source }
}
