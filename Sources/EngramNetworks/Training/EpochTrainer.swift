public import EngramNumerics

/// Training of one network on one set of pairs, epoch by epoch: on the whole set at once, or in mini-batches.
///
/// With noise, each epoch runs a corrupted copy of each sample in its place, z + s·ε with ε ~ N(0, I) and s = s_max·u², u uniform per
/// sample, towards the sample's target: that is what shapes the basins of attraction. u² puts most copies near their sample and a few
/// far out, so that the samples themselves need not be there as well; an exact output layer fits them in the end. The copies can also be
/// of another kind, see `CueNoise`.
///
/// In mini-batches, an epoch passes over the samples once in an order drawn afresh from the seeded generator, a step for each batch.
/// The order needs no place in a checkpoint: between epochs, the generator's state alone decides the next.
public struct EpochTrainer<Network: TrainableNetwork>: Sendable {
    /// What values are computed in.
    public typealias Scalar = Network.Scalar

    /// The network as trained so far.
    public internal(set) var network: Network
    /// Epochs done.
    public internal(set) var epochCount = 0
    /// Epochs done of the present round.
    public internal(set) var roundStep = 0
    /// Epochs of the present round, over which the schedule runs; `roundStep` once the round is over.
    public internal(set) var roundEpochCount = 0
    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { roundStep < roundEpochCount }

    /// What goes into the network: samples, or corrupted copies of them.
    private var batch: Matrix<Scalar>
    let samples: Matrix<Scalar>
    let targets: Matrix<Scalar>
    /// The targets of one mini-batch, and the order of all samples; empty without mini-batches.
    private var batchTargets: Matrix<Scalar>
    private var order: [Int]
    /// Samples in each step.
    private let batchSize: Int
    private let maximumNoise: Double
    /// Corrupted copies that are made elsewhere than in the coordinates; nil for noise in them, or none.
    var cues: CueCopies<Scalar>?
    var loss: Network.Gradients
    var optimizer: OptimizerState<Scalar>
    var generator: CounterBasedGenerator
    private var strengths: [Scalar]
    private var noise: [Scalar]
    /// Further directions of noise, shape `[m, d]`: normal factors times these are added to noise in the coordinates; nil for none.
    var noiseDirections: Matrix<Scalar>?
    /// Whether noise goes down over a round, to nothing in its last fifth.
    var noiseFalls = false

    /// A trainer at epoch 0.
    ///
    /// - Parameters:
    ///   - network: Already initialised.
    ///   - samples: Shape `[n, inputDimension]`.
    ///   - targets: Shape `[n, outputDimension]`.
    ///   - maximumNoise: s_max, in units of the coordinates; 0 trains on the clean samples alone.
    ///   - optimizer: The rule of a step.
    ///   - parametrization: What the optimizer moves.
    ///   - batchSize: Samples in each step, their copies not counted; nil, or as many as there are, for all at once.
    ///   - seed: Of the noise and of the order of mini-batches.
    public init(
        network: Network, samples: Matrix<Scalar>, targets: Matrix<Scalar>, maximumNoise: Double,
        optimizer: Optimizer, parametrization: Parametrization = .standard, batchSize: Int? = nil, seed: UInt64
    ) {
        self.init(
            network: network, samples: samples, targets: targets, maximumNoise: maximumNoise, makeCues: { _ in nil }, optimizer: optimizer,
            parametrization: parametrization, batchSize: batchSize, seed: seed)
    }

    /// A trainer whose copies are made by `makeCues`, with the trainer's generator; nil for noise in the coordinates, or none.
    init(
        network: Network, samples: Matrix<Scalar>, targets: Matrix<Scalar>, maximumNoise: Double,
        makeCues: (inout CounterBasedGenerator) -> CueCopies<Scalar>?, optimizer: Optimizer, parametrization: Parametrization,
        batchSize: Int?, seed: UInt64
    ) {
        precondition(samples.rowCount == targets.rowCount, "\(samples.rowCount) samples cannot have \(targets.rowCount) targets.")
        self.network = network
        self.samples = samples
        generator = CounterBasedGenerator(seed: seed)
        cues = makeCues(&generator)
        self.maximumNoise = cues == nil ? maximumNoise : 0
        let count = samples.rowCount
        let size = max(min(batchSize ?? count, count), 1)
        self.batchSize = size
        batch = Matrix(rowCount: min(size, count), columnCount: samples.columnCount)
        self.targets = targets
        let isWhole = size >= count
        if isWhole { batch.copyElements(from: samples) }
        batchTargets = Matrix(rowCount: isWhole ? 0 : size, columnCount: targets.columnCount)
        order = isWhole ? [] : Array(0..<count)
        loss = Network.Gradients(network: network, sampleCount: batch.rowCount)
        self.optimizer = OptimizerState(optimizer, for: network.layers, parametrization: parametrization)
        strengths = Array(repeating: 0, count: self.maximumNoise > 0 ? min(size, count) : 0)
        noise = Array(repeating: 0, count: strengths.count * samples.columnCount)
    }

