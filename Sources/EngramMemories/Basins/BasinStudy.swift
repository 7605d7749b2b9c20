internal import EngramDynamics
public import EngramNumerics

/// Measures a finished memory: operator norms, recovery from damage, census of attractors.
public struct BasinStudy: Sendable {
    /// What is measured, and with which seed.
    public var settings: MemorySettings
    /// Who watches.
    public var context: LearningContext

    /// A study under the given settings.
    public init(settings: MemorySettings, context: LearningContext) {
        self.settings = settings
        self.context = context
    }

    /// What was learned, and of what.
    struct Subject {
        let memory: Memory
        let verification: Verification
        let set: TrainingSet
        /// Shape `[n, d]`.
        let examples: Matrix<Double>
    }

    /// Measures a memory.
    ///
    /// - Parameters:
    ///   - learned: The memory and its verification.
    ///   - set: What the memory was made of.
    ///   - foreign: Further starts of the census, shape `[m, d]`; nil for none.
    ///   - began: When work was begun, on the context's clock, for progress.
    /// - Throws: `NumericsError`; `CancellationError`.
    public func measure(
        _ learned: LearnedMemory, of set: TrainingSet, foreign: Matrix<Double>? = nil, began: Double
    ) throws -> BasinAnalysis {
        let started = context.monotonicSeconds()
        let set = set.carried(by: learned.memory.map)
        let shares = AnalysisPlan(settings, memory: learned.memory, set: set, isWhole: true)
        let meter = AnalysisMeter(
            context: context, began: began, plan: shares,
            partsDone: (AnalysisPart.verificationCount, learned.verification.seconds))
        let restriction = learned.verification.restriction
        let subject = Subject(
            memory: learned.memory, verification: learned.verification, set: set, examples: set.examples.converted(to: Double.self))
        var result = BasinAnalysis()
        if settings.analysis.eigenvalues {
            try meter.step(.operatorNorms, 0, "operator norms")
            result.operatorNorms = try operatorNorms(subject, meter)
            result.certifiedRadii = learned.memory.map.certifiedRadii(at: subject.examples) ?? []
            result.theory = try oneExampleTheory(learned.memory, set, meter)
            let recipe = RecipeRegistry.recipe(for: learned.resolvedSettings, threadCount: context.threadCount)
            result.normStudy = try recipe.normStudy(of: learned.memory) {
                try meter.step(.theory, Self.share($0, of: $1), "eigenvalues against the norm")
            }
            result.learnabilityStudy = try recipe.learnabilityStudy(of: learned.memory, for: set) {
                try meter.step(.theory, Self.share($0, of: $1), "learnability of the examples' modes")
            }
        }
        let plan = BasinPlan(settings, memory: learned.memory, set: set, operationCountPerStep: restriction.map.operationCount)
        let effort = settings.analysis.recovery
        let damages = BasinPlan.damages(
            effort, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
        let sourceCount = plan.sourceCount(effort, damageCount: damages.count)
        if sourceCount > 0 {
            // Of equal examples the first stands for all: recall cannot tell them apart.
            let sources = BasinPlan.spread(set.distinctExamples, count: sourceCount)
            try meter.step(.recovery, 0, "recovery from damage")
            (result.recovery, result.baselines) = try recovery(from: damages, sources, plan, subject, (meter, shares))
        } else if effort == .auto {
            result.notes.append(
                "Recovery from damage was not tried: \(set.examples.rowCount) examples are many; analysis.recovery: quick tries it.")
        }
        let kindCount = foreign == nil ? 2 : 3
        let startCount = plan.startCount(settings.analysis.census, kindCount: kindCount)
        if startCount > 0 {
            try meter.step(.census, 0, "census of attractors")
            result.census = try census(startCount, plan, subject, foreign, (meter, shares))
        }
        result.seconds = context.monotonicSeconds() - started
        return result
    }

    private func operatorNorms(
        _ subject: Subject, _ meter: AnalysisMeter
    ) throws -> [Double] {
        let (examples, restriction) = (subject.examples, subject.verification.restriction)
        let core = try subject.memory.map.jacobianCore(in: restriction)
        let set = subject.set
        guard set.task.isAutoencoder else {
            // Where the map reads its image alone, the products of the verification say it all.
            if core.readsItsImage { return subject.verification.log10ImageNorms }
            return try set.task.cycles.map { cycle in
                let (points, start) = (restriction.coordinates(of: examples.rows(at: cycle)), examples.row(cycle.lowerBound))
                func onFactor(_ factor: Int) throws {
                    try meter.step(
                        .operatorNorms, Self.share(cycle.lowerBound + factor + 1, of: examples.rowCount), "operator norms of cycles")
                }
                // The first factor reads the whole space.
                let product =
                    try core.factors(at: start).map {
                        try CycleProduct(of: restriction.map, along: points, startingWith: $0, onFactor: onFactor)
                    }
                    ?? CycleProduct(of: restriction.map, along: points, startingWith: core.matrix(at: start), onFactor: onFactor)
                return try product.log10OperatorNorm()
            }
        }
        return try core.operatorNorms(at: examples) { done in
            try meter.step(.operatorNorms, Self.share(done, of: examples.rowCount), "operator norms at each example")
        }.map(\.value)
    }

    private func recovery(
        from damages: [RecoveryMeasurement.Damage], _ sources: [Int], _ plan: BasinPlan, _ subject: Subject, _ progress: Progress
    ) throws -> (RecoveryMeasurement, BaselineMeasurement) {
        let (examples, set) = (subject.examples, subject.set)
        let iterationCount = plan.iterationCount(settings.analysis.recovery, given: settings.recall.iterations.given)
        let recall = subject.verification.recall(of: subject.memory, set: set, iterationCount: iterationCount)
        let squaredRange = set.sampleRange * set.sampleRange
        let criteria = BasinPlan.criteria.map { $0 * squaredRange }
        let hopfield = ModernHopfieldNetwork(
            patterns: examples,
            inverseTemperature: ModernHopfieldNetwork.inverseTemperature(retrieving: examples, within: criteria[0]))
        let experiment = RecoveryExperiment(
            recall: recall, examples: examples, task: set.task, hopfield: hopfield, stepCount: iterationCount)
        let baselines = try RecallBaselines(
            examples: examples, sampleRange: set.sampleRange, inverseTemperature: hopfield.inverseTemperature)
        var tally = BaselineTally(baselines, damageCount: damages.count)
        let seed = UInt64(settings.seed) ^ 0x0DA_4A6E
        var measurement = RecoveryMeasurement(
            sources: sources, seed: seed, iterationCount: iterationCount, inverseTemperature: hopfield.inverseTemperature)
        // A stream for each damage: leaving one out leaves the cues of the others as they were.
        var generators = damages.indices.map { SplitMix64(seed: seed &+ UInt64($0) &* 0x9E37_79B9_7F4A_7C15) }
        var rates = [[RecoveryExperiment.Rate]](repeating: [], count: damages.count)
        let iterations = IterationShare(
            usualCount: set.task.isAutoencoder ? progress.shares.recallIterationCount : Double(iterationCount))
        let batchCount = max(1, Self.cueByteCount / (8 * examples.columnCount * max(damages.count, 1)))
        for first in stride(from: 0, to: sources.count, by: batchCount) {
            let batch = Array(sources[first..<min(first + batchCount, sources.count)])
            func tell(_ share: Double, _ what: String) throws {
                let done = Double(first) + share * Double(batch.count)
                try progress.meter.step(.recovery, done / Double(sources.count), "recovery from damage, " + what)
            }
            let originals = examples.rows(at: batch)
            let cues = damages.indices.map { damages[$0].corruption.applied(to: originals, using: &generators[$0]) }
            let found = try experiment.rates(of: cues, sources: batch, criteria: criteria) { iteration in
                try tell(Self.drawnShare + Self.playedShare * iterations.share(iteration, ended: 0, of: 1), "iteration \(iteration)")
            }
            rates = zip(rates, found).map { $0.isEmpty ? $1 : zip($0, $1).map { $0.adding($1) } }
            try tell(Self.comparedShare, "baselines")
            let isCovered = damages.map(\.corruption.coversPlaces)
            tally.add(baselines.answers(to: cues, originals: originals, hasKnownHoles: isCovered)) { recall.isSame($1, as: batch[$0]) }
        }
        measurement.rates = Array(zip(damages, rates))
        return (measurement, BaselineMeasurement(methods: tally.best()))
    }

    private func census(
        _ startCount: Int, _ plan: BasinPlan, _ subject: Subject, _ foreign: Matrix<Double>?, _ progress: Progress
    ) throws -> CensusMeasurement {
        let (examples, set, restriction) = (subject.examples, subject.set, subject.verification.restriction)
        let seed = UInt64(settings.seed) ^ 0xCE_4505
        var generator = SplitMix64(seed: seed)
        let dimension = examples.columnCount
        var kinds = [
            ("uniform noise", NoiseStart.uniform(set.valueRange).draw(count: startCount, dimension: dimension, using: &generator)),
            ("gaussian noise", NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: startCount, dimension: dimension, using: &generator)),
        ]
        if let foreign {
            kinds.append(("foreign examples", foreign.rows(at: BasinPlan.spread(Array(0..<foreign.rowCount), count: startCount))))
        }
        var groups: [(name: String, rows: Range<Int>)] = []
        for (name, starts) in kinds {
            let first = groups.last?.rows.upperBound ?? 0
            groups.append((name, first..<first + starts.rowCount))
        }
        let starts = Matrix(
            rowCount: groups.last?.rows.upperBound ?? 0, columnCount: dimension, elements: kinds.flatMap(\.1.elements))
        let iterationCount = plan.censusIterationCount(given: settings.recall.iterations.given)
        let iterations = IterationShare(usualCount: progress.shares.censusIterationCount)
        let census = try AttractorCensus(
            OrbitSearch(of: subject.memory.map, restriction: restriction, maximumIterationCount: iterationCount),
            recall: subject.verification.recall(of: subject.memory, set: set, iterationCount: iterationCount), task: set.task,
            tolerance: subject.verification.tolerance, dimension: dimension, from: starts
        ) { iteration, active in
            try progress.meter.step(
                .census, iterations.share(iteration, ended: starts.rowCount - active, of: starts.rowCount),
                "census of attractors, iteration \(iteration)")
        }
        let radii = try log10Radii(of: Array(census.clusters.prefix(Self.describedClusterCount)), restriction.map)
        return CensusMeasurement(groups: groups, census: census, log10Radii: radii, seed: seed, iterationCount: iterationCount)
    }

