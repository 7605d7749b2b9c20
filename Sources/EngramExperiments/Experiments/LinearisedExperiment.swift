internal import EngramKernels
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import RealModule

/// [L19] Theorem 2.1: the training of a wide network beside that of its linearisation, step by step.
struct LinearisedExperiment: Experiment {
    let name = "linearised"
    let scaling = "starts of each width, of 20"
    let defaultScale = 0.25
    let defaultEpochs = 1024
    let hasFast = false
    let dataNeeded = "none"
    let cost = "5 starts of 7 widths, 1024 steps each"

    private static let exampleCount = 16
    private static let dimension = 10
    /// By then all but the slowest modes have decayed.
    private static let stepLimit = 4096
    private static let widths = [64, 128, 256, 512, 1024, 2048, 4096]

    /// Relative gaps of one network at each checkpoint.
    private struct Gaps {
        /// To the solution with the kernel of infinite width.
        var infinite: [Double]
        /// To the solution with the network's own kernel at the start, as in the theorem.
        var own: [Double]
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let widths = run.options.cells.isEmpty ? Self.widths : try run.options.cells.map { try NetworkSize($0).width }
        let startCount = run.scaled(20, atLeast: 2)
        var generator = run.generator(0)
        // Entries of order 1; the tests are other points of the same norm.
        let points = NormedExamples.random(
            2 * Self.exampleCount, dimension: Self.dimension, radius: Double(Self.dimension).squareRoot(), using: &generator)
        let setting = try Setting(points: points, exampleCount: Self.exampleCount, stepLimit: min(run.epochLimit, Self.stepLimit))
        run.plan(totalWork: Double(startCount) * widths.reduce(0) { $0 + Double($1 + 100) })
        var means: [Gaps] = []
        for width in widths {
            var found: [Gaps] = []
            for start in 0..<startCount {
                var generator = run.generator(UInt64(1 + start))
                found.append(
                    try run.piece("width \(width), start \(start + 1)", work: Double(width + 100)) {
                        try gaps(run, setting, width: width, using: &generator)
                    })
            }
            means.append(
                Gaps(infinite: Self.rootMeanSquares(found.map(\.infinite)), own: Self.rootMeanSquares(found.map(\.own))))
        }
        return outcome(run, setting, widths, startCount, means)
    }

    /// The task and its solution at infinite width.
    private struct Setting {
        let examples: Matrix<Double>
        /// Examples first, then the tests.
        let points: Matrix<Double>
        let flow: GradientFlow
        /// Θ(points, examples).
        let crossKernel: Matrix<Double>
        /// Θ's step on the outputs, half the critical one.
        let rate: Double
        /// Steps after which outputs are compared: 1, 2, 4, …
        let checkpoints: [Int]

        init(points: Matrix<Double>, exampleCount: Int, stepLimit: Int) throws {
            self.points = points
            examples = points.rows(at: 0..<exampleCount)
            let kernel = FullyConnectedKernel(
                kind: .ntk, activation: ErrorFunctionDual.erf, depth: 1, prior: NetworkPrior(inputScale: 1 / Double(points.columnCount)))
            crossKernel = kernel.values(at: points, centers: examples)
            flow = try LinearisedExperiment.flow(kernel.values(at: examples, centers: examples), targets: examples, initial: nil)
            rate = flow.criticalLearningRate / 2
            checkpoints = (0..<40).map { 1 << $0 }.filter { $0 <= max(stepLimit, 1) }
        }
    }

    private static func flow(_ kernel: Matrix<Double>, targets: Matrix<Double>, initial: Matrix<Double>?) throws -> GradientFlow {
        do {
            return GradientFlow(of: try KernelSpectrum(kernel), targets: targets, initialOutputs: initial)
        } catch {
            throw ExperimentError.failed(what: "the linearised network", reason: "\(error)")
        }
    }

    /// Trains one network and compares it at every checkpoint.
    private func gaps(
        _ run: ExperimentRun, _ setting: Setting, width: Int, using generator: inout CounterBasedGenerator
    ) throws -> Gaps {
        var network = KernelAutoencoder(examples: setting.examples, hiddenWidths: [width], activation: .erf, using: &generator)
        let start = network.network.outputs(of: setting.points)
        let startAtExamples = start.rows(at: 0..<setting.examples.rowCount)
        let infinite = try Self.flow(setting.flow.spectrum, setting.examples, startAtExamples)
        let (ownFlow, ownCross) = try Self.ownFlow(network, setting, start: startAtExamples)
        let n = Double(setting.examples.rowCount)
        var gaps = Gaps(infinite: [], own: [])
        for (index, count) in setting.checkpoints.enumerated() {
            // The loss of the network is a mean over examples, that of the flow a sum.
            _ = try network.train(to: 0, limit: count, learningRate: setting.rate * n) { epoch, loss in
                try run.step(Double(index) / Double(setting.checkpoints.count), "training", epoch: epoch, loss: loss)
            }
            let trained = network.network.outputs(of: setting.points)
            do {
                let linear = infinite.outputs(
                    crossKernel: setting.crossKernel,
                    coefficients: try infinite.coefficients(stepCount: count, learningRate: setting.rate), initialOutputs: start)
                gaps.infinite.append((trained - linear).frobeniusNorm / linear.frobeniusNorm)
                // The own kernel's critical rate differs by as much as its largest eigenvalue does: far less than the factor of two.
                let change = ownCross * (try ownFlow.coefficients(stepCount: count, learningRate: setting.rate))
                let own = start + Matrix(rowCount: start.rowCount, columnCount: start.columnCount, elements: change.elements)
                gaps.own.append((trained - own).frobeniusNorm / own.frobeniusNorm)
            } catch {
                throw ExperimentError.failed(what: "width \(width)", reason: "\(error)")
            }
        }
        return gaps
    }

