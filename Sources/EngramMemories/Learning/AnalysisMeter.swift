internal import EngramSystem

/// Reports the steps of an analysis, part by part.
final class AnalysisMeter {
    private let meter: StageMeter

    /// - Parameters:
    ///   - began: When work was begun, on the context's clock.
    ///   - plan: What each part costs.
    ///   - partsDone: How many of them were done before, in how many seconds.
    init(context: LearningContext, began: Double, plan: AnalysisPlan, partsDone: (count: Int, seconds: Double) = (0, 0)) {
        meter = StageMeter(.analyse, context: context, began: began, costs: plan.costs, partsDone: partsDone)
    }

    /// Says that so much of a part is done, and with it all before.
    /// - Throws: `CancellationError` once the context says so.
    func step(_ part: AnalysisPart, _ fraction: Double, _ detail: @autoclosure () -> String) throws {
        try meter.step(part: part.rawValue, fraction, detail())
    }
}
