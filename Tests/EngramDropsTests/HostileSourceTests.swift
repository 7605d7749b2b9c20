@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// Who changes a drop while it is taken, learned and published.
@Suite(.timeLimit(.minutes(1))) struct HostileSourceTests {
    private let scratch = Scratch()

    /// Runs `body` once, when the scheduler first does `operation` on a path that ends so.
    private func interfering(
        before operation: FileSystem.Operation, _ end: String, _ body: @escaping @Sendable () -> Void
    ) -> FileSystem {
        let isDone = Atomic(false)
        return FileSystem { (seen, path) throws(DropError) in
            guard seen == operation, path.hasSuffix(end), !isDone.exchange(true, ordering: .relaxed) else { return }
            body()
        }
    }

    private func reason(_ name: String) throws -> String { try scratch.text("outbox/rejected/\(name)/error.json") }

    // MARK: Reading by descriptors

    @Test(arguments: [true, false])
    func belowAGuardedFolderNoPartOfAPathMayBeALink(isDirect: Bool) throws {
        try scratch.write("secret", "elsewhere/key")
        try scratch.write("x", "box/film/a")
        symlink("../../elsewhere", scratch.path + "/box/film/way")
        symlink("../../elsewhere/key", scratch.path + "/box/film/link")
        let files = FileSystem().guarding([scratch.path + "/box"])
        let path = scratch.path + "/box/film/" + (isDirect ? "link" : "way/key")
        #expect(throws: DropError.self) { try files.read(path, count: 10) }
        #expect(throws: DropError.self) { try files.hash(of: path) }
        #expect(throws: DropError.self) { try files.copy(path, to: scratch.path + "/copy", limit: 10) }
        #expect(throws: DropError.self) { try files.synchronize(path) }
        #expect(try !scratch.exists("copy"))
        #expect(try files.facts(of: scratch.path + "/box/film/link")?.kind == .symlink)
        #expect(try files.read(scratch.path + "/box/film/a", count: 10) == Array("x".utf8))
        // Outside of it a path is its user's.
        #expect(try FileSystem().read(scratch.path + "/box/film/way/key", count: 10) == Array("secret".utf8))
    }

    /// Whoever owns a folder on the way may put a link in its place between a look and the rename.
    @Test func nothingIsMadeRenamedOrRemovedThroughALinkOnTheWay() throws {
        try scratch.write("secret", "elsewhere/cue")
        try scratch.write("x", "box/recall/M/cue")
        mkdir(scratch.path + "/elsewhere/empty", 0o755)
        mkdir(scratch.path + "/kept", 0o755)
        let (box, kept) = (scratch.path + "/box", scratch.path + "/kept")
        let files = FileSystem().guarding([box, kept])
        #expect(try files.renameIfFree(box + "/recall/M/cue", to: kept + "/cue"))
        #expect(try scratch.text("kept/cue") == "x")
        try files.rename(kept + "/cue", to: box + "/recall/M/cue")
        rename(box + "/recall/M", box + "/recall/.was")
        symlink("../../elsewhere", box + "/recall/M")
        #expect(throws: DropError.self) { try files.rename(box + "/recall/M/cue", to: kept + "/cue") }
        #expect(throws: DropError.self) { _ = try files.renameIfFree(box + "/recall/M/cue", to: kept + "/cue") }
        #expect(throws: DropError.self) { _ = try files.renameByReservation(box + "/recall/M/cue", to: kept + "/cue") }
        // The other way: what goes back does not land elsewhere.
        try scratch.write("back", "kept/back")
        #expect(throws: DropError.self) { try files.rename(kept + "/back", to: box + "/recall/M/back") }
        #expect(throws: DropError.self) { _ = try files.renameIfFree(kept + "/back", to: box + "/recall/M/back") }
        #expect(throws: DropError.self) { try files.createFolder(box + "/recall/M/new") }
        #expect(throws: DropError.self) { try files.createFolder(box + "/recall/M") }
        #expect(throws: DropError.self) { _ = try files.removeEmptyFolder(box + "/recall/M/empty") }
        #expect(try scratch.names("elsewhere") == ["cue", "empty"] && scratch.text("elsewhere/cue") == "secret")
        #expect(try scratch.names("kept") == ["back"])
        // A guarded folder itself may be a link of its owner's.
        symlink("box", scratch.path + "/linked")
        let linked = FileSystem().guarding([scratch.path + "/linked"])
        try linked.createFolder(scratch.path + "/linked")
        try linked.rename(scratch.path + "/linked/recall/.was/cue", to: scratch.path + "/linked/moved")
        #expect(try scratch.text("box/moved") == "x")
    }

    @Test(.timeLimit(.minutes(1))) func onlyPlainFilesAreReadAndAPipeDoesNotBlock() throws {
        mkdir(scratch.path + "/box", 0o755)
        mkfifo(scratch.path + "/box/pipe", 0o644)
        let files = FileSystem().guarding([scratch.path + "/box"])
        for path in [scratch.path + "/box/pipe", "/dev/zero", scratch.path] {
            #expect(throws: DropError.self) { try files.read(path, count: 10) }
            #expect(throws: DropError.self) { try files.hash(of: path) }
        }
    }

    @Test func aLinkThatTakesTheFilesPlaceAfterTheClaimIsNotRead() async throws {
        try scratch.write("x", "inbox/film/a")
        try scratch.write("y", "inbox/film/sub/b")
        try scratch.write("secret", "elsewhere/b")
        let input = scratch.path + "/.engram/work"
        let elsewhere = scratch.path + "/elsewhere"
        // A folder in the middle of the path.
        let files = interfering(before: .createFolder, "/copy.part") {
            for id in (try? FileSystem().names(in: input)) ?? [] {
                let film = input + "/" + id + "/input/film"
                rename(film + "/sub", film + "/.was")
                symlink(elsewhere, film + "/sub")
            }
        }
        let summary = try await makeScheduler(scratch, files: files).runOnce()
        #expect(summary.rejected.map(\.name) == ["film"])
        #expect(try !reason("film").contains("secret") && reason("film").contains("film/sub/b is a symbolic link"))
        // What came instead is named and is no link any more; what was there before is kept.
        #expect(try FileSystem().names(in: scratch.path + "/outbox/rejected/film/source/film") == [".was", "a"])
        #expect(try scratch.text("outbox/rejected/film/left-out.txt").contains("film/sub: was a symbolic link to \(elsewhere)"))
        #expect(try scratch.text("elsewhere/b") == "secret")
    }

    @Test func aFileLongerThanItsLimitIsRejectedBeforeItIsRead() async throws {
        try scratch.write("x", "inbox/long")
        // 1 TiB without a block: to read it would take hours.
        #expect(truncate(scratch.path + "/inbox/long", 1 << 40) == 0)
        let summary = try await makeScheduler(scratch, configure: { $0.largestFileByteCount = { _ in 1000 } }).runOnce()
        #expect(summary.rejected.map(\.name) == ["long"])
        #expect(try reason("long").contains("over-limit") && reason("long").contains("limits.max_file_bytes"))
        #expect(try scratch.exists("outbox/rejected/long/source/long"))
    }

    @Test func aFileThatGrowsOverItsLimitWhileItIsReadIsGivenUp() throws {
        try scratch.write([UInt8](repeating: 1, count: 600_000), "a")
        var files = FileSystem()
        let path = scratch.path + "/a"
        files.betweenPieces = { () throws(DropError) in
            let descriptor = open(path, O_WRONLY | O_APPEND)
            let more = [UInt8](repeating: 2, count: 1_000_000)
            _ = write(descriptor, more, more.count)
            close(descriptor)
        }
        #expect { try files.copy(path, to: scratch.path + "/copy", limit: 700_000) } throws: {
            if case .fileTooLong(_, 700_000, let found) = $0 as? DropError { found > 700_000 && found <= 700_000 + 262_144 } else { false }
        }
    }

    @Test func aSparseFileStaysSparseInItsCopyAndHasTheSameHash() throws {
        try scratch.write([1] + [UInt8](repeating: 0, count: 3 << 20) + [2] + [UInt8](repeating: 0, count: 1 << 20), "a")
        let (hash, byteCount) = try FileSystem().copy(scratch.path + "/a", to: scratch.path + "/b", limit: .max)
        #expect(try FileSystem().hash(of: scratch.path + "/b") == (hash, byteCount) && byteCount == (4 << 20) + 2)
        #expect(try FileSystem().haveSameContent(scratch.path + "/a", scratch.path + "/b"))
        var facts = stat()
        #expect(stat(scratch.path + "/b", &facts) == 0 && Int(facts.st_blocks) * 512 <= 1 << 20)
    }

    // MARK: What is hashed is what is learned

    @Test func whatIsWrittenIntoTheSourceWhileItIsLearnedIsNeverPublishedUnderTheOldHash() async throws {
        try scratch.write("AAAA", "inbox/a")
        // The first worker overwrites what was dropped, as the dropper's open file could.
        let worker = shellWorker(#"[ "$attempt" = 1 ] && printf BBBB > input/a; cp -- "$input" "$output/copy""#)
        let clock = HandClock()
        let scheduler = try makeScheduler(scratch, worker: worker, clock: clock, configure: { $0.retryPatienceSeconds = 1000 })
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name) == ["a"])
        let manifest = try ResultManifest.read(from: scratch.path + "/outbox/a")
        #expect(try scratch.text("outbox/a/copy") == "BBBB")
        #expect(manifest.origin.contentSHA256 == SHA256.hash(Array("BBBB".utf8)))
        let row = try #require(try scheduler.ledger.find("a").first)
        #expect(try FileSystem().read(row.path, count: 10) == Array("BBBB".utf8))
        #expect(try scheduler.ledger.transitions(of: row.id).contains { $0.reason.contains("a has other bytes") })
    }

    @Test func aWorkerReadsACopyThatTheDroppersOpenFileDoesNotReach() async throws {
        try scratch.write("AAAA", "inbox/a")
        let descriptor = open(scratch.path + "/inbox/a", O_RDWR)
        defer { close(descriptor) }
        // Else it is not taken while it is open.
        try scratch.write("", "inbox/a.done")
        // Written between the hash and the start of the worker, and taken back before anybody compares.
        let swapped = Mutex(0)
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .startWorker { swapped.withLock { $0 = pwrite(descriptor, "BBBB", 4, 0) } }
        }
        let worker = shellWorker(#"cp -- "$input" "$output/copy"; printf AAAA > input/a"#)
        let summary = try await makeScheduler(scratch, worker: worker, files: files).runOnce()
        #expect(swapped.withLock { $0 } == 4 && summary.published.map(\.name) == ["a"])
        #expect(try scratch.text("outbox/a/copy") == "AAAA")
    }

    /// The name of a file that is being written can be known beforehand.
    @Test func aPipeInPlaceOfATemporaryFileHoldsNobodyUp() throws {
        #expect(mkfifo(scratch.path + "/a.tmp", 0o600) == 0)
        try FileSystem().write(Array("x".utf8), to: scratch.path + "/a")
        #expect(try scratch.text("a") == "x")
    }

    /// The kernel may not have written all of a copy when the power goes.
    @Test func aCopyOfAnotherStartOfTheMachineIsMadeAgain() async throws {
        try scratch.write("AAAA", "inbox/a")
        let first = try makeScheduler(scratch, worker: shellWorker("exit 75"), configure: { $0.retryPatienceSeconds = 0 })
        _ = try await first.runOnce()
        let row = try #require(try first.ledger.find(exactly: "a").first)
        let work = ".engram/work/" + row.id
        let copied = try scratch.text(work + "/copy/a")
        #expect(row.state == .retrying && copied == "AAAA")
        try first.ledger.move(row.id, to: .retrying, from: [.retrying], reason: "due") { $0.notBefore = nil }
        try scratch.write("", work + "/copy/a")
        try scratch.write("another start", work + "/copy.boot")
        let summary = try await makeScheduler(scratch, worker: shellWorker(#"cp -- "$input" "$output/copy""#)).runOnce()
        #expect(summary.published.map(\.name) == ["a"], "\(summary)")
        #expect(try scratch.text("outbox/a/copy") == "AAAA")
    }

    @Test func aSourceThatNeverStopsChangingIsRejectedWithAllThatCame() async throws {
        try scratch.write("1", "inbox/log")
        let worker = shellWorker(#"printf more >> input/log; cp -- "$input" "$output/copy""#)
        let summary = try await makeScheduler(scratch, worker: worker, configure: { $0.retryPatienceSeconds = 1e6 }).runOnce()
        #expect(summary.rejected.map(\.name) == ["log"] && summary.published.isEmpty)
        #expect(try reason("log").contains("source-changed"))
        #expect(try scratch.text("outbox/rejected/log/source/log") == "1moremoremore")
    }

    @Test func whatCameIntoAFolderAfterTheClaimIsLearnedToo() async throws {
        try scratch.write("1", "inbox/film/frame_1")
        let worker = shellWorker(#"[ "$attempt" = 1 ] && printf 2 > input/film/frame_2; cp -r -- "$input" "$output/copy""#)
        let summary = try await makeScheduler(scratch, worker: worker, configure: { $0.retryPatienceSeconds = 1000 }).runOnce()
        #expect(summary.published.map(\.name) == ["film"])
        #expect(try ResultManifest.read(from: scratch.path + "/outbox/film").origin.inputs.map(\.relativePath) == ["frame_1", "frame_2"])
        #expect(try scratch.names("outbox/film/copy") == ["frame_1", "frame_2"])
    }

    @Test(arguments: [false, true])
    func whatChangesBetweenPublishingAndTheArchiveGoesBackToTheInbox(isNameTaken: Bool) async throws {
        try scratch.write("A", "inbox/a")
        try scratch.write("seed: 1", "inbox/a.drop.yml")
        let (work, inbox) = (scratch.path + "/.engram/work", scratch.path + "/inbox")
        // The result's rename is the last step before the source's.
        let files = interfering(before: .synchronize, "/outbox") {
            for id in (try? FileSystem().names(in: work)) ?? [] {
                try? FileSystem().write(Array("AB".utf8), to: work + "/" + id + "/input/a")
            }
            if isNameTaken { try? FileSystem().write(Array("other".utf8), to: inbox + "/a") }
        }
        let clock = HandClock()
        _ = try await makeScheduler(scratch, clock: clock, files: files).runOnce()
        clock.advance(1000)
        _ = try await makeScheduler(scratch, clock: clock).runOnce()
        let all = try ["a", "a-2", "a-3"].compactMap { name in
            try scratch.exists("outbox/" + name) ? try scratch.text("outbox/\(name)/recovered/copy") : nil
        }
        #expect(all.sorted() == (isNameTaken ? ["A", "AB", "other"] : ["A", "AB"]))
        let ledger = try Ledger.existing(at: scratch.path + "/.engram/ledger.sqlite", clock: clock)
        for row in try ledger.rows(in: [.archived]) { #expect(OutboxVerifier().checkSource(of: row)?.isIntact == true) }
        #expect(try ledger.rows(in: [.archived]).count == all.count)
        #expect(try ledger.find("a").contains { $0.reason.contains("its source is in the inbox again, as \(isNameTaken ? "a-2" : "a")") })
    }

    @Test func verifyFindsAnArchivedSourceThatIsNotAnyMoreWhatWasLearned() async throws {
        try scratch.write("1", "inbox/film/1")
        try scratch.write("2", "inbox/film/2")
        let scheduler = try makeScheduler(scratch)
        _ = try await scheduler.runOnce()
        let row = try #require(try scheduler.ledger.find("film").first)
        #expect(OutboxVerifier().checkSource(of: row)?.isIntact == true)
        try FileSystem().write(Array("3".utf8), to: row.path + "/3")
        try FileSystem().write(Array("12".utf8), to: row.path + "/1")
        let check = try #require(OutboxVerifier().checkSource(of: row))
        #expect(check.findings == [.wrongByteCount(path: "1", expected: 1, found: 2), .unexpected(path: "3")])
        try FileSystem().removeTree(row.path)
        #expect(OutboxVerifier().checkSource(of: row) == nil)
    }

    // MARK: Slow and endless sources

    @Test func aSourceThatIsReadForLongLetsOthersPassAndAnEndIsObeyed() async throws {
        try scratch.write("slow", "inbox/a-slow")
        try scratch.write("quick", "inbox/b-quick")
        let (quick, published) = AsyncStream<Void>.makeStream()
        let isHeld = Atomic(true)
        let files = FileSystem { (operation, path) throws(DropError) in
            guard operation == .read, path.hasSuffix("/input/a-slow") else { return }
            while isHeld.load(ordering: .relaxed) { usleep(1000) }
        }
        let scheduler = try makeScheduler(
            scratch, files: files,
            observer: { event in
                if case .published(_, "b-quick", _) = event { published.yield() }
            }, configure: { $0.slowSourceSeconds = 0.01 })
        let run = Task { try await scheduler.runOnce() }
        for await _ in quick { break }
        #expect(try scheduler.ledger.find("a-slow").first?.state == .claimed)
        isHeld.store(false, ordering: .relaxed)
        #expect(try await run.value.published.map(\.name) == ["b-quick", "a-slow"])
    }

    @Test func readingASourceEndsWhenTheRunEnds() async throws {
        try scratch.write("x", "inbox/a")
        #expect(truncate(scratch.path + "/inbox/a", 1 << 40) == 0)
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .read, path.hasSuffix("/input/a") { continuation.yield() }
        }
        let scheduler = try makeScheduler(scratch, files: files, configure: { $0.admission.floorByteCount = 0 })
        let run = Task { try await scheduler.runOnce() }
        for await _ in started { break }
        await scheduler.beginDraining()
        #expect(try await run.value.failed.map(\.name) == ["a"])
        #expect(try scheduler.ledger.find("a").map(\.state) == [.claimed])
    }
}
