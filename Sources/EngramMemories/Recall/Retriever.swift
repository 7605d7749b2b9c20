public import EngramDynamics
public import EngramNumerics

/// A memory that can be asked: its map, loaded once, and the items that it stores.
public struct Retriever: Sendable {
    /// The map in float64.
    public let map: any IterableMap
    /// What is stored.
    public let set: TrainingSet
    /// The map on the subspace of its outputs.
    public let restriction: ImageRestriction
    /// Most iterations of one cue.
    public let iterationLimit: Int
    /// The items in float64, shape `[n, d]`.
    let items: Matrix<Double>
    /// Their mean, shape `[d]`.
    let mean: [Double]
    let recall: Recall

    /// Opens a memory.
    ///
    /// - Parameters:
    ///   - map: As it is stored.
    ///   - set: What it stores.
    ///   - items: The examples of the set in float64, where somebody has them already.
    ///   - spanBasis: Orthonormal columns that may hold its outputs, shape `[d, k]`; nil if none is known.
    ///   - iterationLimit: Most iterations of one cue; nil for what verification gives.
    /// - Throws: `NumericsError`.
    public init(
        map: any StoredMap, set: TrainingSet, items: Matrix<Double>? = nil, spanBasis: Matrix<Double>? = nil, iterationLimit: Int? = nil
    ) throws(NumericsError) {
        try self.init(map: map.iterable(), set: set, items: items, spanBasis: spanBasis, iterationLimit: iterationLimit)
    }

    /// Opens a memory whose stored values are in float64 already.
    /// - Throws: `NumericsError`.
    public init(
        map: any IterableMap, set: TrainingSet, items: Matrix<Double>? = nil, spanBasis: Matrix<Double>? = nil, iterationLimit: Int? = nil
    ) throws(NumericsError) {
        self.init(
            map: map, on: try ImageRestriction(of: map, proposedBasis: spanBasis), set: set, items: items, iterationLimit: iterationLimit)
    }

    /// Opens a memory whose restriction is known.
    package init(
        map: any IterableMap, on restriction: ImageRestriction, set: TrainingSet, items: Matrix<Double>? = nil, iterationLimit: Int? = nil
    ) {
        let given = set
        let set = given.carried(by: map)
        precondition(
            map.inputDimension == set.examples.columnCount,
            "A memory of \(map.inputDimension) values holds no items of \(set.examples.columnCount).")
        self.map = map
        self.set = set
        self.restriction = restriction
        self.iterationLimit = iterationLimit ?? Self.defaultIterationLimit(set.task)
        // Items that somebody has already may be those of a set without states.
        let isWhole = set.stateEntryCount == given.stateEntryCount
        let items = isWhole ? items ?? set.examples.converted(to: Double.self) : set.examples.converted(to: Double.self)
        self.items = items
        mean = items.columnMeans()
        recall = Recall(
            of: map, restriction: restriction, examples: items, task: set.task, equalExamples: set.equalExamples,
            settings: .init(tolerance: set.recoveryTolerance, iterationCount: self.iterationLimit))
    }

    /// The items in coordinates of the restriction.
    var coordinates: Matrix<Double> { recall.examples }

    /// A start may take a few rounds to find its cycle, or hundreds of steps to settle where a radius is near 1.
    static func defaultIterationLimit(_ task: MemoryTask) -> Int {
        let longest = task.cycles.map(\.count).max() ?? 0
        return task.isAutoencoder ? 1000 : 10 * longest + 200
    }

    /// States on the way that are kept for pictures.
    static let pathStateCount = 64

