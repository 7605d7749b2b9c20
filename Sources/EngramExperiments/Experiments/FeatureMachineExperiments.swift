internal import EngramKernels
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [R23] chapter 5 on synthetic targets: what each round of a Recursive Feature Machine gains.
struct FeatureMachineExperiment: Experiment {
    /// Which target.
    enum Target: String, Sendable, CaseIterable {
        /// y = x₀ x₁ [x₅ > 0], the published notebook.
        case rfm
        /// y = x₀ x₁ of signs.
        case parity
        /// y = He₂(u·x) + He₄(u·x)/√24 of one direction u.
        case features
    }

    let target: Target
    let scaling = "examples"
    let defaultScale = 1.0
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"

    var name: String { target.rawValue }
    var cost: String { target == .rfm ? "6 solutions of 4,000 equations" : "seconds" }

    private struct Data {
        var points: Matrix<Double>
        var targets: Matrix<Double>
    }

    private struct Shape {
        var count: Int
        var testCount: Int
        var dimension: Int
        var rounds: Int
    }

    private var shape: Shape {
        switch target {
        case .rfm: Shape(count: 4000, testCount: 4000, dimension: 20, rounds: 5)
        case .parity: Shape(count: 1000, testCount: 2000, dimension: 30, rounds: 2)
        case .features: Shape(count: 2000, testCount: 2000, dimension: 10, rounds: 4)
        }
    }

    private func data(_ count: Int, _ direction: [Double], _ generator: inout CounterBasedGenerator) -> Data {
        let d = shape.dimension
        var entries: [Double] = []
        for _ in 0..<count * d {
            switch target {
            case .rfm: entries.append(0.5 * generator.nextNormal())
            case .parity: entries.append(generator.nextUniform() < 0.5 ? -1 : 1)
            case .features: entries.append(generator.nextNormal())
            }
        }
        let points = Matrix(rowCount: count, columnCount: d, elements: entries)
        let values = (0..<count).map { row -> Double in
            switch target {
            case .rfm: return points[row, 5] > 0 ? points[row, 0] * points[row, 1] : 0
            case .parity: return points[row, 0] * points[row, 1]
            case .features:
                let t = zip(points.row(row), direction).reduce(0) { $0 + $1.0 * $1.1 }
                let square = t * t
                return square - 1 + (square * square - 6 * square + 3) / 24.0.squareRoot()
            }
        }
        return Data(points: points, targets: Matrix(rowCount: count, columnCount: 1, elements: values))
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        var generator = run.generator(1)
        var direction = (0..<shape.dimension).map { _ in generator.nextNormal() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        direction = direction.map { $0 / length }
        let count = run.scaled(shape.count, atLeast: 200)
        let train = data(count, direction, &generator)
        let test = data(run.scaled(shape.testCount, atLeast: 200), direction, &generator)
        let mean = test.targets.columnMeans()[0]
        let variance = test.targets.elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(test.targets.rowCount)
        run.plan(totalWork: Double(shape.rounds + 1))
        let settings = FeatureMachine.Settings(ridge: 1e-3, roundCount: shape.rounds, scaling: .largestEntry)
        var errors: [Double] = []
        var largest: [[Double]] = []
        do {
            _ = try FeatureMachine.learned(
                points: train.points, targets: train.targets, settings: settings,
                onRound: { round in
                    try run.piece("round \(round.index)", work: 1) {
                        let machine = FeatureMachine(kernel: round.kernel, points: train.points, coefficients: round.coefficients)
                        errors.append(try machine.outputs(at: test.points).meanSquaredDifference(to: test.targets))
                        let metric = round.kernel.metric?.matrix ?? .identity(shape.dimension)
                        let trace = (0..<shape.dimension).reduce(0) { $0 + metric[$1, $1] }
                        largest.append((0..<shape.dimension).map { metric[$0, $0] / trace })
                    }
                }, onStep: { _ in try run.step(0.5, "") })
        } catch let error as FeatureMachineError {
            throw ExperimentError.failed(what: name, reason: "\(error)")
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: name, reason: "\(error)")
        }
        return outcome(run, errors: errors, weights: largest, variance: variance, direction: direction)
    }

    private func outcome(
        _ run: ExperimentRun, errors: [Double], weights: [[Double]], variance: Double, direction: [Double]
    ) -> ExperimentOutcome {
        let grid = run.published.grids.first
        var table = ExperimentTable(
            title: "Error on examples that were not learned from, by round",
            caption: "Round 0 is the Laplace kernel; M of each round is divided by its largest entry, as in the published package.",
            columns: ["round", "test MSE", "R²", "published", "largest weights of M"])
        var isNear = true
        for (round, error) in errors.enumerated() {
            let text = grid?.text(row: "\(round)", column: "test MSE") ?? grid?.text(row: "\(round)", column: "R2")
            let isError = grid?.columns.contains("test MSE") ?? true
            let r2 = 1 - error / variance
            let printed = text.flatMap(Double.init)
            let good: Bool? = printed.map { isError ? abs(error / $0 - 1) <= 0.15 : r2 >= $0 - 0.05 }
            if run.scale == 1, good == false { isNear = false }
            let order = weights[round].indices.sorted { weights[round][$0] > weights[round][$1] }.prefix(3)
            table.append([
                .init("\(round)", value: Double(round)), .init(Text.significant(error), value: error, tone: isError ? tone(good) : nil),
                .init(Text.significant(r2, digits: 4), value: r2, tone: isError ? nil : tone(good)), .init(text ?? "–", value: printed),
                .init(order.map { "x\($0): \(Text.percent(weights[round][$0]))" }.joined(separator: ", ")),
            ])
        }
        var outcome = ExperimentOutcome(
            scaleNote: "\(run.scaled(shape.count, atLeast: 200)) examples in R\(shape.dimension), ridge 0.001, L = 10.")
        outcome.findings = [
            isNear ? "Each round is as published, within 15 %." : "A round is not within 15 % of the published error; see the table."
        ]
        if target != .rfm {
            let last = 1 - (errors.last ?? 0) / variance
            outcome.findings = ["R² rises from \(Text.significant(1 - errors[0] / variance)) to \(Text.significant(last, digits: 5))."]
        }
        outcome.tables = [table]
        outcome.figures = [
            ExperimentFigure(
                title: "Error by round", caption: "Mean squared error on the test set.",
                curves: .init(
                    xTitle: "round", yTitle: "test MSE",
                    series: [.init(name: "measured", x: errors.indices.map(Double.init), y: errors)]))
        ]
        return outcome
    }

    private func tone(_ isGood: Bool?) -> ExperimentTable.Tone? { isGood.map { $0 ? .good : .bad } }
}
