import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports
import EngramService

/// `engram clean`: what `keep:` says of archived sources; the schedule's action of that name runs it.
struct CleanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Show which archived sources are due to go, or delete them.",
        discussion: """
            `keep:` in pipeline.yml says which sources stay in the archive, by age, number and bytes; the options count before it. Without
            --delete nothing is changed. A source goes only if its memory gave everything back exactly, the last `engram verify --recall`
            found it sound, and its files are intact at this moment; of any other the reason why it stays is said. The ledger keeps what was
            deleted and why, and `engram explain` shows it. Works while `engram run` does and when it does not.

            Examples:
              engram clean                          what would be deleted
              engram clean --age 30d --delete
              engram clean --json | jq .bytes
            """)

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var places: PlaceOptions

    @Flag(help: "Delete what is due.")
    var delete = false

    @Flag(help: "Only show what is due, which is what happens without --delete.")
    var dryRun = false

    @Option(help: ArgumentHelp("Sources may be as old, such as 30d.", valueName: "duration"))
    var age: String?

    @Option(help: ArgumentHelp("So many sources stay, the newest.", valueName: "number"))
    var count: Int?

    @Option(help: ArgumentHelp("Sources may take so many bytes.", valueName: "number"))
    var bytes: Int64?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if delete, dryRun { throw ValidationError("--delete and --dry-run exclude each other.") }
        if let count, count < 0 { throw ValidationError("--count must be 0 or more, found \(count).") }
        if let bytes, bytes < 0 { throw ValidationError("--bytes must be 0 or more, found \(bytes).") }
        if let age, RetentionRule.age(age) == nil {
            throw ValidationError("--age must be a duration from 1h on, such as 30d, found \(age.debugDescription).")
        }
    }

    func run() throws {
        let folders = try places.folders(configuration)
        let rule = try rule()
        guard try FileSystem().facts(of: folders.ledgerPath) != nil else {
            throw CommandFailure(.noInput, stage: .files, code: "unknown-drop", message: "no drop was ever seen; there is no ledger yet.")
        }
        let ledger = try Ledger.existing(at: folders.ledgerPath, clock: SystemDropClock(), isWritable: delete)
        let retention = Retention(folders: folders, ledger: ledger)
        let judge = try VerifiedMemories(folders: folders, ledger: ledger)
        guard delete else {
            return show(CleanText(rule: rule, candidates: try retention.plan(rule, obstacle: judge.obstacle), deleted: nil))
        }
        let text = try retention.alone {
            try retention.finishInterrupted()
            let candidates = try retention.plan(rule, obstacle: judge.obstacle)
            var deleted: Set<String> = []
            for candidate in candidates where candidate.obstacle == nil {
                if try retention.delete(candidate) == .deleted { deleted.insert(candidate.row.id) }
            }
            return CleanText(rule: rule, candidates: candidates, deleted: deleted)
        }
        show(text)
    }

    private func show(_ text: CleanText) {
        if json { StandardStreams.printBytes(text.json.encoded()) } else { StandardStreams.print(text.lines.joined(separator: "\n")) }
    }

    /// What the options say, else the configuration.
    private func rule() throws -> RetentionRule {
        var rule = places.areGiven ? RetentionRule() : RetentionRule(try configuration.load().keep)
        if let age { rule.ageSeconds = RetentionRule.age(age) }
        if let count { rule.count = count }
        if let bytes { rule.byteCount = bytes }
        return rule
    }

    /// The options that say the same.
    static func arguments(_ rule: RetentionRule) -> [String] {
        let seconds = rule.ageSeconds.map { "--age=\(Int(saturating: $0))s" }
        return [seconds, rule.count.map { "--count=\($0)" }, rule.byteCount.map { "--bytes=\($0)" }].compactMap(\.self)
    }
}

extension RetentionRule {
    /// What `keep:` says.
    init(_ keep: PipelineSettings.Keep) {
        self.init(
            ageSeconds: keep.age.given.map { $0 / .seconds(1) }, count: keep.count.given, byteCount: keep.byteCount.given.map(Int64.init))
    }

    /// Seconds of a duration as people write it; nil for what is none, or too short to mean.
    static func age(_ text: String) -> Double? {
        PipelineSettings.Keep.age(text).map { $0 / .seconds(1) }
    }
}

/// Says of which drops the memory was verified, so that their sources can be spared.
struct VerifiedMemories {
    private let owners: [String: DropRow]
    private let record: VerificationRecord

    /// Reads the ledger and what checks found.
    init(folders: DropFolders, ledger: Ledger) throws(DropError) {
        owners = Dictionary(try ledger.rows(in: [.archived]).map { ($0.id, $0) }) { first, _ in first }
        record = VerificationRecord(path: folders.verificationPath)
    }

    /// Why the source of a drop must stay; nil where its memory was verified to give it back exactly.
    func obstacle(_ row: DropRow) -> String? {
        guard row.becomesMemory else { return "it was dropped to \(row.job.kind.name), and no memory gives it back" }
        let owner = row.reusedFrom.flatMap { owners[$0] } ?? row
        guard owner.reusedFrom == nil, let folder = owner.resultPath else { return "the ledger knows no memory of it" }
        guard let summary = PublishedReport(folder: folder)?.summary else { return "the report of its memory cannot be read" }
        guard summary.outcome == "exact" else { return "its memory is \(summary.headline)" }
        guard let entry = record.entries[owner.id] else {
            return "its memory was not checked since it was published; `engram verify --recall` does that"
        }
        guard entry.state == "sound", entry.recalls else { return "the last check of its memory: \(entry.state): \(entry.detail)" }
        let check = OutboxVerifier().check(folder)
        guard check.isIntact else {
            return "the files of its memory are not what was published: \(check.problem ?? check.findings.first.map { "\($0)" } ?? "")"
        }
        return nil
    }
}
