import ArgumentParser
import EngramDrops
import EngramPipeline

/// `engram rebuild`.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make a new ledger from the manifests in the outbox.",
        discussion: """
            For a ledger that is damaged, lost or another program's. The old file is kept beside the new one. Results, archived sources and
            rejections are found again, so nothing is trained twice; the history of their steps is not. What was at work goes back to the inbox
            at the next start. Stop `engram run` first.

            Examples:
              engram rebuild
              engram rebuild --force      although the ledger is in order
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Also when the ledger is in order.")
    var force = false

    func run() throws {
        let pipeline = try configuration.load()
        let folders = try DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
            .prepared(policy: IntakeOptions.markerPolicy(pipeline.intake))
        let lock = try InstanceLock(path: folders.lockPath)
        defer { lock.release() }
        if !force, try folders.traceOfALostLedger() == nil, try FileSystem().facts(of: folders.ledgerPath) != nil,
            let ledger = try? Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        {
            let count = try ledger.counts().values.reduce(0, +)
            throw CommandFailure(
                .unusableData, stage: .files, code: "ledger-in-order",
                message: "the ledger \(folders.ledgerPath) is in order and knows \(count) drops; nothing was changed.",
                remedy: "use --force to set it aside all the same")
        }
        let summary = try LedgerRebuild(folders: folders).run()
        if let kept = summary.keptPath { StandardStreams.print("The old ledger is now \(TerminalText.printable(PathText.shown(kept))).") }
        for problem in summary.unreadable { StandardStreams.print("passed over: \(TerminalText.printable(problem))") }
        StandardStreams.print(
            "Found again: \(summary.publishedCount) results, \(summary.archivedCount) other sources in the archive, "
                + "\(summary.rejectedCount) rejections.")
    }
}
