internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation
internal import RealModule

/// Writes everything that the folder of a prediction holds, but its manifest.
struct PredictRendering {
    let drop: LabelledDrop
    let known: [Int]
    let result: CrossValidation.Result
    let learned: LearnedPrediction
    let settings: DropSettings
    let context: DropProcessor.Context
    var seconds = PredictReport.Seconds()
    /// What went wrong with checkpoints.
    var checkpointNotes: [String] = []
    private let calibration: ScoreCalibration?

    init(
        drop: LabelledDrop, known: [Int], result: CrossValidation.Result, learned: LearnedPrediction, settings: DropSettings,
        context: DropProcessor.Context
    ) {
        (self.drop, self.known, self.result) = (drop, known, result)
        (self.learned, self.settings, self.context) = (learned, settings, context)
        guard case .classes(let labels, let names) = drop.target else {
            calibration = nil
            return
        }
        calibration = ScoreCalibration(scores: result.scores(classCount: names.count), labels: result.rows.map { labels[$0] ?? 0 })
    }

    /// Depths at which the gap to the limit is told.
    private static let depths = [1, 2, 4, 8, 16, 32, 64]

    private var isClassification: Bool { drop.target.isClassification }

    private var classes: [String] {
        if case .classes(_, let names) = drop.target { return names }
        return []
    }

    /// Writes the files.
    /// - Returns: What `report.json` says.
    func write(into folder: String, onStep: (Int) throws -> Void, now: () -> Double) throws -> PredictReport {
        let answered = try answers(onStep)
        try ResultFile.write(stored().encoded(), to: folder + "/" + StoredPredictor.fileName)
        var all = seconds
        all.total = now()
        let why = PredictExplanation(learned)
        var report = PredictReport(
            name: context.dropName, prediction: prediction, features: try why.features(), limit: try limit(), answers: answered.summary,
            seconds: all, summary: summary(answered), seed: UInt64(settings.seed), threads: context.threadCount,
            versions: context.versions, notes: notes)
        report.test = answered.test
        report.ansatz = why.ansatz
        var content = PredictContent(
            report: report, rows: answered.rows, weights: why.weights, diagonal: try why.diagonal(), command: context.command)
        content.metric = try why.picture()
        content.directions = try why.directions()
        for file in try content.files() { try ResultFile.write(Array(file.bytes), to: folder + "/" + file.name) }
        try ResultFile.write(Array(settings.yaml.utf8), to: folder + "/settings.yml")
        return report
    }

    // MARK: Answers

    /// What was predicted.
    private struct Answered {
        /// Lines of `predictions.csv`.
        var rows: [PredictionRow] = []
        var summary = PredictReport.Answers(predicted: 0, perClass: [])
        /// How many of the examples with a label that were not learned from are right.
        var test: PredictReport.Test?
    }

    /// Lines for the examples without a label, then for those that were held out.
    private func answers(_ onStep: (Int) throws -> Void) throws -> Answered {
        let isKnown = Set(known)
        let unknown = (0..<drop.examples.count).filter { !isKnown.contains($0) }
        var answered = Answered()
        answered.rows = try predicted(unknown, onStep)
        var perClass = Array(repeating: 0, count: classes.count)
        var (tested, right) = (0, 0)
        for (index, row) in zip(unknown, answered.rows.indices) {
            let label = classes.firstIndex(of: answered.rows[row].predicted)
            if let label { perClass[label] += 1 }
            guard let held = drop.heldBack[index] else { continue }
            answered.rows[row].known = classes.indices.contains(held) ? classes[held] : "(no class that was learned)"
            tested += 1
            right += label == held ? 1 : 0
        }
        answered.summary = .init(predicted: unknown.count, perClass: perClass)
        if tested > 0 {
            let share = Double(right) / Double(tested)
            answered.test = .init(examples: tested, right: right, accuracy: share, interval: Self.wilson(share, count: tested))
        }
        answered.rows += try heldOut(onStep)
        return answered
    }

    private func predicted(_ indices: [Int], _ onStep: (Int) throws -> Void) throws -> [PredictionRow] {
        guard !indices.isEmpty else { return [] }
        let rows = learned.encoding.encoded(drop.examples, rows: indices)
        return try PredictedRows(
            predictor: learned.predictor, classes: classes, examples: learned.rows.rows, exampleNames: known.map { drop.names[$0] },
            sharpness: calibration?.factor
        ).answers(to: rows, names: indices.map { drop.names[$0] }, onStep: onStep)
    }

