internal import EngramSystem

/// Tells how far a job is, a few times a second at most, and ends it once that is asked for.
final class ShareReporter {
    private let context: DropProcessor.Context
    private let stage: Failure.Stage
    private let start: Double
    private let sentence: String?
    private var last = -Double.infinity
    private var lastPart = 0
    private var work: WorkShare

    /// - Parameters:
    ///   - stage: What it reports as.
    ///   - start: When the work was begun whose share is told, on the context's clock.
    ///   - sentence: What the drop was taken for.
    ///   - costs: Of the work's parts, in the order in which they are done, in any unit.
    init(
        _ stage: Failure.Stage = .train, context: DropProcessor.Context, since start: Double, sentence: String? = nil,
        costs: [Double] = [1]
    ) {
        (self.context, self.stage, self.start, self.sentence) = (context, stage, start, sentence)
        work = WorkShare(costs: costs, startingAt: start)
    }

    private static let reportSeconds = 0.25

    /// Says that so much of a part is done.
    /// - Throws: `CancellationError` once the context says so.
    func tell(_ done: Double, part: Int = 0, _ detail: @autoclosure () -> String) throws {
        try context.checkCancelled()
        let now = context.monotonicSeconds()
        work.advance(to: part, done, at: now)
        guard now - last >= Self.reportSeconds || part > lastPart else { return }
        (last, lastPart) = (now, max(part, lastPart))
        context.onProgress(
            PipelineProgress(
                stage: stage, elapsedSeconds: now - start, fraction: work.share, remainingSeconds: work.remainingSeconds,
                detail: detail(), interpretation: sentence))
    }
}

extension DropProcessor.Context {
    /// Ends a job between two steps.
    /// - Throws: `CancellationError` once that is asked for.
    func checkCancelled() throws { if isCancelled() { throw CancellationError() } }
}
