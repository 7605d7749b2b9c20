public import EngramNumerics

/// What a memory holds besides what it was given: the fixed points and cycles that iteration reaches, sorted into stored and spurious.
public struct AttractorCensus: Sendable {
    /// One attractor that is no example, with the starts that led to it.
    public struct Cluster: Sendable, Equatable {
        /// Its states, in coordinates of the restriction: one for a fixed point, p for a cycle. Shape `[p, k]`.
        public let states: Matrix<Double>
        /// The starts that ended on it.
        public let starts: [Int]
        /// The example nearest to its first state.
        public let nearestExample: Int
        /// Mean squared error of that state to that example, per entry of the full space.
        public let meanSquaredError: Double
    }

    /// Where each start ended.
    public let ends: [OrbitSearch.End]
    /// For each start the example it ended on: for a sequence the frame from which a whole round of its cycle follows; nil for none.
    public let reachedExamples: [Int?]
    /// What is not stored, most reached first.
    public let clusters: [Cluster]

    /// Starts that ended on something stored.
    public var storedCount: Int { reachedExamples.count { $0 != nil } }
    /// Starts that ended on nothing stored, had not settled, and did not run off.
    public var unsettledCount: Int { zip(ends, reachedExamples).count { $1 == nil && $0.period == nil && !$0.isDiverged } }
    /// Starts that ran off to where numbers end.
    public var divergedCount: Int { ends.count(where: \.isDiverged) }

    /// Iterates every row of `starts`, shape `[m, d]`, and sorts what is reached.
    ///
    /// - Parameters:
    ///   - search: How to iterate.
    ///   - recall: Knows the examples.
    ///   - task: What is stored.
    ///   - tolerance: Mean squared error, per entry of the full space, within which two states are the same.
    ///   - dimension: d.
    ///   - starts: Shape `[m, d]`.
    ///   - onIteration: Told after each iteration with the number of orbits under way; may throw to cancel.
    public init(
        _ search: OrbitSearch, recall: Recall, task: MemoryTask, tolerance: Double, dimension: Int, from starts: Matrix<Double>,
        onIteration: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let ends = try search.ends(from: starts, onIteration: onIteration)
        let reached = Self.storedExamples(ends, search, recall, task, tolerance)
        let squaredTolerance = tolerance * Double(dimension)
        var leaders: [(states: Matrix<Double>, starts: [Int])] = []
        for (start, end) in ends.enumerated() where reached[start] == nil {
            guard let period = end.period else { continue }
            // A cycle is entered anywhere, so an end may be any of a leader's states.
            let known = leaders.firstIndex { leader in
                leader.states.rowCount == period
                    && (0..<period).contains { squaredDistance(leader.states.row($0), end.state) <= squaredTolerance }
            }
            if let known {
                leaders[known].starts.append(start)
            } else {
                leaders.append((search.states(from: end.state, count: period), [start]))
            }
        }
        self.ends = ends
        reachedExamples = reached
        clusters = leaders.sorted { ($0.starts.count, $1.starts[0]) > ($1.starts.count, $0.starts[0]) }.map { leader in
            let nearest = recall.nearestExample(to: leader.states.row(0)).index
            return Cluster(
                states: leader.states, starts: leader.starts, nearestExample: nearest,
                meanSquaredError: recall.meanSquaredError(of: leader.states.row(0), to: nearest))
        }
    }

    /// The example that each end is, provided that the map goes on as stored: it stays, or plays one whole round of its cycle.
    private static func storedExamples(
        _ ends: [OrbitSearch.End], _ search: OrbitSearch, _ recall: Recall, _ task: MemoryTask, _ tolerance: Double
    ) -> [Int?] {
        let nearest = ends.map { $0.isDiverged ? nil : Optional(recall.nearestExample(to: $0.state).index) }
        var reached = ends.indices.map { index in
            nearest[index].flatMap { recall.meanSquaredError(of: ends[index].state, to: $0) <= tolerance ? $0 : nil }
        }
        // All that may be stored play their rounds together: a step costs reading the weights, whatever their number.
        var playing = reached.indices.compactMap { index in
            reached[index].map { first in
                (end: index, due: first, left: task.cycle(of: first)?.count ?? 1)
            }
        }
        var states = Matrix(rows: playing.map { ends[$0.end].state })
        while !playing.isEmpty {
            states = search.step(states)
            var kept: [Int] = []
            for row in playing.indices {
                playing[row].due = task.successors[playing[row].due]
                playing[row].left -= 1
                if recall.meanSquaredError(of: states.row(row), to: playing[row].due) > tolerance {
                    reached[playing[row].end] = nil
                } else if playing[row].left > 0 {
                    kept.append(row)
                }
            }
            states = states.rows(at: kept)
            playing = kept.map { playing[$0] }
        }
        return reached
    }
}
