internal import EngramDynamics
internal import EngramNumerics

extension Retriever {
    /// States of a cycle that have to be met in order, one after another, before a start counts as on it; a shorter cycle, once round.
    private static let confirmedStepCount = 16
    /// Applications of the map to every item of a cycle at once by which its round is played.
    private static let parallelStepCount = 3

    /// How each start ended, by the criterion of `Recall` for each state, and a round that is played in parallel.
    ///
    /// A start counts as on a cycle once `confirmedStepCount` of its states followed each other within the tolerance. The round is then not
    /// iterated state by state: state j is the third image of the item three places before j, for all j in one product. Where the cycle is
    /// stable that is the orbit's own state to rounding, and where it is not the images miss their items, and nothing counts as reached.
    func sequenceOutcomes(
        from starts: Matrix<Double>, visited: inout VisitedStates, onIteration: (Int, Int) throws -> Void
    ) throws -> [Recall.Outcome] {
        var states = recall.firstStates(from: starts)
        // By the first item of each cycle; nil for one that the map does not follow.
        var rounds: [Int: Matrix<Double>?] = [:]
        var outcomes = [Recall.Outcome?](repeating: nil, count: starts.rowCount)
        var active = Array(0..<starts.rowCount)
        var met = active.map { _ in Met() }
        for iteration in 1...max(iterationLimit, 1) {
            visited.take(states, of: active)
            let next = iteration < iterationLimit ? restriction.map.outputs(of: states) : states
            var kept: [Int] = []
            for (row, start) in active.enumerated() {
                let state = states.row(row)
                let nearest = recall.nearestExample(to: state)
                let error = recall.meanSquaredError(of: state, to: nearest.index)
                met[start].take(nearest.index, isNear: error <= set.recoveryTolerance, iteration: iteration, set)
                if let first = met[start].first, let cycle = set.task.cycle(of: first),
                    met[start].count >= min(Self.confirmedStepCount, cycle.count)
                {
                    if rounds[cycle.lowerBound] == nil { rounds[cycle.lowerBound] = .some(playedRound(cycle)) }
                    if let played = rounds[cycle.lowerBound].flatMap({ $0 }) {
                        let offset = first - cycle.lowerBound
                        let order = (0..<played.rowCount).map { ($0 + offset) % played.rowCount }
                        outcomes[start] = Recall.Outcome(
                            reachedExample: first, iterationCount: met[start].iteration, nearestExample: nearest.index,
                            meanSquaredError: error, states: played.rows(at: order))
                        continue
                    }
                }
                // A start that runs off to infinity ends at its last finite state, and the others go on.
                guard iteration < iterationLimit, next.row(row).allSatisfy(\.isFinite) else {
                    outcomes[start] = Recall.Outcome(
                        reachedExample: nil, iterationCount: iteration, nearestExample: nearest.index, meanSquaredError: error,
                        states: Matrix(rows: [state]))
                    continue
                }
                kept.append(row)
            }
            try onIteration(iteration, kept.count)
            if kept.isEmpty { break }
            states = next.rows(at: kept)
            active = kept.map { active[$0] }
        }
        return outcomes.compactMap { $0 }
    }

    /// The states of a cycle as the map plays it from its items, in order; nil where one of them is not its item.
    private func playedRound(_ cycle: Range<Int>) -> Matrix<Double>? {
        var states = coordinates.rows(at: cycle)
        for _ in 0..<Self.parallelStepCount { states = restriction.map.outputs(of: states) }
        let shift = cycle.count - Self.parallelStepCount % cycle.count
        let ordered = states.rows(at: (0..<cycle.count).map { ($0 + shift) % cycle.count })
        for (row, item) in cycle.enumerated() where recall.meanSquaredError(of: ordered.row(row), to: item) > set.recoveryTolerance {
            return nil
        }
        return ordered
    }

    /// Items that one start met in order.
    private struct Met {
        /// The first of them, and when it was met.
        var first: Int?
        var iteration = 0
        var count = 0
        private var last = 0

        mutating func take(_ item: Int, isNear: Bool, iteration: Int, _ set: TrainingSet) {
            guard isNear else {
                (first, count) = (nil, 0)
                return
            }
            if first != nil, set.equalExamples[set.task.successors[last]] == set.equalExamples[item] {
                // Of equal items the one that is due.
                last = set.task.successors[last]
                count += 1
            } else {
                (first, self.iteration, count, last) = (item, iteration, 1, item)
            }
        }
    }
}
