internal import EngramDrops
internal import EngramReports
internal import EngramSystem
internal import Synchronization

/// Everything that the first page shows, as it was at one moment.
struct Snapshot: Sendable {
    var status: StatusReport
    /// The losses so far, by drop.
    var losses: [String: [LossRow]] = [:]
    /// Drops at work whose worker left a picture of what the network recalls, with the moment it did.
    var previews: [String: Int64] = [:]
    var memories = MemoryList()
    /// Pages of digests, newest first.
    var digests: [String] = []
    /// Seconds since the epoch.
    var now: Double
}

/// Reads snapshots. One for all who look: whatever was read once and cannot change is kept.
///
/// A `StatusReader` is used by one task at a time (`LiveFeed`).
struct StatusReader: Sendable {
    private let source: ServiceSource
    private let files: FileSystem
    private let shelf: LedgerShelf
    private var history = LossHistory()
    /// What a finished drop's report says, by drop; `.some(nil)` where there is none that can be read.
    private var published: [String: PublishedReport?] = [:]
    private var memories: [String: (stamp: String, entry: MemoryList.Entry?)] = [:]

    /// Digests that are listed.
    private static let digestLimit = 14
    /// Reports that are kept; a list shows twenty.
    private static let reportLimit = 200

    init(_ source: ServiceSource, shelf: LedgerShelf) {
        self.source = source
        self.shelf = shelf
        files = FileSystem().guarding(source.folders.guarded)
    }

    /// Looks at ledger, workers and outbox.
    mutating func read() throws -> Snapshot {
        let folders = source.folders
        let now = source.now()
        var snapshot = Snapshot(status: try status(now: now), now: now)
        let running = snapshot.status.drops.map(\.row).filter { $0.state == .running }
        history.update(running, folders: folders, files: files)
        for row in running {
            snapshot.losses[row.id] = history.rows(of: row.id)
            if let facts = try? files.facts(of: folders.work(for: row.id).preview), facts.kind == .file {
                snapshot.previews[row.id] = facts.modificationNanoseconds
            }
        }
        snapshot.memories = memoryList()
        let names = (try? files.textNames(in: folders.outbox)) ?? []
        snapshot.digests = Array(names.filter { $0.hasPrefix("digest-") && $0.hasSuffix(".html") }.reversed().prefix(Self.digestLimit))
        return snapshot
    }

    /// What `engram status` knows.
    mutating func status(now: Double) throws(DropError) -> StatusReport {
        let folders = source.folders
        var report: StatusReport
        if let ledger = try shelf.ledger() {
            var known = published
            do throws(DropError) {
                report = try StatusReport.read(
                    ledger: ledger, folders: folders, daemonProcess: DaemonPresence.process(lockPath: folders.lockPath)
                ) { row in
                    guard row.state == .archived else { return nil }
                    if let found = known[row.id] { return found }
                    let report = PublishedReport(of: row)
                    known[row.id] = .some(report)
                    return report
                }
            } catch {
                // A ledger that was made anew is another file under the same name.
                shelf.forget()
                throw error
            }
            published = known.count > Self.reportLimit ? [:] : known
        } else {
            report = StatusReport(daemonProcess: nil, counts: [:], drops: [], folders: folders)
        }
        let (schedule, journal) = (source.schedule(), ScheduleJournal(path: folders.schedulePath))
        report.schedule = ScheduleEntries.json(schedule, journal: journal, now: now)
        report.sandbox = source.sandbox
        return report
    }

    private mutating func memoryList() -> MemoryList {
        let outbox = source.folders.outbox
        var (list, kept) = (MemoryList(), memories)
        let checks = source.checks()
        memories = [:]
        for name in StoredMemories(outbox: outbox, files: files).names() {
            let folder = outbox + "/" + name
            guard let facts = try? files.facts(of: folder + "/" + ResultManifest.fileName) else { continue }
            let stamp = "\(facts.inode) \(facts.byteCount) \(facts.changeNanoseconds)"
            do {
                let known = kept.removeValue(forKey: name)
                let entry = known?.stamp == stamp ? known?.entry : try MemoryList.entry(named: name, in: outbox, files: files)
                memories[name] = (stamp, entry)
                guard var entry else { continue }
                entry.check = checks[folder]
                list.entries.append(entry)
            } catch {
                list.problems.append((name, "\(error)"))
            }
        }
        return list
    }
}

/// The ledger, opened once for all who read; they never write it.
final class LedgerShelf: Sendable {
    private let path: String
    private let opened = Mutex<Ledger?>(nil)

    init(_ source: ServiceSource) { path = source.folders.ledgerPath }

    /// nil while there is none.
    func ledger() throws(DropError) -> Ledger? {
        if let ledger = opened.withLock({ $0 }) { return ledger }
        guard let facts = try FileSystem().facts(of: path), facts.byteCount > 0 else { return nil }
        let ledger = try Ledger.existing(at: path, clock: SystemDropClock())
        opened.withLock { $0 = ledger }
        return ledger
    }

    /// Opens it anew the next time.
    func forget() { opened.withLock { $0 = nil } }
}
