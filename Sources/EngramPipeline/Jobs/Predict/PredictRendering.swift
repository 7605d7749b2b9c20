internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// Writes everything that the folder of a prediction holds, but its manifest.
struct PredictRendering {
    let drop: LabelledDrop
    let known: [Int]
    let result: CrossValidation.Result
    let learned: LearnedPrediction
    let settings: DropSettings
    let context: DropProcessor.Context
    var seconds = PredictReport.Seconds()

    init(
        drop: LabelledDrop, known: [Int], result: CrossValidation.Result, learned: LearnedPrediction, settings: DropSettings,
        context: DropProcessor.Context
    ) {
        (self.drop, self.known, self.result) = (drop, known, result)
        (self.learned, self.settings, self.context) = (learned, settings, context)
    }

    /// Entries of the metric that the page draws.
    private static let drawnCount = 32
    /// Columns that the report lists.
    private static let rankedCount = 100
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
        let diagonal = try diagonal()
        let report = PredictReport(
            name: context.dropName, prediction: prediction, features: try features(), limit: try limit(), answers: answered.summary,
            seconds: all, summary: summary(answered.summary), seed: UInt64(settings.seed), threads: context.threadCount,
            versions: context.versions, notes: notes)
        let content = PredictContent(
            report: report, rows: answered.rows, weights: weights, diagonal: diagonal, command: context.command)
        for file in try content.files() { try ResultFile.write(Array(file.bytes), to: folder + "/" + file.name) }
        try ResultFile.write(Array(settings.yaml.utf8), to: folder + "/settings.yml")
        return report
    }

    // MARK: Answers

    /// Lines for the examples without a label, then for those that were held out.
    private func answers(_ onStep: (Int) throws -> Void) throws -> (rows: [PredictionRow], summary: PredictReport.Answers) {
        let isKnown = Set(known)
        let unknown = (0..<drop.examples.count).filter { !isKnown.contains($0) }
        var rows = try predicted(unknown, onStep)
        var perClass = Array(repeating: 0, count: classes.count)
        for row in rows { if let label = classes.firstIndex(of: row.predicted) { perClass[label] += 1 } }
        let summary = PredictReport.Answers(predicted: unknown.count, perClass: perClass)
        rows += try heldOut(onStep)
        return (rows, summary)
    }

    private func predicted(_ indices: [Int], _ onStep: (Int) throws -> Void) throws -> [PredictionRow] {
        guard !indices.isEmpty else { return [] }
        let rows = learned.encoding.encoded(drop.examples, rows: indices)
        return try PredictedRows(
            predictor: learned.predictor, classes: classes, examples: learned.rows.rows, exampleNames: known.map { drop.names[$0] }
        ).answers(to: rows, names: indices.map { drop.names[$0] }, onStep: onStep)
    }

    private func heldOut(_ onStep: (Int) throws -> Void) throws -> [PredictionRow] {
        let order = result.rows.indices.sorted { result.rows[$0] < result.rows[$1] }
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
        let own = order.map { places[result.rows[$0]] }
        let geometry = try learned.predictor.geometry(of: learned.rows.rows)
        let nearest = try NearestExamples.find(
            3, of: geometry.rows(at: own.map { $0 ?? 0 }), among: geometry, own: own, onStep: onStep)
        return zip(order, nearest).map { place, near in
            PredictionRow(
                item: drop.names[result.rows[place]], known: text(ofTarget: result.rows[place]), predicted: text(result.predictions[place]),
                margin: isClassification ? result.margins[place] : nil, probability: nil, nearest: near.map { drop.names[known[$0]] })
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
        func mean(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
        let measure = mean(result.model)
        var chosen = PredictReport.Chosen()
        if let dimension = learned.choice.dimension {
            chosen.dimension = dimension
        } else {
            let machine = learned.choice.machine
            (chosen.ridge, chosen.bandwidth, chosen.rounds) = (machine.ridge, machine.bandwidth, machine.roundCount)
            if machine.roundCount > 0 { (chosen.diagonal, chosen.shrinkage) = (machine.product.isDiagonal, machine.shrinkage) }
        }
        return .init(
            task: isClassification ? "classification" : "regression", target: drop.targetName, accuracy: isClassification ? measure : nil,
            r2: isClassification ? nil : measure, interval: interval(measure), classes: classes,
            baselines: .init(
                majority: mean(result.majority), nearest: mean(result.nearest), laplace: mean(result.laplace),
                deep: isClassification ? mean(result.deep) : nil),
            model: learned.choice.model.rawValue, chosen: chosen, chosenInFolds: result.choices.map(Self.words), folds: result.folds,
            rows: known.count, validatedRows: result.rows.count, columns: learned.encoding.width,
            rounds: result.rounds.filter { $0.count == result.folds }.map { $0.sum / Double($0.count) }, confusion: confusion)
    }

    private static func words(_ choice: ModelSearch.Choice) -> String {
        if let dimension = choice.dimension { return "deep for dimension \(dimension)" }
        let machine = choice.machine
        guard machine.roundCount > 0 else { return "laplace, ridge \(machine.ridge)" }
        let part = machine.product.isDiagonal ? "diagonal" : "full"
        let half = machine.shrinkage > 0 ? ", half-way to the identity" : ""
        return "features, \(machine.roundCount) \(machine.roundCount == 1 ? "round" : "rounds"), \(part)\(half), ridge \(machine.ridge)"
    }

    /// Wilson's 95 % interval for shares; 1.96 standard errors over folds for R².
    private func interval(_ measure: Double) -> [Double] {
        let z = 1.96
        guard isClassification else {
            let count = Double(result.model.count)
            let variance = result.model.reduce(0) { $0 + ($1 - measure) * ($1 - measure) } / max(count - 1, 1)
            let half = z * (variance / count).squareRoot()
            return [measure - half, measure + half]
        }
        let n = Double(max(result.rows.count, 1))
        let center = (measure + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (measure * (1 - measure) / n + z * z / (4 * n * n)).squareRoot()
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
        var notes = drop.notes
        if result.isSampled {
            notes.append(
                "Accuracy was measured with \(result.rows.count) of \(known.count) examples, chosen in proportion: each fold learned from "
                    + "\(result.trainingCount).")
        }
        if case .features(let machine) = learned.predictor.model, machine.points.rowCount < known.count {
            notes.append("The model holds \(machine.points.rowCount) of \(known.count) examples, chosen in proportion.")
        }
        if learned.encoding.width > ModelSearch.metricWidth, settings.predict.rounds > 0 {
            notes.append(
                "No metric was learned: that takes at most \(ModelSearch.metricWidth) columns, and there are \(learned.encoding.width). "
                    + "Plain kernels are compared.")
        }
        return notes + learned.encoding.unseen(drop.examples)
    }

    private func summary(_ answers: PredictReport.Answers) -> JobSummary {
        let prediction = prediction
        let measure =
            isClassification
            ? "\(Self.fixed(100 * prediction.measure)) % right" : "R² \((prediction.measure * 1000).rounded() / 1000)"
        let more = answers.predicted > 0 ? ", \(answers.predicted) examples predicted" : ""
        let isUseful = prediction.measure > prediction.baselines.majority
        return JobSummary(
            outcome: isUseful ? "predicted" : "no-better", headline: "\(measure) on examples not learned from" + more,
            warning: isUseful
                ? nil : "Nothing was learned that is better than \(isClassification ? "the most frequent class" : "the mean")")
    }

    private static func fixed(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    // MARK: Why

    private var metric: Matrix<Double>? { learned.explanation?.kernel.metric?.matrix }

    /// Every column with its share of the trace.
    private var weights: [PredictReport.Features.Column]? {
        guard let metric else { return nil }
        let trace = (0..<metric.rowCount).reduce(0) { $0 + metric[$1, $1] }
        return learned.encoding.names.enumerated().map { .init(name: $1, weight: trace > 0 ? metric[$0, $0] / trace : 0) }
    }

    private func features() throws -> PredictReport.Features? {
        guard let metric, let weights else { return nil }
        let order = weights.indices.sorted { (weights[$0].weight, $1) > (weights[$1].weight, $0) }
        let drawn = Array(order.prefix(Self.drawnCount))
        let top = drawn.first.map { metric[$0, $0] } ?? 1
        let part = metric.submatrix(rows: drawn, columns: drawn)
        let values = try metric.symmetricEigendecomposition().eigenvalues.reversed()
        let trace = values.reduce(0, +)
        return .init(
            rounds: learned.explanationRounds,
            ranking: order.prefix(Self.rankedCount).map { weights[$0] }, spectrum: values.prefix(10).map { max(0, $0 / trace) },
            names: drawn.map { weights[$0].name }, matrix: (0..<drawn.count).map { part.row($0).map { $0 / top } })
    }

    /// The diagonal of M as a picture of the size of the examples.
    private func diagonal() throws -> [UInt8]? {
        guard let metric, let shape = learned.encoding.shape, shape.channels == 1 || shape.channels == 3 else { return nil }
        let values = (0..<metric.rowCount).map { max(0, metric[$0, $0]) }
        let top = values.max() ?? 0
        guard top > 0, values.count == shape.height * shape.width * shape.channels else { return nil }
        let codes = values.map { UInt8(saturating: (255 * ($0 / top).squareRoot()).rounded()) }
        let format = ImageFormat(
            width: shape.width, height: shape.height, colorKind: shape.channels == 3 ? .rgb : .gray, bitDepth: 8)
        return try ImagePreview(format: format, codes: codes).png()
    }

    private func limit() throws -> PredictReport.Limit? {
        guard isClassification else { return nil }
        let search = ModelSearch(settings: settings.predict, seed: 0, onStep: {})
        let dimension = try learned.choice.dimension ?? search.dimension(of: learned.rows)
        let activation = try ModelSearch.activation(dimension: dimension)
        let order = try DepthTaxonomy(activation).order ?? dimension
        let gaps = try DepthGap.gaps(activation, depths: Self.depths)
        return .init(
            dimension: dimension, isEstimated: settings.predict.dimension.given == nil,
            activation: activation.name == "sine" ? "the activation sin(ax)" : "a polynomial activation", order: order,
            gaps: gaps.map { .init(depth: $0.depth, gap: $0.largestRelativeGap) })
    }

    // MARK: The model

    private func stored() -> StoredPredictor {
        var description = StoredPredictor.Description(
            targetName: drop.targetName, classes: classes, encoding: learned.encoding, offset: learned.predictor.offset,
            scale: learned.predictor.scale, exampleNames: known.map { drop.names[$0] })
        if let dimension = learned.choice.dimension {
            description.dimension = dimension
        } else {
            description.bandwidth = learned.choice.machine.bandwidth
        }
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

    /// Scores of the infinitely deep classifier are shares; those of a kernel machine are not.
    private func probability(_ outputs: Matrix<Double>, _ row: Int, _ value: Double) -> Double? {
        guard case .deep = predictor.model else { return nil }
        return outputs[row, Int(saturating: value)]
    }

    /// A class by its name, or the number.
    static func text(_ value: Double, _ classes: [String]) -> String {
        classes.isEmpty ? "\(value)" : classes[Int(saturating: value)]
    }
}
