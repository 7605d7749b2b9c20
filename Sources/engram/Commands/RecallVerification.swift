import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService

/// Checking files and recall of published memories, each in a confined process of its own: what `verify --recall` and the schedule do.
struct RecallVerification: ParsableArguments {
    @OptionGroup var places: PlaceOptions

    @Option(help: ArgumentHelp("Threads for linear algebra; all processors by default.", valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("With --recall: a memory whose recall takes longer counts as unchecked.", valueName: "seconds"))
    var recallLimit: Double = 60

    @OptionGroup(visibility: .hidden) var confinement: ConfinementOptions

    func validate() throws {
        guard (0...31_536_000).contains(recallLimit) else {
            throw ValidationError("--recall-limit must be from 0 to a year of seconds, found \(recallLimit).")
        }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, found \(threads).") }
    }

    /// Checks the memories of these names, or all.
    /// - Throws: `ExitCode` where one is not what was published, or could not be checked.
    func run(_ configuration: ConfigurationOption, names: [String]) async throws {
        let check = try memoryCheck(configuration)
        let interruption = Interruption()
        let work = Task { try await Self.checkAll(check, names: names) }
        let listening = await interruption.listen { _ in work.cancel() }
        defer { listening.cancel() }
        let text = try await work.value
        StandardStreams.print(text.line)
        if interruption.isRequested { throw ExitStatus.temporaryFailure.exitCode }
        if text.hasDamage { throw ExitStatus.someDropsFailed.exitCode }
        // What was not checked is not sound.
        if !text.isWhole { throw ExitStatus.temporaryFailure.exitCode }
    }

    /// Folders and limits as the daemon names them, else as the configuration says.
    private func memoryCheck(_ configuration: ConfigurationOption) throws -> MemoryCheck {
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

    private static func checkAll(
        _ check: MemoryCheck, names: [String]
    ) async throws -> (line: String, hasDamage: Bool, isWhole: Bool) {
        let clock = SystemDropClock()
        let folders = check.folders
        let ledger = try Ledger.existing(at: folders.ledgerPath, clock: clock)
        let rows = try ledger.rows(in: [.archived]).filter { $0.becomesMemory && $0.reusedFrom == nil && $0.resultPath != nil }
        func isCalled(_ row: DropRow, _ name: String) -> Bool {
            name == row.name || name == row.resultPath || name == row.resultPath.map(FolderCreation.lastPart)
        }
        let wanted = names.isEmpty ? rows : rows.filter { row in names.contains { isCalled(row, $0) } }
        if let unknown = names.first(where: { name in !rows.contains { isCalled($0, name) } }) {
            throw CommandFailure(
                .noInput, stage: .files, code: "no-memory", message: "the ledger knows no memory \(unknown.debugDescription).",
                remedy: "engram memories lists what is stored")
        }
        var record = VerificationRecord(path: folders.verificationPath)
        let known = Set(rows.map(\.id))
        record.entries = record.entries.filter { known.contains($0.key) }
        var counts: [String: Int] = [:]
        for row in wanted.sorted(by: { (record.entries[$0.id]?.at ?? 0, $0.id) < (record.entries[$1.id]?.at ?? 0, $1.id) }) {
            if Task.isCancelled { break }
            do {
                let entry = try await check.entry(for: row, at: clock.secondsSinceEpoch()).following(record.entries[row.id])
                record.entries[row.id] = entry
                counts[entry.state, default: 0] += 1
                if entry.isDamaged {
                    let change = entry.change(Timestamp.text).map { "; " + $0 } ?? ""
                    StandardStreams.printError(TerminalText.printable("\(entry.name): \(entry.state): \(entry.detail)\(change)"))
                }
                try record.write(to: folders.verificationPath)
            } catch is CancellationError {
                break
            }
        }
        // A look at a few memories by name is no night.
        if names.isEmpty, !counts.isEmpty {
            record.endNight(at: clock.secondsSinceEpoch())
            try record.write(to: folders.verificationPath)
        }
        let checked = counts.values.reduce(0, +)
        let parts = ["sound", "unchecked", "changed", "worse", "gone"].compactMap { state in counts[state].map { "\($0) \(state)" } }
        let rest = wanted.count - checked
        let line =
            "\(checked) \(checked == 1 ? "memory" : "memories") checked" + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
            + (rest > 0 ? "; \(rest) left for the next time" : "")
        return (line, (counts["changed"] ?? 0) + (counts["worse"] ?? 0) > 0, (counts["unchecked"] ?? 0) == 0 && rest == 0)
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
        return DropFolders(try configuration.load())
    }
}
