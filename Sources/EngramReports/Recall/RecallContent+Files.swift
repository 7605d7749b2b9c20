package import Foundation

extension RecallContent {
    /// The text of `report.html`; equal contents give equal bytes.
    package var html: String { RecallPage(content: self).markup.source }

    /// `report.json` and `report.html`.
    /// - Throws: `ReportError.unencodable`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        [("report.json", try report.json()), ("report.html", Data(html.utf8))]
    }
}
