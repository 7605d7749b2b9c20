import ArgumentParser
import EngramDrops
import EngramPipeline

/// `engram recheck`: what the schedule's action `verify` runs.
struct RecheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recheck",
        abstract: "Check every published memory again: files and recall.",
        discussion: """
            Compares each folder in the outbox with its manifest, and recalls from its stored network, from the same starts as when it was
            published. What is found is kept in verification.json in the state folder. Memories that were not checked for longest come
            first, so that a limited time reaches all of them in turn. Exit code 1 if one is not what was published.

            Each recall is a process of its own, with the limits and the sandbox of `worker:` in pipeline.yml.

            Examples:
              engram recheck
              engram recheck --recall-limit 0     files only
            """)

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var places: PlaceOptions

    @Option(help: ArgumentHelp("Threads for linear algebra; all processors by default.", valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("A memory whose recall takes longer is left at what its files say.", valueName: "seconds"))
    var recallLimit: Double = 60

    @OptionGroup(visibility: .hidden) var confinement: ConfinementOptions

    func validate() throws {
        guard (0...31_536_000).contains(recallLimit) else {
            throw ValidationError("--recall-limit must be from 0 to a year of seconds, found \(recallLimit).")
        }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, found \(threads).") }
    }

    func run() async throws {
        let check = try memoryCheck()
        let interruption = Interruption()
        let work = Task { try await Self.checkAll(check) }
        let listening = await interruption.listen { _ in work.cancel() }
        defer { listening.cancel() }
        let text = try await work.value
        StandardStreams.print(text.line)
        if interruption.isRequested { throw ExitStatus.temporaryFailure.exitCode }
        if text.hasDamage { throw ExitStatus.someDropsFailed.exitCode }
    }

    /// Folders and limits as the daemon names them, else as the configuration says.
    private func memoryCheck() throws -> MemoryCheck {
        let threadCount = threads ?? ProcessorCount.available()
        var limits = WorkerLimits()
        limits.sandbox = .auto
        if !places.areGiven { limits = WorkerLimits(try configuration.load(), threadCount: threadCount, memory: MemoryAvailability()) }
        limits = confinement.limits(over: limits)
        let support = SandboxSupport.ofThisKernel()
        if limits.sandbox == .require, !support.isWhole { throw WorkerConfinement.missing(support) }
        return MemoryCheck(
            folders: try places.folders(configuration), executable: try Program.executablePath(), limits: limits, threadCount: threadCount,
            secondsForRecall: recallLimit)
    }

    private static func checkAll(_ check: MemoryCheck) async throws -> (line: String, hasDamage: Bool) {
        let clock = SystemDropClock()
        let folders = check.folders
        let ledger = try Ledger.existing(at: folders.ledgerPath, clock: clock)
        let rows = try ledger.rows(in: [.archived]).filter { $0.job == .memorize && $0.reusedFrom == nil && $0.resultPath != nil }
        var record = VerificationRecord(path: folders.verificationPath)
        let known = Set(rows.map(\.id))
        record.entries = record.entries.filter { known.contains($0.key) }
        var counts: [String: Int] = [:]
        for row in rows.sorted(by: { (record.entries[$0.id]?.at ?? 0, $0.id) < (record.entries[$1.id]?.at ?? 0, $1.id) }) {
            if Task.isCancelled { break }
            do {
                let entry = try await check.entry(for: row, at: clock.secondsSinceEpoch())
                record.entries[row.id] = entry
                counts[entry.state, default: 0] += 1
                if entry.isDamaged { StandardStreams.printError(TerminalText.printable("\(entry.name): \(entry.state): \(entry.detail)")) }
                try record.write(to: folders.verificationPath)
            } catch is CancellationError {
                break
            }
        }
        let checked = counts.values.reduce(0, +)
        let parts = ["sound", "changed", "worse", "gone"].compactMap { state in counts[state].map { "\($0) \(state)" } }
        let rest = rows.count - checked
        let line =
            "\(checked) \(checked == 1 ? "memory" : "memories") checked" + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
            + (rest > 0 ? "; \(rest) left for the next time" : "")
        return (line, (counts["changed"] ?? 0) + (counts["worse"] ?? 0) > 0)
    }
}

/// The folders, for commands that the daemon starts: it names them, since the configuration may have changed since it started.
struct PlaceOptions: ParsableArguments {
    @Option(help: .hidden) var inbox: String?
    @Option(help: .hidden) var outbox: String?
    @Option(help: .hidden) var state: String?

    /// Whether the daemon named all of them.
    var areGiven: Bool { inbox != nil && outbox != nil && state != nil }

    /// What was given, else what the configuration says.
    func folders(_ configuration: ConfigurationOption) throws -> DropFolders {
        if let inbox, let outbox, let state { return DropFolders(inbox: inbox, outbox: outbox, state: state) }
        let pipeline = try configuration.load()
        // What is kept names absolute paths.
        return DropFolders(
            inbox: PathText.absolute(pipeline.inbox), outbox: PathText.absolute(pipeline.outbox), state: PathText.absolute(pipeline.state))
    }
}
