extension ReportPage {
    /// Spectra: the disc, the moduli by rank, the radii of the examples, the cycles.
    var stabilitySection: HTML? {
        let disc = discFigure
        let spectrum = SpectrumPlot(rows: content.eigenvalues).markup().map {
            "<figure>\($0)<figcaption>The same eigenvalues by rank on a logarithmic scale.</figcaption></figure>" as HTML
        }
        let histogram = RadiusHistogram(radii: content.examples.compactMap(\.spectralRadius)).markup().map {
            """
            <figure class="wide"><figcaption>Largest |λ| of each example. Bars past the line are examples that a small error drives away.</figcaption>
            \($0)</figure>
            """ as HTML
        }
        let leading = RadiusHistogram(
            radii: content.leadingModuli, unit: "eigenvalues", quantity: "modulus of an eigenvalue among the largest 1 % of its example"
        ).markup().map {
            """
            <figure class="wide"><figcaption>The largest 1 % of the \(NumberText.count(report.dimension)) eigenvalues of each example,
            \(NumberText.count(content.leadingModuli.count)) in all; those that are exactly 0 stand at the least of the others.</figcaption>
            \($0)</figure>
            """ as HTML
        }
        guard disc != nil || spectrum != nil || histogram != nil || !report.cycles.isEmpty else { return nil }
        let lead =
            report.kind == .sequence
            ? "The Jacobians of one whole round, multiplied. If every eigenvalue of the product lies inside the unit circle, small errors die out, provided "
                + "that the network follows the cycle: the residual ‖f(x) − y‖ is the distance by which a step misses the next \(words.singular)."
            : "The Jacobian at an example says what becomes of a small error. Inside the unit circle it dies out, outside it grows."
        return section(
            "stability", "Is the memory stable?", lead: lead,
            """
            <div class="plots">\([disc, spectrum].compactMap { $0 })</div>
            \(histogram)
            \(leading)
            \(normText)
            \(cycleTable)
            """)
    }

    /// What one step can do, where eigenvalues say what becomes of an error in the long run.
    private var normText: HTML? {
        guard let largest = report.attractors.operatorNormMax, largest.isFinite else { return nil }
        let median = NumberText.significant(report.attractors.operatorNormMedian, digits: 3)
        return """
            <p class="fine">Operator norm of the Jacobian: at most \(NumberText.significant(largest, digits: 3)), median \(median), over
            \(NumberText.count(report.attractors.total)) \(report.attractors.total == 1 ? words.singular : words.plural).
            It bounds what one step does to a small error; above 1 an error may grow before it dies out.</p>
            """
    }

    private var discFigure: HTML? {
        let plot = DiscPlot(rows: content.eigenvalues)
        guard let drawing = plot.markup() else { return nil }
        let count = NumberText.count(content.eigenvalues.count)
        let lost = content.eigenvalues.count - plot.rows.count
        let lostMarkup: HTML? =
            lost == 0 ? nil : " <span class=\"mark bad\">\(NumberText.count(lost)) are not finite and cannot be drawn.</span>"
        let scale = plot.isLogarithmic ? " The distance from the centre is logarithmic; the angle is the phase." : ""
        return """
            <figure>\(drawing)<figcaption>\(count) eigenvalues; the largest is ringed.\(scale)\(lostMarkup)
            All numbers: eigenvalues.csv.</figcaption></figure>
            """
    }

    private var cycleTable: HTML? {
        guard !report.cycles.isEmpty else { return nil }
        let rows = report.cycles.map { cycle -> [HTML] in
            let radius = cycle.hasZeroRadius ? "exactly 0: no logarithm" : NumberText.signedLog(cycle.log10SpectralRadius)
            let failure = cycle.isNotFollowed ? "not followed" : "not stable"
            let verdict: HTML = cycle.stable ? "<span class=\"mark good\">✓ stable</span>" : "<span class=\"mark bad\">✕ \(failure)</span>"
            return [
                "<bdi>\(cycle.name)</bdi>", "\(NumberText.count(cycle.first))", "\(NumberText.count(cycle.length))", "\(radius)",
                "\(NumberText.signedLog(cycle.log10OperatorNorm))", "\(NumberText.significant(cycle.residualMax))", verdict,
            ]
        }
        return table(
            caption: "Stored cycles",
            columns: [
                ("Cycle", false), ("first index", true), ("length", true), ("log₁₀ spectral radius", true),
                ("log₁₀ operator norm", true), ("largest residual", true),
                ("verdict", false),
            ],
            rows: rows)
    }
}
