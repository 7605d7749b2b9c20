@testable import EngramDrops
import Glibc
import Testing

/// Sources go oldest first and only where a memory stands for them; whatever dies in between, the ledger tells what became of them.
@Suite struct RetentionTests {
    private let scratch = Scratch()
    private let clock = HandClock()

    /// Drops that were published one day apart, the first being the oldest, each of `size` bytes.
    private func archived(_ names: [String], size: Int = 100) async throws -> (DropFolders, Ledger) {
        for name in names {
            try scratch.write(String(repeating: name, count: size), "inbox/\(name)")
            try scratch.write("seed: 1", "inbox/\(name).drop.yml")
            _ = try await makeScheduler(scratch, clock: clock).runOnce()
            clock.advance(86_400)
        }
        let folders = try scratch.folders()
        return (folders, try Ledger(path: folders.ledgerPath, clock: clock))
    }

    private func retention(_ folders: DropFolders, _ ledger: Ledger, files: FileSystem = FileSystem()) -> Retention {
        Retention(folders: folders, ledger: ledger, files: files, clock: clock)
    }

    private func due(_ rule: RetentionRule, _ folders: DropFolders, _ ledger: Ledger) throws -> [String] {
        try retention(folders, ledger).plan(rule) { _ in nil }.map(\.row.name)
    }

    @Test func eachBoundTakesTheOldestAndAllOfThemTogetherTheirUnion() async throws {
        let (folders, ledger) = try await archived(["a", "b", "c"])
        #expect(try due(RetentionRule(), folders, ledger).isEmpty)
        // a is three days old by now, b two, c one.
        #expect(try due(RetentionRule(ageSeconds: 2.5 * 86_400), folders, ledger) == ["a"])
        #expect(try due(RetentionRule(count: 1), folders, ledger) == ["a", "b"])
        // 100 bytes and 7 of the settings that came with each.
        #expect(try due(RetentionRule(byteCount: 214), folders, ledger) == ["a"])
        #expect(try due(RetentionRule(byteCount: 213), folders, ledger) == ["a", "b"])
        #expect(try due(RetentionRule(ageSeconds: 2.5 * 86_400, count: 2, byteCount: 107), folders, ledger) == ["a", "b"])
        #expect(try due(RetentionRule(count: 0), folders, ledger) == ["a", "b", "c"])
        let candidate = try #require(try retention(folders, ledger).plan(RetentionRule(count: 2)) { _ in nil }.first)
        #expect(candidate.byteCount == 107 && candidate.causes == ["2 newer sources are kept, keep.count is 2"])
    }

    @Test func whatHasNoVerifiedMemoryStaysAndSaysWhy() async throws {
        let (folders, ledger) = try await archived(["a", "b"])
        let retention = retention(folders, ledger)
        let due = try retention.plan(RetentionRule(count: 0)) { $0.name == "a" ? "its memory is damaged" : nil }
        #expect(due.map(\.obstacle) == ["its memory is damaged", nil])
        for candidate in due where candidate.obstacle == nil { #expect(try retention.delete(candidate) == .deleted) }
        #expect(try scratch.names(".engram/archive") == [due[0].row.id])
    }

    @Test func theLedgerKnowsWhatWasDeletedAndTheDropIsNoNews() async throws {
        let (folders, ledger) = try await archived(["a", "b"])
        let before = try #require(try ledger.find("a").first)
        let candidate = try #require(try retention(folders, ledger).plan(RetentionRule(count: 1)) { _ in nil }.first)
        #expect(try retention(folders, ledger).delete(candidate) == .deleted)
        let after = try #require(try ledger.row(before.id))
        #expect(after.state == .archived && after.updatedAt == before.updatedAt && after.resultPath == before.resultPath)
        #expect(after.reason == "its source was deleted: 107 B; 1 newer sources are kept, keep.count is 1; its memory was verified")
        #expect(try ledger.transitions(of: before.id).suffix(2).map(\.reason).map { $0.hasPrefix("its source") } == [true, true])
        #expect(try ledger.deletions(since: 0).map(\.name) == ["a"])
        #expect(try ledger.deletions(since: clock.secondsSinceEpoch() + 1).isEmpty)
        // Deleted once; a second run, or one that planned before, finds nothing.
        #expect(try retention(folders, ledger).delete(candidate) == .gone)
        #expect(try due(RetentionRule(count: 1), folders, ledger).isEmpty)
        // The result is untouched, and the same bytes are still known.
        #expect(try scratch.names("outbox").contains("a"))
    }

    /// Killed before every single operation: a source is either whole or wholly gone, and after the next run the ledger says which.
    @Test func killedAnywhereTheNextRunEndsIt() async throws {
        let (folders, ledger) = try await archived(["a"])
        let row = try #require(try ledger.find("a").first)
        let candidate = try #require(try retention(folders, ledger).plan(RetentionRule(count: 0)) { _ in nil }.first)
        var survived = 0
        for moment in 0..<40 {
            let killer = Killer(after: moment)
            let dying = try Ledger(path: folders.ledgerPath, clock: clock, files: killer.files)
            let outcome = try? Retention(folders: folders, ledger: dying, files: killer.files, clock: clock).delete(candidate)
            let whole = try scratch.exists(".engram/archive/\(row.id)/a")
            try retention(folders, ledger).finishInterrupted()
            let reason = try #require(try ledger.row(row.id)).reason
            if whole {
                survived += 1
                #expect(
                    try scratch.text(".engram/archive/\(row.id)/a").count == 100 && !reason.hasPrefix("its source was deleted"), "\(moment)"
                )
                #expect(!reason.hasPrefix("its source is being"), "\(moment): \(reason)")
            } else {
                #expect(reason.hasPrefix("its source was deleted: "), "\(moment): \(reason)")
                #expect(try scratch.names(".engram/archive").isEmpty, "\(moment)")
                // Its first end without a kill is that of all.
                if outcome == .deleted, !killer.hasStruck { break }
                // The next moment needs a source again.
                try scratch.write(String(repeating: "a", count: 100), ".engram/archive/\(row.id)/a")
            }
            #expect(moment < 39, "it never ended")
        }
        #expect(survived > 0)
    }

