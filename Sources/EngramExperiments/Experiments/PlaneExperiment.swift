internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// [RBU20] Fig. 3: six points of the plane as attractors.
struct PlanePointsExperiment: Experiment {
    let name = "fig3"
    let scaling = "points of the grid; epochs"
    let defaultScale = 0.25
    let defaultEpochs = 4000
    let dataNeeded = "none"
    let cost = "2 networks, a map of 2,500 points each"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let scene = PlaneScene(cycleCount: 6, cycleLength: 1, network: try run.network(published: 512, depth: 30))
        return try scene.outcome(run)
    }
}

/// [RBU20] Fig. 4 (c): four cycles of three points of the plane.
struct PlaneCyclesExperiment: Experiment {
    let name = "fig4c"
    let scaling = "points of the grid; epochs"
    let defaultScale = 0.1
    let defaultEpochs = 4000
    let dataNeeded = "none"
    let cost = "2 networks, a map of 1,024 points each"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let scene = PlaneScene(cycleCount: 4, cycleLength: 3, network: try run.network(published: 1024, depth: 10))
        return try scene.outcome(run)
    }
}

/// Points of the plane to be stored, alone or in cycles, and the maps of the networks that store them.
struct PlaneScene {
    let cycleCount: Int
    /// 1 for points on their own.
    let cycleLength: Int
    let network: NetworkSize

