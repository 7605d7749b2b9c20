internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// What training and verifying gave.
struct TrainedMemory {
    var memory: Memory
    var analysis: MemoryAnalysis
    var plan: TrainingPlan
    var losses: [LossRow]
    /// Completes "training ended because …".
    var stopReason: String
    /// What users must be told about saving and resuming.
    var notes: [String]
    var trainSeconds: Double
    var analyseSeconds: Double
    /// What was measured of it once it was finished.
    var basins = BasinAnalysis()
}

extension DropProcessor {
    /// Trains in rounds until the promised property is verified, or the budget or the epochs are used up.
    ///
    /// The property: every example an attractor, or every cycle stable and every noise start recalled. A loss alone promises nothing.
    /// Goes on where an earlier attempt was saved, and saves itself now and then and when cancelled.
    ///
    /// - Parameter foreign: What the census starts from besides noise, shape `[m, d]`; nil for nothing.
    /// - Throws: `StageFailure`; `CancellationError`.
    func train(_ drop: DecodedDrop, foreign: Matrix<Double>?) throws -> TrainedMemory {
        var plan = TrainingPlan(settings: settings, task: drop.task)
        let started = context.monotonicSeconds()
        if settings.preset == .closedForm {
            plan.closedForm = try failing(in: .train) {
                try ClosedFormSelection(drop: drop, settings: settings).best { try checkCancellation() }
            }
        }
        var training = try failing(in: .train) { try makeTraining(drop, plan) }
        var keeper = checkpointKeeper(for: drop)
        var record = keeper?.resume(&training) ?? TrainingRecord()
        // What earlier attempts took lies before this one's start.
        let began = started - record.elapsedSeconds
        var isResumed = record.round > 0
        var beforeAnalysis: Double?
        do {
            while true {
                try failing(in: .train) { try trainRound(&training, plan, &record, &keeper, isResumed: isResumed, began: began) }
                // Verifying may take long, and a process killed in it should not have to train again.
                if keeper?.pace.isAffordable(at: context.monotonicSeconds()) == true {
                    save(training, &record, &keeper, began: began)
                }
                isResumed = false
                let network = try failing(in: .train) { try training.storedNetwork() }
                let solved = context.monotonicSeconds()
                beforeAnalysis = solved
                let (memory, analysis, rows) = try verified(network, training, drop, ranOutOfTime: record.ranOutOfTime, began: began)
                try checkCancellation()
                let analyseSeconds = record.analyseSeconds + context.monotonicSeconds() - solved
                let reason = stopReason(
                    analysis, drop, ranOutOfTime: record.ranOutOfTime, epochs: training.epochCount,
                    reachedTarget: (training as? PaperTraining)?.hasReachedTarget ?? false)
                if let reason {
                    var trained = TrainedMemory(
                        memory: memory, analysis: analysis, plan: plan, losses: record.losses + rows, stopReason: reason,
                        notes: record.notes, trainSeconds: context.monotonicSeconds() - began - analyseSeconds,
                        analyseSeconds: analyseSeconds)
                    // Before the record says that this round was verified: whoever stops the run here need not train again, and verifies anew.
                    trained.basins = try failing(in: .analyse) { try measureBasins(of: trained, drop, foreign: foreign, began: began) }
                    return trained
                }
                beforeAnalysis = nil
                record.losses += rows
                record.analyseSeconds = analyseSeconds
            }
        } catch let error as CancellationError {
            if let beforeAnalysis { record.analyseSeconds += context.monotonicSeconds() - beforeAnalysis }
            save(training, &record, &keeper, began: began)
            throw error
        }
    }

    /// Analyses what a round gave; where examples of an autoencoder are no attractors yet, tries contractive output layers too.
    /// - Returns: The better memory, its analysis, and the errors of each as points of the loss curve.
    private func verified(
        _ network: FullyConnectedNetwork<Float>, _ training: any MemoryTraining, _ drop: DecodedDrop, ranOutOfTime: Bool, began: Double
    ) throws -> (Memory, MemoryAnalysis, [LossRow]) {
        var (memory, row) = finish(network, training, drop, phase: finishPhase, began: began)
        var rows = [row]
        var analysis = try failing(in: .analyse) { try analyse(memory, drop, began: began) }
        guard let fast = training as? FastTraining, drop.task.isAutoencoder, settings.training.exactOutputLayer, !ranOutOfTime else {
            return (memory, analysis, rows)
        }
        var solver = ContractiveSolves(exampleCount: drop.samples.rowCount)
        while let weights = solver.next(after: analysis) {
            let contractive = try failing(in: .analyse) {
                try fast.contractiveNetwork(exampleWeights: weights) { _ in try checkCancellation() }
            }
            let (contracted, row) = finish(contractive, training, drop, phase: "contractive output layer", began: began)
            rows.append(row)
            let found = try failing(in: .analyse) { try analyse(contracted, drop, began: began) }
            solver.note(found)
            if found.verdicts.count(where: { $0 }) > analysis.verdicts.count(where: { $0 }) {
                (memory, analysis) = (contracted, found)
            }
        }
        return (memory, analysis, rows)
    }

