internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// Training in rounds until the promised property is verified, or the budget or the epochs are used up.
///
/// The property: every example an attractor, or every cycle stable and every noise start recalled. A loss alone promises nothing. The
/// memory of the best round is what is returned. The loop goes on where an earlier attempt was saved, and saves itself now and then and
/// when cancelled.
struct LearningLoop<R: Recipe> {
    let recipe: R
    let context: LearningContext
    let verifier: Verifier

    var settings: MemorySettings { recipe.settings }

    init(recipe: R, context: LearningContext) {
        self.recipe = recipe
        self.context = context
        var verifier = Verifier(recipe: recipe, context: context)
        verifier.isFollowedByStudy = true
        self.verifier = verifier
    }

    /// Where one run in training stands.
    struct Run {
        var plan: R.Plan
        var training: R.Training
        var record: TrainingRecord
        var keeper: CheckpointKeeper?
        /// When training was begun, on the clock of this process; what earlier attempts took lies before its start.
        let began: Double
        /// Whether the present round was begun by an earlier attempt.
        var isResumed: Bool
        /// The memory of `record.best`; nil before there is one, and after a resume until it is asked for.
        var bestMemory: (memory: Memory, verification: Verification)?
        /// When the verification under way began; nil outside one.
        var analysisStart: Double?
        /// Tells how far the first round is; what went before its epochs is a part of it.
        let meter: StageMeter

        /// Whether training is over and only its result is made up. What was saved before then leads to the same result.
        var isOver = false
        /// Whether the last round verified no more than the best one before it.
        var hasStalled = false

        /// Epochs of all networks.
        var epochCount: Int { record.earlierEpochCount + training.epochCount }
    }

    /// The plan for a set, fitted to the memory there would be with nobody else at work, so that the same set is trained in the same way
    /// whoever else is.
    ///
    /// - Throws: `Failure` of code `memory` where nothing ever fits, `memory-now` and retryable where it only has to wait.
    func fittedPlan(for set: TrainingSet) throws(Failure) -> R.Plan {
        let (free, capacity) = context.memory()
        let most = capacity ?? free
        let plan = try recipe.plan(for: set, within: most)
        let needed = recipe.byteCount(of: plan, for: set)
        guard settings.maxMemoryByteCount.given == nil, let free, needed > free else { return plan }
        throw Failure(
            stage: .train, code: "memory-now",
            message: "training would take about \(byteText(needed)) of memory; \(byteText(free)) are free now, of "
                + "\(byteText(max(free, most ?? free))), so the drop waits.",
            expected: "about \(byteText(needed)) free", found: "\(byteText(free)) free",
            remedy: "wait, end what else takes memory, or lower jobs", isRetryable: true)
    }

    /// Learns a set.
    ///
    /// - Parameter fitted: As `fittedPlan` gives it.
    /// - Throws: `Failure`; `CancellationError`.
    func learn(_ set: TrainingSet, _ fitted: R.Plan) throws -> LearnedMemory {
        var run = try Failure.of(.train) { try begin(set, fitted) }
        do {
            while true {
                guard try trainAndVerify(&run, set) else {
                    if let learned = try afterDivergence(&run, set) { return learned }
                    continue
                }
                if let reason = stopReason(run, set) { return try best(of: &run, set, stopReason: reason) }
                try Failure.of(.train) { try grow(&run, set) }
            }
        } catch let error as CancellationError {
            if let start = run.analysisStart { run.record.analyseSeconds += context.monotonicSeconds() - start }
            if !run.isOver { save(&run) }
            throw error
        }
    }

