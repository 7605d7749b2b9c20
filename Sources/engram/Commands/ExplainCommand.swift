import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramReports
import EngramService
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
        let path = RawPath(argument: self.path)
        let folders = DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
        var rows: [DropRow] = []
        if let ledger = try LedgerLook.ledger(in: folders) {
            rows = try Self.rows(for: path, in: ledger)
            for row in rows {
                let interpretation = DropInterpretation.known(of: row, folders: folders)
                StandardStreams.print(
                    try DropBiography.text(
                        row, transitions: ledger.transitions(of: row.id), interpretation: interpretation,
                        outcome: PublishedReport(of: row)?.summary?.headline,
                        cluster: row.state == .running ? ClusterNews.of(row, in: folders) : nil,
                        isSourceThere: (try? FileSystem().facts(of: row.path)) != .some(nil)))
            }
        }
        guard rows.isEmpty else { return }
        let isRunning = DaemonPresence.process(lockPath: folders.lockPath) != nil
        throw DropBiography.absence(of: path.shown, inbox: folders.inbox, isDaemonRunning: isRunning)
    }

    /// The drops that a name, a path or an identifier may mean, newest first.
    static func rows(for path: String, in ledger: Ledger) throws(DropError) -> [DropRow] {
        try rows(for: RawPath(argument: path), in: ledger)
    }

    static func rows(for path: RawPath, in ledger: Ledger) throws(DropError) -> [DropRow] {
        // The ledger knows absolute paths, in which the folders' links are resolved; the entry itself may be a link and is named as it is.
        if let resolved = path.resolvedParent {
            var (parent, name) = (resolved.shown, path.lastPart)
            // A file inside a drop is that drop.
            while parent != "/" {
                let rows = try ledger.find(exactly: parent + "/" + name)
                if !rows.isEmpty { return rows }
                (parent, name) = (FolderCreation.parent(of: parent), FolderCreation.lastPart(of: parent))
            }
        }
        return try ledger.find(path.shown)
    }
}
