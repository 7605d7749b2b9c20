import EngramPipeline
import Foundation
import EngramSystem

/// What a worker says about its progress, as one line of JSON on its standard output; `engram status` reads the latest one.
struct ProgressMessage: Codable, Equatable {
    /// A step of a job, such as `decode`, `train`, `recall` or `render`.
    var stage: String
    /// As in `PipelineProgress`.
    var elapsedSeconds: Double
    /// Epochs done.
    var epoch: Int?
    /// Epochs planned for this round of training.
    var plannedEpochCount: Int?
    /// Mean squared error of the last epoch.
    var loss: Double?
    /// Learning rate of the last epoch.
    var learningRate: Double?
    /// Share of the stage that is done.
    var fraction: Double?
    /// Until the stage ends.
    var remainingSeconds: Double?
    /// A few words.
    var detail: String
    /// What the drop was taken for; nil until it is decoded.
    var interpretation: String?
    /// What verification came to; nil until the result is written.
    var outcome: String?

    /// What must be told of the reading; nil in every message but one.
    var remarks: [String]?

    enum CodingKeys: String, CodingKey {
        case stage, epoch, loss, fraction, detail, interpretation, remarks, outcome
        case elapsedSeconds = "elapsed_seconds"
        case plannedEpochCount = "planned_epochs"
        case learningRate = "learning_rate"
        case remainingSeconds = "remaining_seconds"
    }

    /// JSON has no infinity and no NaN: what is not finite is left out.
    init(_ progress: PipelineProgress) {
        func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
        stage = progress.stage.rawValue
        elapsedSeconds = finite(progress.elapsedSeconds) ?? 0
        epoch = progress.epoch
        plannedEpochCount = progress.plannedEpochCount
        loss = finite(progress.loss)
        learningRate = finite(progress.learningRate)
        fraction = finite(progress.fraction)
        remainingSeconds = finite(progress.remainingSeconds)
        detail = progress.detail
        interpretation = progress.interpretation
        remarks = progress.remarks.isEmpty ? nil : progress.remarks
        outcome = progress.outcome
    }

    /// Reads a worker's line; nil if it is none: a worker's output is not trusted.
    init?(line: [UInt8]) {
        guard let message = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
        self = message
    }

    /// The same some seconds later, when nothing else was heard.
    func later(by seconds: Double) -> ProgressMessage {
        var message = self
        message.elapsedSeconds += max(seconds, 0)
        message.remainingSeconds = remainingSeconds.map { max($0 - max(seconds, 0), 0) }
        return message
    }

    /// The line, without its newline.
    var line: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every value is finite, so encoding cannot fail.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}
