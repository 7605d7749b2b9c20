internal import EngramDynamics
internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics

extension DropProcessor {
    /// Measures the finished memory: operator norms, recovery from damage, census.
    ///
    /// - Parameter foreign: Further starts of the census, shape `[m, d]`; nil for none.
    /// - Throws: `NumericsError`; `CancellationError`.
    func measureBasins(
        of trained: TrainedMemory, _ drop: DecodedDrop, foreign: Matrix<Double>?, began: Double
    ) throws -> BasinAnalysis {
        let started = context.monotonicSeconds()
        let meter = AnalysisMeter(context: context, began: began)
        let examples = drop.samples.converted(to: Double.self)
        let restriction = trained.analysis.restriction
        var result = BasinAnalysis()
        if settings.analysis.eigenvalues {
            result.operatorNorms = try operatorNorms(trained, drop, examples, meter)
            result.theory = try oneExampleTheory(trained, drop, meter)
        }
        let plan = BasinPlan(
            operationCountPerStep: 2 * Double(restriction.network.parameterCount), exampleCount: drop.samples.rowCount,
            dimension: drop.samples.columnCount, isAutoencoder: drop.task.isAutoencoder,
            longestCycle: drop.task.cycles.map(\.count).max() ?? 1)
        let recovery = settings.analysis.recovery
        let damages = BasinPlan.damages(
            recovery, raster: drop.raster, valueRange: drop.valueRange, sampleRange: drop.sampleRange)
        let sourceCount = plan.sourceCount(recovery, damageCount: damages.count)
        if sourceCount > 0 {
            // Of equal examples the first stands for all: recall cannot tell them apart.
            let distinct = drop.equalExamples.enumerated().filter { $0.offset == $0.element }.map(\.element)
            let sources = BasinPlan.spread(distinct, count: sourceCount)
            result.recovery = try measure(damages, sources, plan, trained, drop, examples, meter)
        } else if recovery == .auto {
            result.notes.append(
                "Recovery from damage was not tried: \(drop.samples.rowCount) examples are many; analysis.recovery: quick tries it.")
        }
        let kindCount = foreign == nil ? 2 : 3
        let startCount = plan.startCount(settings.analysis.census, kindCount: kindCount)
        if startCount > 0 {
            result.census = try census(startCount, plan, trained, drop, examples, foreign, meter)
        }
        result.seconds = context.monotonicSeconds() - started
        return result
    }

    private func operatorNorms(
        _ trained: TrainedMemory, _ drop: DecodedDrop, _ examples: Matrix<Double>, _ meter: AnalysisMeter
    ) throws -> [Double] {
        let network = trained.memory.precise
        let restriction = trained.analysis.restriction
        let core = try JacobianCore(of: network, restriction: restriction)
        guard drop.task.isAutoencoder else {
            // Where the first layer reads the image alone, the products of the verification say it all.
            if core.readsItsImage { return trained.analysis.log10ImageNorms }
            return try drop.task.cycles.map { cycle in
                let start = network.hiddenDerivatives(of: examples.rows(at: [cycle.lowerBound]))
                return try CycleProduct(
                    of: restriction.network, along: restriction.coordinates(of: examples.rows(at: cycle)),
                    startingWith: core.matrix(derivatives: start, row: 0)
                ) { factor in
                    try meter.step(cycle.lowerBound + factor + 1, of: examples.rowCount, "operator norms of cycles")
                }.log10OperatorNorm()
            }
        }
        var norms: [Double] = []
        // Slopes of so many examples are held at a time.
        for first in stride(from: 0, to: examples.rowCount, by: 512) {
            let rows = first..<min(first + 512, examples.rowCount)
            let derivatives = network.hiddenDerivatives(of: examples.rows(at: rows))
            norms += try core.operatorNorms(derivatives: derivatives, count: rows.count) { done in
                try meter.step(first + done, of: examples.rowCount, "operator norms at each example")
            }.map(\.value)
        }
        return norms
    }

