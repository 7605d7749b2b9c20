public import EngramDynamics
public import EngramNetworks

/// A memory that is final once it is written down.
public struct WrittenTraining: MemoryTraining {
    let map: any StoredMap

    /// None: nothing is trained.
    public var epochCount: Int { 0 }
    /// Does nothing.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) {}
    /// The map.
    public func storedMap() -> any StoredMap { map }
}