    @Test func aSourceThatIsALinkOrLiesElsewhereIsNotTouched() async throws {
        let (folders, ledger) = try await archived(["a", "b"])
        let (a, b) = (try #require(try ledger.find("a").first), try #require(try ledger.find("b").first))
        // Somebody put a link in the place of the folder.
        try FileSystem().removeTree(folders.archive(for: a.id))
        try scratch.write("mine", "elsewhere/a")
        #expect(symlink(scratch.path + "/elsewhere", folders.archive(for: a.id)) == 0)
        let candidates = (try? retention(folders, ledger).plan(RetentionRule(count: 0)) { _ in nil }) ?? []
        #expect(!candidates.contains { $0.row.id == a.id })
        #expect(try scratch.text("elsewhere/a") == "mine")
        #expect(candidates.isEmpty || candidates.map(\.row.id) == [b.id])
    }

    /// False where a second run gets the right to delete.
    private func isLockedOut(_ retention: Retention) -> Bool { (try? retention.alone { false }) ?? true }

    @Test func twoRunsDoNotDeleteAtOnce() async throws {
        let (folders, ledger) = try await archived(["a"])
        let retention = retention(folders, ledger)
        #expect(try retention.alone { isLockedOut(retention) })
        #expect(try retention.alone { true })
    }

    @Test func aDaemonEndsWhatADeadRunLeft() async throws {
        let (folders, ledger) = try await archived(["a"])
        let row = try #require(try ledger.find("a").first)
        try ledger.remark(row.id, reason: "its source is being deleted: why")
        #expect(rename(folders.archive(for: row.id), folders.archive + "/.deleting-" + row.id) == 0)
        _ = try await makeScheduler(scratch, clock: clock).runOnce()
        #expect(try ledger.row(row.id)?.reason == "its source was deleted: why" && scratch.names(".engram/archive").isEmpty)
    }

    // MARK: What the digest counts

    @Test func activitiesTellHowLongDropsWereAtWork() async throws {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: clock)
        let start = clock.secondsSinceEpoch()
        try ledger.insert(id: "1", name: "a", path: "/a")
        for (state, seconds) in [(DropState.running, 10.0), (.retrying, 5), (.running, 20), (.published, 1)] {
            try ledger.move("1", to: state, from: Set(DropState.allCases), reason: "\(state)")
            clock.advance(seconds)
        }
        let steps = try ledger.activities(in: [.running, .published], since: start - 1)
        #expect(steps.map(\.state) == [.running, .running, .published])
        #expect(steps.map { ($0.until ?? 0) - $0.at }.prefix(2) == [10, 20] && steps.last?.until == nil)
        // The first stretch was over by then.
        #expect(try ledger.activities(in: [.running], since: start + 12).map(\.at) == [start + 15])
        #expect(try ledger.activities(in: [.rejected], since: 0).isEmpty)
    }
}
