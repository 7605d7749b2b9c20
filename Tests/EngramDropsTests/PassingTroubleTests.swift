@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// What goes wrong around a drop and passes: nothing of it may become final.
@Suite(.timeLimit(.minutes(1))) struct PassingTroubleTests {
    private let scratch = Scratch()

    // MARK: Places that come and go

    @Test(arguments: ["rm -rf outbox", "mv outbox away", "rm -rf outbox/rejected"])
    func anOutboxThatIsTakenAwayWhileADropIsLearnedGetsItsResult(what: String) async throws {
        try scratch.write("good", "inbox/a")
        try scratch.write("bad", "inbox/b")
        let worker = shellWorker(
            #"cd "\#(scratch.path)"; \#(what); case "$input" in *b) exit 65;; *) cp -- "$input" "$output/copy";; esac"#)
        let summary = try await makeScheduler(scratch, worker: worker).runOnce()
        #expect(summary.published.map(\.name) == ["a"] && summary.rejected.map(\.name) == ["b"])
        #expect(try scratch.text("outbox/rejected/b/source/b") == "bad")
        // In the other cases the second worker takes the first one's result away with the outbox.
        if what.hasSuffix("rejected") { #expect(try scratch.text("outbox/a/copy") == "good") }
    }

    @Test(arguments: [EXDEV, ENOENT, EROFS, EACCES, ENOTDIR, EPERM])
    func aPlaceThatCannotTakeAResultIsWaitedForHoweverLongItTakes(code: Int32) async throws {
        try scratch.write("x", "inbox/a")
        let isGone = Atomic(true)
        let files = FileSystem { (operation, path) throws(DropError) in
            guard operation == .rename, path.contains("/output/"), isGone.load(ordering: .relaxed) else { return }
            throw .system(operation: "renaming", path: path, code: code)
        }
        let clock = HandClock()
        let worker = shellWorker(#"echo trained >> "\#(scratch.path)/count"; cp -- "$input" "$output/copy""#)
        for _ in 1...5 {
            let summary = try await makeScheduler(scratch, worker: worker, clock: clock, files: files).runOnce()
            #expect(summary.rejected.isEmpty && summary.published.isEmpty)
            #expect(summary.failed.first?.detail.contains("renaming") == true)
            clock.advance(4000)
        }
        isGone.store(false, ordering: .relaxed)
        #expect(try await makeScheduler(scratch, worker: worker, clock: clock, files: files).runOnce().published.map(\.name) == ["a"])
        #expect(try scratch.text("count") == "trained\n")
    }

    @Test func aResultThatIsNoneIsStillTheDropsOwnFault() async throws {
        try scratch.write("x", "inbox/a")
        let summary = try await makeScheduler(scratch, worker: shellWorker(#"ln -s /etc/passwd "$output/copy""#)).runOnce()
        #expect(summary.rejected.first?.detail.contains("is a symbolic link") == true)
    }

    @Test(arguments: [nil, "engram-inbox/1 0123456789abcdef\n", "rubbish"])
    func anInboxThatOnlyLostItsMarkerGetsItAgain(instead: String?) async throws {
        try scratch.write("", "inbox/waits")
        let clock = HandClock(sleepsForReal: true)
        let (events, continuation) = AsyncStream<DropEvent>.makeStream()
        let scheduler = try makeScheduler(scratch, clock: clock, settle: SettleRule(settleSeconds: 0), observer: { continuation.yield($0) })
        let run = Task { try await scheduler.run() }
        for await event in events { if case .waiting = event { break } }
        let marker = try scratch.text("inbox/.engram-inbox")
        unlink(scratch.path + "/inbox/.engram-inbox")
        if let instead { try scratch.write(instead, "inbox/.engram-inbox") }
        try scratch.write("x", "inbox/a")
        for await event in events { if case .published = event { break } }
        #expect(try scratch.text("inbox/.engram-inbox") == marker)
        await scheduler.drain()
        _ = try await run.value
    }

    @Test func whatCannotBeTakenIsNoSuccess() async throws {
        try scratch.write("x", "inbox/a")
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .createFolder, path.contains(".engram/work/") { throw .system(operation: "creating", path: path, code: EAGAIN) }
        }
        let summary = try await makeScheduler(scratch, files: files).runOnce()
        #expect(summary.blocked.map(\.name) == ["a"] && summary.waiting.isEmpty)
        #expect(summary.blocked.first?.detail.contains("could not be taken out of the inbox") == true)
    }

    // MARK: Time

    @Test(arguments: [-400.0 * 86_400, 400.0 * 86_400] as [Double])
    func aClockThatIsSetChangesNoWait(seconds: Double) async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let worker = shellWorker(#"[ "$attempt" = 1 ] && exit 75; cp -- "$input" "$output/copy""#)
        let scheduler = try makeScheduler(
            scratch, worker: worker, clock: clock,
            observer: { if case .postponed = $0 { clock.set(by: seconds) } }, configure: { $0.retryPatienceSeconds = 1000 })
        let start = clock.monotonicSeconds()
        #expect(try await scheduler.runOnce().published.count == 1)
        #expect(clock.monotonicSeconds() - start < 100)
    }

    @Test func whatAnEarlierRunLeftToAFarFutureIsDueAfterTheLongestStep() async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let worker = shellWorker(#"[ "$attempt" = 1 ] && exit 75; cp -- "$input" "$output/copy""#)
        _ = try await makeScheduler(scratch, worker: worker, clock: clock).runOnce()
        clock.set(by: -400 * 86_400)
        let scheduler = try makeScheduler(scratch, worker: worker, clock: clock)
        #expect(try await scheduler.runOnce().failed.map(\.name) == ["a"])
        // What `engram status` shows.
        let notBefore = try #require(try scheduler.ledger.find("a").first?.notBefore)
        #expect(notBefore <= clock.secondsSinceEpoch() + 3600)
        let summary = try await makeScheduler(scratch, worker: worker, clock: clock, configure: { $0.retryPatienceSeconds = 3700 })
            .runOnce()
        #expect(summary.published.map(\.name) == ["a"])
    }

    // MARK: What lies where it should not

    @Test func treesOfAnyShapeAreRemoved() throws {
        let root = scratch.path + "/tree"
        mkdir(root, 0o755)
        // Deeper than a path is long.
        var folder = open(root, O_RDONLY | O_DIRECTORY)
        let name = String(repeating: "d", count: 40)
        for _ in 0..<300 {
            #expect(mkdirat(folder, name, 0o755) == 0)
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY)
            close(openat(inner, "file", O_WRONLY | O_CREAT, 0o644))
            close(folder)
            folder = inner
        }
        close(folder)
        for raw in [[0x79, 0xff], [0x0a], Array("a\\b".utf8)] as [[UInt8]] {
            close(open(root + "/", O_RDONLY))
            let path = Array(root.utf8) + [UInt8(ascii: "/")] + raw + [0]
            close(
                path.withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o644) } })
        }
        mkdir(root + "/locked", 0o755)
        close(open(root + "/locked/x", O_WRONLY | O_CREAT, 0o644))
        chmod(root + "/locked", 0)
        mkdir(scratch.path + "/elsewhere", 0o755)
        close(open(scratch.path + "/elsewhere/kept", O_WRONLY | O_CREAT, 0o644))
        symlink(scratch.path + "/elsewhere", root + "/link")
        try FileSystem().removeTree(root)
        #expect(try !scratch.exists("tree") && scratch.exists("elsewhere/kept"))
    }

    @Test func aWorkFolderThatCannotBeRemovedKeepsNoStartFromItsWork() async throws {
        _ = try scratch.folders()
        try scratch.write("x", ".engram/work/stuck/output/file")
        try scratch.write("x", "inbox/a")
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .remove, path.hasSuffix("/stuck") { throw .system(operation: "removing", path: path, code: EPERM) }
        }
        #expect(try await makeScheduler(scratch, files: files).runOnce().published.map(\.name) == ["a"])
        #expect(try scratch.names(".engram/work") == ["stuck"])
    }

    @Test func aNameThatIsNoTextDoesNotHideTheOthersOfAnOutbox() async throws {
        try scratch.write("x", "inbox/a")
        _ = try await makeScheduler(scratch).runOnce()
        let path = Array((scratch.path + "/outbox/y").utf8) + [0xff, 0]
        #expect(path.withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { mkdir($0.baseAddress!, 0o755) } } == 0)
        #expect(try OutboxVerifier().folders(in: scratch.path + "/outbox") == [scratch.path + "/outbox/a"])
    }

    /// Wherever a `requeue` is killed, a ledger that is made anew counts the drop once.
    @Test func aRequeueThatWasKilledLeavesNoHalfRejection() async throws {
        var moment = 0
        while true {
            let scratch = Scratch()
            try scratch.write("content", "inbox/a")
            let scheduler = try makeScheduler(scratch, worker: shellWorker("exit 65"))
            _ = try await scheduler.runOnce()
            let folders = try scratch.folders()
            let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
            let row = try #require(try ledger.find("a").first)
            let killer = Killer(after: moment)
            let broken = try Ledger(path: folders.ledgerPath, clock: HandClock(), files: killer.files)
            _ = try? Requeue(folders: folders, ledger: broken, files: killer.files).requeue(row)
            let isBack = try scratch.exists("inbox/a")
            let summary = try LedgerRebuild(folders: folders).run()
            #expect(summary.rejectedCount == (isBack ? 0 : 1), "killed before operation \(moment + 1)")
            guard killer.hasStruck else { break }
            moment += 1
        }
        #expect(moment > 5)
    }
}
