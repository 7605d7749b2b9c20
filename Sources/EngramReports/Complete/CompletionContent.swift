package import Foundation

/// Everything that the files of a completed table are made from, besides the table itself.
package struct CompletionContent: Sendable {
    /// One filled cell, as the tables beside the completed one say it.
    package struct FilledCell: Equatable, Sendable {
        /// A known cell that its value came from.
        package struct Source: Equatable, Sendable {
            /// Its line in the file.
            package var line: Int
            /// Its column's name.
            package var column: String
            /// What it says.
            package var value: String
            /// Whether that is a number, a date or a level in an order.
            package var isNumber: Bool
            /// Its weight in the regression.
            package var weight: Double

            /// Takes every value as given.
            package init(line: Int, column: String, value: String, isNumber: Bool, weight: Double) {
                self.line = line
                self.column = column
                self.value = value
                self.isNumber = isNumber
                self.weight = weight
            }
        }

        /// Its line in the file.
        package var line: Int
        /// Its column's number, from 0.
        package var column: Int
        /// What was filled in, as the file spells it.
        package var value: String
        /// The number before it was rounded to that; nil for a category.
        package var estimate: Double?
        /// The posterior standard deviation, and the ends of the interval; nil for a category.
        package var deviation: Double?
        package var lower: Double?
        package var upper: Double?
        /// Of a category, about how probable the level is; nil for a number.
        package var probability: Double?
        /// Where it came from, most important first.
        package var sources: [Source]

        /// Takes every value as given.
        package init(line: Int, column: Int, value: String, sources: [Source]) {
            self.line = line
            self.column = column
            self.value = value
            self.sources = sources
        }
    }

    /// The content of report.json.
    package var report: CompletionReport
    /// Filled cells, row by row.
    package var cells: [FilledCell]
    /// Where cells are missing.
    package var holes: HoleMap
    /// The command that repeats it, ready for a shell.
    package var command: String

    /// Takes every value as given.
    package init(report: CompletionReport, cells: [FilledCell], holes: HoleMap, command: String) {
        self.report = report
        self.cells = cells
        self.holes = holes
        self.command = command
    }
}

extension CompletionContent {
    /// The text of `report.html`; equal contents give equal bytes.
    package var html: String { CompletionPage(content: self).markup.source }

    /// `report.json`, `report.html`, `uncertainty.csv` and `neighbours.csv`.
    /// - Throws: `ReportError.unencodable`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        [
            ("report.json", try report.json()), ("report.html", Data(html.utf8)), ("uncertainty.csv", Data(uncertaintyCSV.utf8)),
            ("neighbours.csv", Data(neighboursCSV.utf8)),
        ]
    }

    /// One line for each filled cell. Names and values come from the drop, so a spreadsheet is kept from taking them for formulas.
    var uncertaintyCSV: String {
        var table = CSVTable(header: ["line", "column", "value", "estimate", "deviation", "lower", "upper", "probability"])
        for cell in cells {
            table.append([
                "\(cell.line)", CSVTable.name(report.columns[cell.column].name), value(cell.value, isNumber: cell.estimate != nil),
                CSVTable.number(cell.estimate), CSVTable.number(cell.deviation), CSVTable.number(cell.lower), CSVTable.number(cell.upper),
                CSVTable.number(cell.probability),
            ])
        }
        return table.text
    }

    /// One line for each known cell that a filled one came from.
    var neighboursCSV: String {
        var table = CSVTable(header: ["line", "column", "rank", "from_line", "from_column", "from_value", "weight"])
        for cell in cells {
            for (index, source) in cell.sources.enumerated() {
                table.append([
                    "\(cell.line)", CSVTable.name(report.columns[cell.column].name), "\(index + 1)", "\(source.line)",
                    CSVTable.name(source.column), value(source.value, isNumber: source.isNumber), CSVTable.number(source.weight),
                ])
            }
        }
        return table.text
    }

    /// A minus sign before digits is a number in every spreadsheet; before anything else it could begin a formula.
    private func value(_ text: String, isNumber: Bool) -> String {
        isNumber && text.utf8.allSatisfy { "0123456789+-.,eE".utf8.contains($0) } ? text : CSVTable.name(text)
    }
}
