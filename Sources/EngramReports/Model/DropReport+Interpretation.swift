extension DropReport {
    /// What a drop was taken for, why, and which setting changes it.
    package struct Interpretation: ReportSection {
        package static let key: String? = "interpretation"

        /// Such as `a film of 382 pictures`.
        package var takenFor: String
        /// What decided it, with the figures that were measured.
        package var because: String
        /// What a setting would make of the drop; absent where none makes anything else of it.
        package var setting: String?

        /// Takes every value as given; nothing is computed or checked.
        package init(takenFor: String, because: String, setting: String? = nil) {
            self.takenFor = takenFor
            self.because = because
            self.setting = setting
        }

        /// All three in one sentence without a full stop.
        package var sentence: String { "taken for \(takenFor): \(because)" + (setting.map { "; \($0)" } ?? "") }
    }
}

extension DropReport {
    /// What the drop was taken for and why; absent from reports of earlier versions.
    package var interpretation: Interpretation? {
        get { sections[Interpretation.self] }
        set { sections[Interpretation.self] = newValue }
    }
}
