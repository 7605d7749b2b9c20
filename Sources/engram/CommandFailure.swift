import EngramDrops
import EngramPipeline

/// Why a command stopped, with its exit code: the one error that commands throw to `Engram.main`.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// The exit code.
    var status: ExitStatus
    /// Where it failed, in the words of `error.json`.
    var stage: String
    /// A word for programs.
    var code: String
    /// What happened, for people.
    var message: String
    /// What should have been there.
    var expected: String?
    /// What was there.
    var found: String?
    /// What to do.
    var remedy: String?
    /// The file to blame.
    var file: String?
    /// Whether the message says all of the above by itself, so that a terminal needs nothing else.
    var isMessageWhole = false

    /// All parts at once.
    init(
        _ status: ExitStatus, stage: String = "command", code: String, message: String, expected: String? = nil, found: String? = nil,
        remedy: String? = nil, file: String? = nil
    ) {
        self.status = status
        self.stage = stage
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.file = file
    }

    /// A stage's failure, whole.
    init(_ failure: StageFailure) {
        self.init(
            ExitStatus(failure), stage: failure.stage.rawValue, code: failure.code, message: failure.message, expected: failure.expected,
            found: failure.found, remedy: failure.remedy, file: failure.file)
    }

    /// An error of the drop folders; its text has the remedy.
    init(_ error: DropError) { self.init(ExitStatus(error), stage: "files", code: "files", message: "\(error)") }

    /// A wrong setting: the message says all, the parts say it again for programs.
    init(_ error: SettingsError, dropFile: String? = nil) {
        let parts = error.parts
        self.init(
            ExitStatus(error, dropFile: dropFile), stage: "settings", code: "settings", message: "\(error)", expected: parts.expected,
            found: parts.found, remedy: parts.remedy, file: error.file)
        isMessageWhole = true
    }

    /// Any error that a command can meet; one that no library promised is an error of the program.
    init(any error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as StageFailure: self.init(failure)
        case let failure as DropError: self.init(failure)
        case let failure as SettingsError: self.init(failure)
        case let error where SystemFault(error) != nil:
            let fault = SystemFault(error)
            self.init(
                .inputOutputError, stage: "files", code: "files", message: fault?.sentence ?? "", found: fault?.reason,
                remedy: fault?.remedy)
        default:
            self.init(.internalError, code: "unexpected", message: "an unexpected error: \(error)", remedy: "please report it")
        }
    }

    /// The failure in the form of `failure.json` and `error.json`.
    func rejection(named name: String) -> Rejection {
        Rejection(
            name: name, file: file, stage: stage, code: code, message: message, expected: expected, found: found, remedy: remedy,
            isRetryable: status == .temporaryFailure)
    }

    /// The text for a terminal: what happened, and under it expected, found and remedy, where there are any.
    var description: String {
        var lines = [TerminalText.printable(message)]
        if isMessageWhole { return lines[0] }
        // Many messages say all of this themselves; a second mention would only be longer.
        if let file, !message.contains(file) { lines.append("  file:      " + TerminalText.printable(file)) }
        if let expected, !message.contains("expected \(expected)") { lines.append("  expected:  " + TerminalText.printable(expected)) }
        if let found, !message.contains("found \(found)") { lines.append("  found:     " + TerminalText.printable(found)) }
        if let remedy, !message.contains(remedy) { lines.append("  what next: " + TerminalText.printable(remedy)) }
        return lines.joined(separator: "\n")
    }
}
