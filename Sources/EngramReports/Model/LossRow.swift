/// One point of the loss history: one row of `training.csv`.
package struct LossRow: Equatable, Sendable {
    /// Epochs finished when it was measured; a closed-form solve keeps the epoch it follows.
    package var epoch: Int
    /// Mean squared error over samples and dimensions, on the clean examples.
    package var mse: Double
    /// Learning rate in use; nil for a closed-form solve.
    package var learningRate: Double?
    /// Wall-clock seconds since training began.
    package var seconds: Double
    /// Name of the phase, such as `adam` or `exact output layer`; consecutive rows of one name form a phase.
    package var phase: String

    /// Takes every value as given; nothing is computed or checked.
    package init(epoch: Int, mse: Double, learningRate: Double?, seconds: Double, phase: String) {
        self.epoch = epoch
        self.mse = mse
        self.learningRate = learningRate
        self.seconds = seconds
        self.phase = phase
    }
}
