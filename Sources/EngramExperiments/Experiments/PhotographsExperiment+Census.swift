internal import EngramDynamics
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

extension PhotographsExperiment {
    /// Kinds of starts, with how many of each were published.
    private enum CensusStart: CaseIterable {
        case uniform
        case gaussian
        case foreign

        var title: String {
            switch self {
            case .uniform: "uniform noise"
            case .gaussian: "Gaussian noise, variance 4"
            case .foreign: "foreign pictures"
            }
        }

        var publishedCount: Int { self == .foreign ? 40_000 : 10_000 }
    }

    /// Where starts ended.
    struct Tally {
        var startCount = 0
        var spuriousCount = 0
        var unsettledCount = 0
        var reached: Set<Int> = []

        /// Starts that ended on an image.
        var storedCount: Int { startCount - spuriousCount - unsettledCount }

        /// Counts starts that were iterated `iterationLimit` times at most.
        mutating func add(_ outcomes: [Recall.Outcome]) {
            startCount += outcomes.count
            for outcome in outcomes {
                if let example = outcome.reachedExample {
                    reached.insert(example)
                } else if outcome.iterationCount >= PhotographsExperiment.iterationLimit {
                    unsettledCount += 1
                } else {
                    spuriousCount += 1
                }
            }
        }
    }

    /// Starts that are iterated together: their states fill some hundred megabytes.
    private static let startsAtOnce = 1000
    /// Most iterations of a start.
    static let iterationLimit = 500

    /// The census of attractors at its published size, of memories as drops have them.
    func census(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = run.options.scale.map { _ in run.scaled(500, atLeast: 10) } ?? 500
        let images = try run.data.colourPhotographs(count)
        let foreign = try run.data.foreignPictures(side: Self.side)
        let set = TrainingSet(
            examples: images.matrix, raster: Raster(height: Self.side, width: Self.side, channels: 3), valueRange: 0...1)
        let presets: [MemorySettings.Preset] = [.standard, .tournament, .normalised]
        run.plan(totalWork: Double(presets.count) * 7)
        var table = ExperimentTable(
            title: "Where \(CensusStart.allCases.reduce(0) { $0 + share($1, run) }) starts lead",
            caption: "\(run.published.value("spurious").source): \(run.published.value("spurious").printed) spurious attractors.",
            columns: ["memory", "start", "published: spurious", "starts", "on an image", "images reached", "spurious", "not settled"],
            labelCount: 2)
        var findings: [String] = []
        for preset in presets {
            let memory = try run.memory(
                of: set, settings: MemorySettings(preset: preset), label: "preset \(preset.rawValue)", work: 1)
            let recall = try self.recall(of: memory, images.matrix)
            var total = Tally()
            for (index, start) in CensusStart.allCases.enumerated() {
                var generator = run.generator(50 + UInt64(index))
                let tally = try run.piece("preset \(preset.rawValue), \(start.title)", work: Double(share(start, run)) / 10_000) {
                    try self.tally(start, recall, foreign, run, using: &generator)
                }
                table.append(row(preset, start, tally))
                total.startCount += tally.startCount
                total.spuriousCount += tally.spuriousCount
                total.reached.formUnion(tally.reached)
            }
            findings.append(
                "Preset \(preset.rawValue): \(total.spuriousCount) of \(total.startCount) starts end on a spurious state; \(total.reached.count) of \(count) images are reached."
            )
        }
        var outcome = ExperimentOutcome(scaleNote: "\(count) of 500 images; as many starts as published, in proportion to the images.")
        outcome.tables = [table]
        outcome.findings = findings
        outcome.notes = [
            "Measured on \(images.description). Foreign pictures, in place of ImageNet's test images: random squares of \(foreign.names.count) photographs of inpaint/.",
            "On an image: within a mean squared error of 1e-7 of it. At most \(Self.iterationLimit) iterations.",
        ]
        return outcome
    }

    private func share(_ start: CensusStart, _ run: ExperimentRun) -> Int {
        run.options.scale.map { max(20, Int(saturating: $0 * Double(start.publishedCount))) } ?? start.publishedCount
    }

    private func recall(of memory: MeasuredMemory, _ images: Matrix<Float>) throws -> Recall {
        do {
            return Recall(
                of: memory.map, restriction: try ImageRestriction(of: memory.map), examples: images.converted(to: Double.self),
                task: memory.task, settings: .init(maximumIterationCount: Self.iterationLimit, recoveryTolerance: 1e-7))
        } catch {
            throw ExperimentError.failed(what: "recall", reason: "\(error)")
        }
    }

    private func tally(
        _ start: CensusStart, _ recall: Recall, _ foreign: ForeignPictures, _ run: ExperimentRun,
        using generator: inout CounterBasedGenerator
    ) throws -> Tally {
        let (count, dimension) = (share(start, run), 3 * Self.side * Self.side)
        var tally = Tally()
        for first in stride(from: 0, to: count, by: Self.startsAtOnce) {
            let size = min(Self.startsAtOnce, count - first)
            let starts =
                switch start {
                case .uniform: NoiseStart.uniform(0...1).draw(count: size, dimension: dimension, using: &generator)
                case .gaussian: NoiseStart.gaussian(mean: 0, deviation: 2).draw(count: size, dimension: dimension, using: &generator)
                case .foreign: foreign.draw(size, using: &generator)
                }
            let outcomes = try recall.outcomes(from: starts) { iteration, active in
                try run.step(Double(first) / Double(count), "starts from \(first), iteration \(iteration), \(active) under way")
            }
            tally.add(outcomes)
        }
        return tally
    }

    private func row(_ preset: MemorySettings.Preset, _ start: CensusStart, _ tally: Tally) -> [ExperimentTable.Cell] {
        [.init(preset.rawValue), .init(start.title), .init("0", value: 0)]
            + [tally.startCount, tally.storedCount, tally.reached.count].map { .init("\($0)", value: Double($0)) } + [
                .init("\(tally.spuriousCount)", value: Double(tally.spuriousCount), tone: tally.spuriousCount == 0 ? .good : .bad),
                .init("\(tally.unsettledCount)", value: Double(tally.unsettledCount), tone: tally.unsettledCount == 0 ? nil : .warn),
            ]
    }
}
