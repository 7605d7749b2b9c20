package import Foundation

extension ReportContent {
    /// The text of `report.html`: self-contained, without scripts; equal contents give equal bytes.
    package var html: String {
        ReportPage(self).markup.source
    }

    /// All report files by their names in the outbox folder: `report.json`, `eigenvalues.csv`, `examples.csv`, `training.csv`,
    /// `report.html`, `recovery.csv` where recovery was tried, for texts `confidence.csv` and `states.csv`, and for kernel machines that have such theory `norm-transition.csv`,
    /// `learnability.csv` and `dependence.csv`.
    /// - Throws: `ReportError.unencodable` from the JSON; see `DropReport.json()`.
    package func files() throws(ReportError) -> [(name: String, bytes: Data)] {
        let recovery = report.recovery.isEmpty ? [] : [("recovery.csv", Data(recoveryCSV.utf8))]
        let transition = report.normTransition == nil ? [] : [("norm-transition.csv", Data(normTransitionCSV.utf8))]
        let learnability =
            report.learnability == nil
            ? [] : [("learnability.csv", Data(learnabilityCSV.utf8)), ("dependence.csv", Data(dependenceCSV.utf8))]
        let tokens =
            tokens.isEmpty ? [] : [("confidence.csv", Data(confidenceCSV.utf8)), ("states.csv", Data(statesCSV.utf8))]
        return [
            ("report.json", try report.json()), ("eigenvalues.csv", Data(eigenvaluesCSV.utf8)),
            ("examples.csv", Data(examplesCSV.utf8)), ("training.csv", Data(trainingCSV.utf8)), ("report.html", Data(html.utf8)),
        ] + recovery + transition + learnability + tokens
    }
}
