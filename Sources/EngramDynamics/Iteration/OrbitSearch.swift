public import EngramNumerics

/// Where iterating a map ends from given starts, whatever is there: fixed points, cycles of any length, or nothing yet.
public struct OrbitSearch: Sendable {
    /// How one orbit ended.
    public struct End: Sendable, Equatable {
        /// The last state, in coordinates of the restriction, shape `[k]`.
        public let state: [Double]
        /// 1 for a fixed point, p for a cycle of p states; nil where the orbit had not settled, or ran off.
        public let period: Int?
        /// Applications of f that were made.
        public let iterationCount: Int
        /// Whether it ran off to where numbers end.
        public let isDiverged: Bool
    }

    private let map: any DifferentiableMap
    private let restriction: ImageRestriction
    private let maximumIterationCount: Int
    private let tolerance: Double

    /// - Parameters:
    ///   - map: f, R^d → R^d.
    ///   - restriction: Of that map.
    ///   - maximumIterationCount: Most applications of f; a cycle of p states needs 3·p of them at least.
    ///   - tolerance: The distance at which a state has come back; [RBU20] uses ‖f^{k+1}(x) - f^k(x)‖ < 1e-8.
    public init(
        of map: any DifferentiableMap, restriction: ImageRestriction, maximumIterationCount: Int, tolerance: Double = 1e-8
    ) {
        self.map = map
        self.restriction = restriction
        self.maximumIterationCount = max(maximumIterationCount, 1)
        self.tolerance = tolerance
    }

    /// An earlier state that later ones are compared with.
    private struct Anchor {
        var state: [Double]
        /// Steps since, and how many until the next anchor.
        var age = 0
        var reach = 1
    }

    /// Iterates every row of `starts`, shape `[m, d]`, until it stands still or repeats itself.
    ///
    /// Brent's method (1980): each state is compared with the one before, and with an anchor that is set anew after 1, 2, 4, … steps. The
    /// first return to the anchor is the period.
    /// - Parameters:
    ///   - starts: Shape `[m, d]`.
    ///   - onIteration: Told after each iteration with the number of orbits under way; may throw to cancel.
    public func ends(from starts: Matrix<Double>, onIteration: (Int, Int) throws -> Void = { _, _ in }) throws -> [End] {
        guard starts.rowCount > 0 else { return [] }
        var states = restriction.coordinates(of: map.outputs(of: starts))
        var ends = [End?](repeating: nil, count: starts.rowCount)
        var active = Array(0..<starts.rowCount)
        var anchors: [Anchor] = []
        for row in active {
            let state = states.row(row)
            anchors.append(Anchor(state: state))
            if !state.allSatisfy(\.isFinite) {
                ends[row] = End(state: zeros, period: nil, iterationCount: 1, isDiverged: true)
            }
        }
        active.removeAll { ends[$0] != nil }
        states = states.rows(at: active)
        var iteration = 1
        while !active.isEmpty {
            iteration += 1
            let next = step(states)
            let isLast = iteration >= maximumIterationCount
            var kept: [Int] = []
            for (row, start) in active.enumerated() {
                let (state, following) = (states.row(row), next.row(row))
                guard following.allSatisfy(\.isFinite) else {
                    ends[start] = End(state: state, period: nil, iterationCount: iteration, isDiverged: true)
                    continue
                }
                let period = advance(&anchors[start], state, following)
                if period != nil || isLast {
                    ends[start] = End(state: following, period: period, iterationCount: iteration, isDiverged: false)
                } else {
                    kept.append(row)
                }
            }
            try onIteration(iteration, kept.count)
            states = next.rows(at: kept)
            active = kept.map { active[$0] }
        }
        return ends.compactMap { $0 }
    }

    /// f once more at each row of `states`, in coordinates of the restriction.
    func step(_ states: Matrix<Double>) -> Matrix<Double> { restriction.map.outputs(of: states) }

    /// The states of a cycle from one of them on, shape `[count, k]`.
    public func states(from state: [Double], count: Int) -> Matrix<Double> {
        var row = Matrix(rowCount: 1, columnCount: state.count, elements: state)
        var visited = row.elements
        for _ in 1..<max(count, 1) {
            row = step(row)
            visited += row.elements
        }
        return Matrix(rowCount: max(count, 1), columnCount: state.count, elements: visited)
    }

    private var zeros: [Double] { Array(repeating: 0, count: restriction.subspace.dimension) }

    /// Moves one step on; the period, once there is one.
    private func advance(_ anchor: inout Anchor, _ state: [Double], _ following: [Double]) -> Int? {
        if squaredDistance(state, following).squareRoot() < tolerance { return 1 }
        anchor.age += 1
        if squaredDistance(anchor.state, following).squareRoot() < tolerance { return anchor.age }
        if anchor.age == anchor.reach { anchor = Anchor(state: following, reach: 2 * anchor.reach) }
        return nil
    }
}
