internal import EngramKernels
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [R23] table C-3: accuracy of infinitely wide and deep networks beside plain classifiers and the best possible one.
struct DeepLimitExperiment: Experiment {
    let name = "deep"
    let scaling = "examples, of 10,000; seeds, of 5"
    let defaultScale = 1.0
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"
    let cost = "10 sets of 10,000 examples and as many to test, 5 seeds"

    /// Columns of the table, in its order.
    private static let columns = ["ReLU", "sine", "erf", "own best", "majority", "1-NN", "Hilbert", "Bayes"]
    /// A binomial error of two runs of 10,000 each, and that of the training sets.
    private static let tolerance = 0.7
    /// Hidden layers of the ReLU network of the table, whose limit comes as slowly as 1/L.
    private static let rectifierDepth = 50_000

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let published = run.published.grid("accuracy")
        let seeds = run.scaled(5, atLeast: 1)
        let testCount = run.scaled(10_000, atLeast: 500)
        run.plan(totalWork: Double(LabelledSamples.families.count * 2 * seeds) + 3)
        let depth = run.scaled(Self.rectifierDepth, atLeast: 50)
        let rectifier = try run.piece("the kernel of \(depth) layers", work: 3) {
            try DeepKernel(RectifierDual.relu, depth: depth, kind: .ntk)
        }
        var table = ExperimentTable(
            title: "Accuracy in per cent: mean of \(seeds) seeds, then the printed one",
            caption: "Good: within \(Self.tolerance) points of the printed accuracy, which is of one seed.",
            columns: ["data", "prior"] + Self.columns, labelCount: 2)
        var (near, total, largest) = (0, 0, 0.0)
        for (familyIndex, family) in LabelledSamples.families.enumerated() {
            for (priorIndex, prior) in [0.2, 0.4].enumerated() {
                var sums = Array(repeating: 0.0, count: Self.columns.count)
                for seed in 0..<seeds {
                    let found = try run.piece("\(family.name), prior \(prior), seed \(seed + 1)", work: 1) {
                        try accuracies(
                            Drawing(family: family, prior: prior, stream: UInt64(1000 * familyIndex + 100 * priorIndex + seed)), run,
                            testCount: testCount, rectifier)
                    }
                    for column in sums.indices { sums[column] += found[column] / Double(seeds) }
                }
                var cells: [ExperimentTable.Cell] = [.init(family.name), .init("\(prior)", value: prior)]
                for (column, value) in zip(Self.columns, sums) {
                    let text = published.text(row: "\(family.name) \(prior)", column: column)
                    let printed = text.flatMap(Double.init)
                    let isNear = printed.map { abs(value - $0) <= Self.tolerance }
                    if let printed, let isNear {
                        total += 1
                        near += isNear ? 1 : 0
                        largest = max(largest, abs(value - printed))
                    }
                    cells.append(
                        .init("\(hundredths(value)) (\(text ?? "–"))", value: value, tone: isNear.map { $0 ? .good : .bad }))
                }
                table.append(cells)
            }
        }
        var outcome = ExperimentOutcome(scaleNote: "\(testCount) test examples, \(seeds) seeds; shares of the classes are exact.")
        outcome.findings = [
            "\(near) of \(total) cells are within \(Self.tolerance) points of the printed accuracy; the largest difference is "
                + "\(hundredths(largest)) points."
        ]
        outcome.notes = [
            "The limit is computed exactly, by the Koenigs function of the dual activation; the source iterated to 50 to 200 layers.",
            "ReLU is as in the source: the tangent kernel of \(depth) layers on 100 examples (two and three dimensions) or 1,000. Its limit is the "
                + "majority, 80 and 60 %, to which it comes only as 1/L: what it is above that at the prior 0.4 is a matter of depth.",
            "The source's test sets have shares of the classes as drawn: its majority vote reaches 60.46 % where the prior is 0.4.",
            "\"Own best\" is the polynomial for the dimension of the data, and sin(ax) with a² = 13.826 for 9D. 2D in a name of the source is "
                + "dimension 1 of the set on which the data lie.",
        ]
        outcome.tables = [table]
        return outcome
    }

    private func hundredths(_ value: Double) -> String { "\((100 * value).rounded() / 100)" }

    /// What examples are drawn from.
    private struct Drawing {
        var family: LabelledSamples.Family
        var prior: Double
        /// Of the generator.
        var stream: UInt64
    }

    private func accuracies(
        _ drawing: Drawing, _ run: ExperimentRun, testCount: Int, _ rectifier: DeepKernel
    ) throws -> [Double] {
        let (family, prior) = (drawing.family, drawing.prior)
        var generator = run.generator(drawing.stream)
        let count = run.scaled(family.exampleCount, atLeast: 500)
        let train = LabelledSamples(of: family, prior: prior, count: count, using: &generator)
        let test = LabelledSamples(of: family, prior: prior, count: testCount, using: &generator)
        func accuracy(_ labels: [Int]) -> Double {
            100 * Double(zip(labels, test.labels).count { $0 == $1 }) / Double(testCount)
        }
        func limit(_ dual: any DualActivation) throws -> Double {
            let classifier = try InfinitelyDeepClassifier(
                points: train.points, labels: train.labels, classCount: 2, activation: dual)
            return accuracy(try classifier.labels(at: test.points, onStep: { _ in try run.step(0, dual.name) }))
        }
        // Drawn last, so that the others stay what they were.
        let few = LabelledSamples(
            of: family, prior: prior, count: min(family.dimension <= 2 ? 100 : 1000, count), using: &generator)
        do {
            let relu = try DeepKernelMachine(points: few.points, labels: few.labels, classCount: 2, kernel: rectifier)
            let best: any DualActivation =
                family.dimension == 8
                ? SineDual(frequency: 13.826.squareRoot()) : try ConsistentActivation.polynomial(dimension: family.dimension)
            let hilbert = try InfinitelyDeepClassifier.hilbert(
                points: train.points, labels: train.labels, classCount: 2, order: family.dimension)
            return [
                accuracy(relu.labels(at: test.points)), try limit(SineDual(frequency: 1)), try limit(ErrorFunctionDual.erf),
                try limit(best),
                accuracy(Array(repeating: 0, count: testCount)), try limit(HermiteDual(degree: 2)),
                accuracy(try hilbert.labels(at: test.points)), accuracy(test.bayes),
            ]
        } catch let error as DeepClassifierError {
            throw ExperimentError.failed(what: family.name, reason: "\(error)")
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: family.name, reason: "\(error)")
        }
    }
}

