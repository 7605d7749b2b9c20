extension DropReport {
    /// What the verification came to, in one word and in sentences.
    package struct Outcome: ReportSection {
        package static let key: String? = "outcome"

        /// How much came back, best first.
        package enum Grade: String, Codable, CaseIterable, Sendable {
            /// All, in every stored code, and it is stable.
            case exact
            /// All, and it is stable, but some codes differ.
            case notExact = "not-exact"
            /// Some.
            case partly
            /// Nothing, or nothing was checked.
            case notRecalled = "not-recalled"

            /// For people, after the name of a drop.
            package var text: String {
                switch self {
                case .exact: "recalled exactly"
                case .notExact: "recalled, not bit-exact"
                case .partly: "partly recalled"
                case .notRecalled: "not recalled"
                }
            }
        }

        /// The word.
        package var grade: Grade
        /// The sentences at the top of the page, what failed first.
        package var text: String

        /// Takes every value as given.
        package init(grade: Grade, text: String) {
            self.grade = grade
            self.text = text
        }
    }
}

extension DropReport {
    /// What verification came to; absent from reports of earlier versions.
    package var outcome: Outcome? {
        get { sections[Outcome.self] }
        set { sections[Outcome.self] = newValue }
    }
}

extension ReportContent {
    /// The verdict of the page, for `report.json`.
    package var outcome: DropReport.Outcome {
        let verdict = Verdict(self)
        let grade: DropReport.Outcome.Grade =
            switch verdict.outcome {
            case .exact: .exact
            case .inexact: .notExact
            case .partial: .partly
            case .failed: .notRecalled
            }
        return .init(grade: grade, text: verdict.text)
    }
}

extension RecallReport {
    /// How many of the cues led to something stored.
    package var grade: DropReport.Outcome.Grade {
        let found = answers.count { $0.outcome.isItem }
        if found == 0 { return .notRecalled }
        if found < answers.count { return .partly }
        return answers.allSatisfy { $0.outcome == .exact } ? .exact : .notExact
    }
}
