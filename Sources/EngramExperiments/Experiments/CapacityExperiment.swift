internal import EngramDynamics
internal import EngramKernels
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [T25]: how many random bipolar patterns a Hopfield network of kernel ridge regression stores, and what else it stores.
struct CapacityExperiment: Experiment {
    let name = "capacity"
    let scaling = "random starts, of 10000, and cues of each load"
    let defaultScale = 1.0
    let defaultEpochs = 1
    let hasFast = false
    let dataNeeded = "none"
    let cost = "7 loads of 500 units, 10000 random starts each"

    /// N, unless the run asks for another width.
    private static let unitCount = 500
    /// P/N.
    private static let loads = [0.1, 0.5, 1, 1.5, 2, 3, 4]
    /// Share of bits that are flipped.
    private static let flips = [0.0, 0.1, 0.2]
    /// γN: two random patterns have k = e^(-2γN).
    private static let kernelWidth = 40.0
    private static let ridge = 0.01
    private static let stepLimit = 100
    /// Single flips that a spurious attractor comes back from.
    private static let flipTrialCount = 20

    /// One row of the table.
    private struct Row {
        var patternCount: Int
        /// Share of cues that come back without an error, by flips.
        var kernel: [Double] = []
        var hopfield: [Double] = []
        var nearest: [Double] = []
        /// Of the random starts.
        var census = Census()
    }

