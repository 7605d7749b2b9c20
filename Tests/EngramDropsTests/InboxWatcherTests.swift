import EngramDrops
import Glibc
import Synchronization
import Testing

@Suite struct InboxWatcherTests {
    private let scratch = Scratch()
    private let clock = HandClock()

    private func watcher(jitter: Double = 0.5) throws -> InboxWatcher {
        let watcher = try InboxWatcher(inbox: scratch.path, clock: clock, jitter: { jitter }, logger: quiet)
        #expect(watcher.mode == .inotify)
        // The first look is always due.
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        #expect(!watcher.poll(timeoutSeconds: 0).isScanDue)
        return watcher
    }

    @Test func aNewFileIsNoticed() throws {
        let watcher = try watcher()
        try scratch.write("x", "a.png")
        let change = watcher.poll(timeoutSeconds: 0)
        #expect(change.isScanDue && change.movedIn.isEmpty)
    }

    @Test func aRenameIntoTheInboxIsNamed() throws {
        try scratch.write("x", "../\(scratch.path.split(separator: "/").last ?? "")-outside")
        let outside = scratch.path + "-outside"
        let watcher = try watcher()
        #expect(rename(outside, scratch.path + "/in here.png") == 0)
        #expect(watcher.poll(timeoutSeconds: 0).movedIn == ["in here.png"])
    }

    @Test func whatHappensInsideNewAndMovedFoldersIsNoticed() throws {
        let watcher = try watcher()
        // Made before the watcher looks, so the inner folder gave no event of its own.
        try scratch.write("x", "film/inner/1.png")
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        try scratch.write("x", "film/inner/2.png")
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        #expect(!watcher.poll(timeoutSeconds: 0).isScanDue)
    }

    @Test(arguments: [(0.0, 225.0), (0.5, 300.0), (1.0, 375.0)])
    func aRescanIsDueAfterThreeHundredSecondsGiveOrTakeAQuarter(jitter: Double, expected: Double) throws {
        let watcher = try watcher(jitter: jitter)
        clock.advance(expected - 0.5)
        #expect(!watcher.poll(timeoutSeconds: 0).isScanDue)
        clock.advance(0.5)
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
    }

    @Test func itsOwnThreadReportsAndStops() async throws {
        let watcher = try InboxWatcher(inbox: scratch.path, clock: SystemDropClock(), logger: quiet)
        let (changes, continuation) = AsyncStream<InboxWatcher.Change>.makeStream()
        try watcher.start { continuation.yield($0) }
        defer { watcher.stop() }
        try scratch.write("x", "a.png")
        for await change in changes {
            #expect(change.isScanDue)
            break
        }
    }
}
