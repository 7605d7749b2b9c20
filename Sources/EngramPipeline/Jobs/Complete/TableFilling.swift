internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// Fills a table whose rows are cases and whose columns are quantities.
struct TableFilling {
    let drop: TableDrop
    let settings: DropSettings
    /// Bytes that there are; nil where nobody knows.
    let memoryLimit: Double?

    /// Matrices as large as the table that are held at once: every prior on every fold, about.
    private static let heldTableCount = 60.0
    /// Beyond it the difference of two cells may not be finite.
    private static let largestNumber = 1e300

    private var table: DataTable { drop.table }

    func fill(onProgress: (Double) throws -> Void) throws -> CompletionOutcome {
        for column in table.columns { try Self.checkRange(column, of: table, limit: Self.largestNumber) }
        // Before the matrix is made: one level to a column may be more than there is room for.
        let kernelBytes = try affordableKernelBytes(width: TableEncoding.width(of: table.columns))
        let encoding = TableEncoding(table.columns)
        var options = TableCompletion.Settings()
        options.depths = settings.complete.depth.given.map { [$0] } ?? options.depths
        options.roundCount = settings.complete.rounds
        options.coverage = settings.complete.coverage
        options.neighbourCount = settings.complete.neighbours
        options.byteLimit = kernelBytes
        options.seed = UInt64(settings.seed)
        let matrix = IncompleteMatrix(
            values: Matrix(rowCount: encoding.rowCount, columnCount: encoding.columnCount, elements: encoding.values),
            groups: encoding.blocks.map(\.range), rowFeatures: try drop.rowFeatures(), groupFeatures: try drop.columnFeatures())
        let result = try TableCompletion(settings: options).complete(matrix, onProgress: onProgress)
        return outcome(result, encoding: encoding)
    }

    /// - Throws: `Failure` where the table alone takes more than there is.
    private func affordableKernelBytes(width: Int) throws(Failure) -> Int {
        let tables = Self.heldTableCount * 8 * Double(table.rowCount) * Double(width)
        let preferred = Double(TableCompletion.Settings().byteLimit)
        guard let memoryLimit else { return Int(saturating: preferred) }
        let rest = memoryLimit - tables
        let least = min(preferred, 64 * 1_048_576)
        guard rest >= least else {
            throw Failure(
                stage: .train, code: "memory", file: table.text.name,
                expected: "memory for a table of \(table.rowCount) rows and \(width) columns of numbers, about "
                    + "\(Int(saturating: ((tables + least) / 1_048_576).rounded(.up))) MiB",
                found: "\(Int(saturating: memoryLimit / 1_048_576)) MiB",
                remedy: "Drop a part of the table, or allow more with limits.max_memory.")
        }
        return Int(saturating: min(preferred, rest))
    }

    private func outcome(_ result: TableCompletion.Result, encoding: TableEncoding) -> CompletionOutcome {
        var cells: [CompletionOutcome.Cell] = []
        let deviations = table.columns.map(Self.deviation)
        let allBounds = table.columns.map(Self.bounds)
        for row in 0..<table.rowCount {
            let values = result.values.row(row)
            for (group, block) in encoding.blocks.enumerated() where table.columns[block.column].isMissing[row] {
                var cell = CompletionOutcome.Cell(
                    row: row, column: block.column, value: encoding.value(of: block, in: values), uncertainty: 0,
                    sources: (result.sources[row * encoding.blocks.count + group] ?? []).map {
                        ($0.row, encoding.blocks[$0.group].column, $0.weight)
                    })
                if block.isOneHot {
                    let scores = block.range.map { max(values[$0], 0) }
                    let probability = min(scores.max() ?? 0, 1) / max(scores.reduce(0, +), 1)
                    cell.probability = probability
                    cell.uncertainty = 1 - probability
                } else {
                    let column = block.range.lowerBound
                    let bounds = allBounds[block.column]
                    cell.value = min(max(cell.value, bounds.lower), bounds.upper)
                    cell.deviation = result.deviations[row, column]
                    cell.halfWidth = result.halfWidths[row, column]
                    cell.uncertainty = deviations[block.column] > 0 ? result.halfWidths[row, column] / (1.65 * deviations[block.column]) : 0
                }
                cells.append(cell)
            }
        }
        let study = HeldOutTable(table: table, encoding: encoding, cells: result.heldOut, deviations: deviations)
        var notes: [String] = []
        for column in table.columns where column.kind.isUsed && column.isConstant && column.missingCount > 0 {
            notes.append("Column \(column.name) has one value only; its missing cells get it.")
        }
        for column in table.columns where !column.kind.isUsed && column.missingCount > 0 {
            notes.append("Column \(column.name) holds text; its \(column.missingCount) missing cells stay as they are.")
        }
        if result.heldOut.isEmpty {
            notes.append(
                "No known cell could be hidden, since each column has fewer than four or one value only: column means fill "
                    + "the table, their errors are not known, and intervals are those of a normal distribution at 90 %.")
        }
        if let limit = result.exampleLimit {
            notes.append("The wide network rests on \(limit) rows for each column, chosen by chance: more would take too long.")
        }
        if result.isWithoutKernels {
            notes.append("The table is too wide for a network for each column; low-rank and linear priors filled it.")
        }
        let withoutSources = cells.count { $0.sources.isEmpty }
        if withoutSources > 0, settings.complete.neighbours > 0 {
            notes.append(
                "\(withoutSources) filled \(withoutSources == 1 ? "cell comes" : "cells come") from all known cells alike, by means or "
                    + "low-rank factors, and \(withoutSources == 1 ? "is" : "are") not in neighbours.csv.")
        }
        return CompletionOutcome(
            form: .table, cells: cells, knownCount: table.columns.filter(\.kind.isUsed).reduce(0) { $0 + table.rowCount - $1.missingCount },
            priors: result.priors.map { .init(name: $0.name, heldOutError: $0.heldOutError, share: $0.share) },
            intervals: .init(
                coverage: settings.complete.coverage, heldOutCoverage: result.heldOutCoverage, calibration: result.calibration,
                heldOutError: result.heldOutError),
            heldOut: study.reported, quality: study.quality, notes: notes)
    }

