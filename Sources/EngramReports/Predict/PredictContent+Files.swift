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
        if let diagonal { files.append(("diagonal.png", Data(diagonal))) }
        return files
    }

    private var predictions: String {
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

    /// A class by its name; a number of a regression as it is, also a negative one.
    private func cell(_ text: String) -> String { report.prediction.classes.isEmpty ? text : CSVTable.name(text) }

    private var confusion: String {
        let names = report.prediction.classes.map(CSVTable.name)
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
