/// Why one drop could not be turned into a memory: the stage, and in its words what was expected, found, and what to do.
package struct StageFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The steps of a drop, in order.
    package enum Stage: String, Sendable, CaseIterable {
        case settings, decode, train, analyse, recall, render
    }

    /// Where it failed.
    package var stage: Stage
    /// The drop.
    package var dropName: String
    /// The file within the drop that is to blame, where one is.
    package var file: String?
    /// A word for programs, such as `malformed`.
    package var code: String
    /// One sentence for people.
    package var message: String
    /// What should have been there.
    package var expected: String?
    /// What was there.
    package var found: String?
    /// What to do.
    package var remedy: String?
    /// Whether the same drop may pass later, as after a full disk.
    package var isRetryable: Bool

    /// All parts at once.
    package init(
        stage: Stage, dropName: String, file: String? = nil, code: String, message: String, expected: String? = nil,
        found: String? = nil, remedy: String? = nil, isRetryable: Bool = false
    ) {
        self.stage = stage
        self.dropName = dropName
        self.file = file
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.isRetryable = isRetryable
    }

    /// The drop, the stage and the message.
    package var description: String { "\(dropName), while \(stage.gerund): \(message)" }
}

extension StageFailure.Stage {
    /// For "while …".
    package var gerund: String {
        switch self {
        case .settings: "reading settings"
        case .decode: "decoding"
        case .train: "training"
        case .analyse: "analysing"
        case .recall: "recalling"
        case .render: "rendering"
        }
    }
}
