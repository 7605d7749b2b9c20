public import EngramNumerics

/// Iterating a memory from given starts until it settles on something stored, or the iterations end.
public struct Recall: Sendable {
    /// When iteration ends and what counts as recalled.
    public struct Settings: Sendable, Equatable {
        /// Most iterations of one start.
        public var maximumIterationCount: Int
        /// Mean squared error, per entry of the full space, below which a state is an example; [RBU20] uses 1e-7.
        public var recoveryTolerance: Double
        /// Step length below which an autoencoder has settled; [RBU20] uses ‖f^{k+1}(x) - f^k(x)‖ < 1e-8.
        public var convergenceTolerance: Double
        /// Mean squared change from one round of a cycle to the next, per entry of the full space, below which it has settled. The
        /// default, a root mean square of 1e-7, is far below half a step of 16-bit audio, 1.5e-5.
        public var roundTolerance: Double

        /// The published criteria.
        public init(
            maximumIterationCount: Int, recoveryTolerance: Double = 1e-7, convergenceTolerance: Double = 1e-8,
            roundTolerance: Double = 1e-14
        ) {
            self.maximumIterationCount = maximumIterationCount
            self.recoveryTolerance = recoveryTolerance
            self.convergenceTolerance = convergenceTolerance
            self.roundTolerance = roundTolerance
        }
    }

    /// How one start ended.
    public struct Outcome: Sendable, Equatable {
        /// The example reached: for an autoencoder the one it settled on, for a sequence the first that was met before whole rounds of
        /// its cycle followed without a miss. Nil when nothing stored was reached.
        public let reachedExample: Int?
        /// Iterations until it was reached, or all that were made.
        public let iterationCount: Int
        /// Nearest example at the end.
        public let nearestExample: Int
        /// Mean squared error to that example, per entry of the full space.
        public let meanSquaredError: Double
        /// What was recalled, in coordinates of the restriction: one row for an autoencoder; for a sequence the last whole round, once
        /// rounds repeat each other, in playing order from `reachedExample`. Shape `[1 or cycle length, k]`.
        public let states: Matrix<Double>

        /// All parts at once.
        package init(
            reachedExample: Int?, iterationCount: Int, nearestExample: Int, meanSquaredError: Double, states: Matrix<Double>
        ) {
            self.reachedExample = reachedExample
            self.iterationCount = iterationCount
            self.nearestExample = nearestExample
            self.meanSquaredError = meanSquaredError
            self.states = states
        }
    }

    private let restriction: ImageRestriction
    private let fullMap: any IterableMap
    private let task: MemoryTask
    /// Coordinates of the examples.
    package let examples: Matrix<Double>
    /// ‖x‖² of each of these, which every search for the nearest needs.
    private let squaredNorms: [Double]
    /// Squared distance of each example to the subspace that holds the map's outputs: no state can come nearer.
    private let squaredOffsets: [Double]
    /// For each example the first that equals it: recall cannot tell equal ones apart.
    private let groups: [Int]
    private let settings: Settings

    /// - Parameters:
    ///   - map: The memory, R^d → R^d.
    ///   - restriction: Of that map.
    ///   - examples: What it stores, shape `[n, d]`.
    ///   - task: Which example each maps to.
    ///   - equalExamples: For each example the first that equals it, where that is known; nil to look.
    ///   - settings: When iteration ends and what counts as recalled.
    public init(
        of map: any IterableMap, restriction: ImageRestriction, examples: Matrix<Double>, task: MemoryTask,
        equalExamples: [Int]? = nil, settings: Settings
    ) {
        self.init(
            of: map, restriction: restriction, examples: map.places(of: examples, in: restriction), task: task,
            groups: equalExamples ?? examples.converted(to: Float.self).equalRowGroups(), settings: settings)
    }

    /// The same with the places of the examples known.
    package init(
        of map: any IterableMap, restriction: ImageRestriction, examples: ProjectedExamples, task: MemoryTask, groups: [Int],
        settings: Settings
    ) {
        let count = examples.coordinates.rowCount
        precondition(count == task.count, "\(count) examples do not fit a task of \(task.count).")
        fullMap = map
        self.restriction = restriction
        self.task = task
        self.examples = examples.coordinates
        squaredNorms = NearestExample.squaredNorms(of: self.examples)
        squaredOffsets = examples.squaredOffsets
        self.groups = groups
        self.settings = settings
    }

    /// Iterates every row of `starts`, shape `[m, d]`, and says how each ended.
    ///
    /// - Parameters:
    ///   - starts: Shape `[m, d]`.
    ///   - onIteration: Told after each iteration with the number of starts still under way; may throw to cancel.
    public func outcomes(from starts: Matrix<Double>, onIteration: (Int, Int) throws -> Void = { _, _ in }) throws -> [Outcome] {
        try outcomes(from: starts, onStates: { _, _ in }, onIteration: onIteration)
    }

