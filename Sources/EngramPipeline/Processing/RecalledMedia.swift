internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// What the memory gives back for each example, and from what start: the content of `recovered/`.
struct RecalledMedia {
    /// Shape `[n, k]`, coordinates of the restriction, in the order of the examples.
    private(set) var states: Matrix<Double>
    /// For each example, what it was recalled from; nil where no recall was tried.
    private(set) var starts: [RecallStart?]
    /// For each example, whether the recall reached it within the published criterion.
    private(set) var isRecovered: [Bool]
    /// For each example, the values recall started from, where a picture of them makes sense: an autoencoder's.
    private(set) var startValues: [[Double]?]

    /// Picks, for each example, a recall from noise where one reached it, else the one from its cue.
    init(analysis: MemoryAnalysis, drop: DecodedDrop) {
        let task = drop.task
        states = Matrix(rowCount: task.count, columnCount: analysis.restriction.basis.columnCount)
        starts = Array(repeating: nil, count: task.count)
        isRecovered = Array(repeating: false, count: task.count)
        startValues = Array(repeating: nil, count: task.count)
        // Noise comes first: it is what a memory is to be recalled from.
        for run in analysis.recalls { takeRecovered(run, task) }
        // Equal examples are one memory, and so are equal cycles: what recalled the first recalled all.
        for (example, first) in drop.equalExamples.enumerated() where first != example && isRecovered[first] && !isRecovered[example] {
            take(example, states.row(first), from: starts[first], startValues: startValues[first], isRecovered: true)
        }
        // What no start recalled is shown as it ended, beside the original and marked as missed.
        for run in analysis.recalls { takeMissed(run, task) }
    }

    /// Whether an example was recalled, and from noise alone.
    func isFromNoise(_ example: Int) -> Bool { isRecovered[example] && starts[example]?.isNoise == true }

    private mutating func takeRecovered(_ run: RecallRun, _ task: MemoryTask) {
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

    private mutating func takeMissed(_ run: RecallRun, _ task: MemoryTask) {
        for (index, source) in (run.batch.sources ?? []).enumerated() {
            let cycle = task.cycles.first { $0.contains(source) } ?? source..<source + 1
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
