extension DropReport {
    /// A recalled file that a person can play: it lies beside the page.
    package struct Playable: Codable, Equatable, Sendable {
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