    private static func flow(
        _ spectrum: KernelSpectrum, _ targets: Matrix<Double>, _ start: Matrix<Double>
    ) throws -> GradientFlow { GradientFlow(of: spectrum, targets: targets, initialOutputs: start) }

    /// The flow of all outputs of all examples under the network's own tangent kernel at its start, and that kernel.
    private static func ownFlow(
        _ network: KernelAutoencoder, _ setting: Setting, start: Matrix<Double>
    ) throws -> (flow: GradientFlow, cross: Matrix<Double>) {
        let count = setting.examples.rowCount
        let kernel = network.tangentKernel(at: setting.points, withFirst: count)
        func column(_ matrix: Matrix<Double>) -> Matrix<Double> {
            Matrix(rowCount: matrix.elements.count, columnCount: 1, elements: matrix.elements)
        }
        let flow = try flow(
            kernel.rows(at: 0..<count * setting.points.columnCount), targets: column(setting.examples), initial: column(start))
        return (flow, kernel)
    }

    private func outcome(
        _ run: ExperimentRun, _ setting: Setting, _ widths: [Int], _ startCount: Int, _ means: [Gaps]
    ) -> ExperimentOutcome {
        let published = run.published.value("exponent")
        var table = ExperimentTable(
            title: "The gap between a network and its linearisation",
            caption:
                "‖f_t - f_t^lin‖/‖f_t^lin‖ over \(setting.points.rowCount) points, examples and as many others, root mean squares over the starts. Largest: over "
                + "all steps compared. Infinite: linearised with the kernel of infinite width, one eigendecomposition for all times and networks; own: with "
                + "the network's own kernel at the start, as in the theorem.",
            columns: ["width", "infinite: largest", "infinite: at the end", "own: largest", "own: at the end"])
        for (width, gaps) in zip(widths, means) {
            func cell(_ value: Double, isJudged: Bool = false) -> ExperimentTable.Cell {
                .init(Text.percent1(value), value: value, tone: isJudged && width >= 4096 ? (value <= 0.05 ? .good : .bad) : nil)
            }
            table.append([
                .init("\(width)", value: Double(width)), cell(gaps.infinite.max() ?? .nan, isJudged: true),
                cell(gaps.infinite.last ?? .nan), cell(gaps.own.max() ?? .nan, isJudged: true), cell(gaps.own.last ?? .nan),
            ])
        }
        let largest = (infinite: means.map { $0.infinite.max() ?? .nan }, own: means.map { $0.own.max() ?? .nan })
        let exponents = [Self.exponent(widths, largest.infinite), Self.exponent(widths, largest.own)]
        var fits = ExperimentTable(
            title: "Exponent of the width", caption: published.source, columns: ["linearised with", "published bound", "fitted"])
        let bound = published.number ?? .nan
        let areMet = [abs(exponents[0] - bound) <= 0.15, exponents[1] <= bound + 0.15]
        for (index, label) in ["the kernel of infinite width", "the network's own kernel"].enumerated() {
            let value = exponents[index]
            fits.append([
                .init(label), .init(published.printed, value: published.number),
                .init(Text.significant(value), value: value, tone: areMet[index] ? .good : .bad),
            ])
        }
        let x = widths.map(Double.init)
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(startCount) of 20 starts; \(Self.exampleCount) examples in R^\(Self.dimension), one hidden layer of erf, \(setting.checkpoints.last ?? 0) steps at half "
                + "the critical rate.")
        outcome.tables = [table, fits]
        outcome.findings = [
            "The gap falls with the width to the power \(Text.significant(exponents[0])) (own kernel: \(Text.significant(exponents[1])))."
        ]
        outcome.notes = [
            "The theorem's bound is for the network's own kernel, whose gap may fall faster. The kernel of infinite width differs from it at the start "
                + "already, by the root of the width."
        ]
        outcome.figures = [
            ExperimentFigure(
                title: "Gap against width", caption: "The largest over all steps compared.",
                curves: .init(
                    xTitle: "width", yTitle: "relative gap", isLogarithmic: true,
                    series: [
                        .init(name: "kernel of infinite width", x: x, y: largest.infinite), .init(name: "own kernel", x: x, y: largest.own),
                    ])),
            ExperimentFigure(
                title: "Gap against training time", caption: "To the kernel of infinite width.",
                curves: .init(
                    xTitle: "steps", yTitle: "relative gap", isLogarithmic: true,
                    series: zip(widths, means).map {
                        .init(name: "width \($0)", x: setting.checkpoints.map(Double.init), y: $1.infinite)
                    })),
        ]
        return outcome
    }

    /// The slope of a line through the logarithms, least squares; NaN for fewer than two widths.
    static func exponent(_ widths: [Int], _ gaps: [Double]) -> Double {
        guard widths.count > 1 else { return .nan }
        let (x, y) = (widths.map { Double.log(Double($0)) }, gaps.map { Double.log($0) })
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let across = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        return across / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    }

    private static func rootMeanSquares(_ runs: [[Double]]) -> [Double] {
        (runs.first ?? []).indices.map { index in
            (runs.reduce(0) { $0 + $1[index] * $1[index] } / Double(runs.count)).squareRoot()
        }
    }
}
