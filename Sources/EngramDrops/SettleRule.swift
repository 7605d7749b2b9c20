/// Decides when an entry is all there: its sizes and times no longer change, and its formats say that they are complete.
public struct SettleRule: Equatable, Sendable {
    /// Seconds without a change; 5 because scanners and copiers pause for less.
    public var settleSeconds: Double
    /// Seconds after which a stable entry that looks incomplete is handed over, so that the decoder says what is wrong with it.
    public var patienceSeconds: Double
    /// One pass over the inbox (`--once`): what was last modified `settleSeconds` ago counts as stable at first sight, and there is no
    /// patience beyond that.
    public var isSinglePass: Bool

    /// Creates the rule.
    public init(settleSeconds: Double = 5, patienceSeconds: Double = 60, isSinglePass: Bool = false) {
        self.settleSeconds = settleSeconds
        self.patienceSeconds = patienceSeconds
        self.isSinglePass = isSinglePass
    }

    /// What to do with an entry now.
    public enum Verdict: Equatable, Sendable {
        /// Claim it. `reason` says why it is thought to be all there.
        case ready(reason: String)
        /// Look again at `until` (monotonic seconds); nil: only a change of the entry can help.
        case wait(reason: String, until: Double?)
    }

    /// What is known about one entry from earlier looks.
    struct Memory: Sendable {
        var snapshot: TreeSnapshot
        /// When this snapshot was first seen, monotonic seconds.
        var since: Double
        /// What the formats say about this snapshot, once asked.
        var completeness: FormatCompleteness?
    }

    /// - Parameters:
    ///   - memory: From earlier looks; updated.
    ///   - snapshot: The entry now.
    ///   - isMarkedDone: There is a `NAME.done`.
    ///   - wasMovedIn: It came by a rename, so it was complete when it came.
    ///   - clock: For the age of the entry.
    ///   - completeness: Asked at most once for a snapshot, and only when the answer matters: it reads the files.
    func verdict(
        memory: inout Memory?, snapshot: TreeSnapshot, isMarkedDone: Bool, wasMovedIn: Bool, clock: any DropClock,
        completeness: () throws(DropError) -> FormatCompleteness
    ) throws(DropError) -> Verdict {
        let now = clock.monotonicSeconds()
        if memory?.snapshot != snapshot { memory = Memory(snapshot: snapshot, since: now) }
        let since = memory?.since ?? now

        if isMarkedDone { return .ready(reason: "its done marker is there") }
        if !snapshot.isFolder, snapshot.byteCount == 0 { return .wait(reason: "it is empty; waiting for its content", until: nil) }

        let age = clock.secondsSinceEpoch() - snapshot.newestModification
        let settledAt: Double =
            if wasMovedIn || (isSinglePass && age >= settleSeconds) { since } else { since + settleSeconds }
        guard now >= settledAt else { return .wait(reason: "waiting until it stops changing", until: settledAt) }

        let found = if let known = memory?.completeness { known } else { try completeness() }
        memory?.completeness = found
        guard case .incomplete(let reason) = found else {
            return .ready(reason: wasMovedIn ? "it was renamed into the inbox and is complete" : "it is stable and complete")
        }
        let givenUpAt = since + (isSinglePass ? 0 : max(settleSeconds, patienceSeconds))
        guard now >= givenUpAt else { return .wait(reason: "waiting for the rest: \(reason)", until: givenUpAt) }
        return .ready(reason: "it no longer changes, though \(reason)")
    }
}

/// Applies a `SettleRule` to the entries of an inbox from one look to the next.
struct SettleTracker: Sendable {
    var rule: SettleRule
    private let inbox: String
    private let files: FileSystem
    private let clock: any DropClock
    // Keyed by bytes: as `String`, two names that differ only in Unicode normalization would be one.
    private var memories: [[UInt8]: SettleRule.Memory] = [:]
    private var movedIn: Set<[UInt8]> = []