    /// Asks the memory with each cue, all together.
    ///
    /// - Parameters:
    ///   - cues: Of d values each.
    ///   - onIteration: Told after each iteration with the number of starts under way; may throw to cancel.
    /// - Returns: One answer for each cue.
    /// - Throws: `NumericsError`; whatever `onIteration` throws.
    public func retrieve(_ cues: [Cue], onIteration: (Int, Int) throws -> Void = { _, _ in }) throws -> [Retrieval] {
        var starts: [Start] = []
        for (index, cue) in cues.enumerated() {
            precondition(
                cue.values.count == items.columnCount, "A memory of \(items.columnCount) values takes no cue of \(cue.values.count).")
            starts += try self.starts(of: cue, index: index, onIteration: onIteration)
        }
        guard !starts.isEmpty else { return [] }
        let points = Matrix(rows: starts.map(\.values))
        var visited = VisitedStates(startCount: starts.count)
        let outcomes =
            set.task.isAutoencoder
            ? try recall.outcomes(from: points, onStates: { visited.take($0, of: $1) }, onIteration: onIteration)
            : try sequenceOutcomes(from: points, visited: &visited, onIteration: onIteration)
        let owned = Dictionary(grouping: starts.indices) { starts[$0].cue }
        let best = cues.indices.map { index in
            let own = owned[index] ?? []
            let ranks = own.map { rank(outcomes[$0], cues[index]) }
            return own[ranks.indices.min { ranks[$0] < ranks[$1] } ?? 0]
        }
        let endings = try endings(best.map { (outcomes[$0], starts[$0]) })
        return cues.indices.map { index in
            let (start, outcome) = (starts[best[index]], outcomes[best[index]])
            let way = Way(start: start, trajectory: trajectory(of: start, outcome, visited: visited, index: best[index]))
            return retrieval(
                of: cues[index], along: way, outcome, endings[index],
                tried: (owned[index] ?? []).map { (starts[$0].method, cueItem(outcomes[$0])) })
        }
    }

    /// Where iteration begins for a cue, and how it came there.
    struct Start {
        let cue: Int
        let method: CueMethod
        /// Shape `[d]`.
        let values: [Double]
        /// States before `values`, the first one first.
        let before: [[Double]]
    }

    /// Where iteration began, and the states after that, in coordinates of the restriction.
    private struct Way {
        let start: Start
        let trajectory: Matrix<Double>
    }

    /// What verifies best comes first: anything stored before nothing, then what agrees best with the known entries, then what took the
    /// fewest steps.
    private func rank(_ outcome: Recall.Outcome, _ cue: Cue) -> (Double, Int) {
        guard let item = cueItem(outcome) else { return (.infinity, outcome.iterationCount) }
        return (cue.distance(to: items.row(item)), outcome.iterationCount)
    }

    /// The item that a start stands for: the one reached, stepped back by the steps that it took.
    private func cueItem(_ outcome: Recall.Outcome) -> Int? {
        guard let reached = outcome.reachedExample else { return nil }
        guard let cycle = set.task.cycle(of: reached) else { return reached }
        let offset = (reached - cycle.lowerBound - outcome.iterationCount) % cycle.count
        return cycle.lowerBound + (offset + cycle.count) % cycle.count
    }

    /// The states from the start on, up to where the item is, and some steps of what leads nowhere, shape `[at least 1, k]`.
    private func trajectory(of start: Start, _ outcome: Recall.Outcome, visited: VisitedStates, index: Int) -> Matrix<Double> {
        let count = max(cueItem(outcome) == nil ? min(outcome.iterationCount, 4 * Self.pathStateCount) : outcome.iterationCount, 1)
        return visited.trajectory(of: index, count: count, dimension: coordinates.columnCount)
            ?? recall.trajectory(from: start.values, count: count)
    }

    private func retrieval(
        of cue: Cue, along way: Way, _ outcome: Recall.Outcome, _ ending: Retrieval.Ending,
        tried: [(method: CueMethod, item: Int?)]
    ) -> Retrieval {
        let (start, trajectory) = (way.start, way.trajectory)
        let item = cueItem(outcome)
        let distances = distances(start, trajectory, outcome, item)
        let round = round(outcome, item)
        let values = round?.row(0) ?? restriction.points(at: outcome.states).row(0)
        let last = Cue(values: values)
        return Retrieval(
            method: start.method, tried: tried, ending: ending, item: item,
            stepCount: start.before.count + outcome.iterationCount, values: values,
            error: last.distance(to: items.row(item ?? outcome.nearestExample)), round: round,
            isExact: item.map { isExact(values, round, $0) } ?? false, path: path(start, trajectory), distances: distances,
            neighbours: neighbours(of: cue), finalNeighbours: neighbours(of: last))
    }

