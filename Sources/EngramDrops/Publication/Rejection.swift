/// Why a drop could not be trained, in the words that its owner will read; the content of `error.json`.
///
/// A worker writes it as `failure.json` into its output folder and ends with a non-zero exit code.
package struct Rejection: Equatable, Sendable {
    /// The drop.
    package var name: String
    /// The file in it, where one file is to blame.
    package var file: String?
    /// Where it failed: `settings`, `decode`, `train`, `analyse`, `render`, `worker`, `publish`, `files`, `command`.
    package var stage: String
    /// A word for programs, such as `truncated`.
    package var code: String
    /// A sentence for people.
    package var message: String
    /// What should have been there.
    package var expected: String?
    /// What was there.
    package var found: String?
    /// What to do.
    package var remedy: String?
    /// Whether the same drop may pass later.
    package var isRetryable: Bool

    /// Creates a rejection.
    package init(
        name: String, file: String? = nil, stage: String, code: String, message: String, expected: String? = nil,
        found: String? = nil, remedy: String? = nil, isRetryable: Bool = false
    ) {
        self.name = name
        self.file = file
        self.stage = stage
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.isRetryable = isRetryable
    }

    /// The `code` of a worker that found too little memory free at the moment: its drop waits, and that is no failed attempt.
    package static let waitingCode = "memory-now"

    /// The `code` of a worker that could not be started: its program is not there, or cannot be executed at the moment.
    static let notStartedCode = "worker-not-started"

    /// Whether the drop only has to wait.
    var isWaiting: Bool { isRetryable && [Self.waitingCode, Self.notStartedCode].contains(code) }

    /// The file a worker leaves.
    package static let workerFileName = "failure.json"
    /// The file in `outbox/rejected/NAME/`.
    package static let fileName = "error.json"
    /// The value of `schema` in both.
    package static let schema = "engram-error/1"

    /// Returns the rejection as JSON, with the moment it happened.
    package func json(at secondsSinceEpoch: Double) -> JSONValue {
        func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        return .object([
            .init("schema", .string(Self.schema)), .init("name", .string(name)), .init("file", optional(file)),
            .init("stage", .string(stage)), .init("code", .string(code)), .init("message", .string(message)),
            .init("expected", optional(expected)), .init("found", optional(found)), .init("remedy", optional(remedy)),
            .init("retryable", .bool(isRetryable)), .init("at", .string(Stamp.iso8601(secondsSinceEpoch))),
        ])
    }

    /// Reads what a worker left in its output folder; nil when it left nothing that can be read.
    static func left(in folder: String, name: String, files: FileSystem) -> Rejection? {
        let path = folder + "/" + workerFileName
        // A worker is not trusted to be brief.
        guard let bytes = try? files.read(path, count: 1 << 20), let json = try? JSONValue.parse(bytes, path: path),
            let message = json["message"]?.string
        else { return nil }
        return Rejection(
            name: name, file: json["file"]?.string, stage: json["stage"]?.string ?? "worker", code: json["code"]?.string ?? "failed",
            message: message, expected: json["expected"]?.string, found: json["found"]?.string, remedy: json["remedy"]?.string,
            isRetryable: json["retryable"] == .bool(true))
    }
}