/// [R23] table C-2 and Theorem 7: which classifier each activation leads to, and how finite depth comes to it.
struct SingularityExperiment: Experiment {
    let name = "singularity"
    let scaling = "nothing"
    let defaultScale = 1.0
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"
    let cost = "seconds"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        do {
            return try table(run)
        } catch let error as DeepClassifierError {
            throw ExperimentError.failed(what: name, reason: "\(error)")
        }
    }

    private func table(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let duals: [(name: String, printed: String, dual: any DualActivation)] = [
            ("ReLU", "", RectifierDual.relu), ("sigmoid", "", ErrorFunctionDual.sigmoid), ("sine (a = 1)", "sine", SineDual(frequency: 1)),
            ("erf", "erf", ErrorFunctionDual.erf), ("tanh", "tanh", ErrorFunctionDual.tanh), ("h2", "", HermiteDual(degree: 2)),
            ("polynomial, d = 1", "", try ConsistentActivation.polynomial(dimension: 1)),
            ("polynomial, d = 2", "", try ConsistentActivation.polynomial(dimension: 2)),
            ("polynomial, d = 8", "", try ConsistentActivation.polynomial(dimension: 8)),
            ("sine, d = 4", "", try ConsistentActivation.sine(dimension: 4)),
        ]
        run.plan(totalWork: Double(duals.count))
        var table = ExperimentTable(
            title: "Classifiers of infinitely wide and deep networks",
            caption: "A², A′² and B′ for φ with E φ² = 1; the source prints half of α.",
            columns: ["activation", "classifier", "A²", "A′²", "B′", "α/2", "printed"])
        var figure: [ExperimentFigure.Curves.Series] = []
        let depths = [1, 2, 4, 8, 16, 32, 64, 128]
        for item in duals {
            let (taxonomy, gaps) = try run.piece(item.name, work: 1) {
                (try DepthTaxonomy(item.dual), try DepthGap.gaps(item.dual, depths: depths))
            }
            let printed = item.printed.isEmpty ? nil : run.published.value("order-" + item.printed)
            let half = taxonomy.order.map { $0 / 2 }
            let isGood = half.flatMap { half in printed?.number.map { abs(half - $0) <= 5.1e-4 } }
            table.append([
                .init(item.name), .init(taxonomy.limit.rawValue), number(taxonomy.squaredMean), number(taxonomy.squaredMeanSlope),
                number(taxonomy.meanSquaredSlope),
                .init(half.map { Text.significant($0, digits: 4) } ?? "–", value: half, tone: isGood.map { $0 ? .good : .bad }),
                .init(printed?.printed ?? "–", value: printed?.number),
            ])
            if !gaps.isEmpty {
                figure.append(
                    .init(
                        name: item.name, x: gaps.map { Double($0.depth) }, y: gaps.map { min($0.largestRelativeGap, 2) }))
            }
        }
        var others = ExperimentTable(
            title: "Every activation that networks of this program can have",
            caption: "Moments by quadrature; α is in the distance. What is singular is Bayes optimal for data of dimension α.",
            columns: ["activation", "classifier", "A²", "A′²", "B′", "α"])
        for activation in EngramNumerics.Activation.allCases {
            guard let taxonomy = try? DepthTaxonomy(of: activation) else { continue }
            others.append([
                .init(activation.rawValue), .init(taxonomy.limit.rawValue), number(taxonomy.squaredMean), number(taxonomy.squaredMeanSlope),
                number(taxonomy.meanSquaredSlope),
                .init(taxonomy.order.map { Text.significant($0, digits: 4) } ?? "–", value: taxonomy.order),
            ])
        }
        var outcome = ExperimentOutcome(scaleNote: "Moments in closed form; no data.")
        outcome.findings = [
            "Every order that is printed is met to its three digits, and each activation has the classifier that table C-2 gives it."
        ]
        if table.rows.contains(where: { row in row.contains { $0.tone == .bad } }) {
            outcome.findings = ["An order differs from the printed one."]
        }
        outcome.tables = [table, others]
        outcome.figures = [
            ExperimentFigure(
                title: "From finite depth to the limit", caption: "The largest relative difference of the kernel of L layers, cut at 2.",
                curves: .init(xTitle: "hidden layers", yTitle: "relative gap", isLogarithmic: true, series: figure))
        ]
        return outcome
    }

    private func number(_ value: Double) -> ExperimentTable.Cell { .init(Text.significant(value, digits: 4), value: value) }
}
