extension ReportPage {
    /// Where a kernel machine of an infinitely wide network stands between the linear and the saturated region.
    var normTransitionSection: HTML? {
        guard let study = report.normTransition, !study.points.isEmpty else { return nil }
        let norms = study.points.map(\.norm)
        let curves = ExperimentFigure.Curves(
            xTitle: "common norm r", yTitle: "largest value", isLogarithmic: true,
            series: [
                .init(name: "largest eigenvalue modulus", x: norms, y: study.points.map(\.spectralRadius)),
                .init(name: "operator norm", x: norms, y: study.points.map(\.operatorNorm)),
            ],
            references: [.init(y: 1, label: "limit of stability"), .init(y: study.limit, label: "limit of large norms, 1/2")])
        let own = study.points.min { abs($0.norm - study.norm) < abs($1.norm - study.norm) }
        let lead =
            "A network of infinite width that maps each of these \(words.plural) to itself, by the norm on which its states are kept. This memory keeps "
            + "them on r = \(NumberText.significant(study.norm)), in the \(own?.region ?? "unknown") region."
        let figure = figure(curves, label: lead)
        let rows = study.points.map { point -> [HTML] in
            [
                "\(NumberText.significant(point.norm))\(point.norm == study.norm ? " (this memory)" : "")",
                "\(NumberText.significant(point.spectralRadius, digits: 4))", "\(NumberText.significant(point.operatorNorm, digits: 4))",
                "\(NumberText.count(point.countNearOne)) of \(NumberText.count(study.linearCount))", "\(point.region)",
            ]
        }
        return section(
            "norm-transition", "What does the norm decide?", lead: lead,
            """
            \(figure)
            \(table(
                caption: "Eigenvalues against the common norm",
                columns: [
                    ("norm r", false), ("largest |λ|", true), ("operator norm", true), ("eigenvalues near 1", true), ("region", false),
                ], rows: rows))
            <p class="fine">Theory: at small norms \(NumberText.count(study.linearCount)) eigenvalues are 1 (Lemma 4), at large ones the operator norm tends to 1/2. The
            Jacobian was taken at \(NumberText.count(study.evaluated)) of \(NumberText.count(study.examples)) \(words.plural); norms at which the kernel matrix is singular to rounding are left out.
            Source: [JP20] Section 4.</p>
            """)
    }
}
