public import EngramDynamics
internal import EngramNumerics

/// Finds out whether a memory holds: eigenvalues at every example or round every cycle, and recall from noise and from cues.
public struct Verifier: Sendable {
    /// What is computed, and with which seed.
    public var settings: MemorySettings
    /// Who watches.
    public var context: LearningContext
    /// Operations that complete spectra may take before only the leading eigenvalues are sought.
    public var spectraOperationLimit: Double
    /// Whether a study of basins follows, so that what is done here is a part of the share that is told.
    var isFollowedByStudy = false

    /// A verifier of memories made by `recipe`.
    public init(recipe: any Recipe, context: LearningContext) {
        settings = recipe.settings
        spectraOperationLimit = recipe.spectraOperationLimit
        self.context = context
    }

    /// Verifies a memory of `set`.
    ///
    /// - Parameters:
    ///   - memory: What is verified.
    ///   - set: What the memory was made of.
    ///   - began: When work was begun, on the context's clock, for progress.
    /// - Throws: `NumericsError`; `CancellationError`.
    public func verify(_ memory: Memory, of set: TrainingSet, began: Double) throws -> Verification {
        let set = set.carried(by: memory.map)
        let started = context.monotonicSeconds()
        let plan = AnalysisPlan(settings, memory: memory, set: set, isWhole: isFollowedByStudy)
        let meter = AnalysisMeter(context: context, began: began, plan: plan)
        try meter.step(.images, 0, "images of the examples")
        let examples = set.examples.converted(to: Double.self)
        let restriction = try ImageRestriction(of: memory.map, proposedBasis: memory.spanBasis)
        var analysis = Verification(restriction: restriction, tolerance: set.recoveryTolerance)
        try meter.step(.images, 0.5, "images of the examples")
        let projected = memory.map.places(of: examples, in: restriction)
        if settings.analysis.eigenvalues {
            let points = projected.coordinates
            let residuals = memory.residualNorms.map { $0 * $0 / Double(examples.columnCount) }
            if set.task.isAutoencoder {
                analysis.residuals = residuals
                analysis.spectra = try spectra(restriction.map, at: points, meter)
            } else {
                for cycle in set.task.cycles {
                    let product = try CycleProduct(of: restriction.map, along: points.rows(at: cycle)) { factor in
                        try meter.step(
                            .eigenvalues, Double(cycle.lowerBound + factor + 1) / Double(examples.rowCount), "eigenvalues round each cycle")
                    }
                    analysis.spectra.append(try product.spectrum())
                    analysis.log10ImageNorms.append(try product.log10OperatorNorm())
                    analysis.residuals.append(residuals[cycle].max() ?? 0)
                }
            }
        }
        let recall = analysis.recall(
            of: memory, set: set, iterationCount: maximumIterationCount(set.task), projected: projected)
        // All starts go in one batch: an iteration's cost is reading the weights, whatever the number of starts.
        let batches = recallBatches(set, examples).filter { $0.starts.rowCount > 0 }
        let all = Matrix(
            rowCount: batches.reduce(0) { $0 + $1.starts.rowCount }, columnCount: examples.columnCount,
            elements: batches.flatMap(\.starts.elements))
        try meter.step(.recall, 0, "recall from noise")
        let iterations = IterationShare(usualCount: plan.recallIterationCount)
        var outcomes = try recall.outcomes(from: all) { iteration, active in
            try meter.step(
                .recall, iterations.share(iteration, ended: all.rowCount - active, of: all.rowCount),
                "recall from noise, iteration \(iteration)")
        }[...]
        try meter.step(.exactness, 0, "comparing what came back code by code")
        var isExact = ExactRecall(set: set, restriction: restriction, projected: projected).isExact(Array(outcomes))[...]
        for batch in batches {
            let count = batch.starts.rowCount
            analysis.recalls.append(judged(batch, Array(outcomes.prefix(count)), Array(isExact.prefix(count)), set, recall))
            (outcomes, isExact) = (outcomes.dropFirst(count), isExact.dropFirst(count))
        }
        analysis.seconds = context.monotonicSeconds() - started
        return analysis
    }

    /// All eigenvalues at each example, or the largest alone where all would take too long.
    private func spectra(
        _ map: any DifferentiableMap, at points: Matrix<Double>, _ meter: AnalysisMeter
    ) throws -> [Spectrum] {
        guard map.hasJacobianFactors || !takesLeadingSpectra(dimension: map.inputDimension, count: points.rowCount) else {
            return try map.leadingSpectra(at: points, count: Self.leadingEigenvalueCount) { done in
                try meter.step(.eigenvalues, Double(done) / Double(points.rowCount), "the largest eigenvalues at each example")
            }
        }
        return try map.spectra(at: points) {
            try meter.step(.eigenvalues, Double($0 + 1) / Double(points.rowCount), "eigenvalues at each example")
        }
    }

