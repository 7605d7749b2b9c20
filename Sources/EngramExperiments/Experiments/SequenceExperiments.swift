internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [RBU20] Fig. 4 (a): a film as one cycle.
struct FilmExperiment: Experiment {
    let name = "fig4a"
    let scaling = "frames, at least 8; epochs"
    let defaultScale = 0.04
    let defaultEpochs = 300
    let dataNeeded = "382 frames, shipped"
    let cost = "2 networks; the published one has 48 million weights"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = run.scaled(382, atLeast: 8)
        let film = try run.data.film(count)
        let network = try run.network(published: 1024, depth: 16)
        var outcome = try SequenceScene(
            samples: film.matrix, cycles: [0..<count], names: ["film"], network: network, noise: 0...1, noiseCount: 10,
            printed: ["389 frames"], publishedCounts: [count], paperToFast: 4
        ).outcome(run)
        outcome.scaleNote =
            "\(count) of 389 published frames (the published video shows a loop of 382), at most \(run.epochLimit) epochs; paper preset: "
            + "\(network.words)."
        outcome.notes.insert("Measured on \(film.description).", at: 0)
        return outcome
    }
}

/// [RBU20] Fig. 4 (b): digits counting up and down.
struct CountingExperiment: Experiment {
    let name = "fig4b"
    let scaling = "epochs (both sequences always)"
    let defaultScale = 0.5
    let defaultEpochs = 8000
    let dataNeeded = "100 digits, shipped"
    let cost = "2 networks of 31 layers of 128"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let digits = try run.data.hundredDigits()
        let samples = digits.matrix.rows(at: Array(0..<10) + (10..<20).reversed())
        let network = try run.network(published: 128, depth: 31)
        let values = ["up", "down"].map { run.published.value($0) }
        var outcome = try SequenceScene(
            samples: samples, cycles: [0..<10, 10..<20], names: ["0 to 9", "9 to 0"], network: network, noise: 0...1, noiseCount: 20,
            printed: values.map(\.printed), publishedCounts: [10, 10], publishedRadii: values.map(\.number), paperToFast: 4
        ).outcome(run)
        outcome.scaleNote = "Both sequences, at most \(run.epochLimit) epochs; paper preset: \(network.words)."
        outcome.notes.insert("Measured on \(digits.description); the published twenty are not named.", at: 0)
        return outcome
    }
}

/// [RBU20] Appendix G: speech.
struct SpeechExperiment: Experiment {
    let name = "audio"
    let scaling = "seconds, at least 3; epochs"
    let defaultScale = 0.5
    let defaultEpochs = 20_000
    let dataNeeded = "8 s of speech, shipped"
    let cost = "2 networks; the published one of 36 layers of 15"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let count = run.scaled(8, atLeast: 3)
        let speech = try run.data.speech(count)
        let network = try run.network(published: 15, depth: 36)
        var outcome = try SequenceScene(
            samples: speech.matrix, cycles: [0..<count], names: ["speech"], network: network, noise: -1...1, noiseCount: 20,
            printed: ["8 s"], publishedCounts: [count], paperToFast: 4
        ).outcome(run)
        outcome.scaleNote = "\(count) of 8 seconds, at most \(run.epochLimit) epochs; paper preset: \(network.words)."
        outcome.notes.insert("Measured on \(speech.description).", at: 0)
        return outcome
    }
}

