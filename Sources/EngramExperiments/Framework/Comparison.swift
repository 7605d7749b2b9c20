internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

/// Published against measured counts, a row for each network.
struct Comparison {
    /// One network and what the paper prints of it.
    struct Row {
        var label: String
        /// As printed; nil where the paper has no such cell.
        var printed: String?
        /// The count in it, comparable with what was measured here; nil where it is not.
        var count: Int?
        var paper: MeasuredMemory?
        var fast: MeasuredMemory?
    }

    var title: String
    var caption: String
    var rowTitle: String
    var rows: [Row] = []

    /// The table; columns of a preset that was not asked for are left out.
    func table(_ presets: ExperimentOptions.Presets) -> ExperimentTable {
        var columns = [rowTitle, "published"]
        if presets.includesPaper { columns.append("paper") }
        let comparesFast = presets.includesFast && rows.contains { $0.count != nil }
        if presets.includesFast { columns.append("fast") }
        if comparesFast { columns.append("fast - published") }
        if presets.includesPaper { columns += ["paper: epochs", "paper: MSE", "paper: radius"] }
        if presets.includesFast { columns += ["fast: epochs", "fast: MSE", "fast: radius"] }
        var table = ExperimentTable(title: title, caption: caption, columns: columns)
        for row in rows {
            var cells: [ExperimentTable.Cell] = [.init(row.label), .init(row.printed ?? "–", value: row.count.map(Double.init))]
            if presets.includesPaper { cells.append(Self.count(row.paper, row.count)) }
            if presets.includesFast { cells.append(Self.count(row.fast, row.count)) }
            if comparesFast { cells.append(Self.difference(row)) }
            if presets.includesPaper { cells += Self.facts(row.paper) }
            if presets.includesFast { cells += Self.facts(row.fast) }
            table.append(cells)
        }
        return table
    }

    /// A radius with its sign in logarithms where it leaves the range of plain numbers: 0.97, 1e-78.5.
    static func radius(log10 value: Double) -> ExperimentTable.Cell {
        guard value.isFinite else { return .init(value == -.infinity ? "0" : "–", value: value == -.infinity ? 0 : nil) }
        let text = abs(value) < 3 ? Text.significant(power(10, value)) : "1e\(Text.significant(value))"
        return .init(text, value: power(10, value), tone: value < 0 ? .good : .bad)
    }

    private static func count(_ memory: MeasuredMemory?, _ published: Int?) -> ExperimentTable.Cell {
        memory?.cell(published: published) ?? .init("–")
    }

    /// How many more examples the fast preset stores than published.
    private static func difference(_ row: Row) -> ExperimentTable.Cell {
        guard let fast = row.fast, let count = row.count else { return .init("–") }
        let difference = fast.storedCount - count
        return .init(difference > 0 ? "+\(difference)" : "\(difference)", value: Double(difference), tone: difference >= 0 ? .good : .bad)
    }

    private static func facts(_ memory: MeasuredMemory?) -> [ExperimentTable.Cell] {
        guard let memory else { return [.init("–"), .init("–"), .init("–")] }
        return [
            .init("\(memory.epochCount)", value: Double(memory.epochCount)),
            .init(Text.scientific(memory.meanSquaredError), value: memory.meanSquaredError), radius(log10: memory.log10LargestRadius),
        ]
    }

    /// Where the fast preset stands against the published counts, in sentences.
    func findings() -> [String] {
        let compared = rows.filter { $0.fast != nil && $0.count != nil }
        guard !compared.isEmpty else { return [] }
        let below = compared.filter { ($0.fast?.storedCount ?? 0) < ($0.count ?? 0) }
        let beats = compared.count { ($0.fast?.storedCount ?? 0) > ($0.count ?? 0) }
        let equal = compared.count - below.count - beats
        let names = below.isEmpty ? "" : " (\(below.map(\.label).joined(separator: ", ")))"
        return [
            "\(title): the fast preset stores more than published in \(beats), as many in \(equal) and fewer in \(below.count)\(names) of \(compared.count) cells."
        ]
    }
}

extension ExperimentRun {
    /// How starts end, in the whole space, by the published criteria.
    func outcomes(
        of memory: MeasuredMemory, examples: Matrix<Double>, from starts: Matrix<Double>, iterations: Int, tolerance: Double = 1e-7
    ) throws -> [Recall.Outcome] {
        do {
            let recall = Recall(
                of: memory.map, restriction: try ImageRestriction(of: memory.map), examples: examples, task: memory.task,
                settings: .init(maximumIterationCount: iterations, recoveryTolerance: tolerance))
            return try recall.outcomes(from: starts) { iteration, active in
                try step(Double(starts.rowCount - active) / Double(max(starts.rowCount, 1)), "iteration \(iteration), \(active) under way")
            }
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "recall", reason: "\(error)")
        }
    }

    /// Both networks of one experiment without a table: as published, and as a drop.
    func memories(
        _ samples: Matrix<Float>, task: MemoryTask, paper: PaperTraining.Settings, paperWork: Double, fastWork: Double
    ) throws -> (paper: MeasuredMemory?, fast: MeasuredMemory?) {
        let first =
            options.presets.includesPaper
            ? try paperMemory(samples, task: task, settings: paper, label: "paper preset", work: paperWork) : nil
        let second =
            options.presets.includesFast ? try fastMemory(samples, task: task, label: "fast preset", work: fastWork) : nil
        return (first, second)
    }
}