    /// Whether only the largest eigenvalues are sought.
    private func takesLeadingSpectra(dimension: Int, count: Int) -> Bool {
        switch settings.analysis.spectra {
        case .all: return false
        case .leading: return true
        case .auto:
            // 25·k³ operations are what the eigenvalues of a dense matrix take.
            let operationCount = 25 * Double(count) * Double(dimension * dimension * dimension)
            return dimension > Spectrum.largestCompleteDimension || operationCount > spectraOperationLimit
        }
    }

    /// How many are given where not all are.
    private static let leadingEigenvalueCount = 8

    /// Most iterations of one start.
    func maximumIterationCount(_ task: MemoryTask) -> Int {
        settings.recall.iterations.given ?? Retriever.defaultIterationLimit(task)
    }

    private func recallBatches(_ set: TrainingSet, _ examples: Matrix<Double>) -> [RecallBatch] {
        var generator = SplitMix64(seed: UInt64(settings.seed) ^ 0x5EED_0F_AC0E)
        let count = settings.recall.starts
        let dimension = examples.columnCount
        let uniform = NoiseStart.uniform(set.valueRange).draw(count: count, dimension: dimension, using: &generator)
        let gaussian = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: count, dimension: dimension, using: &generator)
        // Of equal examples the first stands for all, since recall cannot tell them apart; of a cycle one cue starts the whole.
        let sources = set.task.isAutoencoder ? set.equalExamples : set.task.cycles.map(\.lowerBound)
        let cued = set.task.isAutoencoder ? examples : examples.rows(at: sources)
        let fraction = settings.recall.corruption
        let cues = Corruption.uniformEntries(fraction: fraction, range: set.valueRange).applied(to: cued, using: &generator)
        return [
            RecallBatch(start: .uniformNoise, starts: uniform, sources: nil),
            RecallBatch(start: .gaussianNoise, starts: gaussian, sources: nil),
            RecallBatch(start: .corrupted(fraction: fraction), starts: cues, sources: sources),
        ]
    }

    /// Compares what was recalled with what was stored, code by code.
    private func judged(
        _ batch: RecallBatch, _ outcomes: [Recall.Outcome], _ isExact: [Bool], _ set: TrainingSet, _ recall: Recall
    ) -> RecallRun {
        let errors = outcomes.map { outcome in
            outcome.examples(set.task).enumerated().map { recall.meanSquaredError(of: outcome.states.row($0), to: $1) }.max()
                ?? outcome.meanSquaredError
        }
        let isRecovered = outcomes.enumerated().map { index, outcome in
            guard let reached = outcome.reachedExample else { return false }
            return batch.sources.map { set.isSameMemory(reached, $0[index]) } ?? true
        }
        var missedRounds: [Int: Matrix<Double>] = [:]
        if let sources = batch.sources, !set.task.isAutoencoder {
            for (index, source) in sources.enumerated() where !isRecovered[index] {
                let length = set.task.cycle(of: source)?.count ?? 1
                missedRounds[index] = recall.trajectory(from: batch.starts.row(index), count: length)
            }
        }
        return RecallRun(
            batch: batch, outcomes: outcomes, isExact: isExact, meanSquaredErrors: errors, isRecovered: isRecovered,
            missedRounds: missedRounds)
    }
}

extension Verification {
    /// Iterating the memory that was verified, by the criteria of its verification.
    ///
    /// - Parameters:
    ///   - memory: The memory that this verification is of.
    ///   - set: What the memory was made of.
    ///   - iterationCount: Most iterations of one start.
    public func recall(of memory: Memory, set: TrainingSet, iterationCount: Int) -> Recall {
        let set = set.carried(by: memory.map)
        return recall(
            of: memory, set: set, iterationCount: iterationCount,
            projected: memory.map.places(of: set.examples.converted(to: Double.self), in: restriction))
    }

    fileprivate func recall(of memory: Memory, set: TrainingSet, iterationCount: Int, projected: ProjectedExamples) -> Recall {
        Recall(
            of: memory.map, restriction: restriction, examples: projected, task: set.task, groups: set.equalExamples,
            settings: .init(tolerance: tolerance, iterationCount: iterationCount))
    }
}

extension Recall.Settings {
    /// The criteria of verification.
    /// - Parameters:
    ///   - tolerance: `TrainingSet.recoveryTolerance`.
    ///   - iterationCount: Most iterations of one start.
    init(tolerance: Double, iterationCount: Int) {
        self.init(maximumIterationCount: iterationCount, recoveryTolerance: tolerance, roundTolerance: 1e-7 * tolerance)
    }
}