    private func heldOut(_ onStep: (Int) throws -> Void) throws -> [PredictionRow] {
        let (tested, predictions, margins) = (result.rows, result.predictions, result.margins)
        let scores = isClassification ? result.scores(classCount: classes.count) : []
        let order = tested.indices.sorted { tested[$0] < tested[$1] }
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
        let own = order.map { places[tested[$0]] }
        let geometry = try learned.predictor.geometry(of: learned.rows.rows)
        let nearest = try NearestExamples.find(
            3, of: geometry.rows(at: own.map { $0 ?? 0 }), among: geometry, own: own, onStep: onStep)
        return zip(order, nearest).map { place, near in
            PredictionRow(
                item: drop.names[tested[place]], known: text(ofTarget: tested[place]), predicted: text(predictions[place]),
                margin: isClassification ? margins[place] : nil,
                probability: calibration.map {
                    ScoreCalibration.probabilities(scores[place], factor: $0.factor)[Int(saturating: predictions[place])]
                }, nearest: near.map { drop.names[known[$0]] })
        }
    }

    private func text(_ value: Double) -> String { PredictedRows.text(value, classes) }

    private func text(ofTarget index: Int) -> String {
        switch drop.target {
        case .classes(let labels, let names): labels[index].map { names[$0] } ?? ""
        case .numbers(let values): values[index].map { "\($0)" } ?? ""
        }
    }

    // MARK: Measures

    private var prediction: PredictReport.Prediction {
        let measure = result.mean(\.model)
        var chosen = PredictReport.Chosen()
        if let dimension = learned.choice.dimension {
            chosen.dimension = dimension
        } else if learned.choice.model == .network {
            chosen.layers = (learned.predictor.model as? NetworkModel)?.network.layers.dropLast().map(\.outputCount)
        } else {
            let machine = learned.choice.machine
            (chosen.ridge, chosen.bandwidth, chosen.rounds) = (machine.ridge, machine.bandwidth, machine.roundCount)
            if machine.roundCount > 0 { (chosen.diagonal, chosen.shrinkage) = (machine.product.isDiagonal, machine.shrinkage) }
        }
        var prediction = PredictReport.Prediction(
            task: isClassification ? "classification" : "regression", target: drop.targetName, accuracy: isClassification ? measure : nil,
            r2: isClassification ? nil : measure, interval: interval(measure), classes: classes,
            baselines: .init(
                majority: result.mean(\.majority), nearest: result.mean(\.nearest), laplace: result.mean(\.laplace),
                deep: isClassification ? result.mean { $0.deep ?? 0 } : nil),
            model: learned.choice.model.rawValue, chosen: chosen, chosenInFolds: result.folds.map(\.choice), folds: result.folds.count,
            rows: known.count, validatedRows: result.rows.count, columns: learned.encoding.width, rounds: rounds, confusion: confusion)
        prediction.logLoss = calibration?.logLoss
        return prediction
    }

    /// The measure after each round that all folds have.
    private var rounds: [Double] {
        let count = result.folds.map(\.rounds.count).min() ?? 0
        return (0..<count).map { round in result.mean { $0.rounds[round] } }
    }

    /// Wilson's 95 % interval for shares; 1.96 standard errors over folds for R².
    private func interval(_ measure: Double) -> [Double] {
        guard isClassification else {
            let count = Double(result.folds.count)
            let variance = result.folds.reduce(0) { $0 + ($1.model - measure) * ($1.model - measure) } / max(count - 1, 1)
            let half = 1.96 * (variance / count).squareRoot()
            return [measure - half, measure + half]
        }
        return Self.wilson(measure, count: result.rows.count)
    }

    private static func wilson(_ share: Double, count: Int) -> [Double] {
        let (z, n) = (1.96, Double(max(count, 1)))
        let center = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return [max(0, center - half), min(1, center + half)]
    }

    private var confusion: [[Int]] {
        guard case .classes(let labels, let names) = drop.target else { return [] }
        var counts = Array(repeating: Array(repeating: 0, count: names.count), count: names.count)
        for (row, value) in zip(result.rows, result.predictions) {
            if let label = labels[row] { counts[label][Int(saturating: value)] += 1 }
        }
        return counts
    }

    private var notes: [String] {
        var notes = drop.notes + checkpointNotes
        if result.isSampled {
            notes.append(
                "Accuracy was measured with \(result.rows.count) of \(known.count) examples, chosen in proportion: each fold learned from "
                    + "\(result.trainingCount).")
        }
        if let machine = (learned.predictor.model as? KernelModel)?.machine, machine.points.rowCount < known.count {
            notes.append("The model holds \(machine.points.rowCount) of \(known.count) examples, chosen in proportion.")
        }
        if learned.encoding.width > ModelSearch.metricWidth, settings.predict.rounds > 0 {
            notes.append(
                "No metric was learned: that takes at most \(ModelSearch.metricWidth) columns, and there are \(learned.encoding.width). "
                    + "Plain kernels are compared.")
        }
        return notes + learned.encoding.unseen(drop.examples)
    }

