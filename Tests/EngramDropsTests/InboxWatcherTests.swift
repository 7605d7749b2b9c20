@testable import EngramDrops
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

    // MARK: Choosing the mode

    @Test func theSettingsDecideBeforeTheFileSystem() throws {
        let watcher = try InboxWatcher(inbox: scratch.path, choice: .polling, clock: clock, jitter: { 0.5 }, logger: quiet)
        #expect(watcher.mode == .polling(reason: "the settings ask for it"))
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        try scratch.write("x", "a.png")
        #expect(!watcher.poll(timeoutSeconds: 0).isScanDue)
        clock.advance(10)
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        #expect(watcher.report.intervalSeconds == 10 && watcher.report.watchCount == 0)
    }

    @Test func aSharedFileSystemIsPolledUnlessTheSettingsAskForInotify() throws {
        let shared = { (_: String) -> FileSystemType? in FileSystemType(name: "NFS", isShared: true) }
        let watcher = try InboxWatcher(inbox: scratch.path, clock: clock, fileSystemType: shared, logger: quiet)
        #expect(watcher.mode == .polling(reason: "NFS does not report what other machines write") && watcher.report.fileSystem == "NFS")
        let forced = try InboxWatcher(inbox: scratch.path, choice: .inotify, clock: clock, fileSystemType: shared, logger: quiet)
        #expect(forced.mode == .inotify && forced.report.warnings.isEmpty)
    }

    @Test func aFileSystemThatSwallowsEventsIsFoundByTheSelfTest() throws {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        defer { close(descriptor) }
        #expect(inotify_add_watch(descriptor, scratch.path, UInt32(IN_CREATE)) >= 0)
        func test(_ create: (String) -> Bool) -> String? {
            InboxWatcher.selfTest(of: scratch.path, descriptor: descriptor, timeoutSeconds: 0.02, clock: SystemDropClock(), create: create)
        }
        #expect(test { _ in true }?.contains("gave no event") == true)
        #expect(test { _ in false }?.contains("no file could be made") == true)
        // The kernel's answer is the oracle: a real file gives a real event, and leaves nothing behind.
        #expect(InboxWatcher.selfTest(of: scratch.path, descriptor: descriptor, timeoutSeconds: 10, clock: SystemDropClock()) == nil)
        #expect(try scratch.names("").isEmpty)
    }

    @Test func theFileSystemIsNamed() {
        // /proc/mounts is the oracle where it knows the mount.
        #expect(FileSystemType.of("/proc") == FileSystemType(name: "0x9fa0", isShared: false))
        #expect(FileSystemType.of("/nonexistent") == nil)
    }

    /// The kernel's own queue overflows: nobody reads while more happens than it holds.
    @Test func lostEventsAreCountedAndTheInboxIsLookedAtAgain() throws {
        let limit =
            InotifyLimits.read().watches.limit == nil ? nil : try? FileSystem().read("/proc/sys/fs/inotify/max_queued_events", count: 32)
        guard let queue = limit.flatMap({ Int(String(decoding: $0.filter { $0 > 0x20 }, as: UTF8.self)) }), queue <= 65_536 else { return }
        let watcher = try watcher()
        // Two files in turn: the kernel merges an event with one just like it before it.
        let descriptors = ["a", "b"].map { open(scratch.path + "/" + $0, O_WRONLY | O_CREAT, 0o644) }
        for number in 0...queue { _ = write(descriptors[number % 2], "x", 1) }
        for descriptor in descriptors { close(descriptor) }
        let change = watcher.poll(timeoutSeconds: 0)
        #expect(change.hasOverflowed && change.isScanDue)
        #expect(watcher.report.overflowCount == 1)
        try scratch.write("x", "later/c")
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
    }

    @Test func anotherFolderAtThePathOfTheInboxIsNoticedWithoutAnEvent() throws {
        mkdir(scratch.path + "/inbox", 0o755)
        let watcher = try InboxWatcher(inbox: scratch.path + "/inbox", clock: clock, jitter: { 0.5 }, logger: quiet)
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
        #expect(!watcher.poll(timeoutSeconds: 0).isScanDue)
        #expect(rename(scratch.path + "/inbox", scratch.path + "/elsewhere") == 0)
        #expect(watcher.poll(timeoutSeconds: 0).isScanDue)
    }

    // MARK: Limits

    @Test func theKernelsOwnCountOfWatchesIsRead() throws {
        let before = InotifyLimits.read()
        let watcher = try watcher()
        try scratch.write("x", "film/inner/1.png")
        _ = watcher.poll(timeoutSeconds: 0)
        #expect(watcher.report.watchCount == 3)
        let text = try FileSystem().read("/proc/sys/fs/inotify/max_user_watches", count: 32)
        #expect(before.watches.limit == Int(String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)))
        // Other tests come and go with theirs, so only the lower bound holds.
        #expect(InotifyLimits.read().watches.used >= 3 && InotifyLimits.read().instances.used >= 1)
    }

    @Test(arguments: [(79, false), (80, true), (100, true)])
    func aWarningComesAtFourFifthsAndNamesTheSetting(used: Int, isWarned: Bool) throws {
        let use = InotifyLimits.Use(name: "fs.inotify.max_user_watches", limit: 100, used: used)
        #expect((use.warning?.contains("sysctl -w fs.inotify.max_user_watches=") == true) == isWarned)
        let limits = InotifyLimits(watches: use, instances: .init(name: "fs.inotify.max_user_instances", limit: nil, used: 9))
        let watcher = try InboxWatcher(inbox: scratch.path, clock: clock, limits: { limits }, logger: quiet)
        #expect(watcher.report.warnings.isEmpty != isWarned)
        #expect(watcher.report.json["limits"]?["fs.inotify.max_user_watches"]?["used"]?.integer == Int64(used))
    }

    @Test func statusFilesOfOtherDaemonsAreNotBelieved() throws {
        let board = StatusBoard(path: scratch.path + "/status.json", startedAt: 0)
        board.set("watch", .object([.init("mode", .string("inotify"))]))
        board.set("watch", .object([.init("mode", .string("polling"))]))
        let json = try #require(StatusBoard.read(scratch.path + "/status.json", ofProcess: getpid()))
        #expect(json["watch"]?["mode"]?.string == "polling" && json["started"]?.string == "1970-01-01T00:00:00.000Z")
        #expect(StatusBoard.read(scratch.path + "/status.json", ofProcess: getpid() + 1) == nil)
        board.remove()
        #expect(StatusBoard.read(scratch.path + "/status.json", ofProcess: getpid()) == nil)
    }
}
