internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNetworks
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
        var search = ModelSearch(settings, onStep: { try checkCancellation() })
        search.machineLimit = try machineLimit(drop, known: known.count, width: width, search)
        let checkpoint = checkpoint
        // Learning from all examples is a fold with more of them, and asks why.
        let reporter = ShareReporter(context: context, since: decoded, costs: [Double(foldCount(drop, known)), Self.learningCost])
        let result = try context.failing(in: .train) { try measure(drop, known, search, checkpoint, reporter) }
        let validated = context.monotonicSeconds()
        let learned = try context.failing(in: .train) { try learn(drop, known, search, checkpoint, reporter) }
        let trained = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .render, elapsedSeconds: trained - began, detail: "writing the result"))
        var rendering = PredictRendering(
            drop: drop, known: known, result: result, learned: learned, settings: settings, context: context)
        rendering.checkpointNotes = checkpoint.notes
        rendering.seconds = .init(
            decode: decoded - began, validate: validated - decoded, learn: trained - validated, total: context.monotonicSeconds() - began)
        return try context.failing(in: .render) {
            try rendering.write(into: outputFolder, onStep: { _ in try checkCancellation() }, now: { context.monotonicSeconds() - began })
        }
    }

    private func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }

    /// Where folds and rounds are kept; what is kept belongs to these settings and this version of the program alone.
    private var checkpoint: PredictCheckpoint {
        let versions = context.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
        return PredictCheckpoint(
            storage: context.checkpointFolder.map { CheckpointFile(folder: $0) },
            identity: [settings.yaml, versions, "\(context.threadCount)"])
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

    /// Most examples that a kernel machine may hold here; what does not fit at all is refused before any of it is taken.
    private func machineLimit(_ drop: LabelledDrop, known: Int, width: Int, _ search: ModelSearch) throws(Failure) -> Int {
        let limit = settings.limits.maxMemoryByteCount.given.map(Double.init) ?? MemoryAvailability().byteCount ?? .infinity
        var byteCount = 0.0
        for most in [ModelSearch.iteratedCount, ModelSearch.factoredCount] {
            byteCount = self.byteCount(drop, known: min(known, most), width: width, search)
            if byteCount <= limit { return most }
        }
        throw Failure(
            stage: .train, code: "memory", expected: "at most \(Int(saturating: limit)) bytes of memory",
            found: "an estimate of \(Int(saturating: byteCount)) bytes for \(known) examples of \(width) columns",
            remedy: "give fewer examples, or raise limits.max_memory")
    }

    /// What learning from so many examples takes.
    private func byteCount(_ drop: LabelledDrop, known: Int, width: Int, _ search: ModelSearch) -> Double {
        let columns = Double(width)
        // Targets, coefficients and scores of each class.
        var outputs = 1.0
        if case .classes(_, let names) = drop.target { outputs = Double(names.count) }
        let model = search.settings.model.given
        // Neither of these solves anything; beside them are machines of what takes part in cross-validation.
        let isSolved = model != .deep && model != .network
        let most = ModelSearch.machineCount(width: width, outputs: Int(saturating: outputs), rounds: settings.predict.rounds)
        let machine = min(known, isSolved ? most : CrossValidation.largestCount)
        // K and its factor are one matrix, and kernel values pass through another while they are made; of more examples one triangle of K is
        // held in float32.
        let kernel =
            machine <= ModelSearch.factoredCount
            ? 12 * Double(machine) * Double(machine) : Double(PackedKernelOperator.byteCount(count: machine)) + 16_000 * Double(machine)
        let examples = Double(drop.examples.count) * (6 * columns + 4 * outputs)
        // M, its factor, its eigenvectors and the sums that it is made from.
        let hasMetric = settings.predict.rounds > 0 && width <= ModelSearch.metricWidth
        let metric = hasMetric ? 6 * columns * columns + 3 * outputs * columns : 0
        // Weights, gradients and what they were, and the values of a block of examples.
        let hidden = Double(search.network.width)
        let weights = columns * hidden + Double(search.network.depth) * hidden * (hidden + outputs)
        let network = model == .network ? 3 * weights + 4096 * hidden * Double(search.network.depth) : 0
        return kernel + 8 * (examples + metric + network)
    }

    private func measure(
        _ drop: LabelledDrop, _ known: [Int], _ search: ModelSearch, _ checkpoint: PredictCheckpoint, _ reporter: ShareReporter
    ) throws -> CrossValidation.Result {
        let validation = CrossValidation(drop: drop, search: search) { share in
            try reporter.tell(share, "measuring by cross-validation")
        }
        return try validation.run(known: known, foldCount: foldCount(drop, known), checkpoint: checkpoint)
    }

    /// In folds.
    private static let learningCost = 2.0

    /// As many as are set, and no more than the smallest class of two or more has examples.
    private func foldCount(_ drop: LabelledDrop, _ known: [Int]) -> Int {
        let wanted = settings.predict.folds
        guard case .classes(let labels, let names) = drop.target else { return min(wanted, known.count) }
        let counts = names.indices.map { label in labels.count { $0 == label } }.filter { $0 > 1 }
        return max(2, min(wanted, counts.min() ?? 2))
    }

    private func learn(
        _ drop: LabelledDrop, _ known: [Int], _ search: ModelSearch, _ checkpoint: PredictCheckpoint, _ reporter: ShareReporter
    ) throws -> LearnedPrediction {
        try reporter.tell(0, part: 1, "learning from all examples")
        let encoding = ExampleEncoding(drop.examples, rows: known)
        let rows = LearnableRows(rows: encoding.encoded(drop.examples, rows: known), target: drop.target, indices: known)
        let outcome = try search.outcome(for: rows)
        try reporter.tell(0.4, part: 1, "learning from all examples")
        let course = ModelSearch.Course(start: checkpoint.start) { round, _ in checkpoint.keep(start: round.start) }
        let predictor = try search.fitted(outcome.choice, to: rows, course: course)
        try reporter.tell(0.6, part: 1, "learning which columns count")
        var learned = LearnedPrediction(encoding: encoding, rows: rows, choice: outcome.choice, predictor: predictor)
        if let machine = (predictor.model as? KernelModel)?.machine, machine.kernel.metric != nil {
            (learned.explanation, learned.explanationRounds) = (machine, outcome.choice.machine.roundCount)
        } else if settings.predict.rounds > 0, rows.rows.columnCount <= ModelSearch.metricWidth {
            // Why is asked of a feature machine even where another model predicts better.
            let chosen = outcome.features ?? search.explanation
            let sample = StratifiedFolds.sample(of: rows, most: Self.explainedCount(rows), seed: search.seed &+ 4)
            let other = try search.fitted(chosen, to: rows.at(sample))
            learned.explanation = (other.model as? KernelModel)?.machine
            learned.explanationRounds = chosen.machine.roundCount
        }
        if let network = predictor.model as? NetworkModel, let initial = network.initial {
            let sample = StratifiedFolds.sample(of: rows, most: Self.ansatzCount, seed: search.seed &+ 5)
            learned.ansatz = try NeuralFeatureAnsatz(
                of: network.network, from: initial, at: rows.rows.rows(at: sample), onStep: { _ in try checkCancellation() })
        }
        return learned
    }

    /// Examples over which the gradients of a network are averaged.
    private static let ansatzCount = 2000

    /// Examples from which a metric is learned that only explains: fewer where there are many columns, whose gradients are the work.
    private static func explainedCount(_ rows: LearnableRows) -> Int { rows.rows.columnCount > 256 ? 2000 : 4000 }
}

/// What was learned from all examples.
struct LearnedPrediction: Sendable {
    let encoding: ExampleEncoding
    let rows: LearnableRows
    let choice: ModelSearch.Choice
    let predictor: Predictor
    /// The feature machine whose M says which columns count; nil where none could be learned.
    var explanation: FeatureMachine?
    /// Rounds by which that M was learned.
    var explanationRounds = 0
    /// Of a network: how its weights compare with its gradients.
    var ansatz: NeuralFeatureAnsatz?
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
