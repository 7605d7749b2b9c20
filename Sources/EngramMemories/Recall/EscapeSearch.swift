internal import EngramDynamics
internal import EngramNumerics

extension Retriever {
    /// How far the cue of an answer may be off before it leads elsewhere; nil where it led nowhere.
    ///
    /// Perturbations are sought by projected gradient ascent on the distance between the state after some steps and the item that is due
    /// then, from several directions: towards the nearest other items, and at random. Along each direction that ascent ends in, the
    /// smallest radius that escapes is found on a grid of ratio 1.19. What is found is an upper bound of the smallest that there is.
    /// - Throws: `NumericsError`; whatever `onStep` throws.
    public func assurance(of retrieval: Retrieval, onStep: (Int) throws -> Void = { _ in }) throws -> RecallAssurance? {
        guard let item = retrieval.item else { return nil }
        let start = retrieval.path.states.row(0)
        // The step that the answer was there at, and some more for those that come back late.
        let search = EscapeSearch(
            retriever: self, start: start, item: item, stepCount: min(max(retrieval.stepCount + 4, 8), EscapeSearch.longestPlay))
        let jacobian = restriction.map.linearized(at: coordinates.rows(at: [item]))
        let norm = try LanczosBidiagonalization.operatorNorms(
            count: 1, inputDimension: coordinates.columnCount, apply: { tangents, _ in jacobian.pushForward(rows: tangents, at: [0]) },
            applyTransposed: { cotangents, _ in jacobian.pullBack(rows: cotangents, at: [0]) })[0].value
        let others = Self.neighbours(of: Cue(values: items.row(item)), among: items, groups: set.equalExamples)
        let gap = others.first { set.equalExamples[$0.item] != set.equalExamples[item] }?.distance ?? .infinity
        var assurance = RecallAssurance(
            escape: nil, escapeItem: nil, largestTried: search.largestRadius(gap: gap), directionCount: 0, jacobianNorm: norm,
            firstOrderRadius: gap / 2 / norm)
        try search.run(into: &assurance, gap: gap, onStep: onStep)
        return assurance
    }
}

/// One search for the smallest perturbation of a cue that leads elsewhere.
private struct EscapeSearch {
    let retriever: Retriever
    /// The cue, shape `[d]`.
    let start: [Double]
    let item: Int
    /// Applications of the map before a state is judged.
    let stepCount: Int

    static let longestPlay = 40
    private static let randomDirectionCount = 3
    private static let neighbourCount = 3
    private static let ascentStepCount = 6
    /// Radii of the grid along one direction.
    private static let radiusCount = 24
    private static let radiusRatio = 1.19

    private var dimension: Int { start.count }

    /// As a root mean square: as far as the nearest other item lies, or four times the range of the samples where there is none.
    func largestRadius(gap: Double) -> Double { gap.isFinite ? 1.5 * gap : 4 * retriever.set.sampleRange }

    func run(into assurance: inout RecallAssurance, gap: Double, onStep: (Int) throws -> Void) throws {
        let scale = Double(dimension).squareRoot()
        var directions = self.directions()
        let count = directions.rowCount
        guard count > 0 else { return }
        var radius = largestRadius(gap: gap) / 3
        for step in 0..<Self.ascentStepCount {
            try onStep(step)
            let points = self.points(directions, radii: Array(repeating: radius * scale, count: count))
            let (gradients, escaped) = ascent(at: points)
            for row in 0..<count where !escaped[row] {
                // Without a gradient, as where a softmax is saturated, the direction stays what it is.
                if let better = normalized(gradients.row(row)) { directions.setRow(row, to: better) }
            }
            radius *= escaped.contains(true) ? 0.7 : 1.2
            radius = min(radius, largestRadius(gap: gap))
        }
        assurance.directionCount = count
        let radii = (0..<Self.radiusCount).map { largestRadius(gap: gap) * RadiusGrid.power(Self.radiusRatio, -$0) }
        for row in 0..<count {
            try onStep(Self.ascentStepCount + row)
            let single = directions.rows(at: Array(repeating: row, count: radii.count))
            let ends = play(points(single, radii: radii.map { $0 * scale }))
            // The largest ones may come back where the direction leads past another basin: the smallest that escapes counts.
            guard let index = radii.indices.last(where: { ends[$0] != nil }), radii[index] < assurance.escape ?? .infinity else { continue }
            assurance.escape = radii[index]
            assurance.escapeItem = ends[index].flatMap { $0 }
        }
    }

