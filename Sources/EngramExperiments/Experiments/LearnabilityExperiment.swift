internal import EngramKernels
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import RealModule

/// [S21]: what a kernel machine learns of each mode of a whole domain, predicted and measured.
struct LearnabilityExperiment: Experiment {
    /// Which domains.
    enum Domains: Sendable {
        /// A circle of points and a hypercube: every point is there, and modes come in exact eigenspaces.
        case finite
        /// Points drawn from the sphere in R⁸.
        case sphere
    }

    let domains: Domains
    let scaling = "points of the circle and of the sphere, corners of the hypercube"
    let defaultScale = 1.0
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"
    let cost = "100 draws of 5 counts of examples"

    var name: String { domains == .finite ? "learnability" : "sphere" }

    /// Points with a name, and how their modes belong together.
    private struct Domain {
        var name: String
        var points: Matrix<Double>
        /// Sizes of the eigenspaces, for a sample, in which they are equal only nearly; nil: equal eigenvalues.
        var multiplicities: [Int]?
        var ridge = 0.0
        /// Whether the kernel depends on the difference of two indices alone: then the gaps between examples have a theory of their own.
        var isRing = false
    }

    /// The prediction for independent modes, that with pairs of examples, and that of the error.
    private struct Theory {
        var single: Eigenlearning
        var paired: PairedLearning
        /// E of each mode: by gaps where there are such, else with pairs.
        var modeErrors: [Double]

        init(of spectrum: DomainSpectrum, _ domain: Domain, row: [Double], exampleCount: Int) {
            single = Eigenlearning(eigenvalues: spectrum.eigenvalues, exampleCount: exampleCount, ridge: domain.ridge)
            paired = PairedLearning(spectrum, exampleCount: exampleCount, ridge: domain.ridge)
            let gaps = domain.isRing && domain.ridge == 0 ? GapLearning(row: row, exampleCount: exampleCount) : nil
            modeErrors = gaps?.modeErrors(of: spectrum) ?? paired.modeErrors
        }
    }

    /// Modes of one eigenspace: means over it.
    private struct Row {
        var size: Int
        var predicted: Double
        var predictedAlone: Double
        var measured: Double
        var predictedError: Double
        var measuredError: Double
    }

