internal import Glibc

/// Makes a new ledger from what lies in the outbox and the archive, for when the old one is lost or damaged.
///
/// What comes back: every result with its hashes, so that the same drop is recognised again; every source in the archive; every rejection.
/// What does not: the steps in between. Claims of the old ledger return to the inbox at the next start, as claims that no ledger knows do.
///
/// The order: the new ledger is built beside the old one, the old one is renamed aside, the new one takes its place. Nothing is removed.
/// After `kill -9` between the two renames there is no ledger, and rebuilding again makes one.
package struct LedgerRebuild: Sendable {
    /// What was found.
    package struct Summary: Equatable, Sendable {
        /// Results with a whole manifest.
        package var publishedCount = 0
        /// Sources in the archive that share a result, or whose result is gone.
        package var archivedCount = 0
        /// Rejections.
        package var rejectedCount = 0
        /// Folders that could not be read, with the reason.
        package var unreadable: [String] = []
        /// Where the old ledger is now, nil if there was none.
        package var keptPath: String?
    }

    private struct Archived {
        var id: String
        var path: String
        var name: String
        var sha256: String
    }

    private let folders: DropFolders
    private let clock: any DropClock
    private let files: FileSystem
    private let randomBits: @Sendable () -> UInt64

    /// Names the folders.
    package init(
        folders: DropFolders, clock: any DropClock = SystemDropClock(), files: FileSystem = FileSystem(),
        randomBits: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) {
        self.folders = folders
        self.clock = clock
        self.files = files
        self.randomBits = randomBits
    }

    /// Rebuilds. The caller holds the `InstanceLock`.
    /// - Throws: `DropError` when the new ledger cannot be written; the old one is untouched until it is whole.
    package func run() throws(DropError) -> Summary {
        var summary = Summary()
        let rows = try restoredRows(&summary)
        let newPath = folders.ledgerPath + ".new"
        for suffix in ["", "-wal", "-shm"] { try files.removeTree(newPath + suffix) }
        let ledger = try Ledger(path: newPath, clock: clock, files: files)
        try ledger.restore(rows)
        try ledger.close()
        for suffix in ["-wal", "-shm"] { try files.removeTree(newPath + suffix) }
        try files.synchronize(newPath)
        summary.keptPath = try setAside()
        try files.rename(newPath, to: folders.ledgerPath)
        try files.synchronize(folders.state)
        return summary
    }

    /// Renames the old ledger with its log, so that it can still be opened under its new name.
    private func setAside() throws(DropError) -> String? {
        let stamp = Stamp.iso8601(clock.secondsSinceEpoch()).filter { $0 != ":" && $0 != "-" && $0 != "." }
        let kept = folders.state + "/ledger-before-\(stamp).sqlite"
        let isThere = try files.exists(folders.ledgerPath)
        for suffix in ["-shm", "-wal", ""] where try files.exists(folders.ledgerPath + suffix) {
            try files.rename(folders.ledgerPath + suffix, to: kept + suffix)
        }
        return isThere ? kept : nil
    }

    private func restoredRows(_ summary: inout Summary) throws(DropError) -> [DropRow] {
        var archived = try archivedSources(&summary)
        var owners: [DropRow] = []
        for name in try resultNames(in: folders.outbox, &summary) where name != "rejected" {
            let path = folders.outbox + "/" + name
            // A folder without a manifest is somebody else's.
            guard let facts = try files.facts(of: path + "/" + ResultManifest.fileName) else { continue }
            do throws(DropError) {
                let origin = try ResultManifest.read(from: path, files: files).origin
                let owner = archived.firstIndex {
                    $0.sha256 == origin.contentSHA256 && $0.name.utf8.elementsEqual(DropJob.entryName(of: origin.name).utf8)
                }
                let source = owner.map { archived.remove(at: $0) }
                let moment = Double(facts.modificationNanoseconds) * 1e-9
                var row = self.row(
                    id: source?.id ?? identifier(at: moment), name: origin.name, path: source?.path ?? path, state: .archived, at: moment,
                    reason: "found in the outbox" + (source == nil ? "; its source is not in the archive" : ""))
                row.contentSHA256 = origin.contentSHA256
                row.settingsSHA256 = origin.settingsSHA256
                row.resultPath = path
                row.foundKind = origin.job.flatMap(JobKind.kind(named:))
                owners.append(row)
                summary.publishedCount += 1
            } catch {
                summary.unreadable.append("\(error)")
            }
        }
        var others: [DropRow] = []
        for source in archived {
            let owner = owners.first { $0.contentSHA256 == source.sha256 }
            var row = self.row(
                id: source.id, name: source.name, path: source.path, state: .archived, at: clock.secondsSinceEpoch(),
                reason: owner.map { "found in the archive; its result is that of \($0.name)" } ?? "found in the archive; its result is gone"
            )
            row.contentSHA256 = source.sha256
            row.resultPath = owner?.resultPath
            row.reusedFrom = owner?.id
            others.append(row)
            summary.archivedCount += 1
        }
        return owners + others + (try rejections(&summary))
    }

    private func archivedSources(_ summary: inout Summary) throws(DropError) -> [Archived] {
        var found: [Archived] = []
        for id in try resultNames(in: folders.archive, &summary) {
            let folder = folders.archive + "/" + id
            do throws(DropError) {
                let names = try files.names(in: folder)
                let companions = Set(
                    names.flatMap { [$0 + InboxScanner.settingsSuffix, $0 + InboxScanner.doneSuffix] }.map { Array($0.utf8) })
                for name in names where !companions.contains(Array(name.utf8)) {
                    let path = folder + "/" + name
                    found.append(Archived(id: id, path: path, name: name, sha256: try TreeHash.compute(path, files: files).sha256))
                    break
                }
            } catch {
                summary.unreadable.append("\(error)")
            }
        }
        return found
    }

    private func rejections(_ summary: inout Summary) throws(DropError) -> [DropRow] {
        var rows: [DropRow] = []
        for folder in try resultNames(in: folders.rejected, &summary) {
            let path = folders.rejected + "/" + folder
            let errorPath = path + "/" + ErrorFile.name
            guard let facts = try files.facts(of: errorPath) else { continue }
            do throws(DropError) {
                let json = try JSONValue.parse(try files.read(errorPath, count: 1 << 20), path: errorPath)
                guard json["schema"]?.string == ErrorFile.schema, let name = json["name"]?.string else {
                    throw DropError.incompleteManifest(path: errorPath, missing: "schema \(ErrorFile.schema) or name")
                }
                let moment = Double(facts.modificationNanoseconds) * 1e-9
                var row = self.row(
                    id: identifier(at: moment), name: name, path: path + "/source/" + DropJob.entryName(of: name), state: .rejected,
                    at: moment,
                    reason: json["message"]?.string ?? "found among the rejected")
                try row.checkName()
                // What a `requeue` left that was killed, or somebody who took the source away: no drop lies there.
                guard try files.exists(row.path) else { continue }
                row.resultPath = path
                row.failureCode = json["code"]?.string
                row.failureIsRetryable = json["retryable"] == .bool(true)
                rows.append(row)
                summary.rejectedCount += 1
            } catch {
                summary.unreadable.append("\(error)")
            }
        }
        return rows
    }

    /// The folders in a folder; a name that is not UTF-8 is no work of ours.
    private func resultNames(in folder: String, _ summary: inout Summary) throws(DropError) -> [String] {
        guard try files.exists(folder) else { return [] }
        var names: [String] = []
        for raw in try files.rawNames(in: folder) {
            guard let name = String(validating: raw, as: UTF8.self), !name.hasPrefix(".") else { continue }
            if try files.facts(of: folder + "/" + name)?.kind == .folder { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func identifier(at moment: Double) -> String { Stamp.identifier(secondsSinceEpoch: moment, random: randomBits()) }

    private func row(id: String, name: String, path: String, state: DropState, at moment: Double, reason: String) -> DropRow {
        DropRow(
            id: id, name: name, path: path, state: state, reason: reason, attempt: 0, failureCount: 0, createdAt: moment, updatedAt: moment)
    }
}
