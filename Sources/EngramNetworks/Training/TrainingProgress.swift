public import EngramNumerics

/// One epoch, as told to whoever watches.
public struct TrainingProgress: Sendable, Equatable {
    /// Epochs done, from 1.
    public let epoch: Int
    /// Epochs planned; more may follow when the promised property does not hold yet.
    public let plannedEpochCount: Int
    /// Mean squared error over the batch of this epoch, in the coordinates that training uses.
    public let loss: Double
    /// The learning rate of this epoch.
    public let learningRate: Double

    /// One epoch's facts.
    public init(epoch: Int, plannedEpochCount: Int, loss: Double, learningRate: Double) {
        self.epoch = epoch
        self.plannedEpochCount = plannedEpochCount
        self.loss = loss
        self.learningRate = learningRate
    }
}

/// What to do after an epoch.
public enum TrainingDecision: Sendable, Equatable {
    /// Go on with the next epoch.
    case proceed
    /// Leave this round open here, to go on with it by `continueRound`: between the two, training can be saved.
    case pause
    /// End this round here; what was learned is kept.
    case stop
}

/// Why training could not go on.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The loss became NaN or infinite.
    case diverged(epoch: Int, learningRate: Double)
    /// A computation in closed form failed.
    case numerics(NumericsError)

    /// What was expected, what was found, and what to do.
    public var description: String {
        switch self {
        case .diverged(let epoch, let learningRate):
            "The loss stopped being a finite number in epoch \(epoch) at learning rate \(learningRate); lower training.learning_rate."
        case .numerics(let error): "\(error)"
        }
    }
}
