internal import EngramKernels
internal import EngramMemories
internal import EngramNumerics

/// How well examples that were not learned from are predicted, beside three baselines.
struct CrossValidation {
    let drop: LabelledDrop
    let search: ModelSearch
    /// Called with the share that is done.
    let onProgress: (Double) throws -> Void

    /// What one fold came to.
    struct Fold: Equatable, Sendable {
        /// Examples that were predicted.
        var rows: [Int] = []
        /// For each of them: the class or the number, and how clear it was.
        var predictions: [Double] = []
        var margins: [Double] = []
        /// Scores of all classes, row by row; empty for a regression.
        var scores: [Double] = []
        /// A share of right answers, or the fold's part of R², whose mean over folds is R² of all examples together.
        var model = 0.0
        var majority = 0.0
        var nearest = 0.0
        var laplace = 0.0
        /// Nil for a regression.
        var deep: Double?
        /// By round of a feature machine.
        var rounds: [Double] = []
        /// What was chosen, in words.
        var choice = ""
        /// Examples that were learned from.
        var trainingCount = 0

        /// Whether it is of these examples, with an entry for each.
        func isMeasure(of indices: [Int], _ target: PredictionTarget) -> Bool {
            var scoreCount = 0
            if case .classes(_, let names) = target { scoreCount = names.count * indices.count }
            return rows == indices && predictions.count == rows.count && margins.count == rows.count && scores.count == scoreCount
        }
    }

    /// What came of it.
    struct Result {
        /// One entry each.
        var folds: [Fold] = []
        /// Whether not all examples took part.
        var isSampled = false

        /// Examples that were predicted, each once.
        var rows: [Int] { folds.flatMap(\.rows) }
        /// For each of them: the class or the number, and how clear it was.
        var predictions: [Double] { folds.flatMap(\.predictions) }
        var margins: [Double] { folds.flatMap(\.margins) }
        /// Most examples that one fold learned from.
        var trainingCount: Int { folds.map(\.trainingCount).max() ?? 0 }

        /// The mean of a measure over folds.
        func mean(_ measure: (Fold) -> Double) -> Double {
            folds.isEmpty ? 0 : folds.reduce(0) { $0 + measure($1) } / Double(folds.count)
        }

        /// Scores of all classes for each of `rows`.
        func scores(classCount: Int) -> [[Double]] {
            folds.flatMap { fold in
                fold.rows.indices.map { Array(fold.scores[$0 * classCount..<($0 + 1) * classCount]) }
            }
        }
    }

    /// Examples that take part, at most: the cost grows with their cube.
    static let largestCount = 6000

    /// - Parameters:
    ///   - known: The examples with a target.
    ///   - foldCount: Folds, ≥ 2.
    ///   - checkpoint: Knows folds of an earlier attempt, and keeps those of this one.
    func run(known: [Int], foldCount: Int, checkpoint: PredictCheckpoint) throws -> Result {
        let whole = LearnableRows(rows: Matrix(rowCount: known.count, columnCount: 0), target: drop.target, indices: known)
        let sample = StratifiedFolds.sample(of: whole, most: Self.largestCount, seed: search.seed &+ 3)
        let taken = sample.map { known[$0] }
        let given = drop.folds.map { folds in taken.map { folds[$0] } }
        let foldCount = given.map { ($0.max() ?? 1) + 1 } ?? foldCount
        let folds = given ?? StratifiedFolds.folds(of: whole.at(sample), count: foldCount, seed: search.seed)
        var result = Result()
        result.isSampled = sample.count < known.count
        let spread = TestRows.Spread(of: drop.target, at: taken, foldCount: foldCount)
        for fold in 0..<foldCount {
            try onProgress(Double(fold) / Double(foldCount))
            let trainIndices = folds.indices.filter { folds[$0] != fold }.map { taken[$0] }
            let testIndices = folds.indices.filter { folds[$0] == fold }.map { taken[$0] }
            guard !testIndices.isEmpty, Self.isLearnable(trainIndices, drop.target) else { continue }
            let done = result.folds.count < checkpoint.folds.count ? checkpoint.folds[result.folds.count] : nil
            if let done, done.isMeasure(of: testIndices, drop.target) {
                result.folds.append(done)
                continue
            }
            result.folds.append(try measured(train: trainIndices, test: testIndices, spread))
            checkpoint.keep(folds: result.folds)
        }
        return result
    }

    /// Whether examples have two classes, or two numbers: folds that users give may leave fewer.
    private static func isLearnable(_ indices: [Int], _ target: PredictionTarget) -> Bool {
        switch target {
        case .classes(let labels, _): Set(indices.map { labels[$0] }).count > 1
        case .numbers(let values): Set(indices.map { values[$0] }).count > 1
        }
    }