    /// Draws of each count.
    static let drawCount = 100
    /// Hidden layers, as in the source.
    static let depth = 4
    /// Eigenspaces of which less than this is learned do not matter.
    private static let leastLearnability = 0.05
    /// Errors for a mode below this do not matter: an error of 1 is that of the answer 0.
    private static let leastError = 0.05

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let domains = makeDomains(run)
        let kernel = FullyConnectedKernel(
            kind: .ntk, activation: RectifierDual.relu, depth: Self.depth, prior: NetworkPrior(weightVariance: 2))
        let shares = [32, 16, 8, 4, 2]
        run.plan(totalWork: domains.reduce(0) { $0 + Double($1.points.rowCount * $1.points.rowCount * shares.count) })
        var summary = ExperimentTable(
            title: "Predicted against measured, means over the modes that matter",
            caption:
                "Sum of L: the largest relative miss of n by the theory's and the measured sum (with a ridge: by the theory's with the part of the ridge). Learnability: eigenspaces with L of \(Self.leastLearnability) and more; error: targets of "
                + "one mode that are missed by \(Self.leastError) and more. Differences relative, means over eigenspaces. All modes: the error of a target with "
                + "equal parts of all.",
            columns: [
                "domain", "n", "C", "sum of L", "L: relative difference", "without pairs", "L: largest difference",
                "error: relative difference",
                "all modes: predicted", "measured", "difference",
            ], labelCount: 2)
        var outcome = ExperimentOutcome(scaleNote: scaleNote(domains))
        var details: [ExperimentTable] = []
        for (stream, domain) in domains.enumerated() {
            let count = domain.points.rowCount
            let matrix = kernel.values(at: domain.points, centers: domain.points)
            let spectrum: DomainSpectrum = try caught(domain.name) { try DomainSpectrum(matrix) }
            var series: [ExperimentFigure.Curves.Series] = []
            var largest = 0.0
            for (index, share) in shares.enumerated() {
                let n = max(count / share, 2)
                let theory = Theory(of: spectrum, domain, row: matrix.row(0), exampleCount: n)
                var generator = run.generator(UInt64(100 * stream + index))
                let measured = try run.piece("\(domain.name), \(n) examples", work: Double(count * count)) {
                    try caught(domain.name) {
                        try spectrum.measurement(
                            exampleCount: n, drawCount: Self.drawCount, ridge: domain.ridge, using: &generator
                        ) { draw in
                            try run.step(Double(draw) / Double(Self.drawCount), "draw \(draw + 1)")
                        }
                    }
                }
                let rows = rows(of: spectrum, domain, theory, measured)
                let (cells, difference) = summaryCells(rows, theory, measured)
                largest = max(largest, difference)
                summary.append([.init(domain.name), .init("\(n)", value: Double(n))] + cells)
                let places = rows.indices.map { Double($0 + 1) }
                series.append(.init(name: "n = \(n), predicted", x: places, y: rows.map(\.predicted)))
                series.append(.init(name: "n = \(n), measured", x: places, y: rows.map(\.measured)))
                if share == 8 { details.append(table(rows, domain, n)) }
            }
            outcome.figures.append(
                ExperimentFigure(
                    title: "Learnability of the modes, \(domain.name)",
                    caption: "One place an eigenspace, the largest eigenvalue first; measured: means of \(Self.drawCount) draws.",
                    curves: .init(xTitle: "eigenspace", yTitle: "learnability", isLogarithmic: true, series: series)))
            outcome.findings.append(
                "\(domain.name): predicted and measured learnability differ by \(Text.percent1(largest)) on average for the worst n.")
        }
        outcome.tables = [summary] + details
        outcome.notes = [
            "The source takes the modes at random examples as independent. On a circle they are not: the gaps between neighbouring examples vary, and "
                + "what is measured is lower. The prediction has what pairs of examples do to each other besides, which is most of it for learnability. The "
                + "error on a circle without a ridge is made in the wide gaps: it is predicted from how frequent each gap is, and from its two ends.",
            "Draws are without repetition, and errors are over all points, examples among them, as in the source.",
        ]
        return outcome
    }

    private func makeDomains(_ run: ExperimentRun) -> [Domain] {
        switch domains {
        case .finite:
            let count = run.scaled(256, atLeast: 16)
            let dimension = max(4, Int(saturating: (8 + Double.log2(run.scale)).rounded()))
            let side = 1 / Double(dimension).squareRoot()
            let circle = Matrix(
                rows: (0..<count).map { index in
                    let angle = 2 * Double.pi * Double(index) / Double(count)
                    return [Double.cos(angle), Double.sin(angle)]
                })
            let corners = Matrix(
                rows: (0..<1 << dimension).map { corner in (0..<dimension).map { (corner >> $0) & 1 == 0 ? side : -side } })
            return [
                Domain(name: "circle of \(count) points", points: circle, isRing: true),
                Domain(name: "circle of \(count) points, ridge 1", points: circle, ridge: 1, isRing: true),
                Domain(name: "hypercube of \(1 << dimension) corners", points: corners),
            ]
        case .sphere:
            let count = run.scaled(512, atLeast: 64)
            var generator = run.generator(1)
            let points = NormedExamples.random(count, dimension: 8, radius: 1, using: &generator)
            // Harmonics of degree l in R⁸: 1, 8, 35, 112, 294; the rest as one.
            var (sizes, left) = ([Int](), count)
            for size in [1, 8, 35, 112, 294] where left > 0 {
                sizes.append(min(size, left))
                left -= min(size, left)
            }
            return [Domain(name: "7-sphere, \(count) points", points: points, multiplicities: sizes + (left > 0 ? [left] : []))]
        }
    }

    private func scaleNote(_ domains: [Domain]) -> String {
        "\(domains.map(\.name).joined(separator: ", ")); tangent kernel of \(Self.depth) hidden ReLU layers, \(Self.drawCount) draws each."
    }

    /// Means over eigenspaces, the largest eigenvalue first.
    private func rows(
        of spectrum: DomainSpectrum, _ domain: Domain, _ theory: Theory, _ measured: DomainSpectrum.Measurement
    ) -> [Row] {
        var spaces: [Range<Int>] = []
        if let sizes = domain.multiplicities {
            for size in sizes {
                let start = spaces.last?.upperBound ?? 0
                spaces.append(start..<start + size)
            }
        } else {
            // Rounding of the kernel of opposite points parts equal eigenvalues by up to 1e-6.
            spaces = spectrum.eigenspaces(tolerance: 1e-5)
        }
        return spaces.map { space in
            func mean(_ values: [Double]) -> Double { values[space].reduce(0, +) / Double(space.count) }
            return Row(
                size: space.count, predicted: mean(theory.paired.learnabilities), predictedAlone: mean(theory.single.learnabilities),
                measured: mean(measured.learnabilities), predictedError: mean(theory.modeErrors),
                measuredError: mean(measured.errors))
        }
    }

    /// What the summary says, and the mean relative difference of L.
    private func summaryCells(
        _ rows: [Row], _ theory: Theory, _ measured: DomainSpectrum.Measurement
    ) -> (cells: [ExperimentTable.Cell], difference: Double) {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        let learned = rows.filter { $0.predicted >= Self.leastLearnability }
        let difference = mean(learned.map { abs($0.measured / $0.predicted - 1) })
        let alone = mean(learned.map { abs($0.measured / $0.predictedAlone - 1) })
        let largest = learned.map { abs($0.measured - $0.predicted) }.max() ?? 0
        let missed = rows.filter { $0.predictedError >= Self.leastError }
        let errorDifference = mean(missed.map { abs($0.measuredError / $0.predictedError - 1) })
        let (single, n) = (theory.single, Double(theory.single.exampleCount))
        let sum = single.learnabilities.reduce(0, +)
        let kept = single.ridge > 0 ? single.ridge / single.constant * (1 - sum / Double(single.eigenvalues.count)) : 0
        // With a ridge the sum has a part for it, which a single draw does not show.
        let miss = max(
            abs((theory.paired.learnabilities.reduce(0, +) + kept) / n - 1),
            single.ridge > 0 ? 0 : abs(measured.learnabilities.reduce(0, +) / n - 1))
        let count = Double(single.eigenvalues.count)
        let (predicted, found) = (theory.modeErrors.reduce(0, +) / count, measured.errors.reduce(0, +) / count)
        func share(_ value: Double) -> ExperimentTable.Cell {
            .init(Text.percent1(value), value: value, tone: value <= 0.05 ? .good : .bad)
        }
        return (
            [
                .init(Text.scientific(single.constant), value: single.constant),
                .init("n, to \(Text.scientific(miss))", value: miss, tone: miss <= 1e-9 ? .good : .bad), share(difference), share(alone),
                .init(Text.significant(largest, digits: 2), value: largest), share(errorDifference),
                .init(Text.significant(predicted), value: predicted), .init(Text.significant(found), value: found),
                share(abs(found / predicted - 1)),
            ], difference
        )
    }

    /// One count of examples, eigenspace by eigenspace.
    private func table(_ rows: [Row], _ domain: Domain, _ n: Int) -> ExperimentTable {
        var table = ExperimentTable(
            title: "\(domain.name), n = \(n)", caption: "The first 12 eigenspaces, means over each. Error: of a target of one mode.",
            columns: ["eigenspace", "modes", "L predicted", "L measured", "error predicted", "error measured"])
        for (index, row) in rows.prefix(12).enumerated() {
            table.append(
                [.init("\(index + 1)", value: Double(index + 1)), .init("\(row.size)", value: Double(row.size))]
                    + [row.predicted, row.measured, row.predictedError, row.measuredError].map { .init(Text.significant($0), value: $0) })
        }
        return table
    }

    private func caught<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: what, reason: "\(error)")
        }
    }
}

extension Text {
    /// A share as per cent with a decimal.
    static func percent1(_ share: Double) -> String { "\(significant((1000 * share).rounded() / 10)) %" }
}