    /// What each start led to; those that reached nothing stored are followed to their ends together.
    private func endings(_ answers: [(outcome: Recall.Outcome, start: Start)]) throws -> [Retrieval.Ending] {
        let lost = answers.indices.filter { answers[$0].outcome.reachedExample == nil }
        var endings = [Retrieval.Ending](repeating: .item, count: answers.count)
        guard !lost.isEmpty else { return endings }
        let search = OrbitSearch(of: map, restriction: restriction, maximumIterationCount: iterationLimit)
        for (index, end) in zip(lost, try search.ends(from: Matrix(rows: lost.map { answers[$0].start.values }))) {
            endings[index] =
                end.isDiverged
                ? .diverged : end.period.map { $0 == 1 ? .spuriousFixedPoint : .spuriousCycle(length: $0) } ?? .unsettled
        }
        return endings
    }

    /// The states of the cycle in the full space, from the cue's own item on; nil for an autoencoder and where nothing was reached.
    private func round(_ outcome: Recall.Outcome, _ item: Int?) -> Matrix<Double>? {
        guard let item, let reached = outcome.reachedExample, !set.task.isAutoencoder else { return nil }
        let count = outcome.states.rowCount
        // `states` begin at the item reached; the cue's own lies some steps before.
        let order = (0..<count).map { (item - reached + $0 + 2 * count) % count }
        return restriction.points(at: outcome.states.rows(at: order))
    }

    private func isExact(_ values: [Double], _ round: Matrix<Double>?, _ item: Int) -> Bool {
        guard let round else { return set.isExactly(values, example: item) }
        return set.task.played(from: item, count: round.rowCount).enumerated().allSatisfy {
            set.isExactly(round.row($0), example: $1)
        }
    }

    private func distances(_ start: Start, _ trajectory: Matrix<Double>, _ outcome: Recall.Outcome, _ item: Int?) -> [Double] {
        var due = item ?? outcome.nearestExample
        var distances = (start.before + [start.values]).map { Cue(values: $0).distance(to: items.row(due)) }
        for step in 0..<trajectory.rowCount {
            if item != nil { due = set.task.successors[due] }
            distances.append((recall.meanSquaredError(of: trajectory.row(step), to: due)).squareRoot())
        }
        return distances
    }

    /// The start and steps that lie further apart the later they are: settling is fast at first and then slow.
    private func path(_ start: Start, _ trajectory: Matrix<Double>) -> (states: Matrix<Double>, steps: [Int]) {
        var states = start.before + [start.values]
        var steps = Array(0..<states.count)
        let first = states.count
        var step = 0
        var kept: [Int] = []
        while step < trajectory.rowCount - 1, kept.count < Self.pathStateCount {
            kept.append(step)
            step = max(step + 1, step * 6 / 5)
        }
        kept.append(trajectory.rowCount - 1)
        let points = restriction.points(at: trajectory.rows(at: kept))
        for (row, step) in kept.enumerated() {
            states.append(points.row(row))
            steps.append(first + step)
        }
        return (Matrix(rows: states), steps)
    }

    /// States of a sequence as the map plays it, shape `[count, d]`: `state` itself, then f of it, and so on.
    ///
    /// - Parameters:
    ///   - state: Shape `[d]`, within the subspace of outputs.
    ///   - count: At least 1.
    public func played(from state: [Double], count: Int) -> Matrix<Double> {
        var states = [restriction.coordinates(of: Matrix(rows: [state])).row(0)]
        for _ in 1..<max(count, 1) { states.append(restriction.map.outputs(of: Matrix(rows: [states[states.count - 1]])).row(0)) }
        return restriction.points(at: Matrix(rows: states))
    }

    /// The items nearest to a cue over its known entries, the nearest first, equal items counted once.
    func neighbours(of cue: Cue, count: Int = 2) -> [Retrieval.Neighbour] {
        var best: [Retrieval.Neighbour] = []
        for index in 0..<items.rowCount where set.equalExamples[index] == index {
            let found = Retrieval.Neighbour(item: index, distance: cue.distance(to: items.row(index)))
            best.insert(found, at: best.firstIndex { found.distance < $0.distance } ?? best.count)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
