internal import EngramDynamics
public import EngramNumerics

/// What iterating a memory from one cue led to.
public struct RecalledExample: Sendable, Equatable {
    /// The example that was reached, within the memory's tolerance; nil where the state is none.
    public let example: Int?
    /// The example nearest to the last state, reached or not.
    public let nearestExample: Int
    /// ‖x - x_i‖, Euclidean, from the last state x to that example.
    public let distance: Double
    /// Applications of the map.
    public let iterationCount: Int
    /// The last state, shape `[d]`; of a sequence the state of its cycle at which the first example was met.
    public let values: [Double]
}

extension LearnedMemory {
    /// Iterates the memory from each row of `cues` until it settles.
    ///
    /// - Parameters:
    ///   - cues: Shape `[m, d]`: damaged examples, noise, anything.
    ///   - set: What the memory was made of.
    ///   - maximumIterationCount: Most iterations of one cue; 1,000 are what verification gives an autoencoder.
    /// - Returns: One result for each cue.
    public func recall(
        from cues: Matrix<Double>, of set: TrainingSet, maximumIterationCount: Int = 1000
    ) throws -> [RecalledExample] {
        precondition(
            cues.columnCount == memory.map.inputDimension,
            "A memory of \(memory.map.inputDimension) values takes no cues of \(cues.columnCount).")
        let recall = verification.recall(of: memory, set: set, iterationCount: maximumIterationCount)
        return try recall.outcomes(from: cues).map { outcome in
            RecalledExample(
                example: outcome.reachedExample, nearestExample: outcome.nearestExample,
                distance: (outcome.meanSquaredError * Double(cues.columnCount)).squareRoot(), iterationCount: outcome.iterationCount,
                values: verification.restriction.points(at: outcome.states).row(0))
        }
    }
}
