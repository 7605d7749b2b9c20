internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// What the experiments of [JP20] have in common: runs, training, medians, and the sweep over input norms.
struct KernelStudy {
    /// One curve of a sweep.
    struct Line {
        var name: String
        var count: Int
        var width: Int
        var activation: Activation
        /// Of the same examples and nonlinearity at infinite width.
        var infiniteName: String { "\(count) examples, \(activation.rawValue), infinite width" }
    }

    /// What makes the network.
    enum Preset: String {
        case paper
        case fast
        case kernel
    }

    /// A network that reached its loss, or what a drop would get, or one of infinite width.
    struct Trained {
        /// f of each row.
        var outputs: (Matrix<Double>) -> Matrix<Double>
        /// Largest |λ| over the examples.
        var radius: Double
        /// Whether it does what was asked of it: the loss of the paper, every example an attractor of fast and kernel.
        var holds: Bool
    }

    let run: ExperimentRun
    /// Of the published 100.
    let runCount: Int
    /// Those asked for.
    let presets: [Preset]

    private static let radii: [Double] = [1, 3, 10, 30, 100, 300]
    /// Norms at which only the exact solution is taken, for the curve towards its limit.
    private static let furtherRadii: [Double] = [1000, 3000, 10_000]

    init(_ run: ExperimentRun) {
        self.run = run
        runCount = run.scaled(100, atLeast: 1)
        presets =
            (run.options.presets.includesPaper ? [.paper] : []) + (run.options.presets.includesFast ? [.fast] : [])
            + (run.options.presets.includesKernel ? [.kernel] : [])
    }

    /// What the last column of a table counts.
    static let heldMeaning =
        "Held: of paper, the runs that reached the loss, and only these count, as published (NA: none); of fast and "
        + "kernel, those that store every example as an attractor."

    var notes: [String] {
        [
            "Paper: the parametrization, the loss and the plain gradient descent of the source, to a loss of 1e-7 within \(run.epochLimit) epochs "
                + "at rate 1. At small norms, and with many examples at large ones too, descent at that rate needs more; the source leaves such "
                + "cells out.",
            "Fast: the same depth, width and nonlinearity trained as a drop is, in coordinates of the examples, so that their norm makes no "
                + "difference to it.",
            "Kernel: the network of the same depth and nonlinearity at infinite width, trained without end, with its mean start f₀ = 0: regression with "
                + "the neural tangent kernel, solved exactly. The sigmoid is that of Eq. (6), (1 + erf(u/2))/2. "
                + "Without f₀ there is no J₀ either, which is what makes tanh and erf large at small norms in the source.",
        ]
    }

    func scaleNote(_ what: String) -> String { "\(runCount) of 100 runs, \(what), at most \(run.epochLimit) epochs." }

    /// A hidden size smaller than the published one: its width grows with the root of the scale.
    func width(of published: Int) -> Int { max(64, Int(saturating: Double(published) * run.scale.squareRoot())) }

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
                return Trained(outputs: autoencoder.network.outputs(of:), radius: try largest(autoencoder).radius, holds: true)
            }
        case .fast:
            try fast(NetworkSize(width: line.width, depth: 1), line.activation, examples, label: label, work: work)
        case .kernel:
            try run.piece(label, work: work) { try infinitelyWide(line.activation, depth: 1, examples) }
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
            outputs: memory.map.outputs(of:), radius: power(10, memory.log10LargestRadius), holds: memory.storedCount == examples.rowCount)
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
        var infiniteNames: Set<String> = []
        for line in lines {
            for preset in presets {
                // The width makes no difference to an infinitely wide network: one row for all.
                if preset == .kernel, !infiniteNames.insert(line.infiniteName).inserted { continue }
                var medians: [Double] = []
                var held = 0
                let radii = preset == .kernel ? Self.radii + Self.furtherRadii : Self.radii
                for norm in radii {
                    var found: [Double] = []
                    for index in 0..<runCount {
                        var generator = generator(index)
                        let examples = NormedExamples.random(line.count, dimension: 32, radius: norm, using: &generator)
                        let label = "\(line.name), norm \(Text.significant(norm)), run \(index + 1), \(preset.rawValue)"
                        let trained = try trained(
                            preset, line, examples, label: label, work: Double(line.count * line.width), using: &generator)
                        if let trained { found.append(trained.radius) }
                        if trained?.holds == true, Self.radii.contains(norm) { held += 1 }
                    }
                    medians.append(Self.median(found))
                }
                let name = preset == .kernel ? line.infiniteName : line.name
                table.append(
                    [.init(name), .init(preset.rawValue), .init("plot")] + medians.prefix(Self.radii.count).map(Self.radiusCell)
                        + [.init("\(held)/\(runCount * Self.radii.count)", value: Double(held))])
                series.append(.init(name: preset == .kernel ? name : "\(name), \(preset.rawValue)", x: radii, y: medians))
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
