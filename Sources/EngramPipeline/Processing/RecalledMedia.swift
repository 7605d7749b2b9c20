internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// What the memory gives back for each example, and from what start: the content of `recovered/`.
struct RecalledMedia {
    /// Shape `[n, k]`, coordinates of the restriction, in the order of the examples.
    let states: Matrix<Double>
    /// For each example, what it was recalled from, as in the report's recall rows.
    let starts: [String]
    /// For each example, whether the recall reached it within the published criterion.
    let isRecovered: [Bool]
    /// For each example, the start that its cue or noise was, where a picture of it makes sense: an autoencoder's.
    let startValues: [[Double]?]

    /// Picks, for each example, a recall from noise where one reached it, else the one from its cue.
    init(analysis: MemoryAnalysis, task: MemoryTask) {
        let width = analysis.restriction.basis.columnCount
        var states = Matrix<Double>(rowCount: task.count, columnCount: width)
        var starts = [String](repeating: "", count: task.count)
        var isRecovered = [Bool](repeating: false, count: task.count)
        var startValues = [[Double]?](repeating: nil, count: task.count)
        // Noise first: it is what a memory is to be recalled from.
        for run in analysis.recalls.sorted(by: { $0.isNoise && !$1.isNoise }) {
            for (index, outcome) in run.outcomes.enumerated() {
                guard var example = outcome.reachedExample, run.isRecovered[index], !isRecovered[example] else { continue }
                for row in 0..<outcome.states.rowCount where !isRecovered[example] {
                    states.setRow(example, to: outcome.states.row(row))
                    starts[example] = run.start
                    isRecovered[example] = true
                    if task.isAutoencoder { startValues[example] = run.starts.row(index) }
                    example = task.successors[example]
                }
            }
        }
        // What no start recalled is shown as it ended, beside the original and marked as missed.
        for run in analysis.recalls {
            guard let sources = run.sources else { continue }
            for (index, source) in sources.enumerated() where !isRecovered[source] && starts[source].isEmpty {
                let cycle = task.cycles.first { $0.contains(source) } ?? source..<source + 1
                for example in cycle {
                    states.setRow(example, to: run.outcomes[index].states.row(0))
                    starts[example] = run.start
                }
                if task.isAutoencoder { startValues[source] = run.starts.row(index) }
            }
        }
        self.states = states
        self.starts = starts
        self.isRecovered = isRecovered
        self.startValues = startValues
    }
}