    /// Trains one round to its end, or what is left of it.
    private func trainRound(
        _ training: inout any MemoryTraining, _ plan: TrainingPlan, _ record: inout TrainingRecord, _ keeper: inout CheckpointKeeper?,
        isResumed: Bool, began: Double
    ) throws {
        if !isResumed {
            record.round += 1
            record.ranOutOfTime = false
        }
        let round = record.round
        let remaining = settings.training.epochs - training.epochCount
        let planned = settings.preset != .fast ? remaining : min(plan.roundEpochCount * (round > 1 ? 2 : 1), remaining)
        let phase = round == 1 ? "training" : "training, round \(round)"
        let budget = settings.training.budget.seconds
        var meter = RateMeter(startingAt: context.monotonicSeconds())
        func onEpoch(_ progress: TrainingProgress) throws -> TrainingDecision {
            let now = context.monotonicSeconds()
            record.losses.append(
                LossRow(
                    epoch: progress.epoch, mse: progress.loss, learningRate: progress.learningRate, seconds: now - began, phase: phase))
            report(progress, round: round, meter: &meter, at: now, since: began)
            try checkCancellation()
            record.ranOutOfTime = now - began - record.analyseSeconds > budget
            if record.ranOutOfTime { return .stop }
            return keeper?.pace.isDue(epoch: progress.epoch, at: now) == true ? .pause : .proceed
        }
        if isResumed {
            try training.continueRound(onEpoch: onEpoch)
        } else {
            try training.trainRound(epochs: planned, onEpoch: onEpoch)
        }
        while training.hasOpenRound {
            save(training, &record, &keeper, began: began)
            try training.continueRound(onEpoch: onEpoch)
        }
    }

    private func save(
        _ training: any MemoryTraining, _ record: inout TrainingRecord, _ keeper: inout CheckpointKeeper?, began: Double
    ) {
        record.elapsedSeconds = context.monotonicSeconds() - began
        guard let failure = keeper?.save(training, &record) else { return }
        context.onProgress(PipelineProgress(stage: .train, elapsedSeconds: record.elapsedSeconds, detail: failure))
    }

    private func checkpointKeeper(for drop: DecodedDrop) -> CheckpointKeeper? {
        guard let folder = context.checkpointFolder else { return nil }
        // Threads and versions belong here: with others the same state may go on to other bytes.
        let versions = context.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
        return CheckpointKeeper(
            file: CheckpointFile(folder: folder, willPerform: willPerformCheckpoint),
            identity: [
                ("settings", settings.yaml), ("shape of examples", "\(drop.samples.rowCount) \(drop.samples.columnCount)"),
                ("cycles", "\(drop.task.cycles)"), ("number of threads", "\(context.threadCount)"), ("program versions", versions),
            ], epochCount: settings.training.epochs, monotonicSeconds: context.monotonicSeconds)
    }

    private func makeTraining(_ drop: DecodedDrop, _ plan: TrainingPlan) throws -> any MemoryTraining {
        let seed = UInt64(settings.seed)
        switch settings.preset {
        case .fast:
            return try FastTraining(
                samples: drop.samples, task: drop.task,
                settings: .init(
                    depth: plan.depth, width: plan.width, activation: plan.activation, conditioning: plan.conditioning,
                    maximumNoise: plan.maximumNoise, learningRate: settings.training.learningRate, initializer: plan.initializer,
                    startsFromMatchedFilters: plan.startsFromMatchedFilters, solvesOutputLayer: settings.training.exactOutputLayer,
                    seed: seed))
        case .closedForm:
            guard let chosen = plan.closedForm else { preconditionFailure("a plan for closed-form holds its settings") }
            return try ClosedFormMemory(samples: drop.samples, task: drop.task, settings: chosen)
        case .paper:
            return PaperTraining(
                samples: drop.samples, task: drop.task,
                settings: .init(
                    depth: plan.depth, width: plan.width, activation: plan.activation, initializer: plan.initializer,
                    learningRate: settings.training.learningRate, targetMeanSquaredError: settings.training.targetMSE, seed: seed))
        }
    }

    /// What the last step of a round is called.
    private var finishPhase: String {
        switch settings.preset {
        case .closedForm: "closed form"
        case .fast where settings.training.exactOutputLayer: "exact output layer"
        case .fast, .paper: "stored network"
        }
    }

