internal import EngramDynamics
internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics

extension DropProcessor {
    /// Eigenvalues at every example or round every cycle, and recall from noise and from cues.
    func analyse(_ memory: Memory, _ drop: DecodedDrop, began: Double) throws -> MemoryAnalysis {
        let examples = drop.samples.converted(to: Double.self)
        let restriction = try ImageRestriction(of: memory.precise, proposedBasis: memory.spanBasis)
        var analysis = MemoryAnalysis(restriction: restriction, tolerance: drop.recoveryTolerance)
        let meter = AnalysisMeter(context: context, began: began)
        if settings.analysis.eigenvalues {
            let points = restriction.coordinates(of: examples)
            let residuals = residuals(memory, examples, drop.task)
            if drop.task.isAutoencoder {
                analysis.residuals = residuals
                analysis.spectra = try spectra(restriction.network, at: points, meter)
            } else {
                for cycle in drop.task.cycles {
                    let product = try CycleProduct(of: restriction.network, along: points.rows(at: cycle)) { factor in
                        try meter.step(cycle.lowerBound + factor + 1, of: examples.rowCount, "eigenvalues round each cycle")
                    }
                    analysis.spectra.append(try product.spectrum())
                    analysis.log10ImageNorms.append(try product.log10OperatorNorm())
                    analysis.residuals.append(residuals[cycle].max() ?? 0)
                }
            }
        }
        let recall = recall(memory, analysis, drop, examples, iterationCount: maximumIterationCount(drop.task))
        // All starts go in one batch: an iteration's cost is reading the weights, whatever the number of starts.
        let batches = recallBatches(drop, examples).filter { $0.starts.rowCount > 0 }
        let all = Matrix(
            rowCount: batches.reduce(0) { $0 + $1.starts.rowCount }, columnCount: examples.columnCount,
            elements: batches.flatMap(\.starts.elements))
        var outcomes = try recall.outcomes(from: all) { iteration, active in
            try meter.step(all.rowCount - active, of: all.rowCount, "recall from noise, iteration \(iteration)")
        }[...]
        var isExact = ExactRecall(drop: drop, restriction: restriction).isExact(Array(outcomes))[...]
        for batch in batches {
            let count = batch.starts.rowCount
            analysis.recalls.append(judged(batch, Array(outcomes.prefix(count)), Array(isExact.prefix(count)), drop, recall))
            (outcomes, isExact) = (outcomes.dropFirst(count), isExact.dropFirst(count))
        }
        return analysis
    }

    /// Mean squared f(x) - target at each example.
    private func residuals(_ memory: Memory, _ examples: Matrix<Double>, _ task: MemoryTask) -> [Double] {
        memory.precise.residualNorms(at: examples, task: task).map { $0 * $0 / Double(examples.columnCount) }
    }

    /// All eigenvalues at each example, or the largest alone where all would take too long.
    private func spectra(
        _ network: FullyConnectedNetwork<Double>, at points: Matrix<Double>, _ meter: AnalysisMeter
    ) throws -> [Spectrum] {
        guard !takesLeadingSpectra(dimension: network.inputDimension, count: points.rowCount) else {
            return try network.leadingSpectra(at: points, count: Self.leadingEigenvalueCount) { done in
                try meter.step(done, of: points.rowCount, "the largest eigenvalues at each example")
            }
        }
        return try network.spectra(at: points) { try meter.step($0 + 1, of: points.rowCount, "eigenvalues at each example") }
    }

    /// Whether only the largest eigenvalues are sought.
    private func takesLeadingSpectra(dimension: Int, count: Int) -> Bool {
        switch settings.analysis.spectra {
        case .all: return false
        case .leading: return true
        case .auto:
            // 25·k³ operations are what the eigenvalues of a dense matrix take.
            let operationCount = 25 * Double(count) * Double(dimension * dimension * dimension)
            let mostOperations = settings.preset == .closedForm ? Self.someSeconds : Self.someMinutes
            return dimension > Spectrum.largestCompleteDimension || operationCount > mostOperations
        }
    }

    /// Operations that take a few seconds, which is what a closed form takes to make.
    private static let someSeconds = 3e11
    /// Operations that take a minute or two on a few processors: 500 examples pass, a thousand do not.
    private static let someMinutes = 4e12

    /// How many are given where not all are.
    private static let leadingEigenvalueCount = 8

    /// A start may take a few rounds to find the cycle, or hundreds of steps to settle where a radius is near 1.
    func maximumIterationCount(_ task: MemoryTask) -> Int {
        let longest = task.cycles.map(\.count).max() ?? 0
        return settings.recall.iterations.given ?? (task.isAutoencoder ? 1000 : 10 * longest + 200)
    }

    private func recallBatches(_ drop: DecodedDrop, _ examples: Matrix<Double>) -> [RecallBatch] {
        var generator = SplitMix64(seed: UInt64(settings.seed) ^ 0x5EED_0F_AC0E)
        let count = settings.recall.starts
        let dimension = examples.columnCount
        let uniform = NoiseStart.uniform(drop.valueRange).draw(count: count, dimension: dimension, using: &generator)
        let gaussian = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: count, dimension: dimension, using: &generator)
        // Of equal examples the first stands for all, since recall cannot tell them apart; of a cycle one cue starts the whole.
        let sources = drop.task.isAutoencoder ? drop.equalExamples : drop.task.cycles.map(\.lowerBound)
        let cued = drop.task.isAutoencoder ? examples : examples.rows(at: sources)
        let fraction = settings.recall.corruption
        let cues = Corruption.uniformEntries(fraction: fraction, range: drop.valueRange).applied(to: cued, using: &generator)
        return [
            RecallBatch(start: .uniformNoise, starts: uniform, sources: nil),
            RecallBatch(start: .gaussianNoise, starts: gaussian, sources: nil),
            RecallBatch(start: .corrupted(fraction: fraction), starts: cues, sources: sources),
        ]
    }

    /// Compares what was recalled with what was stored, code by code.
    private func judged(
        _ batch: RecallBatch, _ outcomes: [Recall.Outcome], _ isExact: [Bool], _ drop: DecodedDrop, _ recall: Recall
    ) -> RecallRun {
        let errors = outcomes.map { outcome in
            outcome.examples(drop).enumerated().map { recall.meanSquaredError(of: outcome.states.row($0), to: $1) }.max()
                ?? outcome.meanSquaredError
        }
        let isRecovered = outcomes.enumerated().map { index, outcome in
            guard let reached = outcome.reachedExample else { return false }
            return batch.sources.map { drop.isSameMemory(reached, $0[index]) } ?? true
        }
        var missedRounds: [Int: Matrix<Double>] = [:]
        if let sources = batch.sources, !drop.task.isAutoencoder {
            for (index, source) in sources.enumerated() where !isRecovered[index] {
                let length = drop.task.cycles.first { $0.contains(source) }?.count ?? 1
                missedRounds[index] = recall.trajectory(from: batch.starts.row(index), count: length)
            }
        }
        return RecallRun(
            batch: batch, outcomes: outcomes, isExact: isExact, meanSquaredErrors: errors, isRecovered: isRecovered,
            missedRounds: missedRounds)
    }
}
