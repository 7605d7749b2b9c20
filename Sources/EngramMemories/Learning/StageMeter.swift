internal import EngramSystem

/// Reports the steps of one stage at a readable pace, with the share that is done and the time that is left, and ends the run when asked to.
final class StageMeter {
    private let context: LearningContext
    private let stage: Failure.Stage
    private let began: Double
    private var rate: RateMeter
    private var work: WorkShare
    private var part = -1

    /// - Parameters:
    ///   - stage: What it reports as.
    ///   - began: When work was begun, on the context's clock: what `elapsedSeconds` counts from.
    ///   - costs: Of the stage's parts, in the order in which they are done.
    ///   - partsDone: How many of them were done before, in how many seconds.
    init(
        _ stage: Failure.Stage, context: LearningContext, began: Double, costs: [Double],
        partsDone: (count: Int, seconds: Double) = (0, 0)
    ) {
        (self.context, self.stage, self.began) = (context, stage, began)
        let now = context.monotonicSeconds()
        rate = RateMeter(startingAt: now)
        work = WorkShare(costs: costs, partsDone: partsDone.count, inSeconds: partsDone.seconds, startingAt: now)
    }

    /// Says that so much of a part is done. The beginning of a part is always told: nothing else may be heard of it for a while.
    /// - Throws: `CancellationError` once the context says so.
    func step(part: Int, _ fraction: Double, _ detail: @autoclosure () -> String) throws {
        try context.checkCancellation()
        tell(part: part, fraction, detail())
    }

    /// The same without a look at whether the run is to end.
    func tell(part: Int, _ fraction: Double, _ detail: @autoclosure () -> String) {
        let now = context.monotonicSeconds()
        work.advance(to: part, fraction, at: now)
        let isDue = rate.isDue(at: now)
        guard isDue || part > self.part else { return }
        self.part = max(part, self.part)
        context.onProgress(
            LearningProgress(
                stage: stage, elapsedSeconds: now - began, fraction: work.share, remainingSeconds: work.remainingSeconds, detail: detail()))
    }

    /// The share and the time left with so much of a part done.
    func estimate(part: Int, _ fraction: Double) -> (share: Double, remainingSeconds: Double?) {
        work.advance(to: part, fraction, at: context.monotonicSeconds())
        return (work.share, work.remainingSeconds)
    }
}

/// How far iterating is whose end nobody knows: by the starts that have ended, and by the iterations that it takes as a rule.
struct IterationShare {
    /// Iterations that it takes as a rule.
    let usualCount: Double

    /// - Parameters:
    ///   - iteration: How many are made.
    ///   - ended: Starts that have ended.
    ///   - total: All starts.
    func share(_ iteration: Int, ended: Int, of total: Int) -> Double {
        let ratio = Double(iteration) / max(usualCount, 1)
        // Beyond the usual it goes on towards 1 and never comes there.
        let knee = Self.knee
        let byIteration = ratio < knee ? ratio : 1 - (1 - knee) / (1 + (ratio - knee) / (1 - knee))
        return max(byIteration, Double(ended) / Double(max(total, 1)))
    }

    private static let knee = 0.9
}
