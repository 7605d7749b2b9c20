internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// Where one run in training stands.
struct TrainingRun {
    var plan: TrainingPlan
    var training: any MemoryTraining
    var record: TrainingRecord
    var keeper: CheckpointKeeper?
    /// What the census starts from besides noise, shape `[m, d]`; nil for nothing.
    let foreign: Matrix<Double>?
    /// When training was begun, on the clock of this process; what earlier attempts took lies before its start.
    let began: Double
    /// Whether the present round was begun by an earlier attempt.
    var isResumed: Bool
    /// The memory of `record.best`; nil before there is one, and after a resume until it is asked for.
    var bestMemory: (memory: Memory, analysis: MemoryAnalysis)?
    /// When the verification under way began; nil outside one.
    var analysisStart: Double?

    /// Whether training is over and only its result is made up. What was saved before then leads to the same result.
    var isOver = false
    /// Whether the last round verified no more than the best one before it.
    var hasStalled = false

    /// Epochs of all networks.
    var epochCount: Int { record.earlierEpochCount + training.epochCount }
}

extension DropProcessor {
    /// Trains in rounds until the promised property is verified, or the budget or the epochs are used up.
    ///
    /// The property: every example an attractor, or every cycle stable and every noise start recalled. A loss alone promises nothing.
    /// The memory of the best round is what is returned. Goes on where an earlier attempt was saved, and saves itself now and then and
    /// when cancelled.
    /// - Parameters:
    ///   - fitted: As `planned` gives it.
    ///   - foreign: What the census starts from besides noise, shape `[m, d]`; nil for nothing.
    /// - Throws: `StageFailure`; `CancellationError`.
    func train(_ drop: DecodedDrop, _ fitted: TrainingPlan, foreign: Matrix<Double>?) throws -> TrainedMemory {
        var run = try failing(in: .train) { try begin(drop, fitted, foreign: foreign) }
        do {
            while true {
                guard try trainAndVerify(&run, drop) else {
                    if let trained = try afterDivergence(&run, drop) { return trained }
                    continue
                }
                if let reason = stopReason(run, drop) { return try best(of: &run, drop, stopReason: reason) }
                try failing(in: .train) { try grow(&run, drop) }
            }
        } catch let error as CancellationError {
            if let start = run.analysisStart { run.record.analyseSeconds += context.monotonicSeconds() - start }
            if !run.isOver { save(&run) }
            throw error
        }
    }

    /// A run at its beginning, or where an earlier attempt was saved.
    private func begin(_ drop: DecodedDrop, _ fitted: TrainingPlan, foreign: Matrix<Double>?) throws -> TrainingRun {
        let started = context.monotonicSeconds()
        var plan = fitted
        if settings.preset == .closedForm {
            plan.closedForm = try ClosedFormSelection(drop: drop, settings: settings).best { try checkCancellation() }
        }
        var keeper = checkpointKeeper(for: drop)
        // An earlier attempt may have chosen other sizes, by the memory there was then or by what came of smaller ones.
        let saved = keeper?.savedSizes()
        if let saved { plan.sizes = saved }
        var training = try saved == nil ? firstTraining(drop, &plan) : makeTraining(drop, plan)
        var record = keeper?.resume(&training) ?? TrainingRecord()
        if let saved, record.round == 0, saved != fitted.sizes {
            plan.sizes = fitted.sizes
            training = try firstTraining(drop, &plan)
        }
        let isResumed = record.round > 0
        // What led to the sizes is said once, by the attempt that chose them.
        if !isResumed { record.notes = fitted.notes + record.notes }
        record.sizes = plan.sizes
        return TrainingRun(
            plan: plan, training: training, record: record, keeper: keeper, foreign: foreign, began: started - record.elapsedSeconds,
            isResumed: isResumed)
    }

    /// The training that nothing went before, with the rate that its examples ask for.
    private func firstTraining(_ drop: DecodedDrop, _ plan: inout TrainingPlan) throws -> any MemoryTraining {
        let training = try makeTraining(drop, plan)
        guard var fast = training as? FastTraining, fast.isCrowded, let rate = plan.crowdedLearningRate else { return training }
        plan.learningRate = min(plan.learningRate, rate)
        fast.setLearningRate(plan.learningRate)
        return fast
    }

