internal import EngramSystem

/// Applies a `SettleRule` to the entries of an inbox from one look to the next.
struct SettleTracker: Sendable {
    var rule: SettleRule
    private let inbox: String
    private let files: FileSystem
    private let formats: FormatKnowledge
    private let clock: any DropClock
    private let writers: OpenWriters
    // Keyed by bytes: as `String`, two names that differ only in Unicode normalization would be one.
    private var memories: [[UInt8]: SettleRule.Memory] = [:]
    private var movedIn: Set<[UInt8]> = []
    /// Entries that cannot be read: which one was seen, and since when.
    private var unreadable: [[UInt8]: (inode: UInt64, change: Int64, since: Double)] = [:]

    init(rule: SettleRule, inbox: String, files: FileSystem, formats: FormatKnowledge, clock: any DropClock) {
        self.rule = rule
        self.inbox = inbox
        self.files = files
        self.formats = formats
        self.clock = clock
        writers = OpenWriters(files: files, isShared: FileSystemType.of(inbox)?.isShared ?? false)
    }

    mutating func noteMovedIn(_ name: String) { movedIn.insert(Array(name.utf8)) }

    /// Forgets every entry not in `names`: a new one of the same name starts afresh.
    mutating func keepOnly(_ names: [String]) {
        let kept = Set(names.map { Array($0.utf8) })
        memories = memories.filter { kept.contains($0.key) }
        unreadable = unreadable.filter { kept.contains($0.key) }
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
            guard let taken = try look(at: path, name: name, isMarkedDone: isMarkedDone) else { return nil }
            snapshot = taken
        } catch {
            memories[key] = nil
            if error.isRetryable { return .blocked(reason: "\(error)", until: later) }
            // Beside a drop whose settings cannot be read nothing is given up: the drop itself may be whole.
            if case .companionNotAFile = error { return .wait(reason: "\(error)", until: nil) }
            return try look(atUnreadable: name, reason: "\(error)")
        }
        // A change after the rename means that somebody is still writing.
        if let before = memories[key], before.snapshot != snapshot { movedIn.remove(key) }
        var memory = memories[key]
        defer { memories[key] = memory }
        do {
            let verdict = try rule.verdict(
                memory: &memory, snapshot: snapshot, isMarkedDone: isMarkedDone, wasMovedIn: movedIn.contains(key), clock: clock
            ) { () throws(DropError) in try completeness(of: snapshot, at: path, name: name) }
            guard case .ready = verdict else { return verdict }
            try checkRights(snapshot, at: path)
            // Its owner's word counts for more.
            if !isMarkedDone, let written = try writers.firstFile(of: snapshot, at: path, name: name) {
                return .wait(
                    reason: "\(written.debugDescription) is still open for writing; waiting until whoever writes it closes it",
                    until: clock.monotonicSeconds() + max(1, rule.settleSeconds))
            }
            return verdict
        } catch {
            return error.isRetryable ? .blocked(reason: "\(error)", until: later) : .wait(reason: "\(error)", until: later)
        }
    }

    /// What is to become of a link, a pipe, a socket or a device, or of a folder that holds one: it waits for its owner, and is given up in
    /// the end.
    mutating func look(atUnreadable name: String, reason: String) throws(DropError) -> SettleRule.Verdict? {
        let key = Array(name.utf8)
        guard let facts = try files.facts(of: inbox + "/" + name) else { return nil }
        // Another file system is not ours to move or to empty.
        if files.mountTable().hasMount(atOrBelow: inbox + "/" + name) {
            return .wait(reason: "another file system is mounted inside it; " + reason, until: nil)
        }
        let now = clock.monotonicSeconds()
        // A folder changes when something is put into it or taken out.
        if unreadable[key]?.inode != facts.inode || unreadable[key]?.change != facts.changeNanoseconds {
            let age = rule.isSinglePass ? max(0, clock.secondsSinceEpoch() - Double(facts.changeNanoseconds) / 1e9) : 0
            unreadable[key] = (facts.inode, facts.changeNanoseconds, now - age)
        }
        return rule.awaiting(reason, since: unreadable[key]?.since ?? now, now: now)
    }

    /// The entry with its settings file: one that is still being written holds the drop up like a file of its own.
    /// - Throws: Also `DropError.companionNotAFile`: without the settings that its owner gave it, it would be another drop.
    private func look(at path: String, name: String, isMarkedDone: Bool) throws(DropError) -> TreeSnapshot? {
        guard var snapshot = try TreeSnapshot.take(path, files: files) else { return nil }
        if let facts = try InboxScanner.companion(InboxScanner.settingsSuffix, of: path, files: files) {
            snapshot.settings = TreeSnapshot.File(
                relativePath: InboxScanner.settingsSuffix, byteCount: facts.byteCount,
                modificationNanoseconds: facts.modificationNanoseconds)
            snapshot.newestModification = max(snapshot.newestModification, Double(facts.modificationNanoseconds) / 1e9)
        }
        for (name, facts) in try InboxScanner.companions(of: path, files: files) {
            snapshot.companions.append(
                TreeSnapshot.File(
                    relativePath: name, byteCount: facts.byteCount, modificationNanoseconds: facts.modificationNanoseconds))
            snapshot.newestModification = max(snapshot.newestModification, Double(facts.modificationNanoseconds) / 1e9)
        }
        if isMarkedDone { _ = try InboxScanner.companion(InboxScanner.doneSuffix, of: path, files: files) }
        return snapshot
    }

    /// What is claimed must be readable to the last file; a right that is missing is said while the drop is still where its owner put it.
    private func checkRights(_ snapshot: TreeSnapshot, at path: String) throws(DropError) {
        if snapshot.isFolder { try files.checkMovable(path) }
        // A folder that cannot be written in could not be emptied, should the drop be rejected.
        for folder in snapshot.folders { try files.checkMovable(path + "/" + folder) }
        for file in snapshot.files { try files.checkReadable(file.relativePath.isEmpty ? path : path + "/" + file.relativePath) }
        if snapshot.settings != nil { try files.checkReadable(path + InboxScanner.settingsSuffix) }
        for companion in snapshot.companions { try files.checkReadable(DropJob.folder(of: path) + companion.relativePath) }
    }

    private func completeness(of snapshot: TreeSnapshot, at path: String, name: String) throws(DropError) -> EntryCompleteness {
        if let settings = snapshot.settings, settings.byteCount == 0 {
            return .incomplete(reason: "its settings file \((name + InboxScanner.settingsSuffix).debugDescription) is empty")
        }
        for companion in snapshot.companions {
            let beside = DropJob.folder(of: path) + companion.relativePath
            if case .incomplete(let reason) = try formats.completeness(
                of: beside, name: companion.relativePath, byteCount: companion.byteCount, files: files)
            {
                return .incomplete(reason: "\(companion.relativePath.debugDescription) beside it is not complete: \(reason)")
            }
        }
        guard snapshot.isFolder else {
            return EntryCompleteness(try formats.completeness(of: path, name: name, byteCount: snapshot.byteCount, files: files))
        }
        // What its owner is still writing decides before what is wrong with the rest.
        for inner in snapshot.folders + snapshot.files.map(\.relativePath) {
            guard inner.split(separator: "/").contains(where: { EntryName(String($0)).isPartial }) else { continue }
            return .awaited(reason: "\(inner.debugDescription) in it is still being written, by its name; rename it when it is complete")
        }
        var hasContent = false
        var passed: String?
        var filled: Set<[UInt8]> = []
        for file in snapshot.files {
            let names = file.relativePath.split(separator: "/").map(String.init)
            for count in 1..<max(2, names.count) { filled.insert(Array(names.prefix(count).joined(separator: "/").utf8)) }
            if names.contains(where: { EntryName($0) != .ordinary }) {
                passed = passed ?? file.relativePath
                continue
            }
            // Settings alone are no drop yet.
            hasContent = hasContent || !SettingsName.isInside(file.relativePath)
            let inner = path + "/" + file.relativePath
            if case .incomplete(let reason) = try formats.completeness(
                of: inner, name: names.last ?? "", byteCount: file.byteCount, files: files)
            {
                return .incomplete(reason: "\(file.relativePath.debugDescription) in it is not complete: \(reason)")
            }
        }
        let isEmpty = { (folder: String) in
            !filled.contains(Array(folder.utf8)) && folder.split(separator: "/").allSatisfy { EntryName(String($0)) == .ordinary }
        }
        if hasContent, let empty = snapshot.folders.first(where: isEmpty) {
            return .incomplete(reason: "the folder \(empty.debugDescription) in it is empty")
        }
        guard hasContent else {
            let found = passed.map { "holds nothing but what is passed over, such as \($0.debugDescription)" } ?? "is empty"
            return .awaited(reason: "the folder \(found); waiting for its content")
        }
        return .complete
    }
}
