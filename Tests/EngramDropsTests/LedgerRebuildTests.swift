@testable import EngramDrops
import Glibc
import Testing

@Suite struct LedgerRebuildTests {
    private static let worker = shellWorker(#"case "$input" in *bad) exit 65;; *) cp "$input" "$output/copy";; esac"#)

    /// Two results, one drop that shares the first, one rejected, and one result whose source somebody took from the archive.
    private func fill(_ scratch: Scratch) async throws -> (DropFolders, Ledger) {
        for (name, text) in [("a", "first"), ("b", "second"), ("d", "fourth"), ("x-bad", "bad")] {
            try scratch.write(text, "inbox/" + name)
        }
        _ = try await makeScheduler(scratch, worker: Self.worker).runOnce()
        try scratch.write("first", "inbox/c")
        let clock = HandClock()
        clock.advance(1)
        _ = try await makeScheduler(scratch, worker: Self.worker, clock: clock).runOnce()
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let taken = try #require(try ledger.find("d").first?.id)
        try FileSystem().removeTree(folders.archive(for: taken))
        return (folders, ledger)
    }

    @Test func resultsSourcesAndRejectionsAreFoundAgain() async throws {
        let scratch = Scratch()
        let (folders, old) = try await fill(scratch)
        let before = try ["a", "b", "c", "x-bad"].map { try #require(try old.find($0).first) }
        try old.close()
        try scratch.write("no ledger at all, just a text of some length that is none", ".engram/ledger.sqlite")
        let summary = try LedgerRebuild(folders: folders, clock: HandClock()).run()
        #expect(summary.publishedCount == 3 && summary.archivedCount == 1 && summary.rejectedCount == 1 && summary.unreadable.isEmpty)
        let kept = try #require(summary.keptPath)
        #expect(String(decoding: try FileSystem().read(kept, count: 9), as: UTF8.self) == "no ledger")
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        for row in before.dropLast() {
            let found = try #require(try ledger.row(row.id))
            #expect(found.state == .archived && found.name == row.name && found.path == row.path && found.resultPath == row.resultPath)
            #expect(found.contentSHA256 == row.contentSHA256 && found.reusedFrom == row.reusedFrom)
        }
        let rejected = try #require(try ledger.find("x-bad").first)
        #expect(rejected.state == .rejected && rejected.path == before[3].path && rejected.failureCode == "worker-ended")
        #expect(try ledger.find("d").first?.reason.contains("not in the archive") == true)
        // The same bytes and settings are not trained again.
        try scratch.write("second", "inbox/e")
        #expect(try await makeScheduler(scratch, worker: shellWorker("exit 9")).runOnce().reused.map(\.name) == ["e"])
    }

    /// A result, a rejection, an archived source: each alone says that there was a ledger.
    @Test(arguments: [
        ("outbox/a/manifest.json", "a"), ("outbox/rejected/x-bad/error.json", "x-bad"), (".engram/archive", "a"),
    ])
    func aLostLedgerIsNotReplacedByAnEmptyOne(trace: String, drop: String) async throws {
        let scratch = Scratch()
        try scratch.write(drop, "inbox/" + drop)
        let scheduler = try makeScheduler(scratch, worker: Self.worker)
        _ = try await scheduler.runOnce()
        // Else what is left of the run could still write into the file that is emptied here.
        try scheduler.ledger.close()
        let folders = try scratch.folders()
        for suffix in ["-wal", "-shm"] { unlink(folders.ledgerPath + suffix) }
        #expect(truncate(folders.ledgerPath, 0) == 0)
        if trace == ".engram/archive" { try FileSystem().removeTree(folders.outbox + "/a") }
        try scratch.write(drop, "inbox/" + drop)
        let error = #expect(throws: DropError.self) { try makeScheduler(scratch, worker: Self.worker) }
        guard case .lostLedger(folders.ledgerPath, let found) = error else { throw try #require(error) }
        #expect(found.hasPrefix(scratch.path + "/" + trace))
        #expect(try scratch.names("inbox") == [drop] && scratch.read(".engram/ledger.sqlite").isEmpty)
        unlink(folders.ledgerPath)
        #expect(throws: DropError.self) { try makeScheduler(scratch, worker: Self.worker) }
        #expect(try !scratch.exists(".engram/ledger.sqlite"))
        _ = try LedgerRebuild(folders: folders, clock: HandClock()).run()
        let clock = HandClock()
        clock.advance(1)
        let summary = try await makeScheduler(scratch, worker: Self.worker, clock: clock).runOnce()
        #expect(summary.reused.count + summary.published.count + summary.rejected.count == 1)
        // What has a result is not trained a second time.
        #expect((summary.reused.map(\.name) == ["a"]) == (trace == "outbox/a/manifest.json"))
    }

    @Test func whatOthersPutIntoTheOutboxAsksForNoLedger() throws {
        let scratch = Scratch()
        let folders = try scratch.folders()
        for name in ["outbox/manifest.json", "outbox/theirs/readme", "outbox/rejected/note"] { try scratch.write("x", name) }
        mkdir(folders.outbox + "/manifest.json.d", 0o755)
        #expect(try folders.traceOfALostLedger() == nil)
        _ = try makeScheduler(scratch)
    }

    @Test func aManifestThatCannotBeReadIsNamedAndTheOthersAreFound() async throws {
        let scratch = Scratch()
        let (folders, old) = try await fill(scratch)
        try old.close()
        try scratch.write("{", "outbox/b/manifest.json")
        mkdir(folders.outbox + "/somebody's", 0o755)
        let summary = try LedgerRebuild(folders: folders, clock: HandClock()).run()
        #expect(summary.publishedCount == 2 && summary.unreadable.count == 1 && summary.unreadable[0].contains("outbox/b/manifest.json"))
    }

    @Test func killedBeforeAnyOperationTheOldLedgerIsKeptAndRebuildingAgainWorks() async throws {
        var moment = 0
        while true {
            let scratch = Scratch()
            try scratch.write("first", "inbox/a")
            try scratch.write("bad", "inbox/x-bad")
            _ = try await makeScheduler(scratch, worker: Self.worker).runOnce()
            let folders = try scratch.folders()
            let killer = Killer(after: moment)
            _ = try? LedgerRebuild(folders: folders, clock: HandClock(), files: killer.files).run()
            let clock = HandClock()
            clock.advance(60)
            _ = try LedgerRebuild(folders: folders, clock: clock).run()
            let ledger = try Ledger(path: folders.ledgerPath, clock: clock)
            #expect(try ledger.counts() == [.archived: 1, .rejected: 1], "killed before operation \(moment + 1)")
            #expect(try scratch.names(".engram").contains { $0.hasPrefix("ledger-before-") }, "killed before operation \(moment + 1)")
            guard killer.hasStruck else { break }
            moment += 1
        }
        #expect(moment > 5)
    }
}