    private func summary(_ answered: Answered) -> JobSummary {
        let prediction = prediction
        let measure =
            isClassification
            ? "\(Self.fixed(100 * prediction.measure)) % right" : "R² \((prediction.measure * 1000).rounded() / 1000)"
        let count = answered.summary.predicted
        var more = count > 0 ? ", \(count) examples predicted" : ""
        if let test = answered.test { more += ", of which \(Self.fixed(100 * test.accuracy)) % of \(test.examples) with a label right" }
        let isUseful = prediction.measure > prediction.baselines.majority
        return JobSummary(
            outcome: isUseful ? "predicted" : "no-better", headline: "\(measure) on examples not learned from" + more,
            warning: isUseful
                ? nil : "Nothing was learned that is better than \(isClassification ? "the most frequent class" : "the mean")")
    }

    private static func fixed(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    // MARK: The limit

    private func limit() throws -> PredictReport.Limit? {
        guard isClassification else { return nil }
        let search = ModelSearch(settings, onStep: {})
        let dimension = try learned.choice.dimension ?? search.dimension(of: learned.rows)
        let activation = try DeepModel.activation(dimension: dimension)
        let order = try DepthTaxonomy(activation).order ?? dimension
        let gaps = try DepthGap.gaps(activation, depths: Self.depths)
        var limit = PredictReport.Limit(
            dimension: dimension, isEstimated: settings.predict.dimension.given == nil,
            activation: activation.name == "sine" ? "the activation sin(ax)" : "a polynomial activation", order: order,
            gaps: gaps.map { .init(depth: $0.depth, gap: $0.largestRelativeGap) })
        // From a hundredth of the distance of points at right angles, ten an order.
        let distances = (0...21).map { Double.pow(10, -2 + Double($0) / 10) }
        limit.distances = distances
        limit.curves = try DepthCurve.curves(activation, depths: [1, 4, 16], distances: distances).map {
            .init(depth: $0.depth, logarithms: $0.logarithms.map { $0 / Double.log(10) })
        }
        var activations = [Self.row("this one", try DepthTaxonomy(activation))]
        for other in Set([Activation.relu, .tanh] + [(learned.predictor.model as? NetworkModel)?.network.activation].compactMap { $0 })
            .sorted(by: { $0.rawValue < $1.rawValue })
        {
            activations.append(Self.row(other.rawValue, try DepthTaxonomy(of: other)))
        }
        limit.activations = activations
        return limit
    }

    private static func row(_ name: String, _ taxonomy: DepthTaxonomy) -> PredictReport.Limit.Activation {
        .init(
            name: name, classifier: taxonomy.limit.rawValue, squaredMean: taxonomy.squaredMean,
            squaredMeanSlope: taxonomy.squaredMeanSlope, meanSquaredSlope: taxonomy.meanSquaredSlope, order: taxonomy.order)
    }

    // MARK: The model

    private func stored() -> StoredPredictor {
        var description = StoredPredictor.Description(
            targetName: drop.targetName, classes: classes, encoding: learned.encoding, offset: learned.predictor.offset,
            scale: learned.predictor.scale, exampleNames: known.map { drop.names[$0] })
        description.sharpness = calibration?.factor
        return StoredPredictor(
            description: description, model: learned.choice.model, predictor: learned.predictor, examples: learned.rows.rows)
    }
}

/// Rows that a model answers, as lines of a table.
struct PredictedRows {
    let predictor: Predictor
    /// Empty for a regression.
    let classes: [String]
    /// Encoded examples that the model was made from.
    let examples: Matrix<Double>
    let exampleNames: [String]
    /// What scores are multiplied by to become probabilities; nil where that is not known.
    var sharpness: Double?

    /// One line for each row.
    func answers(to rows: Matrix<Double>, names: [String], onStep: (Int) throws -> Void) throws -> [PredictionRow] {
        let outputs = try predictor.outputs(at: rows, onStep: onStep)
        let found = Answers(outputs, isClassification: !classes.isEmpty)
        let nearest = try NearestExamples.find(
            3, of: predictor.geometry(of: rows), among: predictor.geometry(of: examples),
            own: Array(repeating: nil, count: rows.rowCount), onStep: onStep)
        return names.indices.map { row in
            PredictionRow(
                item: names[row], known: nil, predicted: Self.text(found.values[row], classes),
                margin: classes.isEmpty ? nil : found.margins[row], probability: probability(outputs, row, found.values[row]),
                nearest: nearest[row].map { exampleNames[$0] })
        }
    }

    /// Of the predicted class. Scores of the infinitely deep classifier are shares, which tell without a factor.
    private func probability(_ outputs: Matrix<Double>, _ row: Int, _ value: Double) -> Double? {
        guard !classes.isEmpty else { return nil }
        if let sharpness { return ScoreCalibration.probabilities(outputs.row(row), factor: sharpness)[Int(saturating: value)] }
        return predictor.model is DeepModel ? outputs[row, Int(saturating: value)] : nil
    }

    /// A class by its name, or the number.
    static func text(_ value: Double, _ classes: [String]) -> String {
        classes.isEmpty ? "\(value)" : classes[Int(saturating: value)]
    }
}
