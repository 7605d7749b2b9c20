public import EngramDynamics
public import EngramNumerics

/// Training of a recurrent network on one text as published ([RBU20] App. F): cross-entropy of each next token, by backpropagation through the
/// text, round and round.
public struct RecurrentTraining: MemoryTraining {
    /// What is trained and how; the defaults are the published ones.
    public struct Settings: Sendable, Equatable {
        /// w, of the state and of every hidden layer.
        public var width = 128
        /// Layers of s, and hidden layers of o.
        public var depth = 31
        /// φ.
        public var activation = Activation.selu
        /// How parameters are drawn.
        public var initializer = Initializer.standard
        /// The rule for steps.
        public var optimizer = Optimizer.adam()
        /// The same in every epoch.
        public var learningRate = 1e-4
        /// Of initialisation.
        public var seed: UInt64

        /// The published settings.
        public init(seed: UInt64) { self.seed = seed }
    }

    /// The cross-entropy of the last epoch; infinite before the first.
    public internal(set) var loss = Double.infinity
    let settings: Settings
    var trainer: EpochTrainer<RecurrentNetwork<Float>>

    /// - Parameters:
    ///   - tokens: The text, shape `[n, V]`, one-hot.
    ///   - settings: The network and how it is trained.
    public init(tokens: Matrix<Float>, settings: Settings) {
        self.settings = settings
        var network = RecurrentNetwork<Float>(
            vocabularySize: tokens.columnCount, width: settings.width, depth: settings.depth, activation: settings.activation)
        network.trainsRoundAndRound = true
        var generator = SplitMix64(seed: settings.seed)
        settings.initializer.initialize(&network, using: &generator)
        let count = tokens.rowCount
        trainer = EpochTrainer(
            network: network, samples: tokens, targets: tokens.rows(at: (0..<count).map { ($0 + 1) % count }), maximumNoise: 0,
            optimizer: settings.optimizer, parametrization: settings.initializer.parametrization, seed: generator.next())
    }

    /// Epochs done so far, over all rounds; each is one round of the text.
    public var epochCount: Int { trainer.epochCount }

    /// Trains one more round.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        trainer.beginRound(epochs: epochs)
        try continueRound(onEpoch: onEpoch)
    }

    /// Whether a round was begun and is not over.
    public var hasOpenRound: Bool { trainer.hasOpenRound }

    /// Goes on with the open round, if there is one.
    /// - Throws: `TrainingError.diverged`; whatever `onEpoch` throws.
    public mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        var last = loss
        defer { loss = last }
        try trainer.continueRound(schedule: LearningRateSchedule(.constant, peak: settings.learningRate)) { progress in
            last = progress.loss
            return try onEpoch(progress)
        }
    }

    /// The network as it stands.
    public var parameters: [DenseLayer<Float>]? { trainer.network.layers }

    /// Puts back what `parameters` gave earlier.
    public mutating func setParameters(_ parameters: [DenseLayer<Float>]) { trainer.setLayers(parameters) }

    /// The network as it stands.
    public func storedMap() -> any StoredMap {
        var network = trainer.network
        network.trainsRoundAndRound = false
        return StoredRecurrentMap(network: network)
    }
}

extension RecurrentTraining {
    private static let checkpointKind = "ENGRAM-N"
    /// Goes up with every change of the layout, and of training after which the same state would go on differently.
    private static let checkpointVersion: UInt64 = 1

    /// All that further training depends on, bit by bit, with what recognises the settings and the text.
    public func encodeCheckpoint() -> [UInt8]? {
        var writer = CheckpointWriter(
            kind: Self.checkpointKind, version: Self.checkpointVersion, contentByteCount: trainer.stateByteCount + 4096)
        writer.append(String(reflecting: settings))
        writer.append(loss)
        trainer.appendState(to: &writer)
        return writer.sealed()
    }

    /// Becomes the training that `checkpoint` was made of, if that was made from the same text and settings.
    /// - Throws: `CheckpointError`, case by case; then nothing is changed.
    public mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError) {
        var reader = try CheckpointReader.openWhole(checkpoint, kind: Self.checkpointKind, version: Self.checkpointVersion)
        guard try reader.readString() == String(reflecting: settings) else { throw .otherRun(what: "training settings") }
        let lastLoss = try reader.readDouble()
        var restored = trainer
        try restored.restoreState(from: &reader)
        try reader.finish()
        (trainer, loss) = (restored, lastLoss)
    }
}
