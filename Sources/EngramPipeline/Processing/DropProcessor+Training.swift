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
    /// Trains one round to its end, or what is left of it.
    /// - Throws: `TrainingError`; `CancellationError`.
    func trainRound(_ run: inout TrainingRun) throws {
        if !run.isResumed {
            run.record.round += 1
            run.record.networkRound += 1
            run.record.ranOutOfTime = false
        }
        let (began, earlier) = (run.began, run.record.earlierEpochCount)
        let (round, networkRound) = (run.record.round, run.record.networkRound)
        let remaining = settings.training.epochs - run.epochCount
        let planned = settings.preset != .fast ? remaining : min(run.plan.roundEpochCount * (networkRound > 1 ? 2 : 1), remaining)
        let phase = round == 1 ? "training" : "training, round \(round)"
        var meter = RateMeter(startingAt: context.monotonicSeconds())
        // Apart, since training is being changed while it tells of its epochs.
        var (record, keeper) = (run.record, run.keeper)
        defer { (run.record, run.keeper) = (record, keeper) }
        func onEpoch(_ progress: TrainingProgress) throws -> TrainingDecision {
            let now = context.monotonicSeconds()
            record.losses.append(
                LossRow(
                    epoch: earlier + progress.epoch, mse: progress.loss, learningRate: progress.learningRate, seconds: now - began,
                    phase: phase))
            report(progress, after: earlier, round: round, meter: &meter, at: now, since: began)
            try checkCancellation()
            record.ranOutOfTime = isOutOfTime(record, at: now, since: began)
            if record.ranOutOfTime { return .stop }
            return keeper?.pace.isDue(epoch: progress.epoch, at: now) == true ? .pause : .proceed
        }
        if run.isResumed {
            try run.training.continueRound(onEpoch: onEpoch)
        } else {
            try run.training.trainRound(epochs: planned, onEpoch: onEpoch)
        }
        while run.training.hasOpenRound {
            save(run.training, &record, &keeper, began: began)
            try run.training.continueRound(onEpoch: onEpoch)
        }
    }

    /// Whether the budget does not bear another epoch: it must hold training, verification, and one more of the latter.
    func isOutOfTime(_ record: TrainingRecord, at now: Double, since began: Double) -> Bool {
        now - began + record.lastAnalyseSeconds > settings.training.budget.seconds
    }

    func save(_ run: inout TrainingRun) {
        save(run.training, &run.record, &run.keeper, began: run.began)
    }

    private func save(
        _ training: any MemoryTraining, _ record: inout TrainingRecord, _ keeper: inout CheckpointKeeper?, began: Double
    ) {
        record.elapsedSeconds = context.monotonicSeconds() - began
        guard let failure = keeper?.save(training, &record) else { return }
        context.onProgress(PipelineProgress(stage: .train, elapsedSeconds: record.elapsedSeconds, detail: failure))
    }

    func checkpointKeeper(for drop: DecodedDrop) -> CheckpointKeeper? {
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

    func makeTraining(_ drop: DecodedDrop, _ plan: TrainingPlan) throws -> any MemoryTraining {
        let seed = UInt64(settings.seed)
        switch settings.preset {
        case .fast:
            return try FastTraining(
                samples: drop.trainingSamples, task: drop.trainingTask,
                settings: .init(
                    depth: plan.depth, width: plan.width, activation: plan.activation, conditioning: plan.conditioning,
                    noiseVariance: plan.noiseFloor * drop.squaredValueRange, maximumNoise: plan.maximumNoise,
                    learningRate: plan.learningRate,
                    schedule: plan.schedule,
                    warmUpEpochCount: settings.training.warmUp, optimizer: plan.optimizer, batchSize: plan.batchSize,
                    initializer: plan.initializer, startsFromMatchedFilters: plan.startsFromMatchedFilters,
                    solvesOutputLayer: settings.training.exactOutputLayer,
                    targetMeanSquaredError: settings.training.targetMSE, cueNoise: cueNoise(plan, drop), seed: seed))
        case .closedForm:
            guard let chosen = plan.closedForm else { preconditionFailure("a plan for closed-form holds its settings") }
            return try ClosedFormMemory(samples: drop.samples, task: drop.task, settings: chosen)
        case .paper:
            return PaperTraining(
                samples: drop.trainingSamples, task: drop.trainingTask,
                settings: .init(
                    depth: plan.depth, width: plan.width, activation: plan.activation, initializer: plan.initializer,
                    optimizer: plan.optimizer, learningRate: plan.learningRate, schedule: plan.schedule,
                    warmUpEpochCount: settings.training.warmUp, batchSize: plan.batchSize,
                    startsFromMatchedFilters: plan.startsFromMatchedFilters,
                    targetMeanSquaredError: settings.training.targetMSE, seed: seed))
        }
    }

    /// How training copies are damaged, where they are damaged as cues are.
    private func cueNoise(_ plan: TrainingPlan, _ drop: DecodedDrop) -> CueNoise? {
        guard plan.noiseKind == .cues, plan.maximumNoise > 0 else { return nil }
        let share = min(plan.maximumNoise, 1)
        // A rectangle hides what it covers whole: three quarters of the share do as much damage.
        let isPicture = drop.raster.height > 1
        return CueNoise(
            range: drop.valueRange, maximumFraction: share, maximumArea: isPicture ? 0.75 * share : 0, raster: isPicture ? drop.raster : nil
        )
    }

    /// What the last step of a round is called.
    var finishPhase: String {
        switch settings.preset {
        case .closedForm: "closed form"
        case .fast where settings.training.exactOutputLayer: "exact output layer"
        case .fast, .paper: "stored network"
        }
    }

    /// The stored network with its error, and that error as a point of the loss curve, in training coordinates.
    func finish(
        _ network: FullyConnectedNetwork<Float>, _ training: any MemoryTraining, _ drop: DecodedDrop, epochCount: Int,
        after earlierEpochCount: Int = 0,
        phase: String, began: Double
    ) -> (Memory, LossRow) {
        let span = (training as? FastTraining)?.coordinates
        let precise = network.converted(to: Double.self)
        let samples = drop.samples.converted(to: Double.self)
        let targets = samples.rows(at: drop.task.successors)
        let outputs = precise.outputs(of: samples)
        let error = outputs.meanSquaredDifference(to: targets)
        let inCoordinates = span.map { $0.coordinates(of: outputs).meanSquaredDifference(to: $0.coordinates(of: targets)) } ?? error
        let memory = Memory(
            network: network, precise: precise, spanBasis: span?.basis, epochCount: epochCount, meanSquaredError: error)
        let row = LossRow(
            epoch: earlierEpochCount + epochCount, mse: inCoordinates, learningRate: nil, seconds: context.monotonicSeconds() - began,
            phase: phase)
        return (memory, row)
    }

    /// Why training ends after a round that was verified; nil when another round is due.
    func stopReason(_ run: TrainingRun, _ drop: DecodedDrop) -> String? {
        // A round that is worse than an earlier one does not hold: had the earlier one held, it would have been the last.
        let isBest = run.record.best.map { $0.round == run.record.round } ?? true
        let held = isBest ? run.bestMemory.flatMap { holds($0.analysis, drop) ? promise($0.analysis, drop) : nil } : nil
        if settings.preset == .closedForm {
            let verdict =
                settings.analysis.eigenvalues
                ? held ?? "verification found that it does not hold everywhere" : "without eigenvalues nothing was verified"
            return "the weights were written down in closed form; \(verdict)"
        } else if settings.preset == .paper {
            if (run.training as? PaperTraining)?.hasReachedTarget == true {
                return "the mean squared error reached the published \(settings.training.targetMSE)"
            }
        } else if !settings.analysis.eigenvalues {
            return "one round was trained; without eigenvalues there is nothing to verify"
        } else if let held {
            return held
        }
        if run.record.ranOutOfTime || isOutOfTime(run.record, at: context.monotonicSeconds(), since: run.began) {
            return "the budget of \(settings.training.budget.seconds.formatted) s was used up"
        }
        if run.epochCount >= settings.training.epochs { return "all \(settings.training.epochs) epochs were used up" }
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
        _ progress: TrainingProgress, after earlierEpochCount: Int, round: Int, meter: inout RateMeter, at now: Double, since began: Double
    ) {
        let isLast = progress.epoch == progress.plannedEpochCount
        guard meter.isDue(at: now) || isLast else { return }
        let done = meter.count(progress.epoch)
        context.onProgress(
            PipelineProgress(
                stage: .train, elapsedSeconds: now - began, epoch: earlierEpochCount + progress.epoch,
                plannedEpochCount: earlierEpochCount + progress.plannedEpochCount, loss: progress.loss,
                learningRate: progress.learningRate, fraction: Double(progress.epoch) / Double(max(progress.plannedEpochCount, 1)),
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
