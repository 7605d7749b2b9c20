import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService

/// `engram requeue`.
struct RequeueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract: "Give rejected or failed drops another chance.",
        discussion: """
            A rejected drop goes from outbox/rejected back to the inbox with the settings that came with it; one that waits after a failure
            is tried again at once. Either way its attempts count from zero. Works while `engram run` does and when it does not.

            NAME may be a drop's name, its folder in outbox/rejected or an identifier from `engram status --json`.
            Exit code 66 if a name is unknown, 73 if the inbox holds that name already, 65 if the drop did not fail.

            Examples:
              engram requeue speech.wav
              engram requeue --all
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Every rejected drop whose source is still there, and every one that waits after a failure.")
    var all = false

    @Argument(help: ArgumentHelp("Which drops.", valueName: "name"))
    var names: [String] = []

    func validate() throws {
        guard all != !names.isEmpty else { throw ValidationError("give names, or --all.") }
    }

    func run() throws {
        let pipeline = try configuration.load()
        let folders = DropFolders(pipeline)
        guard try FileSystem().facts(of: folders.ledgerPath) != nil else {
            throw CommandFailure(.noInput, stage: .files, code: "unknown-drop", message: "no drop was ever seen; there is no ledger yet.")
        }
        // Beside a daemon, which may be of another version: its tables stay as they are.
        let ledger = try Ledger.existing(at: folders.ledgerPath, clock: SystemDropClock(), isWritable: true)
        let requeue = Requeue(folders: folders, ledger: ledger)
        var failure: CommandFailure?
        for row in try rows(in: ledger, failure: &failure) {
            if let refusal = Self.report(try requeue.requeue(row), name: row.name, isAll: all) { failure = failure ?? refusal }
        }
        Requeue.nudge(inbox: folders.inbox)
        if let failure { throw failure }
    }

    private func rows(in ledger: Ledger, failure: inout CommandFailure?) throws(DropError) -> [DropRow] {
        if all { return try ledger.rows(in: [.rejected, .retrying]) }
        var rows: [DropRow] = []
        for name in names {
            let found = try ExplainCommand.rows(for: name, in: ledger)
            guard let row = found.first(where: { Requeue.isPossible($0.state) }) ?? found.first else {
                failure =
                    failure
                    ?? CommandFailure(
                        .noInput, stage: .files, code: "unknown-drop", message: "no drop of the name or path \(name) was ever seen.",
                        remedy: "see `engram status` for the names that are known")
                continue
            }
            rows.append(row)
        }
        return rows
    }

    /// Says what was done; returns what stands against it.
    private static func report(_ outcome: Requeue.Outcome, name: String, isAll: Bool) -> CommandFailure? {
        let shown = TerminalText.printable(name)
        switch outcome {
        case .returned(let path): StandardStreams.print("\(shown): back in the inbox (\(TerminalText.printable(PathText.shown(path))))")
        case .hurried: StandardStreams.print("\(shown): tried again at once")
        case .nameTaken(let path):
            return CommandFailure(
                .outputNotCreated, stage: .files, code: "name-taken", message: "\(path) is there already; \(name) stays where it is.",
                remedy: "wait until it is taken, or give it another name")
        case .sourceMissing(let path):
            // Rejected long ago and taken away by its owner since.
            if isAll { return nil }
            return CommandFailure(
                .noInput, stage: .files, code: "source-missing", message: "\(path) is not there any more.",
                remedy: "put the drop into the inbox yourself")
        case .notFailed(let state):
            return CommandFailure(
                .unusableData, stage: .files, code: "not-failed", message: "\(name) did not fail; it is \(StatusReport.word(state)).",
                remedy: "see `engram explain \(name)`")
        }
        return nil
    }
}
