internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// [RBU20] Fig. 15: optimizer × nonlinearity.
struct OptimizerExperiment: Experiment {
    let name = "fig15"
    let scaling = "cells of the table, adaptive optimizers first (all 100 images in each); epochs"
    let defaultScale = 0.1
    let defaultEpochs = 3000
    let dataNeeded = "100 gray images of CIFAR-10 (cifar/gray)"
    let cost = "3 cells, both presets"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        var outcome = try NonlinearityGrid(rowOrder: ["rmsprop", "adam", "gd", "momentum", "momentum_decay"], target: 1e-5) { row in
            switch row {
            case "gd": (.gradientDescent, 0.1, .standard)
            case "momentum": (.momentum(0.009), 0.1, .standard)
            case "momentum_decay": (.momentum(0.009, weightDecay: 1e-4), 0.1, .standard)
            case "rmsprop": (.rmsProp(), 1e-4, .standard)
            default: (.adam(), 1e-4, .standard)
            }
        }.outcome(run)
        outcome.notes.append(
            "The learning rates of this table are not printed. Used here: 1e-1 for gradient descent and momentum, as Fig. 9 prints for the "
                + "same network and data, and 1e-4 for RMSprop and Adam, as everywhere else in the paper; momentum 0.009 and weight decay 1e-4 as "
                + "Fig. 9 prints. The fast preset has its own optimizer, so its column of a nonlinearity is the same in every row.")
        return outcome
    }
}

/// [RBU20] Fig. 16: initialization × nonlinearity.
struct InitializerExperiment: Experiment {
    let name = "fig16"
    let scaling = "cells of the table, middle ranges first (all 100 images in each); epochs"
    let defaultScale = 0.1
    let defaultEpochs = 5000
    let dataNeeded = "100 gray images of CIFAR-10 (cifar/gray)"
    let cost = "3 cells, both presets"

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        var outcome = try NonlinearityGrid(rowOrder: ["0.05", "0.02", "0.1", "0.01", "0.15"], target: 1e-8) { row in
            (.adam(), 1e-4, .uniform(range: Double(row) ?? 0.05))
        }.outcome(run)
        outcome.notes.append(
            "Rows are the bound a of U[-a, a]. The fast preset has its own initialization, so its column of a nonlinearity is the same in every row."
        )
        return outcome
    }
}

/// A table of one thing against the six nonlinearities, on 100 gray photographs with 11 hidden layers of 256.
struct NonlinearityGrid {
    /// Rows in the order in which a growing scale takes them up.
    let rowOrder: [String]
    /// Mean squared error at which training ends.
    let target: Double
    /// What a row's name means.
    let meaning: (String) -> (optimizer: Optimizer, learningRate: Double, initializer: Initializer)

    private static let size = NetworkSize(width: 256, depth: 11)

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let grid = run.published.grid("attractors")
        let cells = try chosenCells(run, grid)
        let images = try run.data.grayPhotographs(100)
        let columns = grid.columns.filter { column in cells.contains { $0.column == column } }
        run.plan(
            totalWork: (run.options.presets.includesPaper ? Double(cells.count) : 0)
                + (run.options.presets.includesFast ? Double(columns.count) : 0))
        let task = MemoryTask.autoencoder(count: images.matrix.rowCount)
        var fast: [String: MeasuredMemory] = [:]
        if run.options.presets.includesFast {
            for column in columns {
                fast[column] = try run.fastMemory(
                    images.matrix, task: task, size: Self.size, activation: Activation(rawValue: column), label: "\(column), fast")
            }
        }
        var comparison = Comparison(
            title: "Examples stored as attractors, \(grid.rowTitle) and \(grid.columnTitle)",
            caption:
                "\(grid.source). NA: the error did not fall to \(Text.scientific(target)) within the epochs; then the count in brackets is of the "
                + "network as it stood.", rowTitle: "\(grid.rowTitle): \(grid.columnTitle)")
        for cell in cells {
            var row = Comparison.Row(
                label: "\(cell.row): \(cell.column)", printed: grid.text(row: cell.row, column: cell.column),
                count: grid.count(row: cell.row, column: cell.column), fast: fast[cell.column])
            if run.options.presets.includesPaper, let activation = Activation(rawValue: cell.column) {
                let recipe = meaning(cell.row)
                row.paper = try run.paperMemory(
                    images.matrix, task: task,
                    settings: .init(
                        depth: Self.size.depth, width: Self.size.width, activation: activation, initializer: recipe.initializer,
                        optimizer: recipe.optimizer, learningRate: recipe.learningRate, targetMeanSquaredError: target,
                        seed: UInt64(run.options.seed)), label: row.label)
            }
            comparison.rows.append(row)
        }
        var outcome = ExperimentOutcome(
            scaleNote: "\(cells.count) of \(grid.rows.count * grid.columns.count) published cells, 100 images in each, at most "
                + "\(run.epochLimit) epochs (published: at most 1,000,000).")
        outcome.tables = [comparison.table(run.options.presets)]
        outcome.findings = comparison.findings()
        outcome.notes = ["Measured on \(images.description); the published 100 are not named."]
        return outcome
    }

    private func chosenCells(
        _ run: ExperimentRun, _ grid: PublishedExperiment.Grid
    ) throws(ExperimentError) -> [(row: String, column: String)] {
        guard !run.options.cells.isEmpty else {
            let all = rowOrder.flatMap { row in grid.columns.map { (row: row, column: $0) } }
            return Array(all.prefix(run.scaled(all.count, atLeast: 1)))
        }
        var cells: [(row: String, column: String)] = []
        for text in run.options.cells {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, grid.rows.contains(parts[0]), grid.columns.contains(parts[1]) else {
                throw .invalidOption(
                    name: "--cells",
                    expected: "ROW:COLUMN with a row of \(grid.rows.joined(separator: ", ")) and a column of "
                        + grid.columns.joined(separator: ", "), found: text)
            }
            cells.append((parts[0], parts[1]))
        }
        return cells
    }
}