    /// A run at its beginning, or where an earlier attempt was saved.
    private func begin(_ set: TrainingSet, _ fitted: R.Plan) throws -> Run {
        let started = context.monotonicSeconds()
        let costs = recipe.trainingCosts(of: fitted, for: set)
        let meter = StageMeter(
            .train, context: context, began: started, costs: [costs.deciding, costs.making, costs.epochs])
        let preparing = "preparing"
        meter.tell(part: 0, 0, preparing)
        var plan = try recipe.decided(fitted, for: set) { try meter.step(part: 0, $0, preparing) }
        func makeFirst(_ plan: inout R.Plan) throws -> R.Training {
            try recipe.firstTraining(&plan, for: set) { try meter.step(part: 1, $0, preparing) }
        }
        var keeper = checkpointKeeper(for: set)
        // An earlier attempt may have chosen other sizes, by the memory there was then or by what came of smaller ones.
        let saved = keeper?.savedSizes()
        if let saved { plan.sizes = saved }
        var training =
            try saved == nil
            ? makeFirst(&plan) : recipe.makeTraining(plan, for: set) { try meter.step(part: 1, $0, preparing) }
        var record = keeper?.resume(&training) ?? TrainingRecord()
        if let saved, record.round == 0, saved != fitted.sizes {
            plan.sizes = fitted.sizes
            training = try makeFirst(&plan)
        }
        let isResumed = record.round > 0
        // What led to the sizes is said once, by the attempt that chose them.
        if !isResumed { record.notes = fitted.notes + record.notes }
        record.sizes = plan.sizes
        return Run(
            plan: plan, training: training, record: record, keeper: keeper, began: started - record.elapsedSeconds, isResumed: isResumed,
            meter: meter)
    }

    private func checkpointKeeper(for set: TrainingSet) -> CheckpointKeeper? {
        guard let source = context.checkpoints else { return nil }
        return CheckpointKeeper(
            storage: source.storage,
            identity: source.identity + [
                ("shape of examples", "\(set.examples.rowCount) \(set.examples.columnCount)"), ("cycles", "\(set.task.cycles)"),
                ("number of threads", "\(context.threadCount)"),
            ], epochCount: settings.training.epochs, monotonicSeconds: context.monotonicSeconds)
    }

    /// Trains one round and verifies what it gave; keeps it where it is the best so far.
    /// - Returns: False where training diverged.
    private func trainAndVerify(_ run: inout Run, _ set: TrainingSet) throws -> Bool {
        guard let map = try Failure.of(.train, { try trainedMap(&run, set) }) else { return false }
        let start = context.monotonicSeconds()
        run.analysisStart = start
        let verified = try verified(map, run, set)
        try context.checkCancellation()
        run.analysisStart = nil
        run.record.losses += verified.points
        run.record.lastAnalyseSeconds = context.monotonicSeconds() - start
        run.record.analyseSeconds += run.record.lastAnalyseSeconds
        let score = RoundScore(verified.verification, isAutoencoder: set.task.isAutoencoder)
        run.hasStalled = run.record.best.map { !score.holdsMore(than: $0.score) } ?? false
        if let best = run.record.best, score.isWorse(than: best.score) { return true }
        run.bestMemory = (verified.memory, verified.verification)
        run.record.best = run.training.parameters.map {
            BestRound(
                round: run.record.round, score: score, sizes: run.plan.sizes, epochCount: run.training.epochCount, parameters: $0,
                exampleWeights: verified.weights)
        }
        return true
    }

    /// The map to store after one more round; nil where training diverged.
    private func trainedMap(_ run: inout Run, _ set: TrainingSet) throws -> (any StoredMap)? {
        do {
            try trainRound(&run)
            // Verifying may take long, and a process killed in it should not have to train again.
            if run.keeper?.pace.isAffordable(at: context.monotonicSeconds()) == true { save(&run) }
            run.isResumed = false
            return try run.training.storedMap()
        } catch TrainingError.diverged {
            return nil
        } catch TrainingError.numerics(.nonFinite) {
            // The last step of the round led to numbers that are none.
            return nil
        }
    }

