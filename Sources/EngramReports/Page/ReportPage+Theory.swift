extension ReportPage {
    /// Theory beside measurement for a drop of one example.
    var theorySection: HTML? {
        guard let theory = report.theory, !theory.cases.isEmpty else { return nil }
        let rows = theory.cases.map { item -> [HTML] in
            [
                "\(item.name)", "\(item.closedForm.map { NumberText.significant($0) } ?? "–")",
                "\(NumberText.significant(item.theory, digits: 6))",
                "\(NumberText.significant(item.measured, digits: 6))", "\(NumberText.count(item.steps))",
                "\(item.attractor ? "yes" : "no")",
            ]
        }
        let worst = theory.cases.compactMap { item in item.measured.map { abs($0 - item.theory) } }.max()
        let lead =
            "For a single \(words.singular) there are closed answers: networks that start with weights of rank one keep that form, and "
            + "the largest eigenvalue λ₁ at the stored example follows from two equations. Each of these was solved, and trained beside it."
        let own: HTML? = report.attractors.spectralRadiusMax.map {
            "The memory of this drop has λ₁ = \(NumberText.significant($0, digits: 3)) in modulus; it starts at random, which this theory does not cover. "
        }
        return section(
            "theory", "What does theory say?", lead: lead,
            """
            \(table(
                caption: "λ₁ of the Jacobian at the stored example, n = 1",
                columns: [
                    ("Nonlinearity, units, start", false), ("closed form", true), ("theory", true), ("measured", true), ("steps", true),
                    ("attractor", true),
                ], rows: rows))
            <p class="fine">\(own)Theory and measurement differ by at most \(NumberText.significant(worst, digits: 2)), in proportion to the learning rate of
            \(NumberText.significant(theory.learningRate)). \(theory.criterion). Source: [RBU20] Theorems 1 and 2, Corollary 2.</p>
            """)
    }
}
