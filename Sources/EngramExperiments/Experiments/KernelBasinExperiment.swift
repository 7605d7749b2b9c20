internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [JP20] Fig. 4: basins of attraction against input norm, for random examples and for MNIST.
struct KernelBasinExperiment: Experiment {
    let name = "jp4"
    let scaling = "runs, of 100; hidden size up to 4000 in proportion to its root; epochs"
    let defaultScale = 0.02
    let defaultEpochs = 3000
    let hasFast = false
    let dataNeeded = "100 digits, shipped (part b)"
    let cost = "2 runs of 2 data sets and 5 norms"

    private static let noiseRadii = [0.5, 1, 2, 5]

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = run.options.cells.isEmpty ? study.width(of: 4000) : try run.network(published: 4000, depth: 1).width
        let digits = try run.data.hundredDigits().matrix.rows(at: 0..<20).converted(to: Double.self)
        var centred = digits
        centred.addToRows(digits.columnMeans(), scaledBy: -1)
        let parts: [(name: String, radii: [Double], examples: (Double, inout SplitMix64) -> Matrix<Double>)] = [
            ("random examples", [3, 10, 30, 100, 300], { NormedExamples.random(20, dimension: 32, radius: $0, using: &$1) }),
            ("MNIST", [10, 30, 100, 300, 1000], { radius, _ in NormedExamples.rescaled(centred, to: radius) }),
        ]
        run.plan(totalWork: Double(study.runCount * parts.reduce(0) { $0 + $1.radii.count }))
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("20 examples, hidden size \(width) of 4000"))
        for part in parts {
            var table = ExperimentTable(
                title: "Converged to the example, \(part.name)",
                caption:
                    "\(run.published.source) prints plots only: larger norms are to give larger basins. Share of examples that come back "
                    + "within a mean squared error of 1e-2 in 50 iterations, by the standard deviation of the noise added.",
                columns: ["input norm", "published"] + Self.noiseRadii.map { "noise \(Text.significant($0))" } + ["largest |λ|", "trained"])
            var rates = [[Double]](repeating: [], count: Self.noiseRadii.count)
            for radius in part.radii {
                var (found, largest, trained) = ([[Double]](), [Double](), 0)
                for index in 0..<study.runCount {
                    try run.piece("\(part.name), norm \(Text.significant(radius)), run \(index + 1)", work: 1) {
                        var generator = study.generator(index)
                        let examples = part.examples(radius, &generator)
                        var autoencoder = KernelAutoencoder(
                            examples: examples, hiddenWidths: [width], activation: .sigmoid, using: &generator)
                        guard try study.train(&autoencoder) else { return }
                        trained += 1
                        largest.append(try study.largest(autoencoder).radius)
                        found.append(Self.noiseRadii.map { Self.rate(autoencoder, examples, noise: $0, using: &generator) })
                    }
                }
                let means = Self.noiseRadii.indices.map { column in
                    found.isEmpty ? Double.nan : found.reduce(0) { $0 + $1[column] } / Double(found.count)
                }
                for (column, mean) in means.enumerated() { rates[column].append(mean) }
                let median = KernelStudy.median(largest)
                table.append(
                    [.init(Text.significant(radius), value: radius), .init("plot")]
                        + means.map { .init($0.isFinite ? Text.percent($0) : "NA", value: $0) }
                        + [
                            .init(median.isFinite ? Text.significant(median) : "NA", value: median),
                            .init("\(trained)/\(study.runCount)", value: Double(trained)),
                        ])
            }
            outcome.tables.append(table)
            outcome.figures.append(
                ExperimentFigure(
                    title: table.title, caption: "One line for each standard deviation of the noise added.",
                    curves: .init(
                        xTitle: "input norm", yTitle: "share converged", isLogarithmic: true,
                        series: zip(Self.noiseRadii, rates).map { .init(name: "noise \(Text.significant($0))", x: part.radii, y: $1) })))
        }
        outcome.notes = study.notes
        return outcome
    }

    /// Share of examples that come back from noise of this deviation by 50 iterations, mean squared error at most 1e-2.
    private static func rate(
        _ autoencoder: KernelAutoencoder, _ examples: Matrix<Double>, noise: Double, using generator: inout SplitMix64
    ) -> Double {
        var states = Matrix(
            rowCount: examples.rowCount, columnCount: examples.columnCount,
            elements: examples.elements.map { $0 + noise * generator.nextNormal() })
        for _ in 0..<50 { states = autoencoder.network.outputs(of: states) }
        let back = (0..<examples.rowCount).count {
            squaredDistance(states.row($0), examples.row($0)) / Double(examples.columnCount) <= 1e-2
        }
        return Double(back) / Double(examples.rowCount)
    }
}

/// What the experiments of [JP20] have in common: runs, training, medians, and the sweep over input norms.
struct KernelStudy {
    /// One curve of a sweep.
    struct Line {
        var name: String
        var count: Int
        var width: Int
        var activation: Activation
    }

    let run: ExperimentRun
    /// Of the published 100.
    let runCount: Int

    private static let radii: [Double] = [1, 3, 10, 30, 100, 300]

    init(_ run: ExperimentRun) {
        self.run = run
        runCount = run.scaled(100, atLeast: 1)
    }

    var notes: [String] {
        [
            "The published runs are of this parametrization, loss and stop; no preset of Engram's pipeline takes part, so there is no column for fast.",
            "Trained: runs whose loss reached 1e-7 within \(run.epochLimit) epochs of gradient descent at rate 1; only these count, as published.",
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

    /// The largest eigenvalue at random examples against their norm, a curve for each line.
    func sweep(_ lines: [Line], title: String, limit: PublishedExperiment.Value?) throws -> ExperimentOutcome {
        run.plan(totalWork: Double(runCount * Self.radii.count) * lines.reduce(0) { $0 + Double($1.count * $1.width) })
        var table = ExperimentTable(
            title: title,
            caption:
                "\(run.published.source) prints plots only. Medians over \(runCount) runs of the largest |λ| over the examples; NA: not trained.",
            columns: ["curve", "published"] + Self.radii.map { "norm \(Text.significant($0))" } + ["trained"])
        var series: [ExperimentFigure.Curves.Series] = []
        for line in lines {
            var medians: [Double] = []
            var trained = 0
            for radius in Self.radii {
                var found: [Double] = []
                for index in 0..<runCount {
                    try run.piece("\(line.name), norm \(Text.significant(radius)), run \(index + 1)", work: Double(line.count * line.width))
                    {
                        var generator = generator(index)
                        let examples = NormedExamples.random(line.count, dimension: 32, radius: radius, using: &generator)
                        var autoencoder = KernelAutoencoder(
                            examples: examples, hiddenWidths: [line.width], activation: line.activation, using: &generator)
                        if try train(&autoencoder) { found.append(try largest(autoencoder).radius) }
                    }
                }
                trained += found.count
                medians.append(Self.median(found))
            }
            table.append(
                [.init(line.name), .init("plot")]
                    + medians.map {
                        .init($0.isFinite ? Text.significant($0) : "NA", value: $0, tone: $0.isFinite ? ($0 < 1 ? .good : .bad) : nil)
                    }
                    + [.init("\(trained)/\(runCount * Self.radii.count)", value: Double(trained))])
            series.append(.init(name: line.name, x: Self.radii, y: medians))
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