    /// The stored network with its error, and that error as a point of the loss curve, in training coordinates.
    private func finish(
        _ network: FullyConnectedNetwork<Float>, _ training: any MemoryTraining, _ drop: DecodedDrop, phase: String, began: Double
    ) -> (Memory, LossRow) {
        let span = (training as? FastTraining)?.coordinates
        let precise = network.converted(to: Double.self)
        let samples = drop.samples.converted(to: Double.self)
        let targets = samples.rows(at: drop.task.successors)
        let outputs = precise.outputs(of: samples)
        let error = outputs.meanSquaredDifference(to: targets)
        let inCoordinates = span.map { $0.coordinates(of: outputs).meanSquaredDifference(to: $0.coordinates(of: targets)) } ?? error
        let memory = Memory(
            network: network, precise: precise, spanBasis: span?.basis, epochCount: training.epochCount, meanSquaredError: error)
        let row = LossRow(
            epoch: training.epochCount, mse: inCoordinates, learningRate: nil, seconds: context.monotonicSeconds() - began, phase: phase)
        return (memory, row)
    }

    /// Why training ends here; nil when another round is due.
    private func stopReason(
        _ analysis: MemoryAnalysis, _ drop: DecodedDrop, ranOutOfTime: Bool, epochs: Int, reachedTarget: Bool
    ) -> String? {
        if settings.preset == .closedForm {
            let verdict =
                !settings.analysis.eigenvalues
                ? "without eigenvalues nothing was verified"
                : holds(analysis, drop) ? promise(analysis, drop) : "verification found that it does not hold everywhere"
            return "the weights were written down in closed form; \(verdict)"
        } else if settings.preset == .paper {
            if reachedTarget { return "the mean squared error reached the published \(settings.training.targetMSE)" }
        } else if !settings.analysis.eigenvalues {
            return "one round was trained; without eigenvalues there is nothing to verify"
        } else if holds(analysis, drop) {
            return promise(analysis, drop)
        }
        if ranOutOfTime { return "the budget of \(settings.training.budget.seconds.formatted) s was used up" }
        if epochs >= settings.training.epochs { return "all \(settings.training.epochs) epochs were used up" }
        return nil
    }

    /// Whether every example or cycle is verified, and for sequences every start from uniform noise was recalled.
    private func holds(_ analysis: MemoryAnalysis, _ drop: DecodedDrop) -> Bool {
        guard analysis.verdicts.allSatisfy({ $0 }) else { return false }
        // An autoencoder may have other attractors, and noise may end there.
        return drop.task.isAutoencoder
            || analysis.recalls.allSatisfy { $0.batch.start != .uniformNoise || $0.isRecovered.allSatisfy { $0 } }
    }

    /// What was verified, as the end of "training ended because …".
    private func promise(_ analysis: MemoryAnalysis, _ drop: DecodedDrop) -> String {
        guard !drop.task.isAutoencoder else { return "every example was verified to be an attractor" }
        let stable = "every cycle was verified to be stable"
        return settings.recall.starts > 0 ? "\(stable) and every start from uniform noise was recalled" : stable
    }

    private func report(
        _ progress: TrainingProgress, round: Int, meter: inout RateMeter, at now: Double, since began: Double
    ) {
        let isLast = progress.epoch == progress.plannedEpochCount
        guard meter.isDue(at: now) || isLast else { return }
        let done = meter.count(progress.epoch)
        context.onProgress(
            PipelineProgress(
                stage: .train, elapsedSeconds: now - began, epoch: progress.epoch, plannedEpochCount: progress.plannedEpochCount,
                loss: progress.loss, fraction: Double(progress.epoch) / Double(max(progress.plannedEpochCount, 1)),
                remainingSeconds: done.map { Double(progress.plannedEpochCount - progress.epoch) * $0 },
                detail: round == 1 ? "training" : "training further, round \(round)"))
    }
}

/// Paces reports and measures the pace of what is reported.
struct RateMeter {
    private var lastReport = -Double.infinity
    private var firstCount: Int?
    private let start: Double
    private var now: Double

    init(startingAt start: Double) {
        self.start = start
        now = start
    }

    /// Whether a quarter of a second has passed since the last report; if so this is one.
    mutating func isDue(at time: Double) -> Bool {
        now = time
        guard time - lastReport >= 0.25 else { return false }
        lastReport = time
        return true
    }

    /// Seconds for each unit so far; nil before there is a second measurement.
    mutating func count(_ units: Int) -> Double? {
        guard let firstCount else {
            firstCount = units
            return nil
        }
        return units > firstCount ? (now - start) / Double(units - firstCount + 1) : nil
    }
}
