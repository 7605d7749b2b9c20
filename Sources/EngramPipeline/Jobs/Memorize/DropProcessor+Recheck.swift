internal import EngramDynamics
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import Foundation
internal import EngramSystem

/// A figure of a published report beside the same figure computed anew.
package struct RecheckedFigure: Equatable, Sendable {
    /// What it is, as report.json names it.
    package let name: String
    /// What the report says; nil where it says nothing.
    package let published: Double?
    /// What the network gives now.
    package let recomputed: Double?
    /// Whether the two agree within the rounding of such figures.
    package let agrees: Bool
}

extension DropProcessor {
    /// Computes the dynamics of a published memory anew and compares them with its report.
    ///
    /// - Parameters:
    ///   - memory: The memory; this processor has its settings.
    ///   - examplesPath: The drop it was made from, or its folder `recovered/`, which holds the same where recall was exact.
    /// - Throws: `Failure`, of stage decode where the examples do not fit the memory; `CancellationError`.
    package func recheck(_ memory: StoredMemory, examplesPath: String) throws -> [RecheckedFigure] {
        let drop = try DropDecoder(settings: settings).decode(examplesPath, of: memory.report).carried(by: memory.map.iterable())
        guard drop.set.examples.columnCount == memory.map.inputDimension, drop.set.examples.rowCount == memory.report.samples else {
            throw Failure(
                stage: .decode, code: "other-examples", file: examplesPath,
                message: "\(examplesPath) does not hold what this memory was made from.",
                expected: "\(memory.report.samples) examples of \(memory.map.inputDimension) values",
                found: "\(drop.set.examples.rowCount) of \(drop.set.examples.columnCount)",
                remedy: "name the drop that the memory was made from")
        }
        let set = drop.set
        let (remembered, verification) = try failing(in: .analyse) {
            let recipe = RecipeRegistry.recipe(for: settings.memory, threadCount: context.threadCount)
            // A basis that holds the outputs in fewer dimensions, where the recipe knows one.
            let span = try recipe.proposedBasis(for: set.examples.converted(to: Double.self))
            let remembered = Memory(memory.map, of: set, spanBasis: span)
            return (
                remembered,
                try Verifier(recipe: recipe, context: learningContext).verify(remembered, of: set, began: context.monotonicSeconds())
            )
        }
        let report = memory.report
        var figures = [figure("training.mse", report.training.mse, remembered.meanSquaredError, relative: 1e-3, absolute: 1e-20)]
        if drop.set.task.isAutoencoder, !verification.spectra.isEmpty {
            let radii = verification.spectra.map(\.spectralRadius).sorted()
            figures += [
                figure("attractors.verified", Double(report.attractors.verified), Double(verification.verdicts.count { $0 })),
                figure("attractors.spectral_radius_max", report.attractors.spectralRadiusMax, radii.last, relative: 1e-6),
            ]
        }
        for (index, cycle) in report.cycles.enumerated() where verification.spectra.indices.contains(index) {
            // A product of many Jacobians keeps about ten digits of its radius where they are far apart; two are asked for.
            figures += [
                figure("cycles[\(index)].stable", cycle.stable ? 1 : 0, verification.verdicts[index] ? 1 : 0),
                figure(
                    "cycles[\(index)].log10_spectral_radius", cycle.log10SpectralRadius, verification.spectra[index].log10SpectralRadius,
                    relative: 1e-2, absolute: 1e-2),
            ]
        }
        for (row, run) in zip(report.recall, verification.recalls) where row.start == run.batch.start.name {
            figures.append(
                figure("recall, \(row.start), recovered", Double(row.recovered), Double(run.isRecovered.count { $0 })))
        }
        return figures
    }

    private func figure(
        _ name: String, _ published: Double?, _ recomputed: Double?, relative: Double = 0, absolute: Double = 0
    ) -> RecheckedFigure {
        // What is not finite has no number in a report.
        let (old, new) = (published.flatMap { $0.isFinite ? $0 : nil }, recomputed.flatMap { $0.isFinite ? $0 : nil })
        let agrees: Bool
        switch (old, new) {
        case (nil, nil): agrees = true
        case (let old?, let new?): agrees = abs(old - new) <= max(absolute, relative * abs(old))
        default: agrees = false
        }
        return RecheckedFigure(name: name, published: old, recomputed: new, agrees: agrees)
    }
}