    private func measured(train trainIndices: [Int], test testIndices: [Int], _ spread: TestRows.Spread) throws -> Fold {
        var fold = Fold()
        let encoding = ExampleEncoding(drop.examples, rows: trainIndices)
        let train = LearnableRows(
            rows: encoding.encoded(drop.examples, rows: trainIndices), target: drop.target, indices: trainIndices)
        let test = TestRows(
            rows: encoding.encoded(drop.examples, rows: testIndices), drop.target, testIndices, spread)
        fold.trainingCount = train.count
        let choice = try search.choice(for: train)
        fold.choice = choice.words
        let course = ModelSearch.Course { round, used in
            let machine = FeatureMachine(kernel: round.kernel, points: used.rows, coefficients: round.coefficients)
            let predictor = Predictor(model: KernelModel(machine), offset: train.offset, scale: train.scale)
            fold.rounds.append(test.score(try predictor.outputs(at: test.rows)))
        }
        let predictor = try search.fitted(choice, to: train, course: course)
        let outputs = try predictor.outputs(at: test.rows, onStep: { _ in try search.onStep() })
        fold.model = test.score(outputs)
        let answers = Answers(outputs, isClassification: train.isClassification)
        fold.rows = testIndices
        fold.predictions = answers.values
        fold.margins = answers.margins
        if train.isClassification { fold.scores = outputs.elements }
        try measureBaselines(train, test, into: &fold)
        return fold
    }

    private func measureBaselines(_ train: LearnableRows, _ test: TestRows, into fold: inout Fold) throws {
        var frequent = Matrix<Double>(rowCount: test.rows.rowCount, columnCount: max(train.classCount, 1))
        if train.isClassification {
            let most = (0..<train.classCount).max { a, b in
                (train.labels.count { $0 == a }, b) < (train.labels.count { $0 == b }, a)
            }
            for row in 0..<frequent.rowCount { frequent[row, most ?? 0] = 1 }
        } else {
            frequent = frequent.map { _ in train.offset }
        }
        fold.majority = test.score(frequent)
        let nearest = try NearestExamples.find(
            1, of: test.rows, among: train.rows, own: Array(repeating: nil, count: test.rows.rowCount),
            onStep: { _ in try search.onStep() })
        let same = train.targets.rows(at: nearest.map { $0.first ?? 0 })
        fold.nearest = test.score(train.isClassification ? same : same.map { train.offset + train.scale * $0 })
        let plain = search.with(model: .laplace, bandwidth: search.settings.bandwidth.given ?? ModelSearch.publishedBandwidth)
        let laplace = try plain.fitted(plain.choice(for: train), to: train)
        fold.laplace = test.score(try laplace.outputs(at: test.rows, onStep: { _ in try search.onStep() }))
        guard train.isClassification else { return }
        let deep = try search.fitted(.init(model: .deep, dimension: search.dimension(of: train)), to: train)
        fold.deep = test.score(try deep.outputs(at: test.rows, onStep: { _ in try search.onStep() }))
    }
}

/// Examples whose target is known and that were not learned from.
struct TestRows {
    let rows: Matrix<Double>
    private let labels: [Int]
    private let values: [Double]
    private let spread: Spread

    /// What R² is measured against: how much numbers differ from their mean over all folds. A fold of one number has no spread.
    struct Spread {
        /// A power of 2 by which numbers are divided, so that their squares are numbers.
        fileprivate let unit: Double
        /// The sum of squares about the mean over the number of folds, in that unit.
        fileprivate let squaresPerFold: Double

        /// - Parameters:
        ///   - target: Of all examples of the drop.
        ///   - indices: Those in any fold; their targets are known.
        ///   - foldCount: Folds.
        init(of target: PredictionTarget, at indices: [Int], foldCount: Int) {
            guard case .numbers(let all) = target else {
                (unit, squaresPerFold) = (1, 0)
                return
            }
            let values = indices.map { all[$0] ?? 0 }
            let spread = ValueSpread(of: values, count: values.count)
            unit = ValueSpread.unit(of: values)
            let deviation = spread.deviation / unit
            squaresPerFold = deviation * deviation * Double(values.count) / Double(foldCount)
        }
    }

    init(rows: Matrix<Double>, _ target: PredictionTarget, _ indices: [Int], _ spread: Spread) {
        self.rows = rows
        self.spread = spread
        switch target {
        case .classes(let all, _): (labels, values) = (indices.map { all[$0] ?? 0 }, [])
        case .numbers(let all): (labels, values) = ([], indices.map { all[$0] ?? 0 })
        }
    }

    /// The share of right answers, or the part of R² of outputs in units of the target.
    func score(_ outputs: Matrix<Double>) -> Double {
        guard labels.isEmpty else {
            return Double(zip(outputs.largestEntryOfEachRow(), labels).count { $0 == $1 }) / Double(labels.count)
        }
        let unit = spread.unit
        let errors = values.enumerated().map { $1 / unit - outputs[$0, 0] / unit }
        guard spread.squaresPerFold > 0 else { return 0 }
        return 1 - errors.reduce(0) { $0 + $1 * $1 } / spread.squaresPerFold
    }
}

/// Outputs as answers: a class or a number, and how clear it is.
struct Answers {
    /// The place of the class, or the number.
    let values: [Double]
    /// By how much the largest score exceeds the second; 0 for numbers.
    let margins: [Double]

    init(_ outputs: Matrix<Double>, isClassification: Bool) {
        guard isClassification else {
            values = outputs.column(0)
            margins = Array(repeating: 0, count: outputs.rowCount)
            return
        }
        let best = outputs.largestEntryOfEachRow()
        values = best.map(Double.init)
        margins = best.enumerated().map { row, label in
            let second = outputs.row(row).enumerated().filter { $0.offset != label }.map(\.element).max() ?? 0
            return outputs[row, label] - second
        }
    }
}
