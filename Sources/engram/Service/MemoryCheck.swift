import EngramDrops
import EngramReports
import EngramService

/// Checks one published memory: its files against the manifest here, its recall against the report in a process that is confined as a worker
/// is. The archived source and the result come from anybody, and are decoded there only.
struct MemoryCheck: Sendable {
    /// The folders; the log of the confined processes goes to the state folder.
    var folders: DropFolders
    /// This program's file.
    var executable: String
    /// What the confined process may take and see.
    var limits: WorkerLimits
    /// Threads for linear algebra.
    var threadCount: Int
    /// A memory whose recall takes longer is left at what its files say; 0: all are.
    var secondsForRecall: Double

    /// Reading the source and starting the process may take this much more.
    private static let graceSeconds = 60.0
    /// What another process says of itself is cut here.
    private static let longestDetail = 500

    /// - Parameters:
    ///   - row: A drop with a result of its own.
    ///   - now: Seconds since the epoch.
    /// - Throws: `CancellationError`, and `DropError` where the process cannot be started.
    func entry(for row: DropRow, at now: Double) async throws -> VerificationRecord.Entry {
        let folder = row.resultPath ?? ""
        func entry(_ state: String, _ detail: String) -> VerificationRecord.Entry {
            .init(id: row.id, name: row.name, path: folder, at: now, state: state, detail: detail, versions: Program.versions)
        }
        let files = FileSystem()
        guard try files.facts(of: folder) != nil else { return entry("gone", "the folder is not there any more") }
        do {
            let findings = try await ComputeThread.run { try ManifestVerifier().findings(in: folder) }
            if let first = findings.first {
                return entry("changed", findings.count == 1 ? "\(first)" : "\(first) And \(findings.count - 1) more.")
            }
        } catch {
            return entry("changed", "\(error)")
        }
        guard secondsForRecall > 0 else { return entry("sound", "its files") }
        let hasSource = try files.facts(of: row.path) != nil
        // What came back exactly is what was learned, and stands for it where the source was deleted.
        let copy = folder + "/recovered"
        let isExact = PublishedReport(folder: folder)?.summary?.outcome == DropReport.Outcome.Grade.exact.rawValue
        guard try hasSource || (isExact && files.facts(of: copy) != nil) else {
            return entry("unchecked", "its files are sound; the archived source, which recall is compared with, is gone")
        }
        // Whoever dropped it may have written into it since; recall is measured against what was learned.
        let source = try await ComputeThread.run { OutboxVerifier().checkSource(of: row) }
        if let source, !source.isIntact {
            let what = source.problem ?? source.findings.first.map { "\($0)" } ?? ""
            return entry("unchecked", "its files are sound; the archived source is not any more what was learned: \(what)")
        }
        let verdict = try await recall(row, input: hasSource ? row.path : copy, folder: folder)
        var found = entry(verdict.state.rawValue, verdict.detail)
        found.recalls = verdict.state == .sound
        return found
    }

    private func recall(_ row: DropRow, input: String, folder: String) async throws -> RecallCheck.Verdict {
        var launch = WorkerProcess.Launch(
            executable: executable,
            arguments: [
                "recall-check", "--name=\(row.name)", "--input=\(input)", "--memory-folder=\(folder)", "--threads=\(threadCount)",
                "--seconds=\(secondsForRecall)",
            ] + limits.arguments,
            environment: DaemonSetup.environment(threadCount: threadCount), workingFolder: folders.state,
            logPath: folders.state + "/recheck.log")
        launch.threadCountLimit = limits.threadCount
        let result = try await ChildCommand.run(launch, limitSeconds: secondsForRecall + Self.graceSeconds)
        if result.isCancelled { throw CancellationError() }
        func notChecked(_ why: String) -> RecallCheck.Verdict {
            .init(state: .unchecked, detail: "its files are sound; recall was not checked: \(why)")
        }
        if result.isOverLimit { return RecallCheck.tooLong(secondsForRecall) }
        switch result.exit {
        case .exited(0):
            guard let verdict = result.lines.last.flatMap(RecallCheck.Verdict.init) else {
                return notChecked("the process that does it said nothing that can be read")
            }
            return .init(state: verdict.state, detail: String(TerminalText.printable(verdict.detail).prefix(Self.longestDetail)))
        case .exited(WorkerExit.outOfMemoryCode): return notChecked("it needs more memory than a worker may take (worker.memory)")
        case .exited, .signalled, .unseen: return notChecked("\(result.exit); see recheck.log in the state folder")
        }
    }
}
