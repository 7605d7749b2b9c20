@testable import EngramDrops
import Glibc
import Testing

@Suite struct RequeueTests {
    private static let failing = shellWorker("echo why >&2; exit 65")

    /// A drop with settings, rejected.
    private func rejected(_ scratch: Scratch) async throws -> (DropFolders, Ledger, DropRow) {
        try scratch.write("content", "inbox/a")
        try scratch.write("seed: 1", "inbox/a.drop.yml")
        let scheduler = try makeScheduler(scratch, worker: Self.failing)
        _ = try await scheduler.runOnce()
        return (try scratch.folders(), scheduler.ledger, try #require(try scheduler.ledger.find("a").first))
    }

    @Test func aRejectedDropGoesBackWithItsSettingsAndItsHistoryGoesOn() async throws {
        let scratch = Scratch()
        let (folders, ledger, row) = try await rejected(scratch)
        #expect(try Requeue(folders: folders, ledger: ledger).requeue(row) == .returned(path: folders.inbox + "/a"))
        #expect(try scratch.names("inbox") == ["a", "a.drop.yml"] && scratch.names("outbox/rejected").isEmpty)
        let back = try #require(try ledger.row(row.id))
        #expect(back.state == .seen && back.attempt == 0 && back.failureCount == 0 && back.failureCode == nil)
        #expect(try await makeScheduler(scratch).runOnce().published.map(\.name) == ["a"])
        let states = try ledger.transitions(of: row.id).map(\.to)
        #expect(states.contains(.rejected) && states.last == .archived)
        #expect(try ledger.row(row.id)?.attempt == 1)
    }

    @Test func aDropThatWaitsAfterAFailureIsTriedAtOnceWithAllItsAttempts() async throws {
        let scratch = Scratch()
        try scratch.write("content", "inbox/a")
        let scheduler = try makeScheduler(scratch, worker: shellWorker("exit 75"))
        _ = try await scheduler.runOnce()
        let row = try #require(try scheduler.ledger.find("a").first)
        #expect(row.state == .retrying && row.notBefore != nil)
        #expect(try Requeue(folders: try scratch.folders(), ledger: scheduler.ledger).requeue(row) == .hurried)
        let hurried = try #require(try scheduler.ledger.row(row.id))
        #expect(hurried.failureCount == 0 && hurried.attempt == 0 && hurried.notBefore == nil && hurried.state == .retrying)
        #expect(try await makeScheduler(scratch).runOnce().published.count == 1)
    }

    @Test func whatCannotBeRequeuedIsLeftWhereItIs() async throws {
        let scratch = Scratch()
        let (folders, ledger, row) = try await rejected(scratch)
        let requeue = Requeue(folders: folders, ledger: ledger)
        try scratch.write("newer", "inbox/a")
        #expect(try requeue.requeue(row) == .nameTaken(path: folders.inbox + "/a"))
        #expect(try scratch.text("outbox/rejected/a/source/a") == "content" && scratch.text("inbox/a") == "newer")
        unlink(folders.inbox + "/a")
        #expect(rename(folders.rejected + "/a/source/a", folders.rejected + "/taken") == 0)
        #expect(try requeue.requeue(row) == .sourceMissing(path: folders.rejected + "/a/source/a"))
        var done = row
        done.state = .archived
        #expect(try requeue.requeue(done) == .notFailed(.archived))
    }

    @Test func whatSomebodyPutIntoTheRejectedFolderStays() async throws {
        let scratch = Scratch()
        let (folders, ledger, row) = try await rejected(scratch)
        try scratch.write("mine", "outbox/rejected/a/notes.txt")
        _ = try Requeue(folders: folders, ledger: ledger).requeue(row)
        #expect(try scratch.names("outbox/rejected/a") == ["notes.txt"])
    }

    @Test func killedBeforeAnyOperationNothingIsLostAndItCanBeAskedAgain() async throws {
        var moment = 0
        while true {
            let scratch = Scratch()
            let (folders, ledger, row) = try await rejected(scratch)
            let killer = Killer(after: moment)
            let broken = try Ledger(path: folders.ledgerPath, clock: HandClock(), files: killer.files)
            _ = try? Requeue(folders: folders, ledger: broken, files: killer.files).requeue(row)
            if let current = try ledger.row(row.id), current.state == .rejected {
                _ = try Requeue(folders: folders, ledger: ledger).requeue(current)
            }
            let clock = HandClock()
            clock.advance(1)
            _ = try await makeScheduler(scratch, clock: clock).runOnce()
            #expect(try scratch.text("outbox/a/recovered/copy") == "content", "killed before operation \(moment + 1)")
            #expect(try scratch.names("inbox").filter { $0 == "a" }.isEmpty, "killed before operation \(moment + 1)")
            guard killer.hasStruck else { break }
            moment += 1
        }
        #expect(moment > 5)
    }
}