    private func measure(
        _ damages: [RecoveryMeasurement.Damage], _ sources: [Int], _ plan: BasinPlan, _ trained: TrainedMemory, _ drop: DecodedDrop,
        _ examples: Matrix<Double>, _ meter: AnalysisMeter
    ) throws -> RecoveryMeasurement {
        let iterationCount = plan.iterationCount(settings.analysis.recovery, given: settings.recall.iterations.given)
        let recall = recall(trained.memory, trained.analysis, drop, examples, iterationCount: iterationCount)
        let squaredRange = drop.sampleRange * drop.sampleRange
        let criteria = BasinPlan.criteria.map { $0 * squaredRange }
        let hopfield = ModernHopfieldNetwork(
            patterns: examples,
            inverseTemperature: ModernHopfieldNetwork.inverseTemperature(retrieving: examples, within: criteria[0]))
        let experiment = RecoveryExperiment(
            recall: recall, examples: examples, task: drop.task, hopfield: hopfield, stepCount: iterationCount)
        let seed = UInt64(settings.seed) ^ 0x0DA_4A6E
        var measurement = RecoveryMeasurement(
            sources: sources, seed: seed, iterationCount: iterationCount, inverseTemperature: hopfield.inverseTemperature)
        // A stream for each damage: leaving one out leaves the cues of the others as they were.
        var generators = damages.indices.map { SplitMix64(seed: seed &+ UInt64($0) &* 0x9E37_79B9_7F4A_7C15) }
        var rates = [[RecoveryExperiment.Rate]](repeating: [], count: damages.count)
        let batchCount = max(1, Self.cueByteCount / (8 * examples.columnCount * max(damages.count, 1)))
        for first in stride(from: 0, to: sources.count, by: batchCount) {
            let batch = Array(sources[first..<min(first + batchCount, sources.count)])
            let originals = examples.rows(at: batch)
            let cues = damages.indices.map { damages[$0].corruption.applied(to: originals, using: &generators[$0]) }
            let found = try experiment.rates(of: cues, sources: batch, criteria: criteria) { iteration in
                try meter.step(first, of: sources.count, "recovery from damage, iteration \(iteration)")
            }
            rates = zip(rates, found).map { $0.isEmpty ? $1 : zip($0, $1).map { $0.adding($1) } }
        }
        measurement.rates = Array(zip(damages, rates))
        return measurement
    }

