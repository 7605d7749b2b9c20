package import Foundation

extension ExperimentReport {
    /// The bytes of `report.html`: one file that opens offline, runs no script and loads nothing.
    package var html: Data { Data(ExperimentPage(report: self).markup.source.utf8) }

    /// The bytes of `results.json`: UTF-8, sorted keys in snake case, a newline at the end. NaN and infinities are the strings `nan`,
    /// `inf` and `-inf`, since JSON has no spelling for them.
    /// - Throws: `ReportError.unencodable`, which no report made through the public initialisers causes.
    package func json() throws(ReportError) -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try encoder.encode(self) + Data("\n".utf8)
        } catch {
            throw .unencodable(reason: String(describing: error))
        }
    }

    /// The text of `results.csv`: table, row, column, text, value; one row per cell of every table.
    package var csv: String {
        var csv = CSVTable(header: ["table", "row", "column", "text", "value"])
        for table in tables {
            for row in table.rows {
                let label = row.prefix(table.labelCount).map(\.text).joined(separator: " / ")
                for (column, cell) in zip(table.columns, row).dropFirst(table.labelCount) {
                    csv.append([table.title, label, column, cell.text, CSVTable.number(cell.value)])
                }
            }
        }
        return csv.text
    }
}