    /// The same.
    /// - Parameter onStates: Told the states of each iteration before it, and the start of each row.
    package func outcomes(
        from starts: Matrix<Double>, onStates: (_ states: Matrix<Double>, _ active: [Int]) -> Void,
        onIteration: (Int, Int) throws -> Void
    ) throws -> [Outcome] {
        var states = firstStates(from: starts)
        var outcomes = [Outcome?](repeating: nil, count: starts.rowCount)
        var active = Array(0..<starts.rowCount)
        var rounds = active.map { _ in Round() }
        for iteration in 1...max(settings.maximumIterationCount, 1) {
            onStates(states, active)
            let next = restriction.map.outputs(of: states)
            var kept: [Int] = []
            let isLastIteration = iteration == max(settings.maximumIterationCount, 1)
            // A start that runs off to infinity ends at its last finite state, and the others go on.
            let isLast = active.indices.map { row in isLastIteration || !next.row(row).allSatisfy(\.isFinite) }
            // An autoencoder is only looked at where it ends; a sequence at every step.
            let looked = active.indices.filter { row in !task.isAutoencoder || isLast[row] || hasSettled(states.row(row), next.row(row)) }
            let found = NearestExample.find(for: states.rows(at: looked), among: examples, squaredNorms: squaredNorms)
            let nearest = Dictionary(uniqueKeysWithValues: zip(looked, found))
            for (row, start) in active.enumerated() {
                guard let nearest = nearest[row] else {
                    kept.append(row)
                    continue
                }
                let outcome =
                    task.isAutoencoder
                    ? settledOutcome(states.row(row), nearest, iteration)
                    : roundOutcome(&rounds[start], states.row(row), nearest, iteration, isLast[row])
                if let outcome { outcomes[start] = outcome } else { kept.append(row) }
            }
            try onIteration(iteration, kept.count)
            if kept.isEmpty { break }
            states = next.rows(at: kept)
            active = kept.map { active[$0] }
        }
        return outcomes.compactMap { $0 }
    }

    /// f of each row of `starts`, shape `[m, d]`, in coordinates of the restriction, shape `[m, k]`.
    ///
    /// A start whose first image is no number has nowhere to go on from; the origin stands for it.
    package func firstStates(from starts: Matrix<Double>) -> Matrix<Double> {
        var states = fullMap.imageCoordinates(of: starts, in: restriction)
        for row in 0..<states.rowCount where !states.row(row).allSatisfy(\.isFinite) {
            states.setRow(row, to: Array(repeating: 0, count: states.columnCount))
        }
        return states
    }

    /// Mean squared error of a state, in coordinates of the restriction, to an example, per entry of the full space.
    public func meanSquaredError(of state: [Double], to example: Int) -> Double {
        (squaredDistance(state, examples.row(example)) + squaredOffsets[example]) / Double(restriction.origin.count)
    }

    /// The example nearest to a state in coordinates of the restriction.
    public func nearestExample(to state: [Double]) -> NearestExample {
        NearestExample.find(
            for: Matrix(rowCount: 1, columnCount: state.count, elements: state), among: examples, squaredNorms: squaredNorms)[0]
    }

    /// The stored example nearest to each row of `states`, shape `[m, k]`.
    public func nearestExamples(to states: Matrix<Double>) -> [NearestExample] {
        NearestExample.find(for: states, among: examples, squaredNorms: squaredNorms)
    }

    /// Whether recall can tell two examples apart: equal ones it cannot.
    public func isSame(_ example: Int, as other: Int) -> Bool { groups[example] == groups[other] }

    /// Plays each row of `cues`, shape `[m, d]`, for a given number of steps and compares the last state with the frame that is due then.
    ///
    /// A cue made from example i is in phase when f^t(cue) is the t-th successor of i. For an autoencoder that is i itself.
    /// - Parameters:
    ///   - cues: Shape `[m, d]`.
    ///   - sources: The example that each cue was made from.
    ///   - stepCount: t, at least 1.
    ///   - onStep: Told after each step; may throw to cancel.
    /// - Returns: For each cue the frame that was due, the nearest one, and the mean squared error to the one that was due.
    public func phases(
        of cues: Matrix<Double>, sources: [Int], stepCount: Int, onStep: (Int) throws -> Void = { _ in }
    ) throws -> [(due: Int, nearest: Int, meanSquaredError: Double)] {
        precondition(sources.count == cues.rowCount, "\(sources.count) sources do not fit \(cues.rowCount) cues.")
        var states = fullMap.imageCoordinates(of: cues, in: restriction)
        var due = sources.map { task.successors[$0] }
        // States that have become one go on as one: maps that draw in hard have few left soon.
        var places = Array(0..<states.rowCount)
        try onStep(1)
        for step in 1..<max(stepCount, 1) {
            if step.nonzeroBitCount == 1 { states.mergeEqualRows(&places) }
            states = restriction.map.outputs(of: states)
            due = due.map { task.successors[$0] }
            try onStep(step + 1)
        }
        return due.enumerated().map { row, frame in
            let state = states.row(places[row])
            // A state that ran off is near to nothing.
            guard state.allSatisfy(\.isFinite) else { return (frame, -1, .infinity) }
            return (frame, nearestExample(to: state).index, meanSquaredError(of: state, to: frame))
        }
    }

