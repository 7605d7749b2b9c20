import EngramDrops
import EngramReports
import Foundation

/// What the report of a finished drop says of it in lists.
struct PublishedReport: Equatable {
    /// What the drop was taken for; nil for cues, and for reports of a version that did not say it.
    var interpretation: String?
    /// What verification came to, or what cues led to; nil for reports of a version that did not say it.
    var grade: DropReport.Outcome.Grade?

    /// Reads a report; nil where there is none that can be read.
    init?(folder: String, files: FileSystem = FileSystem()) {
        guard let bytes = try? files.read(folder + "/report.json", count: 16 << 20) else { return nil }
        if let report = try? DropReport(json: Data(bytes)) {
            (interpretation, grade) = (report.interpretation?.sentence, report.outcome?.grade)
        } else if let report = try? RecallReport(json: Data(bytes)) {
            grade = report.grade
        } else {
            return nil
        }
    }

    /// The report of a drop; nil while it is not done.
    init?(of row: DropRow, files: FileSystem = FileSystem()) {
        guard row.state == .archived, let folder = row.resultPath else { return nil }
        self.init(folder: folder, files: files)
    }
}
