extension DropReport {
    /// What a drop was taken for, why, and which setting changes it.
    public struct Interpretation: Codable, Equatable, Sendable {
        /// Such as `a film of 382 pictures`.
        public var takenFor: String
        /// What decided it, with the figures that were measured.
        public var because: String
        /// What a setting would make of the drop; absent where none makes anything else of it.
        public var setting: String?

        /// Takes every value as given; nothing is computed or checked.
        public init(takenFor: String, because: String, setting: String? = nil) {
            self.takenFor = takenFor
            self.because = because
            self.setting = setting
        }

        /// All three in one sentence without a full stop.
        public var sentence: String { "taken for \(takenFor): \(because)" + (setting.map { "; \($0)" } ?? "") }
    }
}