/// Cycles to be stored, and what the two presets make of them.
struct SequenceScene {
    let samples: Matrix<Float>
    let cycles: [Range<Int>]
    let names: [String]
    let network: NetworkSize
    /// Range of the uniform noise that recall starts from.
    let noise: ClosedRange<Double>
    let noiseCount: Int
    /// As the paper prints the result of each cycle.
    let printed: [String]
    /// States of each cycle that the paper stores, at this scale.
    let publishedCounts: [Int]
    /// Radii that the paper prints.
    var publishedRadii: [Double?] = []
    /// How much dearer the paper preset is expected to be.
    let paperToFast: Double

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let task = MemoryTask.sequences(cycles)
        run.plan(totalWork: (run.options.presets.includesPaper ? paperToFast + 0.2 : 0) + (run.options.presets.includesFast ? 1.2 : 0))
        let settings = PaperTraining.Settings(
            depth: network.depth, width: network.width, activation: .selu, seed: UInt64(run.options.seed))
        let (paper, fast) = try run.memories(samples, task: task, paper: settings, paperWork: paperToFast, fastWork: 1)
        var table = ExperimentTable(
            title: "States in stable limit cycles",
            caption:
                "\(run.published.source). Radius: of the Jacobian of the map composed over the whole cycle; below 1 the cycle is stable.",
            columns: ["sequence", "published"])
        let present = [("paper", paper), ("fast", fast)].compactMap { name, memory in memory.map { (name, $0) } }
        for (name, _) in present { table.columns += ["\(name): stored", "\(name): radius", "\(name): MSE", "\(name): epochs"] }
        for (index, cycle) in cycles.enumerated() {
            var row: [ExperimentTable.Cell] = [
                .init(names[index]), .init(printed[index], value: publishedRadii.isEmpty ? nil : publishedRadii[index]),
            ]
            for (_, memory) in present { row += cells(memory, cycle: cycle, index: index) }
            table.append(row)
        }
        var outcome = ExperimentOutcome(scaleNote: "")
        outcome.tables = [table, try recallTable(present, run)]
        outcome.notes = ["A start is recalled when it plays a whole cycle within a mean squared error of 1e-7 of every state."]
        outcome.findings = zip(cycles.indices, names).compactMap { index, name in
            guard let fast, index < fast.spectra.count else { return nil }
            let limit = publishedRadii.indices.contains(index) ? publishedRadii[index] : nil
            let radius = fast.spectra[index].log10SpectralRadius
            let comparison = limit.map { power(10, radius) < $0 ? ", below the published \($0)" : ", above the published \($0)" } ?? ""
            return "\(name): the fast preset's cycle is \(fast.verdicts[index] ? "stable" : "not stable"), log10 of its radius "
                + "\(Text.significant(radius))\(comparison)."
        }
        return outcome
    }

    private func cells(_ memory: MeasuredMemory, cycle: Range<Int>, index: Int) -> [ExperimentTable.Cell] {
        guard index < memory.spectra.count else { return [.init("diverged"), .init("–"), .init("–"), .init("–")] }
        let isStored = memory.verdicts[index]
        let count = isStored ? cycle.count : 0
        let stored = "\(count)/\(cycle.count)"
        var radius = Comparison.radius(log10: memory.spectra[index].log10SpectralRadius)
        // Where f does not follow the cycle the product of Jacobians belongs to no orbit.
        if !memory.isTrained { radius.tone = nil }
        return [
            .init(
                memory.isTrained ? stored : "NA (\(stored))", value: Double(count),
                tone: memory.isTrained ? (count >= publishedCounts[index] ? .good : .bad) : .warn),
            radius,
            .init(Text.scientific(memory.meanSquaredError), value: memory.meanSquaredError),
            .init("\(memory.epochCount)", value: Double(memory.epochCount)),
        ]
    }

    private func recallTable(_ present: [(String, MeasuredMemory)], _ run: ExperimentRun) throws -> ExperimentTable {
        var table = ExperimentTable(
            title: "Recall from noise",
            caption: "\(noiseCount) starts of each kind; published: iteration from random noise gives the sequences.",
            columns: ["preset", "uniform noise"] + ["Gaussian noise"] + names.map { "ended on \($0)" })
        let examples = samples.converted(to: Double.self)
        for (name, memory) in present where !memory.hasDiverged {
            var generator = run.generator(2)
            var reached = [Int](repeating: 0, count: cycles.count)
            var counts: [Int] = []
            for start in [NoiseStart.uniform(noise), .gaussian(mean: 0, deviation: 1)] {
                let starts = start.draw(count: noiseCount, dimension: examples.columnCount, using: &generator)
                let longest = cycles.map(\.count).max() ?? 1
                let outcomes = try run.piece("recall, \(name) preset", work: 0.1) {
                    try run.outcomes(of: memory, examples: examples, from: starts, iterations: 10 * longest + 200)
                }
                let ends = outcomes.compactMap(\.reachedExample)
                counts.append(ends.count)
                for end in ends { if let cycle = cycles.firstIndex(where: { $0.contains(end) }) { reached[cycle] += 1 } }
            }
            table.append(
                [.init(name)] + counts.map { .init("\($0)/\(noiseCount)", value: Double($0), tone: $0 == noiseCount ? .good : .warn) }
                    + reached.map { .init("\($0)", value: Double($0)) })
        }
        return table
    }
}