    /// Trains one round and verifies what it gave; keeps it where it is the best so far.
    /// - Returns: False where training diverged.
    private func trainAndVerify(_ run: inout TrainingRun, _ drop: DecodedDrop) throws -> Bool {
        guard let network = try failing(in: .train, { try trainedNetwork(&run) }) else { return false }
        let start = context.monotonicSeconds()
        run.analysisStart = start
        let verified = try verified(network, run, drop)
        try checkCancellation()
        run.analysisStart = nil
        run.record.losses += verified.rows
        run.record.lastAnalyseSeconds = context.monotonicSeconds() - start
        run.record.analyseSeconds += run.record.lastAnalyseSeconds
        let score = RoundScore(verified.analysis, isAutoencoder: drop.task.isAutoencoder)
        run.hasStalled = run.record.best.map { !score.holdsMore(than: $0.score) } ?? false
        if let best = run.record.best, score.isWorse(than: best.score) { return true }
        run.bestMemory = (verified.memory, verified.analysis)
        run.record.best = run.training.parameters.map {
            BestRound(
                round: run.record.round, score: score, sizes: run.plan.sizes, epochCount: run.training.epochCount, parameters: $0,
                exampleWeights: verified.exampleWeights)
        }
        return true
    }

    /// The stored network after one more round; nil where training diverged.
    private func trainedNetwork(_ run: inout TrainingRun) throws -> FullyConnectedNetwork<Float>? {
        do {
            try trainRound(&run)
            // Verifying may take long, and a process killed in it should not have to train again.
            if run.keeper?.pace.isAffordable(at: context.monotonicSeconds()) == true { save(&run) }
            run.isResumed = false
            return try run.training.storedNetwork()
        } catch TrainingError.diverged {
            return nil
        } catch TrainingError.numerics(.nonFinite) {
            // The last step of the round led to numbers that are none.
            return nil
        }
    }

    /// What becomes of a run whose training diverged: the best earlier round if there is one, else one more try at a smaller rate.
    /// - Returns: The result; nil where training was begun again.
    /// - Throws: `StageFailure` of code `diverged` where that was tried already.
    private func afterDivergence(_ run: inout TrainingRun, _ drop: DecodedDrop) throws -> TrainedMemory? {
        let rate = run.plan.learningRate
        let epoch = run.epochCount
        if run.record.best != nil {
            return try best(of: &run, drop, stopReason: "training diverged in epoch \(epoch) at learning rate \(rate)")
        }
        guard !run.record.hasRetried else {
            throw StageFailure(
                stage: .train, dropName: context.dropName, code: "diverged",
                message: "Training diverged at learning rate \(rate / Self.retryFactor), and again, in epoch \(epoch), at \(rate).",
                expected: "a loss that stays a finite number", found: "a loss or weights that are infinite or not a number",
                remedy: "set training.learning_rate well below \(rate), or training.warm_up to some epochs")
        }
        run.plan.learningRate = rate * Self.retryFactor
        run.training = try failing(in: .train) { try makeTraining(drop, run.plan) }
        run.record.startOver(as: run.plan.sizes)
        run.record.round = 0
        run.record.hasRetried = true
        run.record.losses = []
        run.record.notes.append(
            "Training diverged in epoch \(epoch) at learning rate \(rate) and was begun again at \(run.plan.learningRate).")
        run.isResumed = false
        return nil
    }

    /// A tenth is far enough below a rate that diverges to converge, and near enough not to crawl.
    private static let retryFactor = 0.1

    /// Begins again with a larger network where further rounds have stopped helping, as far as settings, memory and budget allow.
    private func grow(_ run: inout TrainingRun, _ drop: DecodedDrop) throws {
        guard settings.preset == .fast, run.record.networkRound >= Self.roundsBeforeGrowth, run.plan.narrowedWithin == nil, run.hasStalled
        else { return }
        var larger = run.plan
        if settings.network.width.given == nil { larger.width = min(2 * larger.width, Self.largestGrownWidth) }
        if larger.width == run.plan.width || !fits(larger, drop) {
            larger.width = run.plan.width
            guard settings.network.depth.given == nil else { return }
            larger.depth += 1
            guard fits(larger, drop) else { return }
        }
        let epochs = run.epochCount
        let held = run.record.best.map {
            "\($0.score.verifiedCount) of \(drop.task.isAutoencoder ? drop.task.count : drop.task.cycles.count)"
        }
        let layers = larger.depth == 1 ? "one hidden layer" : "\(larger.depth) hidden layers"
        run.record.notes.append(
            "After \(run.record.round) rounds, \(epochs) epochs, \(held ?? "nothing") held: training began again with \(layers) of "
                + "\(larger.width) units.")
        run.plan = larger
        run.training = try makeTraining(drop, larger)
        run.record.earlierEpochCount = epochs
        run.record.startOver(as: larger.sizes)
    }

    /// A second round often does what the first did not.
    private static let roundsBeforeGrowth = 2
    /// Beyond this, an epoch takes longer than any budget has been seen to bear.
    private static let largestGrownWidth = 8192

