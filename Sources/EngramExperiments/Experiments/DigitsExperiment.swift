internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [RBU20] Fig. 7: 2,000 digits as attractors, and what one step does to unseen ones.
struct DigitsExperiment: Experiment {
    let name = "fig7"
    let scaling = "training images, at least 20; test images; epochs"
    let defaultScale = 0.025
    let defaultEpochs = 1000
    let dataNeeded = "MNIST (mnist/train-images-idx3-ubyte.gz, mnist/t10k-images-idx3-ubyte.gz)"
    let cost = "2 networks"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = run.scaled(2000, atLeast: 20)
        let digits = try run.data.trainingDigits(count)
        let test = try run.data.testDigits(min(run.scaled(58_000, atLeast: 100), 10_000))
        let network = try run.network(published: 2048, depth: 10)
        let task = MemoryTask.autoencoder(count: count)
        run.plan(totalWork: run.options.presets == .both ? 7 : 3.5)
        let (paper, fast) = try run.memories(
            digits.matrix, task: task,
            paper: .init(depth: network.depth, width: network.width, activation: .cosid, seed: UInt64(run.options.seed)), paperWork: 3,
            fastWork: 3)
        var comparison = Comparison(
            title: "Digits stored as attractors", caption: "\(run.published.value("attractors").source): all 2000.", rowTitle: "digits")
        comparison.rows = [
            .init(label: "\(count)", printed: run.published.value("attractors").printed + "/2000", count: count, paper: paper, fast: fast)
        ]
        let published = run.published.value("reconstruction")
        var table = ExperimentTable(
            title: "Unseen digits",
            caption:
                "\(published.source). One step: mean squared error between an unseen digit and its image under f. Limit: what iteration leads to, "
                + "at most 300 steps.",
            columns: ["preset", "published: one step", "measured: one step", "limit on a stored digit", "limit elsewhere", "not settled"])
        let examples = digits.matrix.converted(to: Double.self)
        let unseen = test.matrix.converted(to: Double.self)
        for (name, memory) in [("paper", paper), ("fast", fast)] {
            guard let memory, !memory.hasDiverged else { continue }
            let error = memory.map.outputs(of: unseen).meanSquaredDifference(to: unseen)
            // Iterating ten thousand digits through a wide network takes longer than training it on few.
            let starts = unseen.rows(at: 0..<min(unseen.rowCount, 500))
            let outcomes = try run.piece("\(name) preset, unseen digits", work: 0.5) {
                try run.outcomes(of: memory, examples: examples, from: starts, iterations: 300)
            }
            let reached = outcomes.count { $0.reachedExample != nil }
            let unsettled = outcomes.count { $0.reachedExample == nil && $0.iterationCount >= 300 }
            table.append([
                .init(name), .init(published.printed, value: published.number), .init(Text.significant(error), value: error),
                .init("\(reached)/\(starts.rowCount)", value: Double(reached)),
                .init("\(starts.rowCount - reached - unsettled)", value: Double(starts.rowCount - reached - unsettled)),
                .init("\(unsettled)", value: Double(unsettled)),
            ])
        }
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(count) of 2,000 digits, \(unseen.rowCount) of 58,000 unseen ones, at most \(run.epochLimit) epochs; paper preset: "
                + "\(network.words).")
        outcome.tables = [comparison.table(run.options.presets), table]
        outcome.findings = comparison.findings()
        for (name, memory) in [("paper", paper), ("fast", fast)] {
            guard let memory else { continue }
            let side = max(10, Int(saturating: 100 * run.scale.squareRoot()))
            let figure = try run.triangleFigure(
                memory, examples: examples, title: "Three digits, \(name) preset", sideCount: side, work: 0.1)
            if let figure { outcome.figures.append(figure) }
        }
        outcome.notes = [
            "Measured on \(digits.description); unseen: \(test.description) (the paper takes the other 58,000 training images).",
            "The error of one step depends on how many digits are stored: it is comparable with the published one only at scale 1.",
        ]
        return outcome
    }
}
