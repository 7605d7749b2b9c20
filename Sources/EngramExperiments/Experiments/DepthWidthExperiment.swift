internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [RBU20] Fig. 5: 100 digits alone and in sequences, by depth and width.
struct DepthWidthExperiment: Experiment {
    let name = "fig5"
    let scaling = "cells of each of the five tables, cheapest first (all 100 digits in each); epochs"
    let defaultScale = 0.1
    let defaultEpochs = 20_000
    let dataNeeded = "100 digits, shipped"
    let cost = "2 cells of each of 5 tables, both presets"

    /// One cell of one of the tables.
    private struct Cell: Hashable {
        var part: String
        var size: NetworkSize
    }

    /// Length of the sequences of each table; nil for the autoencoder.
    private static let lengths: [(part: String, length: Int?)] = [("a", nil), ("b", 5), ("c", 10), ("d", 20), ("e", 100)]

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let cells = try chosenCells(run)
        let digits = try run.data.hundredDigits()
        let presetCount = run.options.presets == .both ? 2.0 : 1
        func work(_ cell: Cell) -> Double { cell.size.epochWork(count: 100, dimension: digits.matrix.columnCount) }
        run.plan(totalWork: cells.reduce(0) { $0 + presetCount * work($1) })
        var comparisons: [Comparison] = []
        var targets: (met: Int, all: Int) = (0, 0)
        for (part, length) in Self.lengths {
            let grid = run.published.grid(part)
            var comparison = Comparison(
                title: "(\(part)) \(grid.meaning)",
                caption:
                    "\(grid.source). + and - say whether a count reaches the published one. Radius: the largest over examples or cycles.",
                rowTitle: "width x depth")
            let task: MemoryTask =
                length.map { length in .sequences(stride(from: 0, to: 100, by: length).map { $0..<$0 + length }) }
                ?? .autoencoder(count: 100)
            for cell in cells where cell.part == part {
                let (row, column) = ("\(cell.size.depth)", "\(cell.size.width)")
                var result = Comparison.Row(
                    label: cell.size.text, printed: grid.text(row: row, column: column), count: grid.count(row: row, column: column))
                if run.options.presets.includesPaper {
                    result.paper = try run.paperMemory(
                        digits.matrix, task: task,
                        settings: .init(
                            depth: cell.size.depth, width: cell.size.width, activation: .selu, seed: UInt64(run.options.seed)),
                        label: "(\(part)) \(cell.size.text), paper", work: work(cell))
                }
                if run.options.presets.includesFast {
                    let memory = try run.fastMemory(
                        digits.matrix, task: task, size: cell.size, label: "(\(part)) \(cell.size.text), fast", work: work(cell))
                    result.fast = memory
                    if part == "a", cell.size.width >= 256 {
                        targets = (targets.met + (memory.storedCount == 100 ? 1 : 0), targets.all + 1)
                    }
                }
                comparison.rows.append(result)
            }
            if !comparison.rows.isEmpty { comparisons.append(comparison) }
        }
        var outcome = ExperimentOutcome(scaleNote: scaleNote(run, cells))
        outcome.tables = comparisons.map { $0.table(run.options.presets) }
        outcome.findings = comparisons.flatMap { $0.findings() }
        if targets.all > 0 {
            outcome.findings.append(
                "Table (a), width 256 and more: the fast preset stores 100 of 100 in \(targets.met) of \(targets.all) cells.")
        }
        outcome.notes = [
            "Measured on \(digits.description); the published 100 are not named. Sequences are consecutive digits.",
            "Counted as published: an example is stored when every eigenvalue of the Jacobian is below 1 in modulus, a sequence when that "
                + "holds for the product round it. For the fast preset f(x) = x (or the next example) is verified too.",
            "The fast preset trains the cell's depth and width in coordinates of the data and finishes the output layer in closed form; "
                + "its nonlinearity is the automatic one.",
        ]
        return outcome
    }

    private func scaleNote(_ run: ExperimentRun, _ cells: [Cell]) -> String {
        "\(cells.count) of the \(5 * 21) published cells\(run.options.cells.isEmpty ? ", the cheapest of each table" : " or others, as asked for"), "
            + "100 digits in each, at most \(run.epochLimit) epochs as published."
    }

    private func chosenCells(_ run: ExperimentRun) throws(ExperimentError) -> [Cell] {
        if !run.options.cells.isEmpty {
            var cells: [Cell] = []
            for text in run.options.cells {
                let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
                let parts = pieces.count == 1 ? Self.lengths.map(\.part) : [String(pieces[0])]
                guard pieces.count <= 2, parts.allSatisfy({ part in Self.lengths.contains { $0.part == part } }) else {
                    throw .invalidOption(name: "--cells", expected: "WIDTHxDEPTH, or a: to e: before it", found: text)
                }
                let size = try NetworkSize(pieces[pieces.count - 1])
                for part in parts { cells.append(Cell(part: part, size: size)) }
            }
            return cells
        }
        let grid = run.published.grid("a")
        let sizes = grid.rows.flatMap { row in grid.columns.map { NetworkSize(width: Int($0) ?? 1, depth: Int(row) ?? 1) } }
            .sorted { $0.epochWork(count: 100, dimension: 784) < $1.epochWork(count: 100, dimension: 784) }
        let count = run.scaled(sizes.count, atLeast: 1)
        return Self.lengths.flatMap { part in sizes.prefix(count).map { Cell(part: part.part, size: $0) } }
    }
}
