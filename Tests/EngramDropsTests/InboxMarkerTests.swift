import EngramDrops
import Glibc
import Testing

@Suite struct InboxMarkerTests {
    private let scratch = Scratch()

    private func isGone(_ error: DropError?) -> Bool {
        if case .inboxGone = error { return true }
        return false
    }

    private func gone(_ body: () throws -> Void) -> Bool { isGone(#expect(throws: DropError.self, performing: body)) }

    @Test func aNewInboxGetsItsMarkerAndKeepsIt() throws {
        _ = try scratch.folders()
        let marker = try scratch.text("inbox/.engram-inbox")
        #expect(marker.hasPrefix("engram-inbox/1 ") && !marker.contains("\0"))
        #expect(try scratch.text(".engram/inbox-marker") == marker)
        _ = try scratch.folders()
        #expect(try scratch.text("inbox/.engram-inbox") == marker)
    }

    @Test func anInboxThatLostItsMarkerStopsAStartAndIsNotMadeAgain() throws {
        _ = try scratch.folders()
        #expect(rename(scratch.path + "/inbox", scratch.path + "/mounted elsewhere") == 0)
        #expect(gone { _ = try scratch.folders() })
        #expect(try !scratch.exists("inbox"))
        // The empty folder below a mount point.
        mkdir(scratch.path + "/inbox", 0o755)
        #expect(gone { _ = try scratch.folders() })
        #expect(try scratch.names("inbox").isEmpty && !scratch.exists("inbox/.engram-inbox"))
        rmdir(scratch.path + "/inbox")
        #expect(rename(scratch.path + "/mounted elsewhere", scratch.path + "/inbox") == 0)
        _ = try scratch.folders()
    }

    @Test func anotherInboxAtTheSamePlaceIsRefused() throws {
        _ = try scratch.folders()
        try scratch.write("engram-inbox/1 0123456789abcdef\n", "inbox/.engram-inbox")
        #expect(gone { _ = try scratch.folders() })
        let folders = DropFolders(inbox: scratch.path + "/inbox", outbox: scratch.path + "/outbox", state: scratch.path + "/.engram")
        try InboxMarker.renew(in: folders)
        _ = try scratch.folders()
    }

    @Test func whereAMarkerIsRequiredAFirstStartMakesNone() throws {
        let folders = DropFolders(inbox: scratch.path + "/inbox", outbox: scratch.path + "/outbox", state: scratch.path + "/.engram")
        #expect(gone { _ = try folders.prepared(policy: .require) })
        #expect(try scratch.names("").isEmpty)
        mkdir(folders.inbox, 0o755)
        try InboxMarker.renew(in: folders)
        _ = try folders.prepared(policy: .require)
    }

    @Test(.timeLimit(.minutes(1))) func theDaemonStopsWhenItsInboxVanishesAndMarksNothingAsGone() async throws {
        try scratch.write("", "inbox/waits")
        let (seen, continuation) = AsyncStream<Void>.makeStream()
        let clock = HandClock(sleepsForReal: true)
        let scheduler = try makeScheduler(scratch, clock: clock, settle: SettleRule()) { event in
            if case .waiting = event { continuation.yield() }
        }
        let run = Task { try await scheduler.run() }
        for await _ in seen { break }
        #expect(rename(scratch.path + "/inbox", scratch.path + "/elsewhere") == 0)
        mkdir(scratch.path + "/inbox", 0o755)
        // A rename of the folder itself is no event in it; a change in it is, as the end of a mount would be.
        try scratch.write("x", "elsewhere/other")
        let result = await run.result
        #expect(throws: DropError.self) { try result.get() }
        if case .failure(let error) = result { #expect(isGone(error as? DropError)) }
        #expect(try scheduler.ledger.find("waits").map(\.state) == [.waiting])
    }

    @Test(.timeLimit(.minutes(1))) func theStateFolderMayVanishWithTheInbox() async throws {
        try scratch.write("", "inbox/waits")
        let (seen, continuation) = AsyncStream<Void>.makeStream()
        let scheduler = try makeScheduler(scratch, clock: HandClock(sleepsForReal: true), settle: SettleRule()) { event in
            if case .waiting = event { continuation.yield() }
        }
        let run = Task { try await scheduler.run() }
        for await _ in seen { break }
        #expect(rename(scratch.path + "/.engram/inbox-marker", scratch.path + "/marker") == 0)
        unlink(scratch.path + "/inbox/.engram-inbox")
        let result = await run.result
        if case .failure(let error) = result { #expect(isGone(error as? DropError)) } else { Issue.record("it went on") }
    }

    @Test func aSinglePassOverAVanishedInboxEndsWithTheError() async throws {
        try scratch.write("x", "inbox/a")
        let scheduler = try makeScheduler(scratch)
        unlink(scratch.path + "/inbox/.engram-inbox")
        await #expect(throws: DropError.self) { try await scheduler.runOnce() }
        #expect(try scratch.names("inbox") == ["a"])
    }
}
