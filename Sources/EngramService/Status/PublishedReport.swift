package import EngramDrops
package import EngramReports
internal import Foundation

/// What the report of a finished drop says of it in lists.
package struct PublishedReport: Equatable, Sendable {
    /// What the drop was taken for; nil for cues, and for reports of a version that did not say it.
    package var interpretation: String?
    /// What came of it; nil for reports of a version that did not say it.
    package var summary: JobSummary?

    /// Reads a report; nil where there is none that can be read.
    package init?(folder: String, files: FileSystem = FileSystem()) {
        guard let bytes = try? files.read(folder + "/report.json", count: 16 << 20) else { return nil }
        let json = Data(bytes)
        if let report = try? DropReport(json: json) {
            (interpretation, summary) = (report.interpretation?.sentence, report.outcome.map(JobSummary.init))
        } else if let report = try? RecallReport(json: json) {
            summary = JobSummary(report.grade)
        } else if let report = try? GeneralReport(json: json) {
            (interpretation, summary) = (report.interpretation?.sentence, report.summary)
        } else {
            return nil
        }
    }

    /// The report of a drop; nil while it is not done.
    package init?(of row: DropRow, files: FileSystem = FileSystem()) {
        guard row.state == .archived, let folder = row.resultPath else { return nil }
        self.init(folder: folder, files: files)
    }
}
