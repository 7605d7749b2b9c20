@testable import EngramDrops
import Glibc
import Synchronization
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

    /// The daemon sees what comes back before the command can write it down, and with `NAME.done` is done with it as fast.
    @Test(arguments: [DropState.ready, .claimed, .rejected])
    func aDropThatTheDaemonSawFirstHasOneRowThatGoesOn(daemonsState: DropState) async throws {
        let scratch = Scratch()
        let (folders, ledger, row) = try await rejected(scratch)
        let hasLooked = Atomic(false)
        let files = FileSystem { (operation, path) throws(DropError) in
            guard operation == .synchronize, path == folders.inbox, !hasLooked.exchange(true, ordering: .relaxed) else { return }
            let look = InboxObservation(name: "a", path: folders.inbox + "/a", state: .ready, reason: "complete")
            let other = InboxObservation(name: "b", path: folders.inbox + "/b", state: .ready, reason: "complete")
            let new = try ledger.recordInbox([look, other]) { "9\(Stamp.hex(.random(in: .min ... .max), digits: 16))" }[0]
            if daemonsState != .ready { try ledger.move(new.id, to: daemonsState, from: [.ready], reason: "the daemon") }
        }
        #expect(try Requeue(folders: folders, ledger: ledger, files: files).requeue(row) == .returned(path: folders.inbox + "/a"))
        let rows = try ledger.find("a").filter { $0.name == "a" }
        #expect(hasLooked.load(ordering: .relaxed) && rows.count == 2)
        let old = try #require(rows.first { $0.id == row.id })
        let new = try #require(rows.first { $0.id != row.id })
        #expect(old.state == .vanished && old.resultPath == nil && old.reason.hasSuffix("it goes on as \(new.id)"))
        #expect(new.state == daemonsState)
    }

    /// A daemon that starts at this moment puts right what looks as if its `requeue` had been killed.
    @Test(arguments: [FileSystem.Operation.rename, .synchronize])
    func aStartInTheMiddleOfItTakesNothingBack(moment: FileSystem.Operation) async throws {
        let scratch = Scratch()
        let (folders, ledger, row) = try await rejected(scratch)
        let hasStarted = Atomic(false)
        let files = FileSystem { (operation, _) throws(DropError) in
            guard operation == moment, !hasStarted.exchange(true, ordering: .relaxed) else { return }
            try Requeue(folders: folders, ledger: ledger).finishInterrupted()
        }
        #expect(try Requeue(folders: folders, ledger: ledger, files: files).requeue(row) == .returned(path: folders.inbox + "/a"))
        let back = try #require(try ledger.row(row.id))
        #expect(hasStarted.load(ordering: .relaxed) && back.state == .seen && back.resultPath == nil && back.path == folders.inbox + "/a")
    }

    @Test func ofTwoRejectionsInOnePlaceTheLaterOwnsWhatLiesThere() async throws {
        let scratch = Scratch()
        let (folders, ledger, first) = try await rejected(scratch)
        // Its owner took it away, and dropped another of the name.
        try FileSystem().removeTree(folders.rejected + "/a")
        try scratch.write("other", "inbox/a")
        let clock = HandClock()
        clock.advance(10)
        _ = try await makeScheduler(scratch, worker: Self.failing, clock: clock).runOnce()
        let requeue = Requeue(folders: folders, ledger: ledger)
        #expect(try requeue.requeue(first) == .sourceMissing(path: folders.rejected + "/a/source/a"))
        let second = try #require(try ledger.find("a").first { $0.id != first.id })
        #expect(try requeue.requeue(second) == .returned(path: folders.inbox + "/a"))
        #expect(try ledger.row(second.id)?.state == .seen && scratch.text("inbox/a") == "other")
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
            // One drop, one row that says what became of it.
            let states = try ledger.find("a").map(\.state).filter { $0 != .vanished }
            #expect(states == [.archived], "killed before operation \(moment + 1)")
            guard killer.hasStruck else { break }
            moment += 1
        }
        #expect(moment > 5)
    }
}