    init(rule: SettleRule, inbox: String, files: FileSystem, clock: any DropClock) {
        self.rule = rule
        self.inbox = inbox
        self.files = files
        self.clock = clock
    }

    mutating func noteMovedIn(_ name: String) { movedIn.insert(Array(name.utf8)) }

    /// Forgets every entry not in `names`: a new one of the same name starts afresh.
    mutating func keepOnly(_ names: [String]) {
        let kept = Set(names.map { Array($0.utf8) })
        memories = memories.filter { kept.contains($0.key) }
        movedIn.formIntersection(kept)
    }

    /// - Returns: nil when the entry is gone.
    mutating func look(at name: String, isMarkedDone: Bool) throws(DropError) -> SettleRule.Verdict? {
        let key = Array(name.utf8)
        let path = inbox + "/" + name
        // What only waiting can cure is looked at again after a while, and not at all in a single pass.
        let later = rule.isSinglePass ? nil : clock.monotonicSeconds() + rule.patienceSeconds
        let snapshot: TreeSnapshot
        do {
            guard let taken = try look(at: path, name: name) else { return nil }
            snapshot = taken
        } catch {
            memories[key] = nil
            return .wait(reason: "\(error)", until: error.isRetryable ? later : nil)
        }
        // A change after the rename means that somebody is still writing.
        if let before = memories[key], before.snapshot != snapshot { movedIn.remove(key) }
        var memory = memories[key]
        defer { memories[key] = memory }
        do {
            return try rule.verdict(
                memory: &memory, snapshot: snapshot, isMarkedDone: isMarkedDone, wasMovedIn: movedIn.contains(key), clock: clock
            ) { () throws(DropError) in try Self.completeness(of: snapshot, at: path, name: name, files: files) }
        } catch {
            return .wait(reason: "\(error)", until: later)
        }
    }

    /// The entry with its settings file: one that is still being written holds the drop up like a file of its own.
    private func look(at path: String, name: String) throws(DropError) -> TreeSnapshot? {
        guard var snapshot = try TreeSnapshot.take(path, files: files) else { return nil }
        guard (name + InboxScanner.settingsSuffix).utf8.count <= 255 else { return snapshot }
        if let facts = try files.facts(of: path + InboxScanner.settingsSuffix), facts.kind == .file {
            snapshot.settings = TreeSnapshot.File(
                relativePath: InboxScanner.settingsSuffix, byteCount: facts.byteCount,
                modificationNanoseconds: facts.modificationNanoseconds)
            snapshot.newestModification = max(snapshot.newestModification, Double(facts.modificationNanoseconds) * 1e-9)
        }
        return snapshot
    }

    private static func completeness(of snapshot: TreeSnapshot, at path: String, name: String, files: FileSystem) throws(DropError)
        -> FormatCompleteness
    {
        if let settings = snapshot.settings, settings.byteCount == 0 {
            return .incomplete(reason: "its settings file \((name + InboxScanner.settingsSuffix).debugDescription) is empty")
        }
        guard snapshot.isFolder else {
            return try FormatCompleteness.check(path, name: name, byteCount: snapshot.byteCount, files: files)
        }
        var visibleCount = 0
        for file in snapshot.files {
            let names = file.relativePath.split(separator: "/").map { EntryName(String($0)) }
            if names.contains(where: { if case .partial = $0 { true } else { false } }) {
                return .incomplete(reason: "\(file.relativePath.debugDescription) in it is still being written")
            }
            if names.contains(where: { $0 != .ordinary }) { continue }
            visibleCount += 1
            let last = file.relativePath.split(separator: "/").last.map(String.init) ?? file.relativePath
            let inner = path + "/" + file.relativePath
            if case .incomplete(let reason) = try FormatCompleteness.check(inner, name: last, byteCount: file.byteCount, files: files) {
                return .incomplete(reason: "\(file.relativePath.debugDescription) in it is not complete: \(reason)")
            }
        }
        return visibleCount == 0 ? .incomplete(reason: "the folder is empty") : .complete
    }
}
