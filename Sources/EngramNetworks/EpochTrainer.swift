public import EngramNumerics

/// Full-batch training of one network on one set of pairs, epoch by epoch.
///
/// With noise, each epoch runs the clean samples and a corrupted copy of each, z + s·ε with ε ~ N(0, I) and s = s_max·u², u uniform
/// per sample, towards the same targets: that is what shapes the basins of attraction. u² puts most copies near their sample and a
/// few far out.
public struct EpochTrainer<Scalar: NumericScalar>: Sendable {
    /// The network as trained so far.
    public internal(set) var network: FullyConnectedNetwork<Scalar>
    /// Epochs done.
    public internal(set) var epochCount = 0
    /// Epochs done of the present round.
    public internal(set) var roundStep = 0
    /// Epochs of the present round, over which the schedule runs; `roundStep` once the round is over.
    public internal(set) var roundEpochCount = 0
    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { roundStep < roundEpochCount }

    private var batch: Matrix<Scalar>
    let samples: Matrix<Scalar>
    let targets: Matrix<Scalar>
    private let maximumNoise: Double
    private var backpropagation: Backpropagation<Scalar>
    var optimizer: OptimizerState<Scalar>
    var generator: CounterBasedGenerator
    private var strengths: [Scalar]
    private var noise: [Scalar]

    /// A trainer at epoch 0.
    ///
    /// - Parameters:
    ///   - network: Already initialised.
    ///   - samples: Shape `[n, inputDimension]`.
    ///   - targets: Shape `[n, outputDimension]`.
    ///   - maximumNoise: s_max, in units of the coordinates; 0 trains on the clean samples alone.
    ///   - seed: Of the noise.
    public init(
        network: FullyConnectedNetwork<Scalar>, samples: Matrix<Scalar>, targets: Matrix<Scalar>, maximumNoise: Double,
        optimizer: Optimizer, seed: UInt64
    ) {
        precondition(samples.rowCount == targets.rowCount, "\(samples.rowCount) samples cannot have \(targets.rowCount) targets.")
        self.network = network
        self.samples = samples
        self.maximumNoise = maximumNoise
        let copies = maximumNoise > 0 ? 2 : 1
        batch = Matrix(rowCount: copies * samples.rowCount, columnCount: samples.columnCount)
        batch.copyElements(from: samples)
        var repeated = Matrix<Scalar>(rowCount: copies * targets.rowCount, columnCount: targets.columnCount)
        for copy in 0..<copies { repeated.copyElements(from: targets, toRow: copy * targets.rowCount) }
        self.targets = repeated
        backpropagation = Backpropagation(network: network, sampleCount: copies * samples.rowCount)
        self.optimizer = OptimizerState(optimizer, for: network)
        generator = CounterBasedGenerator(seed: seed)
        strengths = Array(repeating: 0, count: maximumNoise > 0 ? samples.rowCount : 0)
        noise = Array(repeating: 0, count: maximumNoise > 0 ? samples.elements.count : 0)
    }

    /// Runs one epoch.
    /// - Returns: The loss before the epoch's step.
    /// - Throws: `TrainingError.diverged`.
    public mutating func runEpoch(learningRate: Double) throws(TrainingError) -> Double {
        if maximumNoise > 0 {
            for row in strengths.indices {
                let u = generator.nextUniform()
                strengths[row] = Scalar(maximumNoise * u * u)
            }
            generator.fillNormal(&noise)
            batch.setRows(from: samples.rowCount, toNoisy: samples, strengths: strengths, noise: noise)
        }
        let loss = backpropagation.evaluate(network, inputs: batch, targets: targets)
        epochCount += 1
        guard loss.isFinite else { throw .diverged(epoch: epochCount, learningRate: learningRate) }
        optimizer.step(&network, gradients: backpropagation.gradients, learningRate: learningRate)
        return loss
    }

    /// Runs a round of up to `plannedCount` epochs under a schedule.
    /// - Parameter onEpoch: Told of every epoch; may end the round or leave it open.
    public mutating func run(
        epochs plannedCount: Int, schedule: LearningRateSchedule, onEpoch: (TrainingProgress) throws -> TrainingDecision
    ) throws {
        beginRound(epochs: plannedCount)
        try continueRound(schedule: schedule, onEpoch: onEpoch)
    }

    /// Goes on with the round that was left open, if one was, as though it had not been interrupted.
    ///
    /// Where `onEpoch` throws, its epoch is done and counted and the round stays open.
    /// - Parameter schedule: That of `run`.
    public mutating func continueRound(
        schedule: LearningRateSchedule, onEpoch: (TrainingProgress) throws -> TrainingDecision
    ) throws {
        let first = epochCount - roundStep
        while hasOpenRound {
            let rate = schedule.rate(atStep: roundStep, of: roundEpochCount)
            let loss = try runEpoch(learningRate: rate)
            roundStep += 1
            let progress = TrainingProgress(
                epoch: epochCount, plannedEpochCount: first + roundEpochCount, loss: loss, learningRate: rate)
            switch try onEpoch(progress) {
            case .proceed: break
            case .pause: return
            case .stop: endRound()
            }
        }
    }

    /// Begins a round of `plannedCount` epochs.
    mutating func beginRound(epochs plannedCount: Int) {
        roundStep = 0
        roundEpochCount = plannedCount
    }

    /// Ends the open round, if there is one.
    mutating func endRound() { roundEpochCount = roundStep }
}
