package import Foundation

extension PredictContent {
    /// The text of `report.html`; equal contents give equal bytes.
    package var html: String { PredictPage(content: self).markup.source }

    /// Every file but the model and the manifest.
    /// - Throws: `ReportError.unencodable`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        var files: [(name: String, bytes: Data)] = [
            ("report.json", try report.json()), ("report.html", Data(html.utf8)), ("predictions.csv", Data(predictions.utf8)),
        ]
        if !report.prediction.classes.isEmpty { files.append(("confusion.csv", Data(confusion.utf8))) }
        if let weights { files.append(("features.csv", Data(Self.features(weights).utf8))) }
        for (name, bytes) in [("diagonal.png", diagonal), ("directions.png", directions), ("M.png", metric)] {
            if let bytes { files.append((name, Data(bytes))) }
        }
        return files
    }

    private var predictions: String {
        PredictionTable.text(rows, isClassification: !report.prediction.classes.isEmpty)
    }

    private var confusion: String {
        let names = report.prediction.classes.map(PredictionTable.name(ofClass:))
        var table = CSVTable(header: ["true \\ predicted"] + names)
        for (name, counts) in zip(names, report.prediction.confusion) { table.append([name] + counts.map(String.init)) }
        return table.text
    }

    private static func features(_ weights: [PredictReport.Features.Column]) -> String {
        var table = CSVTable(header: ["column", "weight"])
        for column in weights { table.append([CSVTable.name(column.name), CSVTable.number(column.weight)]) }
        return table.text
    }
}
