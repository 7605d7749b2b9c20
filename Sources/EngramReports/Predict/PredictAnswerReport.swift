package import Foundation

/// What asking a stored model came to: the exact content of `report.json` of `engram predict`.
package struct PredictAnswerReport: JobReport {
    package static let currentSchema = "engram-predict-answer/1"
    package static let jobName = "predict-answer"

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    package init(
        name: String, model: Model, answers: PredictReport.Answers, summary: JobSummary, threads: Int, versions: [String: String],
        notes: [String]
    ) {
        header = Self.header(name: name, seed: nil, threads: threads, versions: versions, notes: notes)
        sections = ReportSections([model, answers, summary])
    }

    package static var sectionTypes: [any ReportSection.Type] { [Model.self, PredictReport.Answers.self, JobSummary.self] }

    /// The model that was asked.
    package var model: Model { required() }
    /// What it answered.
    package var answers: PredictReport.Answers { required() }
    /// In a few words.
    package var summary: JobSummary { required() }

    /// The model that was asked.
    package struct Model: ReportSection {
        package static let key: String? = "model"
        package static let isRequired = true

        /// The name of its folder.
        package var name: String
        /// What it predicts.
        package var target: String
        /// Names of the classes; empty for a number.
        package var classes: [String]
        /// SHA-256 of its `model.safetensors`.
        package var sha256: String

        /// Takes every value as given.
        package init(name: String, target: String, classes: [String], sha256: String) {
            self.name = name
            self.target = target
            self.classes = classes
            self.sha256 = sha256
        }
    }
}

/// Everything the folder of an answer is written from.
package struct PredictAnswerContent: Equatable, Sendable {
    /// The content of report.json.
    package var report: PredictAnswerReport
    /// Lines of `predictions.csv`.
    package var rows: [PredictionRow]
    /// The command that asks again, ready for a shell.
    package var command: String

    /// Takes every value as given.
    package init(report: PredictAnswerReport, rows: [PredictionRow], command: String) {
        self.report = report
        self.rows = rows
        self.command = command
    }

    /// `report.json`, `report.html` and `predictions.csv`.
    /// - Throws: `ReportError.unencodable`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        [
            ("report.json", try report.json()), ("report.html", Data(PredictAnswerPage(content: self).markup.source.utf8)),
            ("predictions.csv", Data(PredictionTable.text(rows, isClassification: !report.model.classes.isEmpty).utf8)),
        ]
    }
}

/// `report.html` of an answer.
struct PredictAnswerPage: Page {
    let content: PredictAnswerContent

    private var report: PredictAnswerReport { content.report }

    var markup: HTML {
        let shown = content.rows.prefix(200)
        let isNumber = report.model.classes.isEmpty
        let rows = table(
            caption: "The first \(shown.count) of \(NumberText.count(report.answers.predicted)); predictions.csv has all",
            columns: [("example", false), (report.model.target, isNumber), ("margin", true), ("nearest examples", false)],
            rows: shown.map { row in
                [
                    "<bdi>\(row.item)</bdi>", "<bdi>\(row.predicted)</bdi>", "\(NumberText.significant(row.margin))",
                    "<bdi>\(row.nearest.joined(separator: ", "))</bdi>",
                ]
            })
        let notes = report.notes.map { "<li>\($0)</li>" as HTML }
        let noted: HTML? =
            notes.isEmpty ? nil : "<aside class=\"notes\" aria-label=\"Notes\"><h2>Worth knowing</h2><ul>\(notes)</ul></aside>"
        let header: HTML = """
            <header class="top exact">
            <p class="eyebrow"><span class="badge exact">predicted</span> <span class="name"><bdi>\(report.name)</bdi></span></p>
            <h1>\(report.summary.headline) by <bdi>\(report.model.name)</bdi>.</h1>
            </header>
            """
        return document(
            title: "\(report.name): predicted", header: header,
            main: [noted, section("answers", "Predicted", rows), section("again", "Again", "<pre><code>\(content.command)</code></pre>")])
    }
}

/// `predictions.csv`.
enum PredictionTable {
    static func text(_ rows: [PredictionRow], isClassification: Bool) -> String {
        // A class by its name; a number of a regression as it is, also a negative one.
        func cell(_ text: String) -> String { isClassification ? name(ofClass: text) : text }
        var table = CSVTable(header: ["item", "known", "predicted", "margin", "probability", "nearest_1", "nearest_2", "nearest_3"])
        for row in rows {
            let nearest = (0..<3).map { row.nearest.indices.contains($0) ? CSVTable.name(row.nearest[$0]) : "" }
            table.append(
                [
                    CSVTable.name(row.item), row.known.map(cell) ?? "", cell(row.predicted), CSVTable.number(row.margin),
                    CSVTable.number(row.probability),
                ] + nearest)
        }
        return table.text
    }

    /// A class as a field: -1 and +1 are no formulas, and programs compare them with the labels that they gave.
    static func name(ofClass text: String) -> String {
        let isPlainNumber = text.utf8.allSatisfy { "0123456789.+-eE".utf8.contains($0) } && Double(text) != nil
        return isPlainNumber ? text : CSVTable.name(text)
    }
}