    /// Unit directions, a row each: towards other items, and at random.
    private func directions() -> Matrix<Double> {
        let items = retriever.items
        let groups = retriever.set.equalExamples
        let near = NearestOrder.nearest(to: start, among: items, count: Self.neighbourCount + 1)
            .filter { groups[$0] != groups[item] }.prefix(Self.neighbourCount)
        var rows = near.compactMap { other in normalized(zip(items.row(other), start).map { $0 - $1 }) }
        var generator = SplitMix64(seed: 0xE5CA_9E)
        for _ in 0..<Self.randomDirectionCount {
            if let row = normalized((0..<dimension).map { _ in generator.nextNormal() }) { rows.append(row) }
        }
        return rows.isEmpty ? Matrix(rowCount: 0, columnCount: dimension) : Matrix(rows: rows)
    }

    private func points(_ directions: Matrix<Double>, radii: [Double]) -> Matrix<Double> {
        var points = directions
        points.scaleRows(by: radii)
        points.addToRows(start)
        return points
    }

    /// The gradient of ½‖g^t(x) - due item‖² at each point, and whether the point leads elsewhere.
    private func ascent(at points: Matrix<Double>) -> (gradients: Matrix<Double>, escaped: [Bool]) {
        let (restriction, map) = (retriever.restriction, retriever.map)
        var states = [restriction.coordinates(of: map.outputs(of: points))]
        for _ in 1..<stepCount { states.append(restriction.map.outputs(of: states[states.count - 1])) }
        let due = dueItem
        let last = states[states.count - 1]
        let escaped = judged(last).map { $0 != nil }
        var cotangents = last
        cotangents.addToRows(retriever.coordinates.row(due), scaledBy: -1)
        let rows = Array(0..<points.rowCount)
        for step in stride(from: states.count - 2, through: 0, by: -1) {
            cotangents = restriction.map.linearized(at: states[step]).pullBack(rows: cotangents, at: rows)
            // Contraction over many steps must not underflow: only the direction counts.
            for row in rows { cotangents.setRow(row, to: normalized(cotangents.row(row)) ?? cotangents.row(row)) }
        }
        let whole = cotangents.multiplied(by: restriction.basis, transposingOther: true)
        return (map.linearized(at: points).pullBack(rows: whole, at: rows), escaped)
    }

    /// For each point nil where it still leads to what is due, else the item that it ends nearest to, itself nil where it runs off.
    private func play(_ points: Matrix<Double>) -> [Int??] {
        var states = retriever.restriction.coordinates(of: retriever.map.outputs(of: points))
        for _ in 1..<stepCount { states = retriever.restriction.map.outputs(of: states) }
        return judged(states)
    }

    private func judged(_ states: Matrix<Double>) -> [Int??] {
        let groups = retriever.set.equalExamples
        let finite = (0..<states.rowCount).map { states.row($0).allSatisfy(\.isFinite) }
        var safe = states
        for row in 0..<states.rowCount where !finite[row] { safe.setRow(row, to: Array(repeating: 0, count: states.columnCount)) }
        let nearest = NearestExample.find(for: safe, among: retriever.coordinates)
        let due = dueItem
        return nearest.enumerated().map { row, found in
            guard finite[row] else { return .some(nil) }
            return groups[found.index] == groups[due] ? nil : .some(found.index)
        }
    }

    /// The item that is due after `stepCount` steps.
    private var dueItem: Int {
        (0..<stepCount).reduce(item) { due, _ in retriever.set.task.successors[due] }
    }

    private func normalized(_ vector: [Double]) -> [Double]? {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 0 && norm.isFinite ? vector.map { $0 / norm } : nil
    }
}

private enum RadiusGrid {
    /// base^exponent for a whole exponent.
    static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<abs(exponent)).reduce(1) { result, _ in exponent < 0 ? result / base : result * base }
    }
}

private enum NearestOrder {
    /// Rows of `items` by their distance to `point`, the nearest first.
    static func nearest(to point: [Double], among items: Matrix<Double>, count: Int) -> [Int] {
        let distances = (0..<items.rowCount).map { squaredDistance(items.row($0), point) }
        return Array(items.rowCount == 0 ? [] : distances.indices.sorted { distances[$0] < distances[$1] }.prefix(count))
    }
}