    /// The result of a run: the memory of its best round.
    private func best(of run: inout TrainingRun, _ drop: DecodedDrop, stopReason: String) throws -> TrainedMemory {
        run.isOver = true
        var plan = run.plan
        var reason = stopReason
        if let best = run.record.best {
            plan.sizes = best.sizes
            if best.round != run.record.round {
                reason += "; published is round \(best.round) of \(run.record.round), which held best"
            }
        }
        let (memory, analysis) = try run.bestMemory ?? remade(&run, drop, plan)
        var trained = TrainedMemory(
            memory: memory, analysis: analysis, plan: plan, losses: run.record.losses, stopReason: reason,
            notes: run.record.notes,
            trainSeconds: context.monotonicSeconds() - run.began - run.record.analyseSeconds, analyseSeconds: run.record.analyseSeconds)
        trained.basins = try failing(in: .analyse) { try measureBasins(of: trained, drop, foreign: run.foreign, began: run.began) }
        return trained
    }

    /// The memory of the best round again, after a resume.
    private func remade(_ run: inout TrainingRun, _ drop: DecodedDrop, _ plan: TrainingPlan) throws -> (Memory, MemoryAnalysis) {
        guard let best = run.record.best else { preconditionFailure("a run that is over has a best round") }
        let start = context.monotonicSeconds()
        run.analysisStart = start
        let (training, network) = try failing(in: .train) {
            var training = try makeTraining(drop, plan)
            training.setParameters(best.parameters)
            if let weights = best.exampleWeights, let fast = training as? FastTraining {
                return (training, try contractive(fast, drop, weights))
            }
            return (training, try training.storedNetwork())
        }
        let (memory, _) = finish(network, training, drop, epochCount: best.epochCount, phase: finishPhase, began: run.began)
        let analysis = try failing(in: .analyse) { try analyse(memory, drop, began: run.began) }
        run.analysisStart = nil
        run.record.analyseSeconds += context.monotonicSeconds() - start
        return (memory, analysis)
    }

    /// What one round gave.
    struct Verified {
        var memory: Memory
        var analysis: MemoryAnalysis
        /// The errors of each stored network as points of the loss curve.
        var rows: [LossRow]
        /// Of the contractive output layer that was better than the plain one.
        var exampleWeights: [Double]?
    }

    /// Analyses what a round gave; where examples of an autoencoder are no attractors yet, tries contractive output layers too.
    private func verified(_ network: FullyConnectedNetwork<Float>, _ run: TrainingRun, _ drop: DecodedDrop) throws -> Verified {
        let epochs = run.training.epochCount
        let (memory, row) = finish(
            network, run.training, drop, epochCount: epochs, after: run.record.earlierEpochCount, phase: finishPhase, began: run.began)
        var result = Verified(
            memory: memory, analysis: try failing(in: .analyse) { try analyse(memory, drop, began: run.began) }, rows: [row])
        // With more examples than an output layer can fit there is nothing to choose among.
        guard let fast = run.training as? FastTraining, drop.task.isAutoencoder, settings.training.exactOutputLayer,
            drop.trainingTask.count <= network.width
        else { return result }
        var solver = ContractiveSolves(exampleCount: drop.samples.rowCount)
        while !isOutOfTime(run.record, at: context.monotonicSeconds(), since: run.began), let weights = solver.next(after: result.analysis)
        {
            let network = try failing(in: .analyse) { try contractive(fast, drop, weights) }
            let (contracted, row) = finish(
                network, run.training, drop, epochCount: epochs, after: run.record.earlierEpochCount, phase: "contractive output layer",
                began: run.began)
            result.rows.append(row)
            let found = try failing(in: .analyse) { try analyse(contracted, drop, began: run.began) }
            solver.note(found)
            if found.verdicts.count(where: { $0 }) > result.analysis.verdicts.count(where: { $0 }) {
                (result.memory, result.analysis, result.exampleWeights) = (contracted, found, weights)
            }
        }
        return result
    }

    /// The network with the contractive output layer for weights of all examples.
    private func contractive(_ fast: FastTraining, _ drop: DecodedDrop, _ weights: [Double]) throws -> FullyConnectedNetwork<Float> {
        try fast.contractiveNetwork(exampleWeights: drop.trainingExamples.map { weights[$0] }) { _ in try checkCancellation() }
    }
}

extension TrainingRecord {
    /// Begins a fresh network; rounds and notes go on.
    mutating func startOver(as sizes: TrainingSizes) {
        networkRound = 0
        self.sizes = sizes
        ranOutOfTime = false
    }
}
