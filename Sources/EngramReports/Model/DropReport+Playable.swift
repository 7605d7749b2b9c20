extension DropReport {
    /// A recalled file that a person can play: it lies beside the page.
    package struct Playable: ReportSectionEntry {
        package static let listKey = "playable"

        /// What it is played by.
        package enum Kind: String, Codable, Equatable, Sendable {
            /// Sound.
            case audio
            /// An animated picture.
            case animation
        }

        /// Its path in the result.
        package var path: String
        /// Sound or an animation.
        package var kind: Kind
        /// What it holds: a clip or a sequence.
        package var name: String

        /// Takes every value as given.
        package init(path: String, kind: Kind, name: String) {
            self.path = path
            self.kind = kind
            self.name = name
        }
    }
}

extension DropReport {
    /// What can be played of what came back; absent where nothing can, and in older reports.
    package var playable: [Playable]? {
        get { sections[[Playable].self] }
        set { sections[[Playable].self] = newValue }
    }
}