    /// log10 of the spectral radius at each fixed point or round each cycle.
    private func log10Radii(
        of clusters: [AttractorCensus.Cluster], _ map: any DifferentiableMap
    ) throws -> [Double] {
        let points = clusters.indices.filter { clusters[$0].states.rowCount == 1 }
        var radii = [Double](repeating: .nan, count: clusters.count)
        if !points.isEmpty {
            let states = Matrix(rows: points.map { clusters[$0].states.row(0) })
            let spectra = try map.leadingSpectra(at: states) { _ in try context.checkCancellation() }
            for (index, spectrum) in zip(points, spectra) { radii[index] = spectrum.log10SpectralRadius }
        }
        for (index, cluster) in clusters.enumerated()
        where cluster.states.rowCount > 1 && map.inputDimension <= Spectrum.largestCompleteDimension {
            radii[index] = try CycleProduct(of: map, along: cluster.states) { _ in try context.checkCancellation() }.spectrum()
                .log10SpectralRadius
        }
        return radii
    }

    /// Spurious attractors beyond these, the least reached, are counted and not described.
    public static let describedClusterCount = 24

    /// Who is told, and what of.
    private typealias Progress = (meter: AnalysisMeter, shares: AnalysisPlan)

    /// Of a batch of cues: up to its first iteration, all of its iterations, and up to the baselines.
    private static let (drawnShare, playedShare, comparedShare) = (0.25, 0.2, 0.7)

    private static func share(_ done: Int, of total: Int) -> Double { Double(done) / Double(max(total, 1)) }

    /// Cues of so many bytes, of all kinds of damage together, go in one batch; what is made of them takes a few times as much.
    private static let cueByteCount = 32 << 20
}

extension RecoveryExperiment.Rate {
    /// Both batches of cues together.
    fileprivate func adding(_ other: Self) -> Self {
        Self(
            criterion: criterion, recoveredCount: recoveredCount + other.recoveredCount,
            rightItemCount: rightItemCount + other.rightItemCount, total: total + other.total,
            nearestExampleCount: nearestExampleCount + other.nearestExampleCount, hopfieldCount: hopfieldCount + other.hopfieldCount)
    }
}
