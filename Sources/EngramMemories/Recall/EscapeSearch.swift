internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

extension Retriever {
    /// How far the cue of an answer may be off before it leads elsewhere; nil where it led nowhere.
    ///
    /// Perturbations are sought by projected gradient ascent on the distance between the state after some steps and the item that is due
    /// then, from several directions: towards the nearest other items, and at random. Along each direction that ascent ends in, and
    /// straight at those items, the smallest radius that does not come back is narrowed down, to 8 % where cues come back within some steps.
    /// What is found is an upper bound of the smallest that there is.
    /// - Throws: `NumericsError`; whatever `onStep` throws.
    public func assurance(of retrieval: Retrieval, onStep: (Int) throws -> Void = { _ in }) throws -> RecallAssurance? {
        guard let item = retrieval.item else { return nil }
        let jacobian = restriction.map.linearized(at: coordinates.rows(at: [item]))
        let norm = try LanczosBidiagonalization.operatorNorms(
            count: 1, inputDimension: coordinates.columnCount, apply: { tangents, _ in jacobian.pushForward(rows: tangents, at: [0]) },
            applyTransposed: { cotangents, _ in jacobian.pullBack(rows: cotangents, at: [0]) })[0].value
        let gap = neighbours(of: Cue(values: items.row(item))).first { !isEqual($0.item, item) }?.distance
        let search = EscapeSearch(
            retriever: self, start: retrieval.path.states.row(0), item: item,
            // Those that come back late have some steps more than the answer took.
            stepCount: retrieval.stepCount + EscapeSearch.patience,
            // As a root mean square: beyond the nearest other item, or four times the range of the samples where there is none.
            largest: gap.map { 1.5 * $0 } ?? 4 * set.sampleRange)
        var assurance = RecallAssurance(
            escape: nil, escapeItem: nil, largestTried: search.largest, directionCount: 0, jacobianNorm: norm,
            firstOrderRadius: (gap ?? .infinity) / 2 / norm)
        try search.run(into: &assurance, onStep: onStep)
        return assurance
    }

    /// Whether two items are the same values.
    fileprivate func isEqual(_ first: Int, _ second: Int) -> Bool { set.equalExamples[first] == set.equalExamples[second] }
}

/// One search for the smallest perturbation of a cue that leads elsewhere.
private struct EscapeSearch {
    let retriever: Retriever
    /// The cue, shape `[d]`.
    let start: [Double]
    let item: Int
    /// Applications of the map before a state is judged.
    let stepCount: Int
    /// The largest radius that is tried, as a root mean square.
    let largest: Double

    /// Steps beyond those of the answer that a perturbed cue has to come back.
    static let patience = 50
    /// Operations that judging perturbed cues may take, by the map's own count; larger maps have fewer directions judged.
    private static let operationLimit = 3e10

    private static let randomDirectionCount = 3
    private static let neighbourCount = 3
    private static let ascentStepCount = 3
    /// Steps through which gradients are taken; what comes later contracts.
    private static let gradientStepCount = 12
    /// Radii tried at once along each direction, and how often the interval between two of them is divided again.
    private static let radiusCount = 4
    private static let mostRounds = 3
    /// Steps of all rounds together, about: each costs a reading of the map's weights, whatever the number of points.
    private static let playLimit = 200
    /// The smallest radius that is tried, as a share of the largest.
    private static let smallestShare = 1.0 / 256

    private var dimension: Int { start.count }
    private var roundCount: Int { max(1, min(Self.mostRounds, Self.playLimit / stepCount)) }

