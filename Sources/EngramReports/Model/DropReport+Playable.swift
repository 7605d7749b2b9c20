extension DropReport {
    /// A recalled file that a person can play or read: it lies beside the page.
    package struct Playable: ReportSectionEntry {
        package static let listKey = "playable"

        /// What it is played by.
        package enum Kind: String, Codable, Equatable, Sendable {
            /// Sound.
            case audio
            /// An animated picture.
            case animation
            /// A text.
            case text
        }

        /// Its path in the result.
        package var path: String
        /// Sound, an animation or a text.
        package var kind: Kind
        /// What it holds: a clip, a sequence or a text.
        package var name: String
        /// Of a text its beginning; absent for the others.
        package var excerpt: String?

        /// Takes every value as given.
        package init(path: String, kind: Kind, name: String, excerpt: String? = nil) {
            self.excerpt = excerpt
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
