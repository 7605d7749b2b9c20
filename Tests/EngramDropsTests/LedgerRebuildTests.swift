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
