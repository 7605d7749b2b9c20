internal import EngramDynamics
internal import EngramMemories
internal import EngramNumerics

/// What the memory gives back for each example, and from what start: the content of `recovered/`.
struct RecalledMedia {
    /// For each example, what it was recalled from; nil where no recall was tried.
    let starts: [RecallStart?]
    /// For each example, whether the recall reached it within the published criterion.
    let isRecovered: [Bool]
    /// For each example, the values recall started from, where a picture of them makes sense: an autoencoder's.
    let startValues: [[Double]?]
    /// What the files hold: the states in the full space without their marks, shape `[n, sampleEntryCount]`.
    let values: Matrix<Double>
    /// For each example, whether it was recovered and its values are exactly the stored ones after rounding.
    let isExact: [Bool]

    /// Picks, for each example, a recall from noise where one reached it, else the one from its cue.
    init(analysis: Verification, drop: DecodedDrop) {
        var picked = Picked(count: drop.set.task.count, width: analysis.restriction.subspace.dimension)
        // Noise comes first: it is what a memory is to be recalled from.
        for run in analysis.recalls { picked.takeRecovered(run, drop.set.task) }
        // Equal examples are one memory, and so are equal cycles: what recalled the first recalled all.
        picked.shareAmongEqual(drop.set.equalExamples)
        // What no start recalled is shown as it ended, beside the original and marked as missed.
        for run in analysis.recalls { picked.takeMissed(run, drop.set.task) }
        starts = picked.starts
        isRecovered = picked.isRecovered
        startValues = picked.startValues
        let values = analysis.restriction.points(at: picked.states)
        isExact = picked.isRecovered.enumerated().map { $1 && drop.set.isExactly(values.row($0), example: $0) }
        self.values = drop.set.samples(of: values)
    }

    /// Whether an example was recalled, and from noise alone.
    func isFromNoise(_ example: Int) -> Bool { isRecovered[example] && starts[example]?.isNoise == true }
}

/// What is picked so far, in coordinates of the restriction.
private struct Picked {
    /// Shape `[n, k]`.
    var states: Matrix<Double>
    var starts: [RecallStart?]
    var isRecovered: [Bool]
    var startValues: [[Double]?]

    init(count: Int, width: Int) {
        states = Matrix(rowCount: count, columnCount: width)
        starts = Array(repeating: nil, count: count)
        isRecovered = Array(repeating: false, count: count)
        startValues = Array(repeating: nil, count: count)
    }

    mutating func shareAmongEqual(_ equalExamples: [Int]) {
        for (example, first) in equalExamples.enumerated() where first != example && isRecovered[first] && !isRecovered[example] {
            take(example, states.row(first), from: starts[first], startValues: startValues[first], isRecovered: true)
        }
    }

    mutating func takeRecovered(_ run: RecallRun, _ task: MemoryTask) {
        for (index, outcome) in run.outcomes.enumerated() {
            guard var example = outcome.reachedExample, run.isRecovered[index] else { continue }
            for row in 0..<outcome.states.rowCount {
                if !isRecovered[example] {
                    let values = task.isAutoencoder ? run.batch.starts.row(index) : nil
                    take(example, outcome.states.row(row), from: run.batch.start, startValues: values, isRecovered: true)
                }
                example = task.successors[example]
            }
        }
    }

    mutating func takeMissed(_ run: RecallRun, _ task: MemoryTask) {
        for (index, source) in (run.batch.sources ?? []).enumerated() {
            let cycle = task.cycle(of: source) ?? source..<source + 1
            for example in cycle where !isRecovered[example] && starts[example] == nil {
                let played = run.missedRounds[index] ?? run.outcomes[index].states
                let row = min(example - cycle.lowerBound, played.rowCount - 1)
                let values = task.isAutoencoder ? run.batch.starts.row(index) : nil
                take(example, played.row(row), from: run.batch.start, startValues: values, isRecovered: false)
            }
        }
    }

    private mutating func take(
        _ example: Int, _ state: [Double], from start: RecallStart?, startValues values: [Double]?, isRecovered recovered: Bool
    ) {
        states.setRow(example, to: state)
        starts[example] = start
        startValues[example] = values
        isRecovered[example] = recovered
    }
}