    /// Runs one epoch.
    /// - Returns: The loss before the epoch's step; in mini-batches the mean over the samples, each before its own step.
    /// - Throws: `TrainingError.diverged`.
    public mutating func runEpoch(learningRate: Double) throws(TrainingError) -> Double {
        epochCount += 1
        cues?.renew(using: &generator)
        guard order.isEmpty else { return try runMiniBatches(learningRate: learningRate) }
        if maximumNoise > 0 {
            batch.copyElements(from: samples)
            addNoise()
        }
        if let cues { batch.copyElements(from: cues.rows) }
        return try step(inputs: batch, targets: targets, learningRate: learningRate)
    }

    private mutating func runMiniBatches(learningRate: Double) throws(TrainingError) -> Double {
        drawOrder()
        var sum = 0.0
        for first in stride(from: 0, to: order.count, by: batchSize) {
            let count = min(batchSize, order.count - first)
            batch.setRowCount(count)
            batchTargets.setRowCount(count)
            batch.copyRows(at: order[first..<first + count], of: cues?.rows ?? samples, toRow: 0)
            batchTargets.copyRows(at: order[first..<first + count], of: targets, toRow: 0)
            addNoise()
            sum += Double(count) * (try step(inputs: batch, targets: batchTargets, learningRate: learningRate))
        }
        return sum / Double(order.count)
    }

    private mutating func step(
        inputs: Matrix<Scalar>, targets: Matrix<Scalar>, learningRate: Double
    ) throws(TrainingError) -> Double {
        let error = loss.evaluate(network, inputs: inputs, targets: targets)
        guard error.isFinite else { throw .diverged(epoch: epochCount, learningRate: learningRate) }
        network.step(&optimizer, gradients: loss.gradients, learningRate: learningRate)
        return error
    }

    /// Adds noise to the rows of the batch, where there is noise.
    private mutating func addNoise() {
        guard maximumNoise > 0 else { return }
        for row in 0..<batch.rowCount {
            let u = generator.nextUniform()
            strengths[row] = Scalar(noiseShare * maximumNoise * u * u)
        }
        generator.fillNormal(&noise)
        batch.addToRows(noise: noise, scaledBy: strengths)
        guard let noiseDirections else { return }
        var factors = Matrix<Scalar>(
            rowCount: batch.rowCount, columnCount: noiseDirections.rowCount,
            elements: generator.normals(count: batch.rowCount * noiseDirections.rowCount))
        factors.scaleRows(by: Array(strengths.prefix(batch.rowCount)))
        batch.setToProduct(factors, noiseDirections, adding: 1)
    }

    /// The share of the noise that the present epoch of a round has.
    private var noiseShare: Double {
        guard noiseFalls, roundEpochCount > 0 else { return 1 }
        return max(1 - 1.25 * Double(roundStep) / Double(roundEpochCount), 0)
    }

    /// Shuffles the order (Fisher, Yates), from the same start in each epoch.
    private mutating func drawOrder() {
        for index in order.indices { order[index] = index }
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            // The high half of the product is below last + 1, and uneven by less than 2⁻⁴⁰.
            let other = Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high)
            let moved = order[last]
            order[last] = order[other]
            order[other] = moved
        }
    }

    /// Runs a round of up to `plannedCount` epochs under a schedule.
    /// - Parameters:
    ///   - plannedCount: Epochs of the round, unless `onEpoch` ends it.
    ///   - schedule: The learning rate over the round.
    ///   - onEpoch: Told of every epoch; may end the round or leave it open.
    public mutating func run(
        epochs plannedCount: Int, schedule: LearningRateSchedule, onEpoch: (TrainingProgress) throws -> TrainingDecision
    ) throws {
        beginRound(epochs: plannedCount)
        try continueRound(schedule: schedule, onEpoch: onEpoch)
    }

    /// Goes on with the round that was left open, if one was, as though it had not been interrupted.
    ///
    /// Where `onEpoch` throws, its epoch is done and counted and the round stays open.
    /// - Parameters:
    ///   - schedule: That of `run`.
    ///   - onEpoch: Told of every epoch; may end the round or leave it open.
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

    /// Replaces the parameters by others of the same shape.
    mutating func setLayers(_ layers: [DenseLayer<Scalar>]) {
        precondition(
            layers.map(\.outputCount) == network.layers.map(\.outputCount)
                && layers.map(\.inputCount) == network.layers.map(\.inputCount),
            "Parameters of another shape cannot be put back.")
        network.layers = layers
    }

    /// Begins a round of `plannedCount` epochs.
    mutating func beginRound(epochs plannedCount: Int) {
        roundStep = 0
        roundEpochCount = plannedCount
    }

    /// Ends the open round, if there is one.
    mutating func endRound() { roundEpochCount = roundStep }
}