    /// Where random starts end.
    private struct Census {
        var startCount = 0
        var patternCount = 0
        var spuriousStartCount = 0
        var spuriousStateCount = 0
        /// Spurious states that come back from single flips.
        var spuriousAttractorCount = 0
        var unsettledCount = 0
        var largestStepCount = 0
    }

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let n = try run.network(published: Self.unitCount, depth: 1).width
        let startCount = run.scaled(10_000, atLeast: 20)
        let counts = Self.loads.map { Int(saturating: ($0 * Double(n)).rounded()) }
        let widths = [1.0, 2, 5, 10, 20, 40, 80]
        let scanCount = min(300, startCount)
        run.plan(
            totalWork: counts.reduce(0) { $0 + Double($1 * (startCount + 4000)) } + Double(counts[4] * widths.count * (scanCount + 1000)))
        var rows: [Row] = []
        for (index, count) in counts.enumerated() {
            var generator = run.generator(UInt64(index))
            let patterns = Self.signs(count, n, using: &generator)
            rows.append(
                try run.piece("\(count) patterns", work: Double(count * (startCount + 4000))) {
                    try row(run, patterns, startCount: startCount, width: Self.kernelWidth, using: &generator)
                })
        }
        var scan: [(width: Double, row: Row)] = []
        for width in widths {
            var generator = run.generator(4)
            let patterns = Self.signs(counts[4], n, using: &generator)
            scan.append(
                try run.piece("γN = \(Text.significant(width))", work: Double(counts[4] * (scanCount + 1000))) {
                    (width, try row(run, patterns, startCount: scanCount, width: width, baselines: false, using: &generator))
                })
        }
        var outcome = ExperimentOutcome(
            scaleNote: "\(startCount) of 10000 random starts, at most \(Self.cueLimit(startCount)) cues of each load and noise, \(n) units."
        )
        outcome.tables = [table(rows, run.published), scanTable(scan, patternCount: counts[4])]
        outcome.figures = [figure(rows)]
        outcome.findings = findings(rows)
        outcome.notes = [
            "Kernel: exp(-γ‖x - z‖²) with γN = \(Text.significant(Self.kernelWidth)), a ridge of \(Self.ridge), all units at once until nothing changes. Modern "
                + "Hopfield: inverse temperature by its own bound, the signs of its end. 1-NN: the nearest pattern.",
            "Spurious: a fixed point that is no pattern; starts that end on one, and how many different ones they are. It counts as an attractor if it comes "
                + "back from each of \(Self.flipTrialCount) flips of one unit; a state between two patterns equally far does not.",
        ]
        return outcome
    }

    /// Cues of one load and noise.
    private static func cueLimit(_ startCount: Int) -> Int { max(20, min(startCount, 1000)) }

    private func row(
        _ run: ExperimentRun, _ patterns: Matrix<Double>, startCount: Int, width: Double, baselines: Bool = true,
        using generator: inout CounterBasedGenerator
    ) throws -> Row {
        let n = patterns.columnCount
        let memory: BipolarKernelMemory
        do {
            memory = try BipolarKernelMemory(
                patterns: patterns, kernel: BipolarKernelMemory.kernel(gamma: width / Double(n)), ridge: Self.ridge)
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: "\(patterns.rowCount) patterns", reason: "\(error)")
        }
        var result = Row(patternCount: patterns.rowCount)
        let asked = Array(0..<min(patterns.rowCount, Self.cueLimit(startCount)))
        let wanted = patterns.rows(at: asked)
        let hopfield = ModernHopfieldNetwork(
            patterns: patterns,
            inverseTemperature: baselines ? ModernHopfieldNetwork.inverseTemperature(retrieving: patterns, within: 1e-4) : 1)
        for (index, share) in Self.flips.enumerated() {
            try run.step(0.1 * Double(index), "\(Text.percent(share)) flips")
            let cues = Self.flipped(wanted, count: Int(saturating: (share * Double(n)).rounded()), using: &generator)
            let states = try memory.outcome(from: cues, stepLimit: Self.stepLimit) { _ in try run.step(0.1 * Double(index), "recall") }
            result.kernel.append(Self.agreement(states.states, wanted))
            guard baselines else { continue }
            let ends = hopfield.states(of: hopfield.outcomes(from: cues)).map { $0 >= 0 ? 1 : -1 }
            result.hopfield.append(Self.agreement(ends, wanted))
            let nearest = NearestExample.find(for: cues, among: patterns).map(\.index)
            result.nearest.append(Double(zip(nearest, asked).count { $0 == $1 }) / Double(max(asked.count, 1)))
        }
        result.census = try census(run, memory, startCount: startCount, using: &generator)
        return result
    }

    /// Random starts, in blocks so that memory stays small.
    private func census(
        _ run: ExperimentRun, _ memory: BipolarKernelMemory, startCount: Int, using generator: inout CounterBasedGenerator
    ) throws -> Census {
        var census = Census(startCount: startCount)
        var known = Set<[Double]>()
        var spurious = Set<[Double]>()
        for row in 0..<memory.patterns.rowCount { known.insert(memory.patterns.row(row)) }
        let block = 500
        for first in stride(from: 0, to: startCount, by: block) {
            let starts = Self.signs(min(block, startCount - first), memory.patterns.columnCount, using: &generator)
            let share = 0.3 + 0.7 * Double(first) / Double(startCount)
            let outcome = try memory.outcome(from: starts, stepLimit: Self.stepLimit) { active in
                try run.step(share, "random starts from \(first), \(active) under way")
            }
            for row in 0..<starts.rowCount {
                census.largestStepCount = max(census.largestStepCount, outcome.stepCounts[row])
                guard outcome.areFixed[row] else {
                    census.unsettledCount += 1
                    continue
                }
                let state = outcome.states.row(row)
                if known.contains(state) {
                    census.patternCount += 1
                } else {
                    census.spuriousStartCount += 1
                    spurious.insert(state)
                }
            }
        }
        census.spuriousStateCount = spurious.count
        census.spuriousAttractorCount = try attractorCount(run, memory, spurious, using: &generator)
        return census
    }

    /// How many fixed points come back from each of twenty single flips: the others are saddles, as between two patterns equally far.
    private func attractorCount(
        _ run: ExperimentRun, _ memory: BipolarKernelMemory, _ states: Set<[Double]>, using generator: inout CounterBasedGenerator
    ) throws -> Int {
        // A set has no order of its own, and the flips are drawn in order.
        let ordered = Matrix(rows: states.sorted { $0.lexicographicallyPrecedes($1) })
        guard ordered.rowCount > 0 else { return 0 }
        var stays = [Bool](repeating: true, count: ordered.rowCount)
        for _ in 0..<Self.flipTrialCount {
            let cues = Self.flipped(ordered, count: 1, using: &generator)
            let ends = try memory.outcome(from: cues, stepLimit: Self.stepLimit) { _ in try run.step(1, "single flips") }.states
            for row in stays.indices where ends.row(row) != ordered.row(row) { stays[row] = false }
        }
        return stays.count { $0 }
    }

    private func table(_ rows: [Row], _ published: PublishedExperiment) -> ExperimentTable {
        var table = ExperimentTable(
            title: "Recall by load", caption: "Share of cues that end on their pattern, every bit right, by the share of bits flipped.",
            columns: ["P/N", "patterns", "published"] + Self.flips.map { "kernel, \(Text.percent($0))" }
                + Self.flips.map { "modern Hopfield, \(Text.percent($0))" } + Self.flips.map { "1-NN, \(Text.percent($0))" } + [
                    "random starts", "on a pattern", "on a spurious state", "spurious states", "spurious attractors", "unsettled",
                ])
        for (load, row) in zip(Self.loads, rows) {
            func shares(_ values: [Double], against other: [Double]? = nil) -> [ExperimentTable.Cell] {
                values.enumerated().map { index, value in
                    .init(Text.percent1(value), value: value, tone: other.map { value >= $0[index] || value >= 0.99 ? .good : .bad })
                }
            }
            let census = row.census
            table.append(
                [
                    .init(Text.significant(load), value: load), .init("\(row.patternCount)", value: Double(row.patternCount)),
                    .init(load <= published.value("load").number ?? 0 ? "stored" : "curves"),
                ] + shares(row.kernel, against: row.nearest) + shares(row.hopfield) + shares(row.nearest)
                    + [census.startCount, census.patternCount].map { .init("\($0)", value: Double($0)) } + [
                        .init(
                            "\(census.spuriousStartCount)", value: Double(census.spuriousStartCount),
                            tone: census.spuriousStartCount == 0 ? .good : .warn),
                        .init("\(census.spuriousStateCount)", value: Double(census.spuriousStateCount)),
                        .init(
                            "\(census.spuriousAttractorCount)", value: Double(census.spuriousAttractorCount),
                            tone: census.spuriousAttractorCount == 0 ? .good : .bad),
                        .init("\(census.unsettledCount)", value: Double(census.unsettledCount)),
                    ])
        }
        return table
    }

    private func scanTable(_ scan: [(width: Double, row: Row)], patternCount: Int) -> ExperimentTable {
        var table = ExperimentTable(
            title: "The width of the kernel, \(patternCount) patterns",
            caption:
                "γN against recall and spurious states: a wide kernel still stores every pattern, with small basins among many other states. "
                + "There a flip is not undone, so that these states are no attractors.",
            columns: ["γN"] + Self.flips.map { "kernel, \(Text.percent($0))" } + [
                "random starts", "on a pattern", "on a spurious state", "spurious attractors", "most steps",
            ])
        for (width, row) in scan {
            table.append(
                [.init(Text.significant(width), value: width)] + row.kernel.map { .init(Text.percent1($0), value: $0) }
                    + [
                        row.census.startCount, row.census.patternCount, row.census.spuriousStartCount, row.census.spuriousAttractorCount,
                        row.census.largestStepCount,
                    ].map { .init("\($0)", value: Double($0)) })
        }
        return table
    }

    private func figure(_ rows: [Row]) -> ExperimentFigure {
        var series: [ExperimentFigure.Curves.Series] = []
        for (index, share) in Self.flips.enumerated() {
            series.append(.init(name: "kernel, \(Text.percent(share)) flips", x: Self.loads, y: rows.map { $0.kernel[index] }))
        }
        series.append(.init(name: "modern Hopfield, 20 % flips", x: Self.loads, y: rows.map { $0.hopfield[2] }))
        series.append(
            .init(
                name: "random starts on a pattern", x: Self.loads,
                y: rows.map { Double($0.census.patternCount) / Double(max($0.census.startCount, 1)) }))
        return ExperimentFigure(
            title: "Recall against load", caption: "Hebbian learning ends at P/N = 0.14.",
            curves: .init(xTitle: "P/N", yTitle: "share", series: series))
    }

    private func findings(_ rows: [Row]) -> [String] {
        guard let last = rows.last else { return [] }
        let spurious = rows.reduce(0) { $0 + $1.census.spuriousStartCount }
        let starts = rows.reduce(0) { $0 + $1.census.startCount }
        return [
            "At P/N = 4, \(Text.percent1(last.kernel[0])) of the patterns are recalled without noise, \(Text.percent1(last.kernel[1])) from 10 % and \(Text.percent1(last.kernel[2])) from 20 % flips.",
            "Of \(starts) random starts over all loads \(spurious) end on a spurious state; \(rows.reduce(0) { $0 + $1.census.spuriousAttractorCount }) of these states are attractors.",
        ]
    }

    /// Independent ±1, shape `[rows, columns]`.
    private static func signs(_ rows: Int, _ columns: Int, using generator: inout CounterBasedGenerator) -> Matrix<Double> {
        Matrix(
            rowCount: rows, columnCount: columns,
            elements: (0..<rows * columns).map { _ in generator.next() & 1 == 0 ? 1 : -1 })
    }

    /// As many different bits of each row flipped.
    private static func flipped(
        _ patterns: Matrix<Double>, count: Int, using generator: inout CounterBasedGenerator
    ) -> Matrix<Double> {
        var result = patterns
        guard count > 0 else { return result }
        var order = Array(0..<patterns.columnCount)
        for row in 0..<patterns.rowCount {
            for place in 0..<count {
                order.swapAt(place, Int.random(in: place..<order.count, using: &generator))
                result[row, order[place]] *= -1
            }
        }
        return result
    }

    /// Share of rows that are equal.
    private static func agreement(_ states: Matrix<Double>, _ patterns: Matrix<Double>) -> Double {
        let right = (0..<patterns.rowCount).count { states.row($0) == patterns.row($0) }
        return Double(right) / Double(max(patterns.rowCount, 1))
    }
}
