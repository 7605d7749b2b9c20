internal import Glibc

/// Deletes archived sources that go beyond what is kept, and never one whose memory was not verified.
///
/// The order, and what the next run finds after `kill -9` in each gap:
/// 1. ledger: that the source is being deleted, and why - *the source is whole; the ledger says that it is still there.*
/// 2. `archive/ID` renamed to `archive/.deleting-ID`, flushed - *the rest is deleted, and step 4 done.*
/// 3. `archive/.deleting-ID` removed, flushed - *step 4 is done.*
/// 4. ledger: that it was deleted, and why.
package struct Retention: Sendable {
    /// One source that is due.
    package struct Candidate: Equatable, Sendable {
        /// Its drop.
        package var row: DropRow
        /// Bytes of its files, with what came with it.
        package var byteCount: Int64
        /// The bounds that it goes beyond, for people.
        package var causes: [String]
        /// Why it stays all the same; nil for one that goes.
        package var obstacle: String?
    }

    /// What became of a candidate.
    package enum Outcome: Equatable, Sendable {
        case deleted
        /// Somebody took it meanwhile, or its drop is not what it was.
        case gone
    }

    /// Begins the reason of a drop whose source was deleted.
    static let deleted = "its source was deleted: "
    private static let deleting = "its source is being deleted: "
    private static let prefix = ".deleting-"
    /// What the lock of this work is called.
    private static let lockName = "/clean.lock"

    private let folders: DropFolders
    private let ledger: Ledger
    private let files: FileSystem
    private let clock: any DropClock

    /// Names the folders and their ledger, which must be open for writing where something is deleted.
    package init(folders: DropFolders, ledger: Ledger, files: FileSystem = FileSystem(), clock: any DropClock = SystemDropClock()) {
        self.folders = folders
        self.ledger = ledger
        self.files = files.guarding(folders.guarded)
        self.clock = clock
    }

    /// Keeps a second run off while `body` deletes.
    /// - Throws: `DropError.alreadyRunning`; what `body` throws.
    @discardableResult
    package func alone<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try InstanceLock(path: folders.state + Self.lockName)
        defer { lock.release() }
        return try body()
    }

    /// The sources that a rule wants gone, oldest first; nothing is changed.
    /// - Parameter obstacle: Why the source of a drop must stay: its memory was not verified; nil where it was. The rule comes first, since
    ///   finding this out reads all of a result.
    package func plan(_ rule: RetentionRule, obstacle: (DropRow) -> String?) throws(DropError) -> [Candidate] {
        guard !rule.keepsAll else { return [] }
        let now = clock.secondsSinceEpoch()
        let rows = try ledger.rows(in: [.archived]).sorted { ($0.updatedAt, $0.id) > ($1.updatedAt, $1.id) }
        var (count, bytes) = (0, Int64(0))
        var due: [Candidate] = []
        for row in rows {
            guard let size = try size(of: row) else { continue }
            count += 1
            bytes &+= size
            var causes: [String] = []
            let age = now - row.updatedAt
            if let most = rule.ageSeconds, age > most { causes.append("older than keep.age (\(Self.days(age)) of \(Self.days(most)))") }
            if let most = rule.count, count > most { causes.append("\(count - 1) newer sources are kept, keep.count is \(most)") }
            if let most = rule.byteCount, bytes > most {
                causes.append("with the newer ones \(DiskAdmission.text(bytes)), keep.bytes is \(DiskAdmission.text(most))")
            }
            if !causes.isEmpty { due.append(Candidate(row: row, byteCount: size, causes: causes)) }
        }
        return due.reversed().map { candidate in
            var candidate = candidate
            candidate.obstacle = obstacle(candidate.row)
            return candidate
        }
    }

    /// Deletes the source of a candidate that has no obstacle.
    package func delete(_ candidate: Candidate) throws(DropError) -> Outcome {
        precondition(candidate.obstacle == nil, "A source that must stay is not deleted.")
        let id = candidate.row.id
        try DropPlace.checkName(id)
        guard let row = try ledger.row(id), row.state == .archived, row.path == candidate.row.path, try size(of: row) != nil else {
            return .gone
        }
        let why = "\(DiskAdmission.text(candidate.byteCount)); \(candidate.causes.joined(separator: "; ")); its memory was verified"
        try ledger.remark(id, reason: Self.deleting + why)
        guard try files.renameIfFree(folders.archive(for: id), to: folders.archive + "/" + Self.prefix + id) else { return .gone }
        try files.synchronize(folders.archive)
        try end(id, why)
        return .deleted
    }

    /// Ends what a run left that was killed.
    package func finishInterrupted() throws(DropError) {
        guard try files.exists(folders.archive) else { return }
        for name in try files.textNames(in: folders.archive) where name.hasPrefix(Self.prefix) {
            let id = String(name.dropFirst(Self.prefix.count))
            try end(id, try ledger.row(id).flatMap { Self.why(of: $0) })
        }
        for row in try ledger.rows(in: [.archived]) {
            guard let why = Self.why(of: row) else { continue }
            if try files.exists(folders.archive(for: row.id)) {
                try ledger.remark(row.id, reason: "its source is still there: its deletion was interrupted")
            } else {
                try ledger.remark(row.id, reason: Self.deleted + why)
            }
        }
    }

    /// Steps 3 and 4.
    private func end(_ id: String, _ why: String?) throws(DropError) {
        try files.removeTree(folders.archive + "/" + Self.prefix + id)
        try files.synchronize(folders.archive)
        if let why { try ledger.remark(id, reason: Self.deleted + why) }
    }

    private static func why(of row: DropRow) -> String? {
        row.reason.hasPrefix(deleting) ? String(row.reason.dropFirst(deleting.count)) : nil
    }

    /// Bytes of a source with what came with it; nil where it is not in the archive.
    private func size(of row: DropRow) throws(DropError) -> Int64? {
        let folder = folders.archive(for: row.id)
        // A rebuilt ledger may have other places in it; what does not lie here is not this work's.
        guard row.path.hasPrefix(folder + "/"), try files.exists(row.path) else { return nil }
        return try TreeSnapshot.take(folder, files: files)?.byteCount
    }

    private static func days(_ seconds: Double) -> String {
        let days = seconds / 86_400
        return days >= 2 ? "\(Int(saturating: days)) days" : "\(Int(saturating: seconds / 3600)) hours"
    }
}