    /// What becomes of a run whose training diverged: the best earlier round if there is one, else one more try at a smaller rate.
    /// - Returns: The result; nil where training was begun again.
    /// - Throws: `Failure` of code `diverged` where that was tried already.
    private func afterDivergence(_ run: inout Run, _ set: TrainingSet) throws -> LearnedMemory? {
        let rate = run.plan.sizes.learningRate
        let epoch = run.epochCount
        if run.record.best != nil {
            return try best(of: &run, set, stopReason: "training diverged in epoch \(epoch) at learning rate \(rate)")
        }
        guard !run.record.hasRetried else {
            throw Failure(
                stage: .train, code: "diverged",
                message: "Training diverged at learning rate \(rate / Self.retryFactor), and again, in epoch \(epoch), at \(rate).",
                expected: "a loss that stays a finite number", found: "a loss or weights that are infinite or not a number",
                remedy: "set training.learning_rate well below \(rate), or training.warm_up to some epochs")
        }
        run.plan.sizes.learningRate = rate * Self.retryFactor
        run.training = try Failure.of(.train) { try recipe.makeTraining(run.plan, for: set) }
        run.record.startOver(as: run.plan.sizes)
        run.record.round = 0
        run.record.hasRetried = true
        run.record.losses = []
        run.record.notes.append(
            "Training diverged in epoch \(epoch) at learning rate \(rate) and was begun again at \(run.plan.sizes.learningRate).")
        run.isResumed = false
        return nil
    }

    /// A tenth is far enough below a rate that diverges to converge, and near enough not to crawl.
    private static var retryFactor: Double { 0.1 }

    /// Begins again with a larger map where further rounds have stopped helping, as far as settings, memory and budget allow.
    private func grow(_ run: inout Run, _ set: TrainingSet) throws {
        guard run.hasStalled,
            let larger = recipe.grown(
                run.plan, networkRound: run.record.networkRound,
                fits: { plan in plan.memoryLimit.map { recipe.byteCount(of: plan, for: set) <= $0 } ?? true })
        else { return }
        let epochs = run.epochCount
        let held = run.record.best.map {
            "\($0.score.verifiedCount) of \(set.task.isAutoencoder ? set.task.count : set.task.cycles.count)"
        }
        run.record.notes.append(
            "After \(run.record.round) rounds, \(epochs) epochs, \(held ?? "nothing") held: training began again with "
                + "\(larger.shapeText).")
        run.plan = larger
        run.training = try recipe.makeTraining(larger, for: set)
        run.record.earlierEpochCount = epochs
        run.record.startOver(as: larger.sizes)
    }

    /// The result of a run: the memory of its best round.
    private func best(of run: inout Run, _ set: TrainingSet, stopReason: String) throws -> LearnedMemory {
        run.isOver = true
        var plan = run.plan
        var reason = stopReason
        if let best = run.record.best {
            plan.sizes = best.sizes
            if best.round != run.record.round {
                reason += "; published is round \(best.round) of \(run.record.round), which held best"
            }
        }
        let (memory, verification) = try run.bestMemory ?? remade(&run, set, plan)
        var account = recipe.account(of: memory, plan: plan, for: set)
        account.remarks += recipe.remarks(on: run.training)
        return LearnedMemory(
            memory: memory, verification: verification, account: account,
            resolvedSettings: recipe.resolvedSettings(plan, memory: memory, for: set), losses: run.record.losses, stopReason: reason,
            notes: run.record.notes, trainSeconds: context.monotonicSeconds() - run.began - run.record.analyseSeconds,
            analyseSeconds: run.record.analyseSeconds)
    }

    /// The memory of the best round again, after a resume.
    private func remade(_ run: inout Run, _ set: TrainingSet, _ plan: R.Plan) throws -> (Memory, Verification) {
        guard let best = run.record.best else { preconditionFailure("A run that is over has a best round.") }
        let start = context.monotonicSeconds()
        run.analysisStart = start
        let (training, map) = try Failure.of(.train) {
            var training = try recipe.makeTraining(plan, for: set)
            training.setParameters(best.parameters)
            if let weights = best.exampleWeights { return (training, try improved(training, set, weights)) }
            return (training, try training.storedMap())
        }
        let (memory, _) = finish(map, training, set, at: Finish(epochCount: best.epochCount, phase: recipe.finishPhase, began: run.began))
        let verification = try Failure.of(.analyse) { try verifier.verify(memory, of: set, began: run.began) }
        run.analysisStart = nil
        run.record.analyseSeconds += context.monotonicSeconds() - start
        return (memory, verification)
    }
}

extension TrainingRecord {
    /// Begins a fresh map; rounds and notes go on.
    mutating func startOver(as sizes: TrainingSizes) {
        networkRound = 0
        self.sizes = sizes
        ranOutOfTime = false
    }
}
