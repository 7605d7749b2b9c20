internal import EngramMedia
internal import EngramReports
internal import EngramSystem

/// Writes everything that the folder of a completed table holds, but its manifest.
struct CompletionRendering {
    let drop: TableDrop
    let outcome: CompletionOutcome
    let settings: DropSettings
    let context: DropProcessor.Context
    let interpretation: DropReport.Interpretation
    var seconds = CompletionReport.Seconds()

    /// Cells that the page lists as least certain.
    private static let leastCertainCount = 10

    private var table: DataTable { drop.table }

    /// - Returns: What `report.json` says.
    mutating func write(into folder: String, began: Double) throws -> CompletionReport {
        let filled = Dictionary(
            outcome.cells.map { ($0.row * table.columns.count + $0.column, $0.value) }, uniquingKeysWith: { first, _ in first })
        try ResultFile.write(table.filled(filled), to: folder + "/completed.csv")
        try context.checkCancelled()
        seconds.total = context.monotonicSeconds() - began
        seconds.render = max(0, seconds.total - seconds.decode - seconds.complete)
        let content = CompletionContent(
            report: report, cells: outcome.cells.map(filledCell),
            holes: HoleMap(rows: table.rowCount, columns: table.columns.count, isMissing: holes), command: context.command)
        try context.checkCancelled()
        for file in try content.files() { try ResultFile.write(Array(file.bytes), to: folder + "/" + file.name) }
        try ResultFile.write(Array(settings.yaml.utf8), to: folder + "/settings.yml")
        return content.report
    }

    private var holes: [Bool] {
        (0..<table.rowCount).flatMap { row in table.columns.map { $0.isMissing[row] } }
    }

    private var report: CompletionReport {
        let columns = table.columns.enumerated().map { index, column in
            CompletionReport.Column(
                name: column.name, kind: column.kind.name, missing: column.missingCount, heldOutError: outcome.quality[index]?.error,
                heldOutAccuracy: outcome.quality[index]?.accuracy)
        }
        let parts = CompletionReport.Parts(
            summary: summary, interpretation: interpretation, columns: columns, priors: outcome.priors, intervals: outcome.intervals,
            leastCertain: leastCertain, heldOut: outcome.heldOut, seconds: seconds)
        return CompletionReport(
            name: context.dropName,
            table: .init(
                form: outcome.form.rawValue, rows: table.rowCount, missing: table.missingCount, filled: outcome.cells.count,
                known: outcome.knownCount, delimiter: table.text.delimiterName, encoding: table.text.encoding.rawValue),
            parts: parts, seed: UInt64(settings.seed), threads: context.threadCount, versions: context.versions,
            notes: outcome.notes + drop.notes)
    }

    private var summary: JobSummary {
        let left = table.missingCount - outcome.cells.count
        let cells = outcome.cells.count == 1 ? "cell" : "cells"
        return JobSummary(
            outcome: left == 0 ? "completed" : "partly", headline: "\(outcome.cells.count) missing \(cells) filled",
            warning: left == 0 ? nil : "\(left) missing cells of text columns stay as they are")
    }

    private var leastCertain: [CompletionReport.UncertainCell] {
        let order = outcome.cells.indices.sorted {
            (outcome.cells[$1].uncertainty, $0) < (outcome.cells[$0].uncertainty, $1)
        }
        return order.prefix(Self.leastCertainCount).filter { outcome.cells[$0].uncertainty > 0 }.map { index in
            let cell = outcome.cells[index]
            let column = table.columns[cell.column]
            let certainty =
                if let half = cell.halfWidth {
                    "\(Self.bound(cell.value - half, column)) to \(Self.bound(cell.value + half, column))"
                } else {
                    "about \(Int(saturating: (100 * (cell.probability ?? 0)).rounded())) %"
                }
            return CompletionReport.UncertainCell(
                line: table.text.line(ofRow: cell.row), column: column.name, value: column.text(of: cell.value), certainty: certainty)
        }
    }

    /// An end of an interval; levels have no half steps, and an interval must not be rounded to them.
    private static func bound(_ value: Double, _ column: DataColumn) -> String {
        guard case .ordinal = column.kind else { return column.text(of: value) }
        let tenths = Int(saturating: (value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    private func filledCell(_ cell: CompletionOutcome.Cell) -> CompletionContent.FilledCell {
        let column = table.columns[cell.column]
        let sources = cell.sources.map { source in
            let from = table.columns[source.column]
            return CompletionContent.FilledCell.Source(
                line: table.text.line(ofRow: source.row), column: from.name, value: from.text(of: from.values[source.row]),
                isNumber: from.kind.isOrdered, weight: source.weight)
        }
        var filled = CompletionContent.FilledCell(
            line: table.text.line(ofRow: cell.row), column: cell.column, value: column.text(of: cell.value), sources: sources)
        filled.probability = cell.probability
        if let half = cell.halfWidth {
            filled.estimate = cell.value
            filled.deviation = cell.deviation
            filled.lower = cell.value - half
            filled.upper = cell.value + half
        }
        return filled
    }
}
