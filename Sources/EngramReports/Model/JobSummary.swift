package import Foundation

/// What came of a drop, for lists, the last line of a command and programs, whatever the job.
package struct JobSummary: ReportSection {
    package static let key: String? = "summary"

    /// One word for programs, such as `exact` or `completed`.
    package var outcome: String
    /// A few words for people, after the name of the drop.
    package var headline: String
    /// What is not as it should be, in sentences; nil where all is.
    package var warning: String?
    /// Whether the drop got what it was dropped for.
    package var isSuccess: Bool

    /// Takes every value as given.
    package init(outcome: String, headline: String, warning: String? = nil, isSuccess: Bool = true) {
        self.outcome = outcome
        self.headline = headline
        self.warning = warning
        self.isSuccess = isSuccess
    }

    /// How much of a memory came back.
    package init(_ grade: DropReport.Outcome.Grade, text: String? = nil) {
        self.init(
            outcome: grade.rawValue, headline: grade.text, warning: [.partly, .notRecalled].contains(grade) ? text : nil,
            isSuccess: grade != .notRecalled)
    }

    /// What verification of a memory came to.
    package init(_ outcome: DropReport.Outcome) { self.init(outcome.grade, text: outcome.text) }
}

/// What lists say of the report of any job but the first two, which have older words for it.
package struct GeneralReport: Codable, Equatable, Sendable {
    /// What the drop was taken for.
    package var interpretation: DropReport.Interpretation?
    /// What came of it.
    package var summary: JobSummary

    /// Reads a `report.json`.
    /// - Throws: `ReportError.unreadable` for what has no summary.
    package init(json: Data) throws(ReportError) { self = try ReportCoding.decode(GeneralReport.self, from: json) }
}
