internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [JP20] Fig. 4: basins of attraction against input norm, for random examples and for MNIST.
struct KernelBasinExperiment: Experiment {
    let name = "jp4"
    let scaling = "runs, of 100; hidden size up to 4000 in proportion to its root; epochs"
    let defaultScale = 0.01
    let defaultEpochs = 12_000
    let dataNeeded = "100 digits, shipped (part b)"
    let cost = "1 run of 2 data sets and 5 norms, all presets"
    let hasKernel = true

    private static let noiseRadii = [0.5, 1, 2, 5]
    private static let exampleCount = 20

    /// One of the two data sets.
    private struct Part {
        var name: String
        var dimension: Int
        var radii: [Double]
        var examples: (Double, inout SplitMix64) -> Matrix<Double>
    }

    /// What one preset gave at one norm.
    private struct Point {
        /// Share that came back, by noise radius; empty where nothing was trained.
        var rates: [Double]
        var radius: Double
        var heldCount: Int
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let study = KernelStudy(run)
        let width = run.options.cells.isEmpty ? study.width(of: 4000) : try run.network(published: 4000, depth: 1).width
        let digits = try run.data.hundredDigits().matrix.rows(at: 0..<Self.exampleCount).converted(to: Double.self)
        var centred = digits
        centred.addToRows(digits.columnMeans(), scaledBy: -1)
        let parts = [
            Part(name: "random examples", dimension: 32, radii: [3, 10, 30, 100, 300]) {
                NormedExamples.random(Self.exampleCount, dimension: 32, radius: $0, using: &$1)
            },
            Part(name: "MNIST", dimension: digits.columnCount, radii: [10, 30, 100, 300, 1000]) { radius, _ in
                NormedExamples.rescaled(centred, to: radius)
            },
        ]
        let presetCount = Double(study.presets.count)
        run.plan(totalWork: presetCount * parts.reduce(0) { $0 + Double(study.runCount * $1.radii.count * $1.dimension) })
        var outcome = ExperimentOutcome(scaleNote: study.scaleNote("\(Self.exampleCount) examples, hidden size \(width) of 4000"))
        for part in parts {
            var table = ExperimentTable(
                title: "Converged to the example, \(part.name)",
                caption:
                    "\(run.published.source) prints plots only: larger norms are to give larger basins. Share of examples that come back "
                    + "within a mean squared error of 1e-2 in 50 iterations, by the standard deviation of the noise added. \(KernelStudy.heldMeaning)",
                columns: ["input norm", "preset", "published"] + Self.noiseRadii.map { "noise \(Text.significant($0))" } + [
                    "largest |λ|", "held",
                ], labelCount: 2)
            var series: [ExperimentFigure.Curves.Series] = []
            for preset in study.presets {
                let points = try part.radii.map { try point(study, part, preset, norm: $0, width: width) }
                for (norm, point) in zip(part.radii, points) { table.append(Self.row(norm, preset, point, of: study.runCount)) }
                for (column, noise) in Self.noiseRadii.enumerated() {
                    series.append(
                        .init(
                            name: "\(preset.rawValue), noise \(Text.significant(noise))", x: part.radii,
                            y: points.map { $0.rates.isEmpty ? .nan : $0.rates[column] }))
                }
            }
            outcome.tables.append(table)
            outcome.figures.append(
                ExperimentFigure(
                    title: table.title, caption: "One line for each preset and standard deviation of the noise added.",
                    curves: .init(xTitle: "input norm", yTitle: "share converged", isLogarithmic: true, series: series)))
        }
        outcome.notes = study.notes
        return outcome
    }

    /// Trains at one norm, in every run, and gives the examples back with noise.
    private func point(
        _ study: KernelStudy, _ part: Part, _ preset: KernelStudy.Preset, norm: Double, width: Int
    ) throws -> Point {
        var (found, radii) = ([[Double]](), [Double]())
        var held = 0
        for index in 0..<study.runCount {
            let label = "\(part.name), norm \(Text.significant(norm)), run \(index + 1), \(preset.rawValue)"
            var generator = study.generator(index)
            let examples = part.examples(norm, &generator)
            let line = KernelStudy.Line(name: part.name, count: Self.exampleCount, width: width, activation: .sigmoid)
            guard let trained = try study.trained(preset, line, examples, label: label, work: Double(part.dimension), using: &generator)
            else { continue }
            if trained.holds { held += 1 }
            radii.append(trained.radius)
            found.append(Self.noiseRadii.map { Self.rate(trained.outputs, examples, noise: $0, using: &generator) })
        }
        let means = Self.noiseRadii.indices.map { column in found.reduce(0) { $0 + $1[column] } / Double(found.count) }
        return Point(rates: found.isEmpty ? [] : means, radius: KernelStudy.median(radii), heldCount: held)
    }

    private static func row(_ norm: Double, _ preset: KernelStudy.Preset, _ point: Point, of runCount: Int) -> [ExperimentTable.Cell] {
        [.init(Text.significant(norm), value: norm), .init(preset.rawValue), .init("plot")]
            + (point.rates.isEmpty
                ? noiseRadii.map { _ in .init("NA") } : point.rates.map { .init(Text.percent($0), value: $0) })
            + [KernelStudy.radiusCell(point.radius), .init("\(point.heldCount)/\(runCount)", value: Double(point.heldCount))]
    }

    /// Share of examples that come back from noise of this deviation by 50 iterations, mean squared error at most 1e-2.
    private static func rate(
        _ outputs: (Matrix<Double>) -> Matrix<Double>, _ examples: Matrix<Double>, noise: Double, using generator: inout SplitMix64
    ) -> Double {
        var states = Matrix(
            rowCount: examples.rowCount, columnCount: examples.columnCount,
            elements: examples.elements.map { $0 + noise * generator.nextNormal() })
        for _ in 0..<50 { states = outputs(states) }
        let back = (0..<examples.rowCount).count {
            squaredDistance(states.row($0), examples.row($0)) / Double(examples.columnCount) <= 1e-2
        }
        return Double(back) / Double(examples.rowCount)
    }
}