    /// The published grid has 100 points each way.
    private static let publishedSide = 100

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let points = Self.spreadPoints(cycleCount * cycleLength, using: run.generator(1))
        let order = cycleLength == 1 ? Array(0..<points.rowCount) : Self.sortedByAngle(points)
        let examples = points.rows(at: order)
        let task: MemoryTask =
            cycleLength == 1
            ? .autoencoder(count: cycleCount)
            : .sequences((0..<cycleCount).map { $0 * cycleLength..<($0 + 1) * cycleLength })
        let side = max(10, Int(saturating: (Double(Self.publishedSide) * run.scale.squareRoot()).rounded()))
        run.plan(totalWork: run.options.presets == .both ? 5 : run.options.presets == .paper ? 4 : 1)
        let settings = PaperTraining.Settings(
            depth: network.depth, width: network.width, activation: .cosid, seed: UInt64(run.options.seed))
        let (paper, fast) = try run.memories(examples.converted(to: Float.self), task: task, paper: settings, paperWork: 3, fastWork: 0.5)
        var comparison = Comparison(
            title: cycleLength == 1 ? "Points stored as attractors" : "States in stable limit cycles",
            caption: "\(run.published.source). Published: \(cycleLength == 1 ? "all 6 points" : "all 4 cycles, 12 states").",
            rowTitle: "data")
        comparison.rows = [
            .init(
                label: cycleLength == 1 ? "6 points" : "4 cycles of 3", printed: cycleLength == 1 ? "6" : "4 cycles",
                count: examples.rowCount, paper: paper, fast: fast)
        ]
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(side * side) of 10,000 grid points, at most \(run.epochLimit) epochs; paper preset: \(network.words).")
        outcome.tables = [comparison.table(run.options.presets)]
        var basins = ExperimentTable(
            title: "Where the grid leads",
            caption: "Share of the grid's points, by what iteration leads to. Published: no spurious attractor was met.",
            columns: [
                "preset", "stored", "elsewhere (spurious)", cycleLength == 1 ? "not settled" : "on no stored cycle",
                "nearest point's basin",
            ])
        for (preset, memory) in [("paper", paper), ("fast", fast)] {
            guard let memory, !memory.hasDiverged else { continue }
            let map = try run.piece("map of the \(preset) network", work: 0.5) {
                try basinMap(memory, examples, side: side, run)
            }
            basins.append(row(preset, map, examples, task))
            outcome.figures.append(
                Self.figure(
                    map, examples: examples, task: task, title: "Basins, \(preset) preset", isStored: memory.verdicts.allSatisfy { $0 }))
        }
        outcome.tables.append(basins)
        outcome.notes = [
            "The published coordinates are not printed: \(examples.rowCount) points are drawn in [-1, 1]² by the seed, each at a distance from the others, "
                + "and for cycles joined in order round the centre.",
            "A point counts as stored where iteration ends within a mean squared error of 1e-7 of an example (of its cycle), as published.",
        ]
        outcome.settings = [
            .init(
                "Points",
                (0..<examples.rowCount).map { "(\(Text.significant(examples[$0, 0])), \(Text.significant(examples[$0, 1])))" }.joined(
                    separator: " "))
        ]
        return outcome
    }

    private func basinMap(_ memory: MeasuredMemory, _ examples: Matrix<Double>, side: Int, _ run: ExperimentRun) throws -> BasinMap {
        let total = Double(side * side)
        do {
            return try BasinMap(
                of: memory.map, on: .coordinatePlane, grid: .init(around: examples, margin: 0.25, sideCount: side), examples: examples,
                task: memory.task, arrowCount: min(24, max(10, side / 3)),
                settings: .init(maximumIterationCount: cycleLength == 1 ? 1000 : 300)
            ) { iteration, active in
                try run.step(1 - Double(active) / total, "iteration \(iteration), \(active) points under way")
            }
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "map", reason: "\(error)")
        }
    }

    private func row(_ preset: String, _ map: BasinMap, _ examples: Matrix<Double>, _ task: MemoryTask) -> [ExperimentTable.Cell] {
        let total = Double(map.destinations.count)
        let counts = map.counts(exampleCount: examples.rowCount)
        let stored = counts.byExample.reduce(0, +)
        // The share of points that go to the example nearest to them: 1 would be a Voronoi diagram.
        let nearest = NearestExample.find(for: map.grid.points, among: examples)
        let agreeing = zip(map.destinations, nearest).count { destination, nearest in
            guard case .example(let index) = destination else { return false }
            return Self.group(index, task) == Self.group(nearest.index, task)
        }
        func share(_ count: Int, _ tone: ExperimentTable.Tone? = nil) -> ExperimentTable.Cell {
            .init(Text.percent(Double(count) / total), value: Double(count) / total, tone: tone)
        }
        return [
            .init(preset), share(stored), task.isAutoencoder ? share(counts.elsewhere, counts.elsewhere == 0 ? .good : .bad) : .init("–"),
            share(counts.unsettled),
            share(agreeing),
        ]
    }

    /// The class of an example: itself, or its cycle.
    static func group(_ example: Int, _ task: MemoryTask) -> Int {
        task.isAutoencoder ? example : task.cycles.firstIndex { $0.contains(example) } ?? 0
    }

    /// A map for the report.
    static func figure(
        _ map: BasinMap, on section: PlaneSection = .coordinatePlane, examples: Matrix<Double>, task: MemoryTask, title: String,
        isStored: Bool
    ) -> ExperimentFigure {
        let cells = map.destinations.map { destination -> Int in
            switch destination {
            case .example(let index): group(index, task)
            case .elsewhere: ExperimentFigure.Map.elsewhere
            case .unsettled: ExperimentFigure.Map.unsettled
            }
        }
        let places = section.coordinates(of: examples)
        let groupCount = task.isAutoencoder ? examples.rowCount : task.cycles.count
        return ExperimentFigure(
            title: title,
            caption:
                "Colour: where iteration from there leads. Arrows: the direction of one step, the longer the larger. Discs: the examples"
                + (isStored ? "." : "; not all of them are stored."),
            map: .init(
                horizontal: map.grid.horizontal, vertical: map.grid.vertical, columnCount: map.grid.columnCount, cells: cells,
                groups: (0..<groupCount).map { task.isAutoencoder ? "example \($0 + 1)" : "cycle \($0 + 1)" },
                points: (0..<places.rowCount).map {
                    .init(u: places[$0, 0], v: places[$0, 1], group: group($0, task), label: "example \($0 + 1)")
                }, arrows: map.arrows.map { .init(u: $0.u, v: $0.v, du: $0.du, dv: $0.dv) }, areCycles: !task.isAutoencoder))
    }

    /// Points of [-1, 1]² drawn until none is near another.
    static func spreadPoints(_ count: Int, using generator: CounterBasedGenerator) -> Matrix<Double> {
        var generator = generator
        // √(4/count) is the side of a square of equal share; random points rarely keep more than a third of it apart.
        var least = (4 / Double(count)).squareRoot() / 1.5
        var rows: [[Double]] = []
        while rows.count < count {
            let candidate = [2 * generator.nextUniform() - 1, 2 * generator.nextUniform() - 1]
            if rows.allSatisfy({ squaredDistance($0, candidate) >= least * least }) {
                rows.append(candidate)
            } else {
                // Where no room is left the distance gives way, slowly.
                least *= 0.999
            }
        }
        return Matrix(rows: rows)
    }

    /// The points in order round the centre, so that cycles of those that follow each other lie in sectors.
    static func sortedByAngle(_ points: Matrix<Double>) -> [Int] {
        let angles = (0..<points.rowCount).map { atan2(points[$0, 1], points[$0, 0]) }
        return angles.indices.sorted { angles[$0] < angles[$1] }
    }
}