    func run(into assurance: inout RecallAssurance, onStep: (Int) throws -> Void) throws {
        let straight = self.directions()
        var directions = straight
        let count = directions.rowCount
        guard count > 0 else { return }
        for step in 0..<Self.ascentStepCount {
            try onStep(step)
            // From far to near: far out gradients point past the edge of the basin, near the cue along its softest direction.
            let radius = largest * power(Self.smallestShare, Double(step) / Double(2 * Self.ascentStepCount))
            let gradients = self.gradients(at: points(directions, radii: Array(repeating: radius, count: count)))
            for row in 0..<count {
                // Without a gradient, as where a softmax is saturated, the direction stays what it is.
                if let better = normalized(gradients.row(row)) { directions.setRow(row, to: better) }
            }
        }
        // The first directions again: straight at another item may be shorter than what ascent found.
        let all = Matrix(rows: (0..<count).map(directions.row) + (0..<min(count, Self.neighbourCount)).map(straight.row))
        // The first steps show which directions lead off; as many of the best are judged to the end as there is time for.
        let affordable = Int(
            saturating:
                Self.operationLimit
                / (retriever.restriction.map.operationCount * Double(stepCount * Self.radiusCount * roundCount)))
        let judged = all.rows(at: mostDiverging(all, radius: largest / 16).prefix(max(1, affordable)))
        assurance.directionCount = judged.rowCount
        try shortest(along: judged, into: &assurance, onStep: onStep)
    }

    /// Directions in the order of how far they lead off within a few steps.
    private func mostDiverging(_ directions: Matrix<Double>, radius: Double) -> [Int] {
        let way = firstStates(from: points(directions, radii: Array(repeating: radius, count: directions.rowCount)))
        let states = way[way.count - 1]
        let target = retriever.coordinates.row(due(after: way.count))
        let distances = (0..<states.rowCount).map { squaredDistance(states.row($0), target) }
        return distances.indices.sorted { distances[$0] > distances[$1] }
    }

    /// Narrows the interval between a radius that comes back and one that escapes, for all directions together.
    ///
    /// The smallest radius of all directions is sought: a direction that came back at one where another escaped is not followed any further,
    /// and larger radii are tried where no smaller one escapes.
    private func shortest(
        along directions: Matrix<Double>, into assurance: inout RecallAssurance, onStep: (Int) throws -> Void
    ) throws {
        let count = directions.rowCount
        var intervals = Array(repeating: Interval(low: largest * Self.smallestShare, high: largest), count: count)
        for round in 0..<roundCount {
            try onStep(Self.ascentStepCount + round)
            let nearest = intervals.compactMap { $0.escape?.radius }.min()
            let wanted = (0..<count).filter { row in
                round == 0 || intervals[row].escape != nil && intervals[row].low < nearest ?? .infinity
            }
            // What escaped at the smallest radius has no smaller one.
            guard !wanted.isEmpty else { break }
            let radii = intervals.map { interval in
                (1...Self.radiusCount).map { index in
                    let share = Double(round == 0 ? index - 1 : index) / Double(round == 0 ? Self.radiusCount - 1 : Self.radiusCount + 1)
                    return interval.low * power(interval.high / interval.low, share)
                }
            }
            let half = Self.radiusCount / 2
            for part in round == 0 ? [0..<half, half..<Self.radiusCount] : [0..<Self.radiusCount] {
                if round == 0, intervals.contains(where: { $0.escape != nil }) { break }
                let rows = wanted.flatMap { Array(repeating: $0, count: part.count) }
                let ends = play(points(directions.rows(at: rows), radii: wanted.flatMap { radii[$0][part] }))
                for (position, row) in wanted.enumerated() {
                    intervals[row].narrow(Array(radii[row][part]), Array(ends[position * part.count..<(position + 1) * part.count]))
                }
            }
        }
        guard let best = intervals.compactMap(\.escape).min(by: { $0.radius < $1.radius }) else { return }
        (assurance.escape, assurance.escapeItem) = (best.radius, best.item)
    }

    /// What is known of one direction.
    private struct Interval {
        /// A radius that came back, or the smallest that is tried.
        var low: Double
        /// A radius that escaped, or the largest that is tried.
        var high: Double
        /// The smallest radius that escaped, and the item that it ended nearest to.
        var escape: (radius: Double, item: Int?)?

        /// Takes how increasing radii between the two ended: nil for one that came back.
        mutating func narrow(_ radii: [Double], _ ends: [Int??]) {
            if let first = ends.firstIndex(where: { $0 != nil }) {
                escape = (radii[first], ends[first].flatMap { $0 })
                (low, high) = (first == 0 ? low : radii[first - 1], radii[first])
            } else if let last = radii.last {
                low = last
            }
        }
    }

