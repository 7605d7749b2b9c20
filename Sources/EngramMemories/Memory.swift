public import EngramDynamics
public import EngramNumerics

/// A stored map and how it came about.
public struct Memory: Sendable {
    /// What is stored.
    public let stored: any StoredMap
    /// The same values in float64, in which everything reported is computed.
    public let map: any IterableMap
    /// An orthonormal basis that may hold the outputs in fewer dimensions than the map knows of; nil if none is known.
    public let spanBasis: Matrix<Double>?
    /// Epochs trained.
    public let epochCount: Int
    /// Mean squared error at the examples, in units of the medium.
    public let meanSquaredError: Double
    /// ‖f(x_i) - target‖ of each example.
    let residualNorms: [Double]

    /// A memory of `set` from its stored map, whose error at the examples is computed.
    ///
    /// - Parameters:
    ///   - stored: The map, as it is or will be stored.
    ///   - set: What the memory was made of.
    ///   - spanBasis: Orthonormal columns that may hold the outputs, shape `[d, k]`; nil if none is known.
    ///   - epochCount: Epochs that training took.
    public init(_ stored: any StoredMap, of set: TrainingSet, spanBasis: Matrix<Double>? = nil, epochCount: Int = 0) {
        let map = stored.iterable()
        let set = set.carried(by: map)
        self.init(
            stored, map: map, outputs: map.outputs(of: set.examples.converted(to: Double.self)), set, spanBasis: spanBasis,
            epochCount: epochCount)
    }

    /// The same with the map's outputs at the examples known.
    init(
        _ stored: any StoredMap, map: any IterableMap, outputs: Matrix<Double>, _ set: TrainingSet, spanBasis: Matrix<Double>?,
        epochCount: Int
    ) {
        let targets = set.examples.rows(at: set.task.successors).converted(to: Double.self)
        self.stored = stored
        self.map = map
        self.spanBasis = spanBasis
        self.epochCount = epochCount
        meanSquaredError = outputs.meanSquaredDifference(to: targets)
        residualNorms = (0..<targets.rowCount).map { squaredDistance(outputs.row($0), targets.row($0)).squareRoot() }
    }
}

/// A memory that was made and verified.
public struct LearnedMemory: Sendable {
    /// The map.
    public var memory: Memory
    /// What was found out about it.
    public var verification: Verification
    /// How its recipe made it.
    public var account: RecipeAccount
    /// The settings with every `auto` that the recipe decides replaced by what was used, so that they repeat the run.
    public var resolvedSettings: MemorySettings
    /// The loss of every epoch, and of the stored map after each round that was verified.
    public var losses: [LossPoint]
    /// Completes "training ended because …".
    public var stopReason: String
    /// What users must be told about planning, saving and resuming.
    public var notes: [String]
    /// Seconds that making it took, verification apart.
    public var trainSeconds: Double
    /// Seconds that verifying it took.
    public var analyseSeconds: Double
}

/// What a report says of how a memory was made.
public struct RecipeAccount: Sendable, Equatable {
    /// The recipe's name.
    public var recipe: String
    /// The rule for steps with its rate; "none" where nothing is optimised.
    public var optimizer: String
    /// How the first parameters were found.
    public var initializer: String
    /// Exponent p of the span coordinates; nil where there are none.
    public var conditioning: Double?
    /// Largest noise of training copies; nil where there are none.
    public var noise: Double?
    /// What whoever reads of the finished memory must know to judge it.
    public var notes: [String]
    /// How it came about; nothing that is said of it depends on that.
    public var remarks: [String] = []
    /// What training minimised, where that is no mean squared error.
    public var lossName: String?

    /// An account from its parts.
    public init(
        recipe: String, optimizer: String, initializer: String, conditioning: Double? = nil, noise: Double? = nil, notes: [String] = []
    ) {
        self.recipe = recipe
        self.optimizer = optimizer
        self.initializer = initializer
        self.conditioning = conditioning
        self.noise = noise
        self.notes = notes
    }
}

/// One point of a loss curve.
public struct LossPoint: Sendable, Equatable {
    /// Epochs done, over all networks of the run.
    public var epoch: Int
    /// Mean squared error in the coordinates of training.
    public var mse: Double
    /// nil for a stored map, which no step led to.
    public var learningRate: Double?
    /// Since training was begun.
    public var seconds: Double
    /// What was done.
    public var phase: String

    /// A point from its parts.
    public init(epoch: Int, mse: Double, learningRate: Double?, seconds: Double, phase: String) {
        self.epoch = epoch
        self.mse = mse
        self.learningRate = learningRate
        self.seconds = seconds
        self.phase = phase
    }
}
