public import EngramDynamics
public import EngramNumerics

/// The `fast` preset: the same network family, trained in better coordinates and finished exactly.
///
/// Training runs on span coordinates with noisy copies and Adam under a cosine schedule; then the hidden layers are written as a
/// full-space float32 network, and the output layer is solved in float64 so that *those* rounded hidden layers interpolate.
public struct FastTraining: MemoryTraining {
    /// What is trained and how.
    public struct Settings: Sendable, Equatable {
        /// Number of hidden layers, at least 1.
        public var depth: Int
        /// Width of each hidden layer.
        public var width: Int
        /// φ.
        public var activation: Activation
        /// p of the span coordinates.
        public var conditioning: Double
        /// v of the span coordinates, in squared units of the samples.
        public var noiseVariance: Double
        /// s_max of the noisy copies, in units of the span coordinates.
        public var maximumNoise: Double
        /// Copies that are corrupted as cues are, in place of noise in the coordinates.
        public var cueNoise: CueNoise?
        /// Peak of the schedule.
        public var learningRate: Double
        /// How the learning rate goes over each round.
        public var schedule: LearningRateSchedule.Shape
        /// Epochs of each round over which the learning rate rises to its peak first.
        public var warmUpEpochCount: Int
        /// The rule for steps.
        public var optimizer: Optimizer
        /// Examples in each step; nil for all at once.
        public var batchSize: Int?
        /// How parameters are drawn.
        public var initializer: Initializer
        /// Whether the first hidden layer starts as filters matched to the examples instead.
        public var startsFromMatchedFilters: Bool
        /// Whether the output layer is solved in closed form after training.
        public var solvesOutputLayer: Bool
        /// Of initialisation and noise.
        public var seed: UInt64
        /// The first round ends at or below this mean squared error of an epoch, in the coordinates of training; 0 never ends it.
        public var targetMeanSquaredError: Double

        /// All settings at once.
        public init(
            depth: Int, width: Int, activation: Activation, conditioning: Double, noiseVariance: Double = 0, maximumNoise: Double,
            learningRate: Double = 1e-3, schedule: LearningRateSchedule.Shape = .cosine, warmUpEpochCount: Int = 0,
            optimizer: Optimizer = .adam(),
            batchSize: Int? = nil, initializer: Initializer = .standard, startsFromMatchedFilters: Bool = false,
            solvesOutputLayer: Bool = true, targetMeanSquaredError: Double = 0, cueNoise: CueNoise? = nil, seed: UInt64
        ) {
            self.cueNoise = cueNoise
            self.depth = depth
            self.width = width
            self.activation = activation
            self.conditioning = conditioning
            self.noiseVariance = noiseVariance
            self.maximumNoise = maximumNoise
            self.learningRate = learningRate
            self.schedule = schedule
            self.warmUpEpochCount = warmUpEpochCount
            self.optimizer = optimizer
            self.batchSize = batchSize
            self.initializer = initializer
            self.startsFromMatchedFilters = startsFromMatchedFilters
            self.solvesOutputLayer = solvesOutputLayer
            self.targetMeanSquaredError = targetMeanSquaredError
            self.seed = seed
        }
    }

    /// The coordinates that training works in.
    public let coordinates: SpanCoordinates
    /// Whether training started from matched sigmoid units most of which have another example near theirs: small steps keep them apart.
    public let isCrowded: Bool
    private(set) var settings: Settings
    let samples: Matrix<Float>
    let task: MemoryTask
    var trainer: EpochTrainer<FullyConnectedNetwork<Float>>

    /// - Parameters:
    ///   - samples: Shape `[n, d]`, finite.
    ///   - task: Which sample each maps to.
    ///   - settings: The network and how it is trained.
    /// - Throws: `TrainingError.numerics`.
    public init(samples: Matrix<Float>, task: MemoryTask, settings: Settings) throws(TrainingError) {
        precondition(samples.rowCount == task.count, "\(samples.rowCount) samples do not fit a task of \(task.count).")
        precondition(settings.depth >= 1 && settings.width >= 1, "A network needs a hidden layer.")
        self.samples = samples
        self.task = task
        self.settings = settings
        let precise = samples.converted(to: Double.self)
        do {
            coordinates = try SpanCoordinates(samples: precise, conditioning: settings.conditioning, noiseVariance: settings.noiseVariance)
        } catch {
            throw .numerics(error)
        }
        let encoded = coordinates.coordinates(of: precise).converted(to: Float.self)
        let rank = coordinates.rank
        var network = FullyConnectedNetwork<Float>(
            widths: [rank] + Array(repeating: settings.width, count: settings.depth) + [rank], activation: settings.activation)
        var generator = SplitMix64(seed: settings.seed)
        settings.initializer.initialize(&network, using: &generator)
        let targets = encoded.rows(at: task.successors)
        if settings.startsFromMatchedFilters {
            do {
                isCrowded = try network.setToMatchedFilters(of: encoded, targets: targets)
            } catch {
                throw .numerics(error)
            }
        } else {
            isCrowded = false
        }
        let coordinates = coordinates
        trainer = EpochTrainer(
            network: network, samples: encoded, targets: targets, maximumNoise: settings.maximumNoise,
            makeCues: { generator in
                settings.cueNoise.map { noise in
                    let encoder = coordinates.encoder
                    return CueCopies(
                        of: samples, noise: noise, encoder: encoder.weights.converted(to: Float.self),
                        offset: encoder.offset.map(Float.init), using: &generator)
                }
            }, optimizer: settings.optimizer, parametrization: settings.initializer.parametrization, batchSize: settings.batchSize,
            seed: generator.next())
    }

