import EngramDrops
import EngramPipeline
import EngramSystem

/// Why a command stopped, with its exit code: the one error that commands throw to `Engram.main`.
@dynamicMemberLookup
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// The exit code.
    var status: ExitStatus
    /// What failed.
    var failure: Failure
    /// Whether the message says all of it by itself, so that a terminal needs nothing else.
    var isMessageWhole = false

    /// All parts at once.
    init(
        _ status: ExitStatus, stage: Failure.Stage = .command, code: String, message: String, expected: String? = nil,
        found: String? = nil, remedy: String? = nil, file: String? = nil
    ) {
        self.status = status
        failure = Failure(
            stage: stage, code: code, file: file, message: message, expected: expected, found: found, remedy: remedy,
            isRetryable: status == .temporaryFailure)
    }

    /// What a job or a library says.
    init(_ failure: Failure) {
        status = failure.isRetryable ? .temporaryFailure : .unusableData
        self.failure = failure
    }

    /// An error of the drop folders; its text has the remedy.
    init(_ error: DropError) { self.init(ExitStatus(error), stage: .files, code: "files", message: "\(error)") }

    /// A wrong setting: the message says all, the parts say it again for programs.
    init(_ error: SettingsError, dropFile: String? = nil) {
        let parts = error.parts
        self.init(
            ExitStatus(error, dropFile: dropFile), stage: .settings, code: "settings", message: "\(error)", expected: parts.expected,
            found: parts.found, remedy: parts.remedy, file: error.file)
        isMessageWhole = true
    }

    /// Any error that a command can meet; one that no library promised is an error of the program.
    init(any error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as Failure: self.init(failure)
        case let failure as DropError: self.init(failure)
        case let failure as SettingsError: self.init(failure)
        default:
            self.init(.internalError, code: "unexpected", message: "an unexpected error: \(error)", remedy: "please report it")
            if let failure = Failure(system: error, stage: .files) { (status, self.failure) = (.inputOutputError, failure) }
        }
    }

    /// The parts of the failure, as if they were its own.
    subscript<Part>(dynamicMember part: WritableKeyPath<Failure, Part>) -> Part {
        get { failure[keyPath: part] }
        set { failure[keyPath: part] = newValue }
    }

    /// The text for a terminal: what happened, and under it expected, found and remedy, where there are any.
    var description: String {
        let message = failure.message
        var lines = [TerminalText.printable(message)]
        if isMessageWhole { return lines[0] }
        // Many messages say all of this themselves; a second mention would only be longer.
        func add(_ label: String, _ text: String?, unlessAfter lead: String = "") {
            guard let text, !message.lowercased().contains((lead + text).lowercased()) else { return }
            lines.append("  \(label)" + TerminalText.printable(text))
        }
        add("file:      ", failure.file)
        add("expected:  ", failure.expected, unlessAfter: "expected ")
        add("found:     ", failure.found, unlessAfter: "found ")
        add("what next: ", failure.remedy)
        return lines.joined(separator: "\n")
    }
}
