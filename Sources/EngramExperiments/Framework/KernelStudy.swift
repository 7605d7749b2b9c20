internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// What the experiments of [JP20] have in common: runs, training, medians, and the sweep over input norms.
struct KernelStudy {
    /// One curve of a sweep.
    struct Line {
        var name: String
        var count: Int
        var width: Int
        var activation: Activation
    }

    /// Which of the two trains a network.
    enum Preset: String {
        case paper
        case fast
    }

    /// A network that reached its loss, or what a drop would get.
    struct Trained {
        var map: any DifferentiableMap
        /// Largest |λ| over the examples.
        var radius: Double
        /// Whether it does what was asked of it: the loss of the paper, every example verified to be an attractor of fast.
        var holds: Bool
    }

    let run: ExperimentRun
    /// Of the published 100.
    let runCount: Int
    /// Those asked for.
    let presets: [Preset]

    private static let radii: [Double] = [1, 3, 10, 30, 100, 300]

    init(_ run: ExperimentRun) {
        self.run = run
        runCount = run.scaled(100, atLeast: 1)
        presets = (run.options.presets.includesPaper ? [.paper] : []) + (run.options.presets.includesFast ? [.fast] : [])
    }

    /// What the last column of a table counts.
    static let heldMeaning =
        "Held: of paper, the runs that reached the loss, and only these count, as published (NA: none); of fast, those that store every "
        + "example as a verified attractor."

    var notes: [String] {
        [
            "Paper: the parametrization, the loss and the plain gradient descent of the source, to a loss of 1e-7 within \(run.epochLimit) epochs "
                + "at rate 1. At small norms, and with many examples at large ones too, descent at that rate needs more; the source leaves such "
                + "cells out.",
            "Fast: the same depth, width and nonlinearity trained as a drop is, in coordinates of the examples, so that their norm makes no "
                + "difference to it.",
        ]
    }

    func scaleNote(_ what: String) -> String { "\(runCount) of 100 runs, \(what), at most \(run.epochLimit) epochs." }

    /// A hidden size smaller than the published one: its width grows with the root of the scale.
    func width(of published: Int) -> Int { max(64, Int(Double(published) * run.scale.squareRoot())) }

    func generator(_ index: Int) -> SplitMix64 { SplitMix64(seed: UInt64(run.options.seed) &* 1_000_003 &+ UInt64(index)) }

    /// Trains to the published loss; false where that was not reached.
    func train(_ autoencoder: inout KernelAutoencoder) throws -> Bool {
        let limit = run.epochLimit
        return try autoencoder.train(to: 1e-7, limit: limit) { epoch, loss in
            try run.step(Double(epoch) / Double(limit), "training", epoch: epoch, loss: loss)
        }
    }

    func largest(_ autoencoder: KernelAutoencoder) throws -> (radius: Double, norm: Double) {
        try numerics { try autoencoder.largestEigenvalue() }
    }

    func numerics<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "eigenvalues", reason: "\(error)")
        }
    }

    /// Trains one network by one of the presets.
    ///
    /// - Returns: nil where the paper's training missed its loss.
    func trained(
        _ preset: Preset, _ line: Line, _ examples: Matrix<Double>, label: String, work: Double, using generator: inout SplitMix64
    ) throws -> Trained? {
        switch preset {
        case .paper:
            try run.piece(label, work: work) {
                var autoencoder = KernelAutoencoder(
                    examples: examples, hiddenWidths: [line.width], activation: line.activation, using: &generator)
                guard try train(&autoencoder) else { return nil }
                return Trained(map: autoencoder.network, radius: try largest(autoencoder).radius, holds: true)
            }
        case .fast:
            try fast(NetworkSize(width: line.width, depth: 1), line.activation, examples, label: label, work: work)
        }
    }

    /// Trains one network as a drop is.
    func fast(
        _ size: NetworkSize, _ activation: Activation, _ examples: Matrix<Double>, label: String, work: Double
    ) throws -> Trained {
        let memory = try run.fastMemory(
            examples.converted(to: Float.self), task: .autoencoder(count: examples.rowCount), size: size, activation: activation,
            label: label, work: work)
        return Trained(
            map: memory.map, radius: power(10, memory.log10LargestRadius), holds: memory.storedCount == examples.rowCount)
    }

    /// A largest modulus; below 1 is good.
    static func radiusCell(_ radius: Double) -> ExperimentTable.Cell {
        guard radius.isFinite else { return .init("NA", value: radius) }
        return .init(Text.significant(radius), value: radius, tone: radius < 1 ? .good : .bad)
    }

    /// The largest eigenvalue at random examples against their norm, a curve for each line.
    func sweep(_ lines: [Line], title: String, limit: PublishedExperiment.Value?) throws -> ExperimentOutcome {
        run.plan(totalWork: Double(presets.count * runCount * Self.radii.count) * lines.reduce(0) { $0 + Double($1.count * $1.width) })
        var table = ExperimentTable(
            title: title,
            caption:
                "\(run.published.source) prints plots only. Medians over \(runCount) runs of the largest |λ| over the examples. "
                + Self.heldMeaning,
            columns: ["curve", "preset", "published"] + Self.radii.map { "norm \(Text.significant($0))" } + ["held"], labelCount: 2)
        var series: [ExperimentFigure.Curves.Series] = []
        for line in lines {
            for preset in presets {
                var medians: [Double] = []
                var held = 0
                for norm in Self.radii {
                    var found: [Double] = []
                    for index in 0..<runCount {
                        var generator = generator(index)
                        let examples = NormedExamples.random(line.count, dimension: 32, radius: norm, using: &generator)
                        let label = "\(line.name), norm \(Text.significant(norm)), run \(index + 1), \(preset.rawValue)"
                        let trained = try trained(
                            preset, line, examples, label: label, work: Double(line.count * line.width), using: &generator)
                        if let trained { found.append(trained.radius) }
                        if trained?.holds == true { held += 1 }
                    }
                    medians.append(Self.median(found))
                }
                table.append(
                    [.init(line.name), .init(preset.rawValue), .init("plot")] + medians.map(Self.radiusCell)
                        + [.init("\(held)/\(runCount * Self.radii.count)", value: Double(held))])
                series.append(.init(name: "\(line.name), \(preset.rawValue)", x: Self.radii, y: medians))
            }
        }
        var outcome = ExperimentOutcome(scaleNote: "")
        outcome.tables = [table]
        outcome.figures = [
            ExperimentFigure(
                title: title, caption: "Below 1 every example is an attractor.",
                curves: .init(
                    xTitle: "input norm", yTitle: "largest |λ|", isLogarithmic: true, series: series,
                    references: [.init(y: 1, label: "limit of stability")]
                        + (limit.flatMap { value in value.number.map { [.init(y: $0, label: "\(value.printed), \(value.source)")] } } ?? [])
                ))
        ]
        outcome.notes = notes
        return outcome
    }

    /// The middle value, the upper of two; NaN of none.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }
}
