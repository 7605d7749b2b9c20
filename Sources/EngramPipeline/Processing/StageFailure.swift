/// Why one drop could not be turned into a memory: the stage, and in its words what was expected, found, and what to do.
public struct StageFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The steps of a drop, in order.
    public enum Stage: String, Sendable, CaseIterable {
        case settings, decode, train, analyse, recall, render
    }

    /// Where it failed.
    public var stage: Stage
    /// The drop.
    public var dropName: String
    /// The file within the drop that is to blame, where one is.
    public var file: String?
    /// A word for programs, such as `malformed`.
    public var code: String
    /// One sentence for people.
    public var message: String
    /// What should have been there.
    public var expected: String?
    /// What was there.
    public var found: String?
    /// What to do.
    public var remedy: String?
    /// Whether the same drop may pass later, as after a full disk.
    public var isRetryable: Bool

    /// All parts at once.
    public init(
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
    public var description: String { "\(dropName), while \(stage.gerund): \(message)" }
}

extension StageFailure.Stage {
    /// For "while …".
    public var gerund: String {
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
