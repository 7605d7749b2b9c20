internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [RBU20] Fig. 2 and 14: photographs as attractors, and how far they come back from corruption.
struct PhotographsExperiment: Experiment {
    let name = "fig2"
    let scaling = "images, at least 10; starts from noise; epochs"
    let defaultScale = 0.04
    let defaultEpochs = 1000
    let dataNeeded = "500 colour photographs (images64)"
    let cost = "2 networks, 18 sets of cues each"
    let hasCensus = true

    /// How a cue is made from an example.
    private enum Damage: String, CaseIterable {
        case pixels = "uniform noise on a share of the values"
        case square = "a square of one colour that covers a share of the image"
    }

    private static let levels = stride(from: 1, through: 9, by: 1).map { Double($0) / 10 }
    static let side = 64

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        if run.options.isCensus { return try census(run) }
        let count = run.scaled(500, atLeast: 10)
        let images = try run.data.colourPhotographs(count)
        let network = try run.network(published: 1024, depth: 10)
        let task = MemoryTask.autoencoder(count: count)
        let startCount = run.scaled(10_000, atLeast: 20)
        run.plan(totalWork: run.options.presets == .both ? 8 : 4)
        let (paper, fast) = try run.memories(
            images.matrix, task: task,
            paper: .init(
                depth: network.depth, width: network.width, activation: .cosid, initializer: .uniform(range: 0.02),
                seed: UInt64(run.options.seed)), paperWork: 3, fastWork: 3)
        var comparison = Comparison(
            title: "Images stored as attractors", caption: "\(run.published.value("attractors").source): all 500.", rowTitle: "images")
        comparison.rows = [
            .init(label: "\(count)", printed: run.published.value("attractors").printed + "/500", count: count, paper: paper, fast: fast)
        ]
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(count) of 500 images, \(startCount) of 10,000 noise starts of each kind, at most \(run.epochLimit) epochs; paper preset: "
                + "\(network.words).")
        outcome.tables = [comparison.table(run.options.presets)]
        outcome.findings = comparison.findings()
        let present = [("paper", paper), ("fast", fast)].compactMap { name, memory in memory.map { (name, $0) } }
        let examples = images.matrix.converted(to: Double.self)
        for damage in Damage.allCases { try recover(damage, present, examples, run, &outcome) }
        outcome.tables.append(try spurious(present, examples, startCount, run))
        for (name, memory) in present {
            let side = max(10, Int(saturating: 100 * run.scale.squareRoot()))
            let figure = try run.triangleFigure(
                memory, examples: examples, title: "Three photographs, \(name) preset", sideCount: side, work: 0.1)
            if let figure { outcome.figures.append(figure) }
        }
        outcome.notes = [
            "Measured on \(images.description).",
            "Recovered: iteration ends within a mean squared error of 1e-7 of the image that the cue was made from. Nearest neighbour: the image "
                + "nearest to the cue is that image.",
        ]
        return outcome
    }

    private func recover(
        _ damage: Damage, _ present: [(String, MeasuredMemory)], _ examples: Matrix<Double>, _ run: ExperimentRun,
        _ outcome: inout ExperimentOutcome
    ) throws {
        var generator = run.generator(damage == .pixels ? 3 : 4)
        let damaged = Self.levels.map { cues(examples, damage, share: $0, using: &generator) }
        let usable = present.filter { !$0.1.hasDiverged }
        var rates = [[Double]](repeating: [], count: usable.count + 1)
        for (level, cue) in zip(Self.levels, damaged) {
            for (index, (name, memory)) in usable.enumerated() {
                let outcomes = try run.piece("\(name) preset, \(Text.percent(level)) corrupted", work: 0.9 / 18) {
                    try run.outcomes(of: memory, examples: examples, from: cue, iterations: 300)
                }
                let right = outcomes.enumerated().count { $0.element.reachedExample == $0.offset }
                rates[index].append(Double(right) / Double(examples.rowCount))
            }
            let nearest = NearestExample.find(for: cue, among: examples)
            rates[usable.count].append(Double(nearest.enumerated().count { $0.element.index == $0.offset }) / Double(examples.rowCount))
        }
        let names = usable.map { "\($0.0) preset" } + ["nearest neighbour"]
        var table = ExperimentTable(
            title: "Recovered from \(damage.rawValue)",
            caption: "\(run.published.source) (c) prints curves only. Share of \(examples.rowCount) images.",
            columns: ["corrupted", "published"] + names)
        for (row, level) in Self.levels.enumerated() {
            let label = ExperimentTable.Cell(Text.percent(level), value: level)
            let measured = rates.map { ExperimentTable.Cell(Text.percent($0[row]), value: $0[row]) }
            table.append([label, .init("curve")] + measured)
        }
        outcome.tables.append(table)
        outcome.figures.append(
            ExperimentFigure(
                title: table.title, caption: "Share of images recovered, against the share that was corrupted.",
                curves: .init(
                    xTitle: "share corrupted", yTitle: "share recovered",
                    series: zip(names, rates).map { .init(name: $0, x: Self.levels, y: $1) })))
    }

    private func cues(
        _ examples: Matrix<Double>, _ damage: Damage, share: Double, using generator: inout CounterBasedGenerator
    ) -> Matrix<Double> {
        let corruption: Corruption
        switch damage {
        case .pixels: corruption = .uniformEntries(fraction: share, range: 0...1)
        case .square:
            let raster = Raster(height: Self.side, width: Self.side, channels: examples.columnCount / (Self.side * Self.side))
            corruption = .square(area: share, raster: raster, range: 0...1)
        }
        return corruption.applied(to: examples, using: &generator)
    }

    private func spurious(
        _ present: [(String, MeasuredMemory)], _ examples: Matrix<Double>, _ count: Int, _ run: ExperimentRun
    ) throws -> ExperimentTable {
        var table = ExperimentTable(
            title: "Where noise leads",
            caption:
                "\(run.published.value("spurious").source): \(run.published.value("spurious").printed) spurious attractors. \(count) starts of each kind.",
            columns: ["start", "published: spurious"], labelCount: 1)
        let usable = present.filter { !$0.1.hasDiverged }
        for (name, _) in usable { table.columns += ["\(name): on an image", "\(name): spurious", "\(name): not settled"] }
        for (title, start) in [
            ("uniform noise", NoiseStart.uniform(0...1)), ("Gaussian noise, variance 4", .gaussian(mean: 0, deviation: 2)),
        ] {
            var generator = run.generator(5)
            let starts = start.draw(count: count, dimension: examples.columnCount, using: &generator)
            var row: [ExperimentTable.Cell] = [.init(title), .init("0", value: 0)]
            for (name, memory) in usable {
                let outcomes = try run.piece("\(name) preset, \(title)", work: 0.05) {
                    try run.outcomes(of: memory, examples: examples, from: starts, iterations: Self.iterationLimit)
                }
                var tally = Tally()
                tally.add(outcomes)
                row += [
                    .init("\(tally.storedCount)", value: Double(tally.storedCount)),
                    .init("\(tally.spuriousCount)", value: Double(tally.spuriousCount), tone: tally.spuriousCount == 0 ? .good : .bad),
                    .init("\(tally.unsettledCount)", value: Double(tally.unsettledCount)),
                ]
            }
            table.append(row)
        }
        return table
    }
}
