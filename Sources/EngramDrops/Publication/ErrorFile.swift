package import EngramSystem

/// A failure as a file: what a worker leaves as `failure.json` beside its exit code, and what `outbox/rejected/NAME/error.json` says.
package enum ErrorFile {
    /// The file a worker leaves in its output folder.
    package static let workerName = "failure.json"
    /// The file in `outbox/rejected/NAME/`.
    package static let name = "error.json"
    /// The value of `schema` in both.
    package static let schema = "engram-error/1"

    /// Returns the failure of a drop as JSON, with the moment it happened.
    package static func json(_ failure: Failure, of dropName: String, at secondsSinceEpoch: Double) -> JSONValue {
        func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        return .object([
            .init("schema", .string(schema)), .init("name", .string(dropName)), .init("file", optional(failure.file)),
            .init("place", optional(failure.place)), .init("stage", .string(failure.stage.rawValue)), .init("code", .string(failure.code)),
            .init("message", .string(failure.message)), .init("expected", optional(failure.expected)),
            .init("found", optional(failure.found)), .init("remedy", optional(failure.remedy)),
            .init("retryable", .bool(failure.isRetryable)),
            .init("at", .string(Stamp.iso8601(secondsSinceEpoch))),
        ])
    }

    /// Reads what a worker left in its output folder; nil when it left nothing that can be read.
    static func left(in folder: String, files: FileSystem) -> Failure? {
        let path = folder + "/" + workerName
        // A worker is not trusted to be brief.
        guard let bytes = try? files.read(path, count: 1 << 20), let json = try? JSONValue.parse(bytes, path: path),
            let message = json["message"]?.string
        else { return nil }
        return Failure(
            stage: json["stage"]?.string.flatMap(Failure.Stage.init) ?? .worker, code: json["code"]?.string ?? "failed",
            file: json["file"]?.string, place: json["place"]?.string, message: message, expected: json["expected"]?.string,
            found: json["found"]?.string, remedy: json["remedy"]?.string, isRetryable: json["retryable"] == .bool(true))
    }
}

extension Failure {
    /// The `code` of a worker that found too little memory free at the moment: its drop waits, and that is no failed attempt.
    package static let waitingCode = "memory-now"

    /// The `code` of a worker that could not be started: its program is not there, or cannot be executed at the moment.
    static let notStartedCode = "worker-not-started"

    /// The `code` of a job that the batch system did not take or gave up for its own reasons: its drop waits, and that is no failed attempt.
    static let clusterCode = "cluster"

    /// Whether the drop only has to wait.
    var isWaiting: Bool { isRetryable && [Self.waitingCode, Self.notStartedCode, Self.clusterCode].contains(code) }
}
