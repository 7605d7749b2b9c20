package import EngramSystem

/// How far one drop is, as told while it runs.
package struct PipelineProgress: Equatable, Sendable {
    /// The step under way.
    package var stage: Failure.Stage
    /// Seconds of work: in training and analysis since training was begun, what earlier attempts took included; in the other stages
    /// since this process began the drop.
    package var elapsedSeconds: Double
    /// Epochs done; nil outside training.
    package var epoch: Int?
    /// Epochs planned by the end of this round; nil outside training.
    package var plannedEpochCount: Int?
    /// Mean squared error of the last epoch in training coordinates; nil outside training.
    package var loss: Double?
    /// Learning rate of the last epoch; nil outside training.
    package var learningRate: Double?
    /// Share of the stage that is done, 0 to 1, where it is known.
    package var fraction: Double?
    /// Seconds until the stage ends at the present pace, where that can be said.
    package var remainingSeconds: Double?
    /// What is being done, in a few words.
    package var detail: String
    /// What the drop was taken for, why, and which setting changes it, in a sentence; nil until it is decoded.
    package var interpretation: String?
    /// What verification came to, in a few words; nil until the result is written.
    package var outcome: String?

    /// What users must be told of the reading, once, with the progress that says that the drop is decoded.
    package var remarks: [String] = []

    /// All parts at once.
    package init(
        stage: Failure.Stage, elapsedSeconds: Double, epoch: Int? = nil, plannedEpochCount: Int? = nil, loss: Double? = nil,
        learningRate: Double? = nil, fraction: Double? = nil, remainingSeconds: Double? = nil, detail: String,
        interpretation: String? = nil, outcome: String? = nil
    ) {
        self.stage = stage
        self.elapsedSeconds = elapsedSeconds
        self.epoch = epoch
        self.plannedEpochCount = plannedEpochCount
        self.loss = loss
        self.learningRate = learningRate
        self.fraction = fraction
        self.remainingSeconds = remainingSeconds
        self.detail = detail
        self.interpretation = interpretation
        self.outcome = outcome
    }
}
