extension ReportPage {
    /// Tokens that the page lists, the least sure first.
    private static let listedTokenCount = 10

    /// How sure the network is of each token, and its states in a plane.
    var tokensSection: HTML? {
        guard let tokens = report.tokens, !content.tokens.isEmpty else { return nil }
        let weakest = content.tokens.sorted { ($0.margin, $0.place) < ($1.margin, $1.place) }.prefix(Self.listedTokenCount)
        let rows = weakest.map { row -> [HTML] in
            ["\(row.text)", "\(NumberText.count(row.place))", "\(row.token)", "\(NumberText.significant(row.margin))"]
        }
        let lead =
            "The network reads what it wrote. At each place its largest logit names what comes next; the margin is by how much that exceeds the "
            + "second largest. "
            + (tokens.wrong == 0
                ? "It is right at all \(NumberText.count(tokens.count)) places, by \(NumberText.significant(tokens.marginLeast)) at least."
                : "It is wrong at \(NumberText.count(tokens.wrong)) of \(NumberText.count(tokens.count)) places.")
        return section(
            "tokens", "How sure is each word?", lead: lead,
            """
            <div class="plots"><figure>\(StatePlot(rows: content.tokens).markup())
            <figcaption>The states of the network, \(NumberText.count(tokens.state)) values each, in the plane of their two principal components, which
            holds \(NumberText.significant(100 * tokens.planeShare)) % of their variance. A ring is where a text begins.</figcaption></figure>
            \(table(
                caption: "The least sure places",
                columns: [("text", false), ("place", true), ("token", false), ("margin", true)], rows: rows))</div>
            <p class="fine">Median margin \(NumberText.significant(tokens.marginMedian)). Each place is in confidence.csv, and its state in the plane in states.csv.</p>
            """)
    }
}