    private func census(
        _ startCount: Int, _ plan: BasinPlan, _ trained: TrainedMemory, _ drop: DecodedDrop, _ examples: Matrix<Double>,
        _ foreign: Matrix<Double>?, _ meter: AnalysisMeter
    ) throws -> CensusMeasurement {
        let restriction = trained.analysis.restriction
        let seed = UInt64(settings.seed) ^ 0xCE_4505
        var generator = SplitMix64(seed: seed)
        let dimension = examples.columnCount
        var kinds = [
            ("uniform noise", NoiseStart.uniform(drop.valueRange).draw(count: startCount, dimension: dimension, using: &generator)),
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
        let census = try AttractorCensus(
            OrbitSearch(of: trained.memory.precise, restriction: restriction, maximumIterationCount: iterationCount),
            recall: recall(trained.memory, trained.analysis, drop, examples, iterationCount: iterationCount), task: drop.task,
            tolerance: trained.analysis.tolerance, dimension: dimension, from: starts
        ) { iteration, active in
            try meter.step(starts.rowCount - active, of: starts.rowCount, "census of attractors, iteration \(iteration)")
        }
        let radii = try log10Radii(of: Array(census.clusters.prefix(Self.describedClusterCount)), restriction.network)
        return CensusMeasurement(groups: groups, census: census, log10Radii: radii, seed: seed, iterationCount: iterationCount)
    }

    /// log10 of the spectral radius at each fixed point or round each cycle.
    private func log10Radii(
        of clusters: [AttractorCensus.Cluster], _ network: FullyConnectedNetwork<Double>
    ) throws -> [Double] {
        let points = clusters.indices.filter { clusters[$0].states.rowCount == 1 }
        var radii = [Double](repeating: .nan, count: clusters.count)
        if !points.isEmpty {
            let states = Matrix(rows: points.map { clusters[$0].states.row(0) })
            let spectra = try network.leadingSpectra(at: states) { _ in try checkCancellation() }
            for (index, spectrum) in zip(points, spectra) { radii[index] = spectrum.log10SpectralRadius }
        }
        for (index, cluster) in clusters.enumerated()
        where cluster.states.rowCount > 1 && network.inputDimension <= Spectrum.largestCompleteDimension {
            radii[index] = try CycleProduct(of: network, along: cluster.states) { _ in try checkCancellation() }.spectrum()
                .log10SpectralRadius
        }
        return radii
    }

    /// Spurious attractors beyond these, the least reached, are counted and not described.
    static let describedClusterCount = 24

    /// Cues of so many bytes, of all kinds of damage together, go in one batch; what is made of them takes a few times as much.
    private static let cueByteCount = 32 << 20

    /// Iterating a memory of the drop, by the criteria of its analysis.
    func recall(
        _ memory: Memory, _ analysis: MemoryAnalysis, _ drop: DecodedDrop, _ examples: Matrix<Double>, iterationCount: Int
    ) -> Recall {
        Recall(
            network: memory.precise, restriction: analysis.restriction, examples: examples, task: drop.task,
            equalExamples: drop.equalExamples,
            settings: .init(
                maximumIterationCount: iterationCount, recoveryTolerance: analysis.tolerance, roundTolerance: 1e-7 * analysis.tolerance))
    }

    /// The images that `analysis.foreign` names; nil where it names none.
    /// - Throws: `StageFailure` of stage decode, about that setting.
    func foreignExamples(for drop: DecodedDrop) throws(StageFailure) -> Matrix<Double>? {
        guard let path = settings.analysis.foreign.given, settings.analysis.census.given != 0 else { return nil }
        var options = MediaReadOptions()
        options.kind = .autoencoder
        options.limits.maxFileByteCount = settings.limits.maxFileByteCount
        options.limits.maxImageSide = settings.limits.maxImageSide
        options.limits.maxDecodedByteCount = settings.limits.maxDecodedByteCount
        options.audioWindowSeconds = settings.audio.window.seconds
        do {
            let media = try MediaReader.read(path: path, options: options)
            guard media.dimension == drop.samples.columnCount else {
                throw StageFailure(
                    stage: .decode, dropName: context.dropName, file: path, code: "foreign",
                    message:
                        "analysis.foreign names images of \(media.dimension) values; those of the drop have \(drop.samples.columnCount).",
                    expected: "images of \(drop.samples.columnCount) values", found: "\(media.dimension) values in \(path)",
                    remedy: "name images of the drop's own size and colour, or leave analysis.foreign out")
            }
            return Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values.map(Double.init))
        } catch let failure as StageFailure {
            throw failure
        } catch {
            throw StageFailure(
                stage: .decode, dropName: context.dropName, file: path, code: "foreign",
                message: "the images that analysis.foreign names cannot be read: \(error)", expected: "a folder of PNGs or an IDX file",
                found: path,
                remedy: "correct the path, which counts from the folder that the program was started in unless it begins with /")
        }
    }
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

extension DecodedDrop {
    /// How the entries of an example lie.
    var raster: Raster {
        switch media.format {
        case .image(let image): return Raster(height: image.height, width: image.width, channels: image.channels)
        case .audio(let audio): return Raster(height: 1, width: audio.windowFrameCount, channels: audio.channels)
        case .idx(let idx):
            let sides = idx.itemDimensions
            if sides.count == 3, sides[2] == 3 { return Raster(height: sides[0], width: sides[1], channels: 3) }
            let width = sides.last ?? 1
            return Raster(height: samples.columnCount / width, width: width)
        }
    }

    /// Largest less smallest value of all examples; 1 where they are all the same.
    var sampleRange: Double { (recoveryTolerance / 1e-7).squareRoot() }
}
