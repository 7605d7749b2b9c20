internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
package import EngramSystem

/// Learns to predict labels, and predicts those that are missing.
package struct PredictJob: Sendable {
    let settings: DropSettings
    let context: DropProcessor.Context

    /// A job of this context.
    package init(settings: DropSettings, context: DropProcessor.Context) {
        self.settings = settings
        self.context = context
    }

    /// Whether a drop is for this job.
    /// - Throws: `Failure` where it cannot be read at all.
    package static func claims(_ drop: DropContents) throws(Failure) -> Bool { try LabelledDecoder.claims(drop) }

    /// Learns, measures and predicts, and writes every file of the result but its manifest.
    ///
    /// - Parameters:
    ///   - drop: The drop with what lies beside it.
    ///   - outputFolder: An existing, empty folder.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func run(_ contents: DropContents, into outputFolder: String) throws -> PredictReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "decoding"))
        let drop = try LabelledDecoder(settings: settings).decode(contents)
        let decoded = context.monotonicSeconds()
        let known = drop.target.known
        let width = ExampleEncoding(drop.examples, rows: [known[0]]).columnBound(drop.examples)
        try requireFittingModel(drop, width: width)
        try requireMemory(drop, known: known.count, width: width)
        let search = ModelSearch(settings: settings.predict, seed: UInt64(settings.seed), onStep: { try checkCancellation() })
        let folds = foldCount(drop, known)
        // Learning from all examples is a fold with more of them, and asks why.
        let reporter = ShareReporter(context: context, since: decoded, costs: [Double(folds), Self.learningCost])
        let result = try context.failing(in: .train) { try measure(drop, known, search, folds: folds, reporter) }
        let validated = context.monotonicSeconds()
        let learned = try context.failing(in: .train) { try learn(drop, known, search, result, reporter) }
        let trained = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .render, elapsedSeconds: trained - began, detail: "writing the result"))
        var rendering = PredictRendering(
            drop: drop, known: known, result: result, learned: learned, settings: settings, context: context)
        rendering.seconds = .init(
            decode: decoded - began, validate: validated - decoded, learn: trained - validated, total: context.monotonicSeconds() - began)
        return try context.failing(in: .render) {
            try rendering.write(into: outputFolder, onStep: { _ in try checkCancellation() }, now: { context.monotonicSeconds() - began })
        }
    }

    private func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }

    /// Refuses a model that settings name and that these examples cannot have: another one would be no answer.
    private func requireFittingModel(_ drop: LabelledDrop, width: Int) throws(Failure) {
        guard let model = settings.predict.model.given else { return }
        if model == .deep, !drop.target.isClassification {
            throw Failure(
                stage: .train, code: "unfit-model", expected: "classes in \(drop.targetName), for predict.model deep",
                found: "numbers, by predict.task \(settings.predict.task.given?.rawValue ?? "auto")",
                remedy: "set predict.model to auto, laplace or features, or predict.task to classification")
        }
        guard model == .features, width > ModelSearch.metricWidth else { return }
        throw Failure(
            stage: .train, code: "unfit-model", expected: "at most \(ModelSearch.metricWidth) columns, for predict.model features",
            found: "\(width) columns of numbers", remedy: "set predict.model to auto, laplace or deep, or give smaller pictures")
    }

    /// Refuses what would not fit before any of it is taken.
    private func requireMemory(_ drop: LabelledDrop, known: Int, width: Int) throws(Failure) {
        // The infinitely deep network solves nothing; beside it are machines of what takes part in cross-validation.
        let isDeep = settings.predict.model.given == .deep
        let machine = Double(min(known, isDeep ? CrossValidation.largestCount : ModelSearch.machineCount))
        let columns = Double(width)
        // Targets, coefficients and scores of each class.
        var outputs = 1.0
        if case .classes(_, let names) = drop.target { outputs = Double(names.count) }
        let examples = Double(drop.examples.count) * (6 * columns + 4 * outputs)
        // M, its factor, its eigenvectors and the sums that it is made from.
        let hasMetric = settings.predict.rounds > 0 && width <= ModelSearch.metricWidth
        let metric = hasMetric ? 6 * columns * columns + 3 * outputs * columns : 0
        // K and its factor are one matrix; its kernel values pass through another while they are made.
        let byteCount = 8 * (1.5 * machine * machine + examples + metric)
        let limit = settings.limits.maxMemoryByteCount.given.map(Double.init) ?? MemoryAvailability().byteCount ?? .infinity
        guard byteCount <= limit else {
            throw Failure(
                stage: .train, code: "memory", expected: "at most \(Int(saturating: limit)) bytes of memory",
                found: "an estimate of \(Int(saturating: byteCount)) bytes for \(known) examples of \(width) columns",
                remedy: "give fewer examples, or raise limits.max_memory")
        }
    }

    private func measure(
        _ drop: LabelledDrop, _ known: [Int], _ search: ModelSearch, folds: Int, _ reporter: ShareReporter
    ) throws -> CrossValidation.Result {
        let validation = CrossValidation(drop: drop, search: search) { share in
            try reporter.tell(share, "measuring by cross-validation")
        }
        return try validation.run(known: known, foldCount: folds)
    }

    /// In folds.
    private static let learningCost = 2.0

    /// As many as are set, and no more than the smallest class has examples.
    private func foldCount(_ drop: LabelledDrop, _ known: [Int]) -> Int {
        let wanted = settings.predict.folds
        guard case .classes(let labels, let names) = drop.target else { return min(wanted, known.count) }
        let counts = names.indices.map { label in labels.count { $0 == label } }.filter { $0 > 0 }
        return max(2, min(wanted, counts.min() ?? 2))
    }

    private func learn(
        _ drop: LabelledDrop, _ known: [Int], _ search: ModelSearch, _ result: CrossValidation.Result,
        _ reporter: ShareReporter
    ) throws -> LearnedPrediction {
        try reporter.tell(0, part: 1, "learning from all examples")
        let encoding = ExampleEncoding(drop.examples, rows: known)
        let rows = LearnableRows(rows: encoding.encoded(drop.examples, rows: known), target: drop.target, indices: known)
        let choice = try search.choice(for: rows)
        try reporter.tell(0.4, part: 1, "learning from all examples")
        let predictor = try search.fitted(choice, to: rows)
        try reporter.tell(0.6, part: 1, "learning which columns count")
        var explanation: FeatureMachine?
        var rounds = choice.machine.roundCount
        if case .features(let machine) = predictor.model, machine.kernel.metric != nil {
            explanation = machine
        } else if settings.predict.rounds > 0, rows.rows.columnCount <= ModelSearch.metricWidth {
            // Why is asked of a feature machine even where another model predicts better.
            var settings = settings.predict
            settings.model = .value(.features)
            let features = ModelSearch(settings: settings, seed: search.seed, onStep: search.onStep)
            let chosen = try features.choice(for: rows)
            rounds = chosen.machine.roundCount
            let sample = StratifiedFolds.sample(of: rows, most: Self.explainedCount, seed: search.seed &+ 4)
            let learned = try features.fitted(chosen, to: rows.at(sample))
            if case .features(let machine) = learned.model { explanation = machine }
        }
        return LearnedPrediction(
            encoding: encoding, rows: rows, choice: choice, predictor: predictor, explanation: explanation, explanationRounds: rounds)
    }

    /// Examples from which a metric is learned that only explains.
    private static let explainedCount = 4000
}

/// What was learned from all examples.
struct LearnedPrediction: Sendable {
    let encoding: ExampleEncoding
    let rows: LearnableRows
    let choice: ModelSearch.Choice
    let predictor: Predictor
    /// The feature machine whose M says which columns count; nil where none could be learned.
    let explanation: FeatureMachine?
    /// Rounds by which that M was learned.
    let explanationRounds: Int
}

extension ExampleEncoding {
    /// About how many columns an encoding of all rows has.
    func columnBound(_ examples: RawExamples) -> Int {
        guard case .table(let raw) = examples else { return width }
        return raw.reduce(0) { sum, column in
            guard case .words(_, let words) = column else { return sum + 1 }
            return sum + Set(words).count
        }
    }
}
