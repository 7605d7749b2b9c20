internal import EngramDynamics
internal import EngramNumerics

/// Whether what recall ended on is exactly what is stored, after rounding to what the medium holds.
///
/// Many starts end on the same states. Since the basis of the image is orthonormal, no entry of two points differs by more than their
/// coordinates are apart; so where all entries of one point could move by that much and still round to the stored codes, the other point
/// rounds to them as well, and only one of them has to be lifted to the full space. The example itself is such a point: where all states that
/// stand for it are near enough, none is lifted.
struct ExactRecall {
    let set: TrainingSet
    let restriction: ImageRestriction
    let projected: ProjectedExamples

    /// A state of an outcome that is to be an example.
    private struct Visit {
        let outcome: Int
        let state: [Double]
        let example: Int
    }

    /// For each outcome whether all its states round to the examples that they stand for; false where nothing stored was reached.
    func isExact(_ outcomes: [Recall.Outcome]) -> [Bool] {
        var isExact = outcomes.map { $0.reachedExample != nil }
        var visits: [Int: [Visit]] = [:]
        for (index, outcome) in outcomes.enumerated() {
            for (row, example) in outcome.examples(set.task).enumerated() {
                visits[example, default: []].append(Visit(outcome: index, state: outcome.states.row(row), example: example))
            }
        }
        let groups = visits.sorted { $0.key < $1.key }.map(\.value).filter { !areNearTheirExample($0) }
        let radii = groups.map { group in group.dropFirst().map { squaredDistance($0.state, group[0].state).squareRoot() }.max() ?? 0 }
        func settle(_ visit: Visit, _ values: [Double]) {
            if !set.isExactly(values, example: visit.example) { isExact[visit.outcome] = false }
        }
        // Those that one look cannot settle are lifted each.
        var apart: [Visit] = []
        forEachPoint(of: groups.map { $0[0] }) { index, values in
            let (group, radius) = (groups[index], radii[index])
            if group.count == 1 {
                settle(group[0], values)
            } else if !isExactWithin(radius, of: values, group[0].example) {
                apart += group
            }
        }
        forEachPoint(of: apart) { index, values in settle(apart[index], values) }
        return isExact
    }

    /// Whether all states of one example are so near to it that their entries round to its codes.
    private func areNearTheirExample(_ group: [Visit]) -> Bool {
        let place = projected.coordinates.row(group[0].example)
        let farthest = group.map { squaredDistance($0.state, place) }.max() ?? 0
        // A state is in the subspace and the example may be off it: Pythagoras.
        let radius = (farthest + projected.squaredOffsets[group[0].example]).squareRoot()
        return radius.isFinite && isExactWithin(radius, of: set.examples.row(group[0].example).map(Double.init), group[0].example)
    }

    /// Whether every entry may move by `radius` either way and still round to the example's code: rounding is monotonic.
    private func isExactWithin(_ radius: Double, of values: [Double], _ example: Int) -> Bool {
        let reach = values.map { radius + Self.liftRounding * max(abs($0), 1) }
        return set.isExactly(zip(values, reach).map { $0 + $1 }, example: example)
            && set.isExactly(zip(values, reach).map { $0 - $1 }, example: example)
    }

    /// Lifting sums some thousands of products, each rounded to 1e-16 of its size.
    private static let liftRounding = 1e-11

    /// Lifts the states of `visits`, some at a time.
    private func forEachPoint(of visits: [Visit], _ body: (Int, [Double]) -> Void) {
        let blockCount = max(1, Self.liftedByteCount / (8 * restriction.origin.count))
        for first in stride(from: 0, to: visits.count, by: blockCount) {
            let block = visits[first..<min(first + blockCount, visits.count)]
            let points = restriction.points(at: Matrix(rows: block.map(\.state)))
            for row in 0..<points.rowCount { body(first + row, points.row(row)) }
        }
    }

    /// Points of so many bytes are held at a time.
    private static let liftedByteCount = 64 << 20
}

extension Recall.Outcome {
    /// The example that each row of `states` stands for; empty where nothing stored was reached.
    func examples(_ task: MemoryTask) -> [Int] {
        reachedExample.map { task.played(from: $0, count: states.rowCount) } ?? []
    }
}
