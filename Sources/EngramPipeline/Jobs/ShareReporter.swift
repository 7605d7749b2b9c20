internal import EngramSystem

/// Tells how far a job is, a few times a second at most, and ends it once that is asked for.
final class ShareReporter {
    private let context: DropProcessor.Context
    private let start: Double
    private let sentence: String
    private var last = -Double.infinity
    private var share = 0.0

    /// - Parameters:
    ///   - start: When the work was begun whose share is told, on the context's clock.
    ///   - sentence: What the drop was taken for.
    init(context: DropProcessor.Context, since start: Double, sentence: String) {
        (self.context, self.start, self.sentence) = (context, start, sentence)
    }

    private static let reportSeconds = 0.25
    /// Below this share nothing is said of the time that is left.
    private static let leastTellingShare = 0.05

    /// - Throws: `CancellationError` once the context says so.
    func tell(_ done: Double, _ detail: @autoclosure () -> String) throws {
        try context.checkCancelled()
        let now = context.monotonicSeconds()
        guard now - last >= Self.reportSeconds else { return }
        last = now
        // A share that has been told is not taken back.
        share = max(share, done)
        let elapsed = now - start
        context.onProgress(
            PipelineProgress(
                stage: .train, elapsedSeconds: elapsed, fraction: share,
                remainingSeconds: share > Self.leastTellingShare ? elapsed * (1 - share) / share : nil, detail: detail(),
                interpretation: sentence))
    }
}

extension DropProcessor.Context {
    /// Ends a job between two steps.
    /// - Throws: `CancellationError` once that is asked for.
    func checkCancelled() throws { if isCancelled() { throw CancellationError() } }
}
