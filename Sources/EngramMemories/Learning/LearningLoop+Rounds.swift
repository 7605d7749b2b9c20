internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

extension LearningLoop {
    /// Trains one round to its end, or what is left of it.
    /// - Throws: `TrainingError`; `CancellationError`.
    func trainRound(_ run: inout Run) throws {
        if !run.isResumed {
            run.record.round += 1
            run.record.networkRound += 1
            run.record.ranOutOfTime = false
        }
        let (began, earlier) = (run.began, run.record.earlierEpochCount)
        let (round, networkRound) = (run.record.round, run.record.networkRound)
        let remaining = settings.training.epochs - run.epochCount
        let planned = min(recipe.roundEpochCount(run.plan, networkRound: networkRound) ?? remaining, remaining)
        let phase = round == 1 ? "training" : "training, round \(round)"
        var meter = RateMeter(startingAt: context.monotonicSeconds())
        // What came before the epochs belongs to the first round alone.
        let whole = round == 1 && !run.isResumed ? run.meter : nil
        // Apart, since training is being changed while it tells of its epochs.
        var (record, keeper) = (run.record, run.keeper)
        defer { (run.record, run.keeper) = (record, keeper) }
        var previews = PreviewKeeper(context.preview, at: context.monotonicSeconds())
        var isSaveDue = false
        func onEpoch(_ progress: TrainingProgress) throws -> TrainingDecision {
            let now = context.monotonicSeconds()
            record.losses.append(
                LossPoint(
                    epoch: earlier + progress.epoch, mse: progress.loss, learningRate: progress.learningRate, seconds: now - began,
                    phase: phase))
            report(progress, Round(number: round, earlierEpochCount: earlier, began: began, whole: whole), meter: &meter, now: now)
            try context.checkCancellation()
            record.ranOutOfTime = isOutOfTime(record, at: now, since: began)
            if record.ranOutOfTime { return .stop }
            isSaveDue = keeper?.pace.isDue(epoch: progress.epoch, at: now) == true
            return isSaveDue || previews?.isDue(at: now) == true ? .pause : .proceed
        }
        if run.isResumed {
            try run.training.continueRound(onEpoch: onEpoch)
        } else {
            try run.training.trainRound(epochs: planned, onEpoch: onEpoch)
        }
        while run.training.hasOpenRound {
            if isSaveDue { save(run.training, &record, &keeper, began: began) }
            if previews?.isDue(at: context.monotonicSeconds()) == true {
                previews?.show(run.training, clock: context.monotonicSeconds)
            }
            try run.training.continueRound(onEpoch: onEpoch)
        }
    }

    /// Whether the budget does not bear another epoch: it must hold training, verification, and one more of the latter.
    func isOutOfTime(_ record: TrainingRecord, at now: Double, since began: Double) -> Bool {
        now - began + record.lastAnalyseSeconds > settings.training.budget.seconds
    }

    func save(_ run: inout Run) {
        save(run.training, &run.record, &run.keeper, began: run.began)
    }

    private func save(_ training: R.Training, _ record: inout TrainingRecord, _ keeper: inout CheckpointKeeper?, began: Double) {
        record.elapsedSeconds = context.monotonicSeconds() - began
        guard let failure = keeper?.save(training, &record) else { return }
        context.onProgress(LearningProgress(stage: .train, elapsedSeconds: record.elapsedSeconds, detail: failure))
    }

    /// What one round gave.
    struct Verified {
        var memory: Memory
        var verification: Verification
        /// The errors of each stored map as points of the loss curve.
        var points: [LossPoint]
        /// Of the improved map that was better than the plain one.
        var weights: [Double]?
    }

    /// Verifies what a round gave; where examples of an autoencoder are no attractors yet, tries the recipe's improvements too.
    func verified(_ map: any StoredMap, _ run: Run, _ set: TrainingSet) throws -> Verified {
        var at = Finish(
            epochCount: run.training.epochCount, earlierEpochCount: run.record.earlierEpochCount, phase: recipe.finishPhase,
            began: run.began)
        let (memory, point) = finish(map, run.training, set, at: at)
        var result = Verified(
            memory: memory, verification: try Failure.of(.analyse) { try verifier.verify(memory, of: set, began: run.began) },
            points: [point])
        guard var improver = recipe.improver(for: set, memory: memory) else { return result }
        at.phase = improver.phase
        while !isOutOfTime(run.record, at: context.monotonicSeconds(), since: run.began),
            let weights = improver.next(after: result.verification)
        {
            let map = try Failure.of(.analyse) { try improved(run.training, set, weights) }
            let (other, point) = finish(map, run.training, set, at: at)
            result.points.append(point)
            let found = try Failure.of(.analyse) { try verifier.verify(other, of: set, began: run.began) }
            improver.note(found)
            if found.verdicts.count(where: { $0 }) > result.verification.verdicts.count(where: { $0 }) {
                (result.memory, result.verification, result.weights) = (other, found, weights)
            }
        }
        return result
    }

