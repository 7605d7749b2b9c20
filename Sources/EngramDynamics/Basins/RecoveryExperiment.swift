public import EngramNumerics

/// How much damage a memory repairs: examples are corrupted, given back as cues, and compared with what comes of them, beside what two
/// memories without training make of the same cues.
public struct RecoveryExperiment: Sendable {
    /// What came of the cues of one kind of corruption, by one criterion.
    public struct Rate: Sendable, Equatable {
        /// Mean squared error to the original, per entry, within which it counts as recovered.
        public let criterion: Double
        /// Cues whose original came back within the criterion; of a sequence, the frame that was due.
        public let recoveredCount: Int
        /// Cues for which the original, or the frame that was due, is the nearest of all stored to what came back.
        public let rightItemCount: Int
        /// Cues tried.
        public let total: Int
        /// Cues whose nearest example lies within the criterion of the original: recall by pixel distance.
        public let nearestExampleCount: Int
        /// Cues that a modern Hopfield network takes to within the criterion of the original.
        public let hopfieldCount: Int

        /// All parts at once.
        public init(
            criterion: Double, recoveredCount: Int, rightItemCount: Int, total: Int, nearestExampleCount: Int, hopfieldCount: Int
        ) {
            self.criterion = criterion
            self.recoveredCount = recoveredCount
            self.rightItemCount = rightItemCount
            self.total = total
            self.nearestExampleCount = nearestExampleCount
            self.hopfieldCount = hopfieldCount
        }
    }

    private let recall: Recall
    private let task: MemoryTask
    private let examples: Matrix<Double>
    private let hopfield: ModernHopfieldNetwork
    private let stepCount: Int

    /// - Parameters:
    ///   - recall: The memory, with its examples and its rule for convergence.
    ///   - examples: What it stores, shape `[n, d]`.
    ///   - task: Where each example leads.
    ///   - hopfield: The baseline; its patterns are the examples.
    ///   - stepCount: Steps that a sequence is played from a cue before it is looked at; an autoencoder is iterated until it settles.
    public init(
        recall: Recall, examples: Matrix<Double>, task: MemoryTask, hopfield: ModernHopfieldNetwork, stepCount: Int
    ) {
        self.recall = recall
        self.examples = examples
        self.task = task
        self.hopfield = hopfield
        self.stepCount = stepCount
    }

    /// What comes of several kinds of cues, by every criterion: one array for each matrix of `cues`, in the order of `criteria`.
    ///
    /// All cues are iterated together, since a step costs reading the weights, whatever the number of states. For a sequence the baselines
    /// answer with a frame; it is right where that is the original, as it then goes on in phase.
    /// - Parameters:
    ///   - cues: The examples at `sources`, damaged; each of shape `[sources.count, d]`.
    ///   - sources: The examples that the cues were made of, by index.
    ///   - criteria: Mean squared errors within which an example counts as recovered.
    ///   - onIteration: Told how many iterations are done; may throw to cancel.
    public func rates(
        of cues: [Matrix<Double>], sources: [Int], criteria: [Double], onIteration: (Int) throws -> Void = { _ in }
    ) throws -> [[Rate]] {
        let originals = examples.rows(at: sources)
        let together = Matrix(
            rowCount: cues.count * sources.count, columnCount: examples.columnCount, elements: cues.flatMap(\.elements))
        let origins = cues.flatMap { _ in sources }
        let outcomes = try task.isAutoencoder ? settled(together, origins, onIteration) : played(together, origins, onIteration)
        return cues.enumerated().map { index, own in
            rates(outcomes[index * sources.count..<(index + 1) * sources.count], own, originals, criteria)
        }
    }

    private func rates(
        _ outcomes: ArraySlice<(error: Double, isRight: Bool)>, _ cues: Matrix<Double>, _ originals: Matrix<Double>, _ criteria: [Double]
    ) -> [Rate] {
        let nearest = NearestExample.find(for: cues, among: examples).map(\.index)
        let nearestErrors = error(of: examples.rows(at: nearest), to: originals)
        let blended = hopfield.states(of: hopfield.outcomes(from: cues))
        let hopfieldErrors = error(of: blended, to: originals)
        return criteria.map { criterion in
            Rate(
                criterion: criterion, recoveredCount: outcomes.count { $0.error <= criterion },
                rightItemCount: outcomes.count(where: \.isRight), total: outcomes.count,
                nearestExampleCount: nearestErrors.count { $0 <= criterion },
                hopfieldCount: hopfieldErrors.count { $0 <= criterion })
        }
    }

    private func settled(
        _ cues: Matrix<Double>, _ sources: [Int], _ onIteration: (Int) throws -> Void
    ) throws -> [(error: Double, isRight: Bool)] {
        let outcomes = try recall.outcomes(from: cues) { iteration, _ in try onIteration(iteration) }
        return zip(outcomes, sources).map { outcome, source in
            (recall.meanSquaredError(of: outcome.states.row(0), to: source), recall.isSame(outcome.nearestExample, as: source))
        }
    }

    private func played(
        _ cues: Matrix<Double>, _ sources: [Int], _ onIteration: (Int) throws -> Void
    ) throws -> [(error: Double, isRight: Bool)] {
        try recall.phases(of: cues, sources: sources, stepCount: stepCount, onStep: onIteration).map { phase in
            (phase.meanSquaredError, phase.nearest >= 0 && recall.isSame(phase.nearest, as: phase.due))
        }
    }

    private func error(of states: Matrix<Double>, to originals: Matrix<Double>) -> [Double] {
        (0..<originals.rowCount).map { squaredDistance(states.row($0), originals.row($0)) / Double(originals.columnCount) }
    }
}
