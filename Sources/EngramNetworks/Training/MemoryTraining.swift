public import EngramDynamics
public import EngramNumerics

/// A way to train a memory, in rounds: train, hand out the map, and train further if it does not hold yet.
///
/// Long training can be saved at any epoch and resumed. The defaults suit a training that is over in a moment: it has no open round,
/// nothing to save, and takes no checkpoint.
public protocol MemoryTraining: Sendable {
    /// Epochs done so far, over all rounds.
    var epochCount: Int { get }
    /// Trains one more round.
    mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws
    /// Whether a round was begun and is not over.
    var hasOpenRound: Bool { get }
    /// What is trained, as it stands, in the coordinates of training; nil where nothing is.
    var parameters: [DenseLayer<Float>]? { get }
    /// Puts back what `parameters` gave earlier; epochs and the optimizer's moments stay as they are.
    mutating func setParameters(_ parameters: [DenseLayer<Float>])
    /// Goes on with the open round, if there is one, as though it had not been interrupted.
    mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws
    /// All that further training depends on, in a form that `restore` takes; nil where there is nothing to save.
    func encodeCheckpoint() -> [UInt8]?
    /// Becomes the training that `checkpoint` was made of; where it throws, nothing is changed.
    mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError)
    /// The map as it stands, as it would be stored: R^d → R^d, on the examples as they are, giving the reported values on its own.
    func storedMap() throws(TrainingError) -> any StoredMap
}

extension MemoryTraining {
    /// None.
    public var hasOpenRound: Bool { false }
    /// Nothing is trained.
    public var parameters: [DenseLayer<Float>]? { nil }
    /// Does nothing, since nothing is trained.
    public mutating func setParameters(_ parameters: [DenseLayer<Float>]) {}
    /// Nothing to go on with.
    public mutating func continueRound(onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {}
    /// Nothing to save.
    public func encodeCheckpoint() -> [UInt8]? { nil }
    /// No bytes are a checkpoint of this training.
    /// - Throws: `CheckpointError.notACheckpoint`.
    public mutating func restore(_ checkpoint: ArraySlice<UInt8>) throws(CheckpointError) { throw .notACheckpoint }
}
