package import Foundation

/// Everything the page of filled pictures is made from.
package struct InpaintContent: Equatable, Sendable {
    /// What the page shows of one picture, PNG bytes.
    package struct View: Equatable, Sendable {
        package var beforeAfter: [UInt8]
        package var uncertainty: [UInt8]
        package var influence: [UInt8]
        /// nil where it failed.
        package var biharmonic: [UInt8]?
        package var nearest: [UInt8]

        /// Takes every value as given.
        package init(beforeAfter: [UInt8], uncertainty: [UInt8], influence: [UInt8], biharmonic: [UInt8]?, nearest: [UInt8]) {
            self.beforeAfter = beforeAfter
            self.uncertainty = uncertainty
            self.influence = influence
            self.biharmonic = biharmonic
            self.nearest = nearest
        }
    }

    /// The content of report.json.
    package var report: InpaintReport
    /// Of the first pictures, in the order of the report; fewer where there are many.
    package var views: [View]
    /// The command that repeats it, ready for a shell.
    package var command: String

    /// Takes every value as given.
    package init(report: InpaintReport, views: [View], command: String) {
        self.report = report
        self.views = views
        self.command = command
    }
}

extension InpaintContent {
    /// The text of `report.html`; equal contents give equal bytes.
    package var html: String { InpaintPage(content: self).markup.source }

    /// `report.json` and `report.html`.
    /// - Throws: `ReportError.unencodable`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        [("report.json", try report.json()), ("report.html", Data(html.utf8))]
    }
}

extension InpaintReport {
    /// The text of a picture's `influence.csv`: the pixels with the largest weights in one missing pixel, largest first.
    package static func weightsCSV(_ pixels: [(row: Int, column: Int, weight: Double)]) -> String {
        var table = CSVTable(header: ["row", "column", "weight"])
        for pixel in pixels { table.append(["\(pixel.row)", "\(pixel.column)", CSVTable.number(pixel.weight)]) }
        return table.text
    }
}
