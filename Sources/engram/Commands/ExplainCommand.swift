import ArgumentParser
import EngramDrops
import EngramPipeline
import Glibc

/// `engram explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Where one drop stands, and every step that led there.",
        discussion: """
            PATH may be a drop's name, a path in the inbox, a result's folder or an identifier from `engram status --json`.

            Examples:
              engram explain speech.wav
              engram explain outbox/rejected/broken.png
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Argument(help: ArgumentHelp("What to explain.", valueName: "path"))
    var path: String

    func run() throws {
        let pipeline = try configuration.load()
        let folders = DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
        var rows: [DropRow] = []
        if access(folders.ledgerPath, F_OK) == 0 {
            let ledger = try Ledger.existing(at: folders.ledgerPath, clock: SystemDropClock())
            // The ledger knows absolute paths.
            if let resolved = realpath(path, nil) {
                defer { free(resolved) }
                rows = try ledger.find(String(cString: resolved))
            }
            if rows.isEmpty { rows = try ledger.find(path) }
            for row in rows { StandardStreams.print(try DropBiography.text(row, transitions: ledger.transitions(of: row.id))) }
        }
        guard rows.isEmpty else { return }
        let isRunning = DaemonPresence.process(lockPath: folders.lockPath) != nil
        throw DropBiography.absence(of: path, inbox: folders.inbox, isDaemonRunning: isRunning)
    }
}