    /// Unit directions, a row each: towards other items, and at random.
    private func directions() -> Matrix<Double> {
        let near = retriever.neighbours(of: Cue(values: start), count: Self.neighbourCount + 1)
            .filter { !retriever.isEqual($0.item, item) }.prefix(Self.neighbourCount)
        var rows = near.compactMap { other in normalized(zip(retriever.items.row(other.item), start).map { $0 - $1 }) }
        var generator = SplitMix64(seed: 0xE5CA_9E)
        for _ in 0..<Self.randomDirectionCount {
            if let row = normalized((0..<dimension).map { _ in generator.nextNormal() }) { rows.append(row) }
        }
        return rows.isEmpty ? Matrix(rowCount: 0, columnCount: dimension) : Matrix(rows: rows)
    }

    /// The cue moved along each unit direction by a radius, as a root mean square.
    private func points(_ directions: Matrix<Double>, radii: [Double]) -> Matrix<Double> {
        var points = directions
        let scale = Double(dimension).squareRoot()
        points.scaleRows(by: radii.map { $0 * scale })
        points.addToRows(start)
        return points
    }

    /// The states of the first steps from each point, as many as gradients are taken through.
    private func firstStates(from points: Matrix<Double>) -> [Matrix<Double>] {
        var states = [retriever.map.imageCoordinates(of: points, in: retriever.restriction)]
        for _ in 1..<min(stepCount, Self.gradientStepCount) {
            states.append(retriever.restriction.map.outputs(of: states[states.count - 1]))
        }
        return states
    }

    /// The gradient of ½‖g^h(x) - item that is due then‖² at each point, for a horizon h of a few steps.
    private func gradients(at points: Matrix<Double>) -> Matrix<Double> {
        let (restriction, map) = (retriever.restriction, retriever.map)
        let states = firstStates(from: points)
        var cotangents = states[states.count - 1]
        cotangents.addToRows(retriever.coordinates.row(due(after: states.count)), scaledBy: -1)
        let rows = Array(0..<points.rowCount)
        for step in stride(from: states.count - 2, through: 0, by: -1) {
            cotangents = restriction.map.linearized(at: states[step]).pullBack(rows: cotangents, at: rows)
            // Contraction over many steps must not underflow: only the direction counts.
            for row in rows { cotangents.setRow(row, to: normalized(cotangents.row(row)) ?? cotangents.row(row)) }
        }
        return map.imageLinearization(at: points, in: restriction).pullBack(rows: cotangents, at: rows)
    }

    /// For each point nil where it comes back to what is due, or is nearest to that in the end, else the item that it ends nearest to, itself
    /// nil where it runs off.
    private func play(_ points: Matrix<Double>) -> [Int??] {
        let (set, restriction) = (retriever.set, retriever.restriction)
        var ends = [Int??](repeating: nil, count: points.rowCount)
        var active = Array(0..<points.rowCount)
        var states = retriever.map.imageCoordinates(of: points, in: restriction)
        var due = due(after: 1)
        for step in 1...stepCount {
            var kept: [Int] = []
            let allNearest = retriever.recall.nearestExamples(to: states)
            for (row, point) in active.enumerated() {
                let state = states.row(row)
                guard state.allSatisfy(\.isFinite) else {
                    ends[point] = .some(nil)
                    continue
                }
                // Back within the tolerance of what is due: it stays there, since the item is stable.
                if retriever.recall.meanSquaredError(of: state, to: due) <= set.recoveryTolerance { continue }
                let nearest = allNearest[row]
                let isElsewhere = !retriever.isEqual(nearest.index, due)
                // Or within that of something else.
                let hasArrived = retriever.recall.meanSquaredError(of: state, to: nearest.index) <= set.recoveryTolerance
                if isElsewhere && (hasArrived || step == stepCount) {
                    ends[point] = .some(nearest.index)
                } else {
                    kept.append(row)
                }
            }
            guard !kept.isEmpty, step < stepCount else { break }
            states = restriction.map.outputs(of: states.rows(at: kept))
            active = kept.map { active[$0] }
            due = set.task.successors[due]
        }
        return ends
    }

    /// The item that is due after so many steps.
    private func due(after count: Int) -> Int { (0..<count).reduce(item) { due, _ in retriever.set.task.successors[due] } }

    private func normalized(_ vector: [Double]) -> [Double]? {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 0 && norm.isFinite ? vector.map { $0 / norm } : nil
    }
}
