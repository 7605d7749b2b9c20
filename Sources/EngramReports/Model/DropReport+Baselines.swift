extension DropReport {
    /// How often the right item was recalled from damage, beside methods that need no training and get the same cues.
    package struct RecoveryBaselines: ReportSection {
        package static let key: String? = "recoveryBaselines"

        /// A method.
        package struct Method: Codable, Equatable, Sendable {
            /// `nearest`, `nearest-known`, `whitened`, `matched` or `hopfield`.
            package var name: String
            /// The number that was best on these very cues: v in squares of the samples' range, or β; null where there is none.
            package var parameter: Double?

            /// Takes every value as given.
            package init(name: String, parameter: Double?) {
                self.name = name
                self.parameter = parameter
            }
        }

        /// What came of one kind and level of damage.
        package struct Row: Codable, Equatable, Sendable {
            /// Kind of damage, as in `recovery`.
            package var corruption: String
            /// As in `recovery`.
            package var level: Double
            /// Cues.
            package var total: Int
            /// Cues from which the memory came nearest to the right item.
            package var rightItem: Int
            /// Cues whose item each of `methods` names; null where a method does not apply.
            package var baselines: [Int?]

            /// Takes every value as given.
            package init(corruption: String, level: Double, total: Int, rightItem: Int, baselines: [Int?]) {
                self.corruption = corruption
                self.level = level
                self.total = total
                self.rightItem = rightItem
                self.baselines = baselines
            }
        }

        /// The methods, in the order of each row's counts.
        package var methods: [Method]
        /// One for each kind and level of damage.
        package var rows: [Row]

        /// Takes every value as given.
        package init(methods: [Method], rows: [Row]) {
            self.methods = methods
            self.rows = rows
        }
    }
}

extension DropReport {
    /// The memory beside simpler methods; absent when no damage was tried.
    package var recoveryBaselines: RecoveryBaselines? {
        get { sections[RecoveryBaselines.self] }
        set { sections[RecoveryBaselines.self] = newValue }
    }
}
