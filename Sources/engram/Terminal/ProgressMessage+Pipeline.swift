import EngramPipeline
import EngramService
import EngramSystem

extension ProgressMessage {
    /// JSON has no infinity and no NaN: what is not finite is left out.
    init(_ progress: PipelineProgress) {
        func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
        self.init(stage: progress.stage.rawValue, elapsedSeconds: finite(progress.elapsedSeconds) ?? 0, detail: progress.detail)
        epoch = progress.epoch
        plannedEpochCount = progress.plannedEpochCount
        loss = finite(progress.loss)
        learningRate = finite(progress.learningRate)
        fraction = finite(progress.fraction)
        remainingSeconds = finite(progress.remainingSeconds)
        interpretation = progress.interpretation
        remarks = progress.remarks.isEmpty ? nil : progress.remarks
        outcome = progress.outcome
    }
}