    /// The states visited from one start, in coordinates of the restriction: f(x), f(f(x)), …, shape `[count, k]`.
    public func trajectory(from start: [Double], count: Int) -> Matrix<Double> {
        restriction.trajectory(of: fullMap, from: start, count: count)
    }

    /// The part of a cycle that one start has played without a miss.
    private struct Round {
        /// The example met first; -1 before there is one.
        var first = -1
        /// When it was met.
        var firstIteration = 0
        /// The states of the round under way, from `first` on.
        var states: [[Double]] = []
        /// Largest squared distance to its example among `states`.
        var worstSquaredError = 0.0
        /// The last whole round; nil before there is one.
        var lastWhole: [[Double]]?

        /// The example that must come next.
        func expected(_ task: MemoryTask) -> Int? {
            guard first >= 0 else { return nil }
            return states.indices.reduce(first) { example, _ in task.successors[example] }
        }

        /// Ends a whole round; true when every state is within `tolerance`, a squared distance, of its example, or of where it was a
        /// round before.
        mutating func finish(tolerance: Double) -> Bool {
            let moved = lastWhole.map { before in zip(before, states).map { squaredDistance($0, $1) }.max() ?? 0 }
            let worst = worstSquaredError
            lastWhole = states
            states = []
            worstSquaredError = 0
            return worst < tolerance || moved.map { $0 < tolerance } ?? false
        }
    }

    private func meanSquaredError(_ nearest: NearestExample) -> Double {
        (nearest.squaredDistance + squaredOffsets[nearest.index]) / Double(restriction.origin.count)
    }

    private func hasSettled(_ state: [Double], _ next: [Double]) -> Bool {
        squaredDistance(state, next).squareRoot() < settings.convergenceTolerance
    }

    private func settledOutcome(_ state: [Double], _ nearest: NearestExample, _ iteration: Int) -> Outcome {
        let error = meanSquaredError(nearest)
        return Outcome(
            reachedExample: error <= settings.recoveryTolerance ? nearest.index : nil, iterationCount: iteration,
            nearestExample: nearest.index, meanSquaredError: error,
            states: Matrix(rowCount: 1, columnCount: state.count, elements: state))
    }

    private func missedOutcome(_ state: [Double], _ nearest: NearestExample, _ iteration: Int) -> Outcome {
        Outcome(
            reachedExample: nil, iterationCount: iteration, nearestExample: nearest.index, meanSquaredError: meanSquaredError(nearest),
            states: Matrix(rowCount: 1, columnCount: state.count, elements: state))
    }

    private func roundOutcome(
        _ round: inout Round, _ state: [Double], _ nearest: NearestExample, _ iteration: Int, _ isLast: Bool
    ) -> Outcome? {
        let error = meanSquaredError(nearest)
        guard error <= settings.recoveryTolerance else {
            round = Round()
            return isLast ? missedOutcome(state, nearest, iteration) : nil
        }
        if round.expected(task).map({ groups[$0] }) != groups[nearest.index] {
            // A jump within the stored examples is not the cycle: begin again here.
            round = Round(first: nearest.index, firstIteration: iteration, states: [state])
        } else {
            round.states.append(state)
        }
        round.worstSquaredError = max(round.worstSquaredError, nearest.squaredDistance + squaredOffsets[nearest.index])
        var isSettled = false
        if round.first >= 0, round.states.count == task.cycle(of: round.first)?.count {
            isSettled = round.finish(tolerance: settings.roundTolerance * Double(restriction.origin.count))
        }
        guard isSettled || isLast else { return nil }
        guard let played = round.lastWhole else { return missedOutcome(state, nearest, iteration) }
        return Outcome(
            reachedExample: round.first, iterationCount: round.firstIteration, nearestExample: nearest.index, meanSquaredError: error,
            states: Matrix(rows: played))
    }
}