    /// The map that an improver's weights lead to.
    func improved(_ training: R.Training, _ set: TrainingSet, _ weights: [Double]) throws -> any StoredMap {
        try recipe.improvedMap(training, for: set, weights: weights) { _ in try context.checkCancellation() }
    }

    /// Where a map was finished.
    struct Finish {
        var epochCount: Int
        var earlierEpochCount = 0
        var phase: String
        var began: Double
    }

    /// The memory of a stored map with its error, and that error as a point of the loss curve, in training coordinates.
    func finish(_ stored: any StoredMap, _ training: R.Training, _ set: TrainingSet, at finish: Finish) -> (Memory, LossPoint) {
        let span = recipe.coordinates(of: training)
        let map = stored.iterable()
        let set = set.carried(by: map)
        let outputs = map.outputs(of: set.examples.converted(to: Double.self))
        let memory = Memory(stored, map: map, outputs: outputs, set, spanBasis: span?.basis, epochCount: finish.epochCount)
        let inCoordinates =
            span.map { span in
                let targets = set.examples.rows(at: set.task.successors).converted(to: Double.self)
                return span.coordinates(of: outputs).meanSquaredDifference(to: span.coordinates(of: targets))
            } ?? memory.meanSquaredError
        let point = LossPoint(
            epoch: finish.earlierEpochCount + finish.epochCount, mse: inCoordinates, learningRate: nil,
            seconds: context.monotonicSeconds() - finish.began, phase: finish.phase)
        return (memory, point)
    }

    /// Why training ends after a round that was verified; nil when another round is due.
    func stopReason(_ run: Run, _ set: TrainingSet) -> String? {
        // A round that is worse than an earlier one does not hold: had the earlier one held, it would have been the last.
        let isBest = run.record.best.map { $0.round == run.record.round } ?? true
        let held = isBest ? run.bestMemory.flatMap { holds($0.verification, set) ? promise(set) : nil } : nil
        if let reason = recipe.stopReason(after: run.training, held: held) { return reason }
        if run.record.ranOutOfTime || isOutOfTime(run.record, at: context.monotonicSeconds(), since: run.began) {
            return "the budget of \(plainNumber(settings.training.budget.seconds)) s was used up"
        }
        if run.epochCount >= settings.training.epochs { return "all \(settings.training.epochs) epochs were used up" }
        return nil
    }

    /// Whether every example or cycle is verified, and for sequences every start from uniform noise was recalled.
    private func holds(_ verification: Verification, _ set: TrainingSet) -> Bool {
        guard verification.verdicts.allSatisfy({ $0 }) else { return false }
        // An autoencoder may have other attractors, and noise may end there.
        return set.task.isAutoencoder
            || verification.recalls.allSatisfy { $0.batch.start != .uniformNoise || $0.isRecovered.allSatisfy { $0 } }
    }

    /// What was verified, as the end of "training ended because …".
    private func promise(_ set: TrainingSet) -> String {
        guard !set.task.isAutoencoder else { return "every example was verified to be an attractor" }
        let stable = "every cycle was verified to be stable"
        return settings.recall.starts > 0 ? "\(stable) and every start from uniform noise was recalled" : stable
    }

    /// What is told of the epochs of a round besides where they are.
    private struct Round {
        var number: Int
        /// Epochs of networks before this one.
        var earlierEpochCount: Int
        /// When training was begun.
        var began: Double
        /// Of the first round with what came before its epochs.
        var whole: StageMeter?
    }

    private func report(_ progress: TrainingProgress, _ round: Round, meter: inout RateMeter, now: Double) {
        let isLast = progress.epoch == progress.plannedEpochCount
        guard meter.isDue(at: now) || isLast else { return }
        let done = meter.count(progress.epoch)
        var share = Double(progress.epoch) / Double(max(progress.plannedEpochCount, 1))
        let left = done.map { Double(progress.plannedEpochCount - progress.epoch) * $0 }
        if let whole = round.whole { share = whole.estimate(part: 2, share).share }
        context.onProgress(
            LearningProgress(
                stage: .train, elapsedSeconds: now - round.began, epoch: round.earlierEpochCount + progress.epoch,
                plannedEpochCount: round.earlierEpochCount + progress.plannedEpochCount, loss: progress.loss,
                learningRate: progress.learningRate, fraction: share, remainingSeconds: left,
                detail: round.number == 1 ? "training" : "training further, round \(round.number)"))
    }
}

extension Duration {
    /// The whole length in seconds.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