    /// Standard deviation of the known cells.
    static func deviation(_ column: DataColumn) -> Double { ColumnMoments(column.values).deviation }

    /// Refuses numbers so large that an interval around them has no end that is a number.
    static func checkRange(_ column: DataColumn, of table: DataTable, limit: Double) throws(Failure) {
        guard column.kind.isOrdered, let row = column.values.firstIndex(where: { $0.magnitude > limit }) else { return }
        throw Failure(
            stage: .decode, code: "number-too-large", file: table.text.name,
            place: "line \(table.text.line(ofRow: row)), column \(column.name)", expected: "numbers between -\(limit) and \(limit)",
            found: "\(column.values[row])", remedy: "Correct the cell, or give the column in a larger unit.")
    }

    /// The smallest and the largest known cell: no filled one goes beyond.
    static func bounds(_ column: DataColumn) -> (lower: Double, upper: Double) {
        let known = column.values.filter { !$0.isNaN }
        return (known.min() ?? -.infinity, known.max() ?? .infinity)
    }
}

/// Hidden cells of a table against what they are.
private struct HeldOutTable {
    private(set) var reported: [CompletionReport.HeldOutCell] = []
    private(set) var quality: [Int: CompletionOutcome.ColumnQuality] = [:]

    init(table: DataTable, encoding: TableEncoding, cells: [TableCompletion.HeldOutCell], deviations: [Double]) {
        var (squares, counts, found): ([Int: Double], [Int: Double], [Int: Double]) = ([:], [:], [:])
        let means = table.columns.map { ColumnMoments($0.values).mean }
        for cell in cells {
            let block = encoding.blocks[cell.group]
            let column = table.columns[block.column]
            let truth = column.values[cell.row]
            counts[block.column, default: 0] += 1
            if block.isOneHot {
                let best = cell.predictions.indices.max { cell.predictions[$0] < cell.predictions[$1] } ?? 0
                if Double(best) == truth { found[block.column, default: 0] += 1 }
                continue
            }
            guard deviations[block.column] > 0, let prediction = cell.predictions.first else { continue }
            let mean = means[block.column]
            let error = (prediction - truth) / deviations[block.column]
            squares[block.column, default: 0] += error * error
            guard reported.count < CompletionReport.largestHeldOutCount else { continue }
            reported.append(
                .init(
                    line: table.text.line(ofRow: cell.row), column: block.column, truth: (truth - mean) / deviations[block.column],
                    prediction: (prediction - mean) / deviations[block.column]))
        }
        let categories = Set(encoding.blocks.filter(\.isOneHot).map(\.column))
        for (column, count) in counts {
            let isCategory = categories.contains(column)
            quality[column] = .init(
                error: isCategory ? nil : squares[column].map { ($0 / count).squareRoot() },
                accuracy: isCategory ? (found[column] ?? 0) / count : nil)
        }
    }
}
