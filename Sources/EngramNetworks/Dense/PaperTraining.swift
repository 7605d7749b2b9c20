public import EngramDynamics
public import EngramNumerics

/// The `paper` preset: training exactly as published, in full pixel space from a plain initialisation, with no closed-form step.
///
/// It exists to reproduce the tables of [RBU20] and [JP20]: minimise the mean squared error with the published optimizer and stop at
/// the published error.
public struct PaperTraining: MemoryTraining {
    /// What is trained and how.
    public struct Settings: Sendable, Equatable {
        /// Number of hidden layers, at least 1.
        public var depth: Int
        /// Width of each hidden layer.
        public var width: Int
        /// φ.
        public var activation: Activation
        /// How parameters are drawn.
        public var initializer: Initializer
        /// The rule for steps.
        public var optimizer: Optimizer
        /// The published one is 1e-4, the same in every epoch.
        public var learningRate: Double
        /// How the learning rate goes over the round.
        public var schedule: LearningRateSchedule.Shape
        /// Epochs over which the learning rate rises to its peak first.
        public var warmUpEpochCount: Int
        /// Examples in each step; nil for all at once.
        public var batchSize: Int?
        /// Whether the first hidden layer starts as filters matched to the examples.
        public var startsFromMatchedFilters: Bool
        /// Training stops at or below this mean squared error; the published one is 1e-8.
        public var targetMeanSquaredError: Double
        /// Of initialisation.
        public var seed: UInt64

        /// All settings at once; the defaults are the published ones.
        public init(
            depth: Int, width: Int, activation: Activation, initializer: Initializer = .standard, optimizer: Optimizer = .adam(),
            learningRate: Double = 1e-4, schedule: LearningRateSchedule.Shape = .constant, warmUpEpochCount: Int = 0,
            batchSize: Int? = nil, startsFromMatchedFilters: Bool = false, targetMeanSquaredError: Double = 1e-8, seed: UInt64
        ) {
            self.depth = depth
            self.width = width
            self.activation = activation
            self.initializer = initializer
            self.optimizer = optimizer
            self.learningRate = learningRate
            self.schedule = schedule
            self.warmUpEpochCount = warmUpEpochCount
            self.batchSize = batchSize
            self.startsFromMatchedFilters = startsFromMatchedFilters
            self.targetMeanSquaredError = targetMeanSquaredError
            self.seed = seed
        }
    }

    /// Whether the last epoch's error was at or below the target.
    public internal(set) var hasReachedTarget = false
    let settings: Settings
    var trainer: EpochTrainer<FullyConnectedNetwork<Float>>

    /// - Parameters:
    ///   - samples: Shape `[n, d]`, finite.
    ///   - task: Which sample each maps to.
    ///   - settings: The network and how it is trained.
    public init(samples: Matrix<Float>, task: MemoryTask, settings: Settings) {
        precondition(samples.rowCount == task.count, "\(samples.rowCount) samples do not fit a task of \(task.count).")
        self.settings = settings
        let dimension = samples.columnCount
        var network = FullyConnectedNetwork<Float>(
            widths: [dimension] + Array(repeating: settings.width, count: settings.depth) + [dimension],
            activation: settings.activation)
        var generator = SplitMix64(seed: settings.seed)
        settings.initializer.initialize(&network, using: &generator)
        if settings.startsFromMatchedFilters { network.layers[0].setToMatchedFilters(of: samples, around: samples.columnMeans()) }
        trainer = EpochTrainer(
            network: network, samples: samples, targets: samples.rows(at: task.successors), maximumNoise: 0,
            optimizer: settings.optimizer, parametrization: settings.initializer.parametrization, batchSize: settings.batchSize,
            seed: generator.next())
    }

    /// Epochs done so far, over all rounds.
    public var epochCount: Int { trainer.epochCount }

    /// Trains one more round.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        trainer.beginRound(epochs: epochs)
        hasReachedTarget = false
        try continueRound(onEpoch: onEpoch)
    }

    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { trainer.hasOpenRound }

    /// Goes on with the open round, if there is one.
    ///
    /// The epoch that reaches the target ends the round even where `onEpoch` throws in it: whoever saves the training then must not
    /// find the round open.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        guard hasOpenRound else { return }
        var isReached = false
        defer {
            hasReachedTarget = isReached
            if isReached { trainer.endRound() }
        }
        let target = settings.targetMeanSquaredError
        let schedule = LearningRateSchedule(
            settings.schedule, peak: settings.learningRate, warmUpStepCount: settings.warmUpEpochCount)
        try trainer.continueRound(schedule: schedule) { progress in
            isReached = progress.loss <= target
            let decision = try onEpoch(progress)
            return isReached ? .stop : decision
        }
    }

    /// The network as it stands.
    public var parameters: [DenseLayer<Float>]? { trainer.network.layers }

    /// Puts back what `parameters` gave earlier.
    public mutating func setParameters(_ parameters: [DenseLayer<Float>]) { trainer.setLayers(parameters) }

    /// The network as it stands, full-space float32.
    public func storedNetwork() -> FullyConnectedNetwork<Float> { trainer.network }

    /// `storedNetwork()`.
    public func storedMap() -> any StoredMap { trainer.network }
}
