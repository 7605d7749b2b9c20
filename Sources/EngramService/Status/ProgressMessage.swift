internal import Foundation

/// What a worker says about its progress, as one line of JSON on its standard output; `engram status` reads the latest one.
package struct ProgressMessage: Codable, Equatable, Sendable {
    /// A step of a job, such as `decode`, `train`, `recall` or `render`.
    package var stage: String
    /// As in `PipelineProgress`.
    package var elapsedSeconds: Double
    /// Epochs done.
    package var epoch: Int?
    /// Epochs planned for this round of training.
    package var plannedEpochCount: Int?
    /// Mean squared error of the last epoch.
    package var loss: Double?
    /// Learning rate of the last epoch.
    package var learningRate: Double?
    /// Share of the stage that is done.
    package var fraction: Double?
    /// Until the stage ends.
    package var remainingSeconds: Double?
    /// A few words.
    package var detail: String
    /// What the drop was taken for; nil until it is decoded.
    package var interpretation: String?
    /// What verification came to; nil until the result is written.
    package var outcome: String?

    /// What must be told of the reading; nil in every message but one.
    package var remarks: [String]?

    enum CodingKeys: String, CodingKey {
        case stage, epoch, loss, fraction, detail, interpretation, remarks, outcome
        case elapsedSeconds = "elapsed_seconds"
        case plannedEpochCount = "planned_epochs"
        case learningRate = "learning_rate"
        case remainingSeconds = "remaining_seconds"
    }

    /// Begins a message; what is left out is not known.
    package init(stage: String, elapsedSeconds: Double, detail: String) {
        self.stage = stage
        self.elapsedSeconds = elapsedSeconds
        self.detail = detail
    }

    /// Reads a worker's line; nil if it is none: a worker's output is not trusted.
    package init?(line: [UInt8]) {
        guard let message = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
        self = message
    }

    /// The same some seconds later, when nothing else was heard.
    package func later(by seconds: Double) -> ProgressMessage {
        var message = self
        message.elapsedSeconds += max(seconds, 0)
        message.remainingSeconds = remainingSeconds.map { max($0 - max(seconds, 0), 0) }
        return message
    }

    /// The line, without its newline.
    package var line: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every value is finite, so encoding cannot fail.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}
