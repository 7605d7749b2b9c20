internal import EngramDynamics
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// NOAE's grid [NOAE25]: 400 digits recalled from Gaussian noise, from replaced pixels, and with known pixels missing.
struct NoisyRecallExperiment: Experiment {
    let name = "noae"
    let scaling = "digits, at least 40; epochs"
    let defaultScale = 0.25
    let defaultEpochs = 2000
    let dataNeeded = "MNIST (mnist/train-images-idx3-ubyte.gz)"
    let cost = "2 networks, 25 sets of cues each"

    /// One set of cues at one level.
    private struct Level {
        let value: Double
        let corruption: Corruption
        /// Times that the cues are drawn.
        let repeatCount: Int
    }

    /// A row of levels, each with the share of cues that came back.
    private struct Curve {
        let title: String
        let axis: String
        let levels: [Level]
        /// One for each method, in the order of `names`.
        var rates: [[Double]] = []
    }

    /// As published: 11 levels of each noise.
    private static let levelCount = 11
    /// Cues of Gaussian noise are drawn three times.
    private static let gaussianRepeatCount = 3
    /// Iterations before the end is looked at.
    private static let iterationCount = 60
    /// A state counts as an item within this mean squared error of it.
    private static let tolerance = 0.01
    /// Shares of pixels that are known to be missing.
    private static let missingShares = [0.25, 0.5, 0.75]

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = run.scaled(400, atLeast: 40)
        let digits = try run.data.trainingDigits(count)
        let network = try run.network(published: 512, depth: 5)
        run.plan(totalWork: run.options.presets == .both ? 10 : 5)
        var memories: [(name: String, memory: MeasuredMemory)] = []
        if run.options.presets.includesPaper {
            memories.append(("NOAE recipe", try noisyAutoencoder(run, digits.matrix, network)))
        }
        if run.options.presets.includesFast {
            let set = TrainingSet(examples: digits.matrix, raster: Raster(height: 28, width: 28), valueRange: 0...1)
            let settings = MemorySettings(preset: .standard)
            memories.append(("default preset", try run.memory(of: set, settings: settings, label: "default preset", work: 3)))
        }
        let usable = memories.filter { !$0.memory.hasDiverged }
        let examples = digits.matrix.converted(to: Double.self)
        let subject = Subject(memories: usable, examples: examples, baselines: try Self.baselines(of: examples))
        let curves = try Self.curves.enumerated().map { index, curve in
            try measured(curve, stream: UInt64(index), subject, run)
        }
        let names = usable.map(\.name) + Self.baselineNames
        var outcome = ExperimentOutcome(
            scaleNote: "\(count) of 400 digits, at most \(run.epochLimit) epochs; NOAE recipe: \(network.words), tanh.")
        outcome.tables = [areas(curves, names, run)] + curves.map { table($0, names) } + [try missing(subject, run)]
        outcome.figures = curves.map { figure($0, names) }
        outcome.findings = findings(curves, names)
        outcome.notes = [
            "Measured on \(digits.description), values from 0 to 1.",
            "Recalled: after \(Self.iterationCount) iterations the state is within a mean squared error of \(Self.tolerance) of the digit that the cue was made from.",
            "NOAE recipe: in every epoch 48 % of the pixels of each digit get Gaussian noise of deviation 0.066; the loss is to the clean digit. Depth and "
                + "width are a choice of this program: --cells WIDTHxDEPTH names others.",
        ]
        return outcome
    }

    private static let curves: [Curve] = {
        let steps = (0..<levelCount).map { Double($0) / Double(levelCount - 1) }
        return [
            Curve(
                title: "Gaussian noise", axis: "standard deviation",
                levels: steps.map { Level(value: 2 * $0, corruption: .gaussian(radius: 2 * $0), repeatCount: gaussianRepeatCount) }),
            Curve(
                title: "Replaced pixels", axis: "share replaced by uniform noise",
                levels: steps.map {
                    Level(value: $0, corruption: .uniformEntries(fraction: $0, range: 0...1), repeatCount: 1)
                }),
        ]
    }()

    private static let baselineNames = ["nearest neighbour", "whitened nearest", "modern Hopfield"]

    /// The network of the publication: trained on noisy digits to give the clean ones.
    private func noisyAutoencoder(_ run: ExperimentRun, _ samples: Matrix<Float>, _ size: NetworkSize) throws -> MeasuredMemory {
        let task = MemoryTask.autoencoder(count: samples.rowCount)
        return try run.piece("NOAE recipe", work: 3) {
            var training = DenoisingTraining(
                samples: samples,
                settings: .init(
                    depth: size.depth, width: size.width, share: Self.noise.share, deviation: Self.noise.deviation,
                    seed: UInt64(run.options.seed)))
            var error = Double.infinity
            for epoch in 1...run.epochLimit {
                error = training.runEpoch()
                guard error.isFinite else { break }
                try run.step(0.9 * Double(epoch) / Double(run.epochLimit), "training", epoch: epoch, loss: error)
            }
            let map = training.storedMap().iterable()
            let examples = samples.converted(to: Double.self)
            let spectra = error.isFinite ? try run.spectra(of: map, at: examples, task: task, label: "NOAE recipe") : []
            return MeasuredMemory(
                map: map, task: task, spectra: spectra, verdicts: spectra.map { $0.log10SpectralRadius < 0 },
                meanSquaredError: map.outputs(of: examples).meanSquaredDifference(to: examples), epochCount: run.epochLimit,
                isTrained: error.isFinite, hasDiverged: !error.isFinite)
        }
    }

    /// Share of the pixels that training disturbs, and the deviation of what is added to them.
    private static let noise = (share: 0.48, deviation: 0.066)

    private func measured(
        _ curve: Curve, stream: UInt64, _ subject: Subject, _ run: ExperimentRun
    ) throws -> Curve {
        let (memories, examples, baselines) = (subject.memories, subject.examples, subject.baselines)
        var generator = run.generator(10 + stream)
        var result = curve
        let methods = memories.count + Self.baselineNames.count
        result.rates = Array(repeating: [], count: methods)
        for level in curve.levels {
            var right = [Int](repeating: 0, count: methods)
            for _ in 0..<level.repeatCount {
                let cues = level.corruption.applied(to: examples, using: &generator)
                for (index, item) in memories.enumerated() {
                    let piece = "\(item.name), \(curve.title) \(Text.significant(level.value))"
                    let ends: Matrix<Double> = try run.piece(piece, work: 0.06) { try self.ends(of: item.memory, from: cues, run) }
                    right[index] += (0..<ends.rowCount).count { row in
                        Cue(values: ends.row(row)).distance(to: examples.row(row)) <= Self.tolerance.squareRoot()
                    }
                }
                for (index, answers) in baselines.answers(to: cues).enumerated() {
                    right[memories.count + index] += answers.enumerated().count { $0.element == $0.offset }
                }
            }
            let total = Double(level.repeatCount * examples.rowCount)
            for index in right.indices { result.rates[index].append(Double(right[index]) / total) }
        }
        return result
    }

    /// The states after as many iterations as published.
    private func ends(of memory: MeasuredMemory, from cues: Matrix<Double>, _ run: ExperimentRun) throws -> Matrix<Double> {
        var states = cues
        for iteration in 1...Self.iterationCount {
            states = memory.map.outputs(of: states)
            try run.step(Double(iteration) / Double(Self.iterationCount), "iteration \(iteration)")
        }
        return states
    }

    /// What is asked, and what it is held against.
    private struct Subject {
        let memories: [(name: String, memory: MeasuredMemory)]
        /// Shape `[n, d]`.
        let examples: Matrix<Double>
        let baselines: Baselines
    }

    /// Baselines, each by the variant that is named in `baselineNames`.
    private struct Baselines {
        let all: RecallBaselines
        let indices: [Int]

        func answers(to cues: Matrix<Double>) -> [[Int]] {
            let found = all.answers(to: cues, known: nil)
            return indices.map { found[$0] ?? [] }
        }
    }

    private static func baselines(of examples: Matrix<Double>) throws -> Baselines {
        do {
            let all = try RecallBaselines(
                examples: examples, sampleRange: 1,
                inverseTemperature: ModernHopfieldNetwork.inverseTemperature(retrieving: examples, within: tolerance))
            let methods: [RecallBaselines.Method] = [.nearest, .whitened, .hopfield]
            return Baselines(all: all, indices: methods.compactMap { method in all.variants.firstIndex { $0.method == method } })
        } catch {
            throw ExperimentError.failed(what: "baselines", reason: "\(error)")
        }
    }

    /// Recall with a share of the pixels known to be missing: known ones are kept, or the items' span is fitted to them.
    private func missing(_ subject: Subject, _ run: ExperimentRun) throws -> ExperimentTable {
        let (memories, examples, baselines) = (subject.memories, subject.examples, subject.baselines.all)
        var table = ExperimentTable(
            title: "Known pixels missing",
            caption: "Share of digits that come back where it is known which pixels are missing. Nearest: over the known pixels.",
            columns: ["missing"] + memories.map(\.name) + ["nearest over known pixels"])
        let set = TrainingSet(examples: examples.converted(to: Float.self), raster: Raster(height: 28, width: 28), valueRange: 0...1)
        let nearest = baselines.variants.firstIndex { $0.method == .nearestKnown } ?? 0
        for (stream, share) in Self.missingShares.enumerated() {
            var generator = run.generator(30 + UInt64(stream))
            let isKnown = (0..<examples.rowCount).map { _ in (0..<examples.columnCount).map { _ in generator.nextUniform() >= share } }
            let cues = isKnown.enumerated().map { row, known in
                Cue(values: zip(examples.row(row), known).map { $1 ? $0 : 0 }, isKnown: known)
            }
            var cells = [ExperimentTable.Cell(Text.percent(share), value: share)]
            for item in memories {
                let right = try run.piece("\(item.name), \(Text.percent(share)) missing", work: 0.1) {
                    try answered(cues, item.memory, set, examples)
                }
                cells.append(.init(Text.percent1(right), value: right))
            }
            let known = Matrix(rows: isKnown.map { $0.map { $0 ? 1.0 : 0 } })
            let answers = baselines.answers(to: Matrix(rows: cues.map(\.values)), known: known)[nearest] ?? []
            let rate = Double(answers.enumerated().count { $0.element == $0.offset }) / Double(examples.rowCount)
            table.append(cells + [.init(Text.percent1(rate), value: rate)])
        }
        return table
    }

    private func answered(
        _ cues: [Cue], _ memory: MeasuredMemory, _ set: TrainingSet, _ examples: Matrix<Double>
    ) throws -> Double {
        do {
            let retriever = try Retriever(map: memory.map, set: set, iterationLimit: Self.iterationCount)
            let found = try retriever.retrieve(cues)
            let right = found.enumerated().count {
                Cue(values: $0.element.values).distance(to: examples.row($0.offset)) <= Self.tolerance.squareRoot()
            }
            return Double(right) / Double(max(cues.count, 1))
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "recall", reason: "\(error)")
        }
    }

    /// The mean of a curve over its range, by trapezoids.
    private static func area(_ rates: [Double]) -> Double {
        guard rates.count > 1 else { return rates.first ?? 0 }
        return (rates.reduce(0, +) - (rates[0] + rates[rates.count - 1]) / 2) / Double(rates.count - 1)
    }

    private func areas(_ curves: [Curve], _ names: [String], _ run: ExperimentRun) -> ExperimentTable {
        var table = ExperimentTable(
            title: "Area under the curve of recall",
            caption: "\(run.published.source): curves only. 1 is full recall at every level; the last levels hold nothing of the digit.",
            columns: ["noise", "published"] + names)
        for curve in curves {
            table.append(
                [.init(curve.title), .init("curve")]
                    + curve.rates.map { rates in
                        let area = Self.area(rates)
                        return .init(Text.significant(area), value: area)
                    })
        }
        return table
    }

    private func table(_ curve: Curve, _ names: [String]) -> ExperimentTable {
        var table = ExperimentTable(
            title: curve.title, caption: "Share of digits recalled.", columns: [curve.axis] + names)
        for (row, level) in curve.levels.enumerated() {
            table.append(
                [.init(Text.significant(level.value), value: level.value)]
                    + curve.rates.map { .init(Text.percent1($0[row]), value: $0[row]) })
        }
        return table
    }

    private func figure(_ curve: Curve, _ names: [String]) -> ExperimentFigure {
        ExperimentFigure(
            title: curve.title, caption: "Share of digits recalled, against the \(curve.axis).",
            curves: .init(
                xTitle: curve.axis, yTitle: "share recalled",
                series: zip(names, curve.rates).map { .init(name: $0, x: curve.levels.map(\.value), y: $1) }))
    }

    private func findings(_ curves: [Curve], _ names: [String]) -> [String] {
        curves.map { curve in
            let areas = zip(names, curve.rates).map { "\($0) \(Text.significant(Self.area($1)))" }
            return "\(curve.title), area under the curve: \(areas.joined(separator: ", "))."
        }
    }
}
