internal import EngramSystem
import Foundation

extension ReportPage {
    /// What some examples teach a kernel machine of the others, and which nearly depend on the others.
    var learnabilitySection: HTML? {
        guard let study = report.learnability, !study.modes.isEmpty else { return nil }
        return section(
            "learnability", "What does the kernel know of one \(words.singular) from the others?", lead: learnabilityLead(study),
            """
            \(modesFigure(study))
            \(spectrumFigure(study))
            \(levelsTable(study))
            \(dependence(study))
            <p class="fine">Of the kernel matrix of \(NumberText.count(study.modes.count)) \(words.plural)\(study.modes.count < study.examples ? ", evenly spread over all \(NumberText.count(study.examples))," : "") with eigenvalues nλ, regression on m of
            them learns L = λ/(λ + C) of each mode, and C is where the learnabilities add up to m. The stored function is what each \(words.singular) leads to, less the mean; it was measured on
            \(NumberText.count(study.draws)) random sets of each size. The kernel is taken as it is, without division of its rows by their sums. Ridge \(NumberText.significant(study.ridge)): the fit of all has
            \(NumberText.significant(study.effectiveDimension, digits: 4)) parameters in effect. Source: [S21].</p>
            """)
    }

    private func learnabilityLead(_ study: DropReport.Learnability) -> String {
        guard let half = halfLevel(study) else { return "There are too few \(words.plural) to leave some out." }
        let spread = (study.modes.first?.eigenvalue ?? 1) / max(study.modes.last?.eigenvalue ?? 1, .leastNormalMagnitude)
        if spread < 2 {
            return
                "To this kernel the \(words.plural) are hardly related: every mode is learned alike, and from \(NumberText.count(half.examples)) of "
                + "\(NumberText.count(study.modes.count)) it would know \(percent(half.measuredShare)) of the stored function. That is right for a memory, which is to "
                + "keep its \(words.plural) apart."
        }
        return
            "From \(NumberText.count(half.examples)) of \(words.counted(study.modes.count)) the kernel knows \(percent(half.measuredShare)) of the stored function; "
            + "theory says \(percent(half.predictedShare))."
    }

    /// The level at half of the examples, or what is nearest.
    private func halfLevel(_ study: DropReport.Learnability) -> DropReport.Learnability.Level? {
        study.levels.min { abs(2 * $0.examples - study.modes.count) < abs(2 * $1.examples - study.modes.count) }
    }

    private func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 1) + " %" }

    /// Learnability by rank, one line a level.
    private func modesFigure(_ study: DropReport.Learnability) -> HTML? {
        guard !study.levels.isEmpty else { return nil }
        let ranks = Self.shownRanks(study.modes.count)
        let curves = ExperimentFigure.Curves(
            xTitle: "mode, by falling eigenvalue", yTitle: "learnability", isLogarithmic: true,
            series: study.levels.enumerated().map { index, level in
                .init(
                    name: "\(NumberText.count(level.examples)) of \(words.counted(study.modes.count))", x: ranks.map { Double($0 + 1) },
                    y: ranks.map { study.modes[$0].learnabilities[index] })
            }, references: [.init(y: 1, label: "learned whole")])
        return figure(curves, label: "Learnability of the eigenmodes of the kernel")
    }

    /// Eigenvalues by rank, in decades below the largest.
    private func spectrumFigure(_ study: DropReport.Learnability) -> HTML? {
        guard let largest = study.modes.first?.eigenvalue, largest > 0 else { return nil }
        let ranks = Self.shownRanks(study.modes.count).filter { study.modes[$0].eigenvalue > 0 }
        let curves = ExperimentFigure.Curves(
            xTitle: "mode, by falling eigenvalue", yTitle: "log10 of the eigenvalue over the largest", isLogarithmic: true,
            series: [
                .init(
                    name: "eigenvalues of the kernel matrix", x: ranks.map { Double($0 + 1) },
                    y: ranks.map { log10(study.modes[$0].eigenvalue / largest) })
            ])
        return figure(curves, label: "Eigenvalues of the kernel matrix")
    }

    /// Ranks that are drawn: all of few, of many about fifteen a factor of two.
    private static func shownRanks(_ count: Int) -> [Int] {
        guard count > 60 else { return Array(0..<count) }
        let steps = 60.0
        let ranks = (0...60).map { Int(saturating: pow(Double(count), Double($0) / steps).rounded()) - 1 }
        return Array(Set(ranks.map { min($0, count - 1) })).sorted()
    }

    private func levelsTable(_ study: DropReport.Learnability) -> HTML? {
        guard !study.levels.isEmpty else { return nil }
        let rows = study.levels.map { level -> [HTML] in
            [
                "\(NumberText.count(level.examples)) of \(NumberText.count(study.modes.count))",
                "\(NumberText.significant(level.sum, digits: 6))",
                "\(NumberText.significant(abs(level.sum / Double(level.examples) - 1)))",
                "\(percent(level.predictedShare))", "\(percent(level.measuredShare))",
                "\(NumberText.significant(level.predictedError, digits: 3))", "\(NumberText.significant(level.measuredError, digits: 3))",
            ]
        }
        return table(
            caption: "Learned from some of the \(words.plural)",
            columns: [
                (words.plural, false), ("ΣL", true), ("off by", true), ("learned, theory", true), ("learned, measured", true),
                ("error, theory", true), ("error, measured", true),
            ], rows: rows)
    }

    /// The examples that the others give most of.
    private func dependence(_ study: DropReport.Learnability) -> HTML? {
        guard let least = study.items.first else { return nil }
        let limit = DropReport.Learnability.dependentShare
        let dependent = study.items.prefix { $0.independentShare < limit }
        let condition = NumberText.significant(study.condition, digits: 3)
        let text =
            dependent.isEmpty
            ? "No \(words.singular) nearly depends on the others: of \(least.name), which does most, \(percent(least.independentShare)) is its own. "
                + "The kernel matrix has the condition \(condition)."
            : "\(words.counted(dependent.count)) nearly \(dependent.count == 1 ? "depends" : "depend") on the others: less than \(percent(limit)) of what the kernel "
                + "sees of each is its own. The kernel matrix has the condition \(condition)."
        let rows = study.items.prefix(10).map { item -> [HTML] in
            [
                "\(item.name)", "\(NumberText.significant(item.independentShare, digits: 3))", "\(item.nearest)",
                "\(NumberText.significant(item.cosine, digits: 4))", "\(percent(item.learnedShare))",
            ]
        }
        return """
            <p>\(text)</p>
            \(table(
                caption: "Most dependent \(words.plural)",
                columns: [
                    (words.singular, false), ("its own share", true), ("nearest", false), ("cosine", true), ("in modes that half teach", true),
                ], rows: Array(rows)))
            """
    }
}