    /// Epochs done so far, over all rounds.
    public var epochCount: Int { trainer.epochCount }

    /// Peak of the schedule from now on.
    public mutating func setLearningRate(_ rate: Double) { settings.learningRate = rate }

    /// Trains one more round.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        trainer.beginRound(epochs: epochs)
        try continueRound(onEpoch: onEpoch)
    }

    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { trainer.hasOpenRound }

    /// Goes on with the open round, if there is one.
    ///
    /// The epoch that reaches the target ends the first round even where `onEpoch` throws in it: whoever saves the training then must
    /// not find the round open. Later rounds go on below the target: the error was not what was missing.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        let isFirstRound = trainer.epochCount == trainer.roundStep
        let target = settings.targetMeanSquaredError
        var isReached = false
        defer { if isReached { trainer.endRound() } }
        try trainer.continueRound(schedule: schedule) { progress in
            isReached = isFirstRound && target > 0 && progress.loss <= target
            let decision = try onEpoch(progress)
            return isReached ? .stop : decision
        }
    }

    /// The network on the coordinates, as it stands.
    public var parameters: [DenseLayer<Float>]? { trainer.network.layers }

    /// Puts back what `parameters` gave earlier.
    public mutating func setParameters(_ parameters: [DenseLayer<Float>]) { trainer.setLayers(parameters) }

    private var schedule: LearningRateSchedule {
        LearningRateSchedule(settings.schedule, peak: settings.learningRate, warmUpStepCount: settings.warmUpEpochCount)
    }

    /// The network as it stands with the contractive output layer, full-space float32 (`ContractiveOutputLayer`).
    ///
    /// Perturbations are measured in the span coordinates that training works in, and A M_i is taken for the rounded hidden layers
    /// that are stored.
    /// - Parameters:
    ///   - exampleWeights: c, shape `[n]`; all 1 at first, then `ContractiveOutputLayer.reweighted`.
    ///   - onSample: Told of each example as its Jacobian is added; may throw to cancel.
    /// - Throws: `TrainingError.numerics`; whatever `onSample` throws.
    public func contractiveNetwork(
        exampleWeights: [Double], onSample: (Int) throws -> Void
    ) throws -> FullyConnectedNetwork<Float> {
        var stored = coordinates.fullSpaceNetwork(from: trainer.network.converted(to: Double.self)).converted(to: Float.self)
        let rounded = stored.converted(to: Double.self)
        let precise = samples.converted(to: Double.self)
        let sensitivity = try ContractiveOutputLayer.sensitivity(
            of: coordinates.network(withHiddenLayersOf: rounded), at: coordinates.coordinates(of: precise),
            exampleWeights: exampleWeights, onSample: onSample)
        // The ridge only decides among layers that contract equally: four digits below the mean direction.
        let width = sensitivity.rowCount
        let trace = (0..<width).reduce(0) { $0 + sensitivity[$1, $1] }
        do {
            let solved = try ContractiveOutputLayer.solve(
                features: rounded.hiddenFeatures(of: precise), targets: precise.rows(at: task.successors), sensitivity: sensitivity,
                ridge: Swift.max(1e-4 * trace / Double(width), .leastNormalMagnitude))
            stored.layers[stored.layers.count - 1] = solved.layer.converted(to: Float.self)
        } catch {
            throw TrainingError.numerics(error)
        }
        return stored
    }

    /// The output layer that fits exactly; with more examples than it can fit, the one of least squares.
    private func solvedOutputLayer(
        _ layer: DenseLayer<Double>, hiddenLayersOf network: FullyConnectedNetwork<Double>
    ) throws(NumericsError) -> DenseLayer<Double> {
        guard samples.rowCount > layer.inputCount + 1 else {
            let precise = samples.converted(to: Double.self)
            return try ExactOutputLayer.solve(
                layer, features: network.hiddenFeatures(of: precise), targets: precise.rows(at: task.successors)
            ).layer
        }
        return try ExactOutputLayer.leastSquares(layer, exampleCount: samples.rowCount) { rows in
            (
                network.hiddenFeatures(of: samples.rows(at: rows).converted(to: Double.self)),
                samples.rows(at: task.successors[rows]).converted(to: Double.self)
            )
        }.layer
    }

    /// The network as it stands, full-space float32.
    public func storedNetwork() throws(TrainingError) -> FullyConnectedNetwork<Float> {
        let exported = coordinates.fullSpaceNetwork(from: trainer.network.converted(to: Double.self))
        var stored = exported.converted(to: Float.self)
        guard settings.solvesOutputLayer else { return stored }
        // From here on only the rounded hidden layers count: they are what the file holds.
        let rounded = stored.converted(to: Double.self)
        let last = stored.layers.count - 1
        do {
            stored.layers[last] = try solvedOutputLayer(exported.layers[last], hiddenLayersOf: rounded).converted(to: Float.self)
        } catch {
            throw .numerics(error)
        }
        return stored
    }

    /// `storedNetwork()`.
    public func storedMap() throws(TrainingError) -> any StoredMap { try storedNetwork() }
}
