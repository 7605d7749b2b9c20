/// Reports steps of analysis at a readable pace, and ends the run when asked to.
final class AnalysisMeter {
    private let context: DropProcessor.Context
    private let began: Double
    private var rate: RateMeter

    init(context: DropProcessor.Context, began: Double) {
        self.context = context
        self.began = began
        rate = RateMeter(startingAt: context.monotonicSeconds())
    }

    func step(_ done: Int, of total: Int, _ detail: String) throws {
        if context.isCancelled() { throw CancellationError() }
        let now = context.monotonicSeconds()
        guard rate.isDue(at: now) else { return }
        context.onProgress(
            PipelineProgress(
                stage: .analyse, elapsedSeconds: now - began, fraction: Double(done) / Double(max(total, 1)), detail: detail))
    }
}
