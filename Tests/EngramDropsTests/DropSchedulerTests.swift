import EngramTestSupport
@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// The limit ends a test whose worker was never told to end.
@Suite(.timeLimit(.minutes(1))) struct DropSchedulerTests {
    private let scratch = Scratch()

    private func text(_ name: String) throws -> String { try scratch.text(name) }

    // MARK: Results

    @Test func aDropIsTrainedPublishedAndItsSourceArchived() async throws {
        try scratch.write(Sample.png, "inbox/a.png")
        let journal = Journal()
        let scheduler = try makeScheduler(scratch, observer: { journal.add($0) })
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name) == ["a.png"])
        #expect(try scratch.read("outbox/a.png/recovered/copy") == Sample.png)
        #expect(try ManifestVerifier().findings(in: scratch.path + "/outbox/a.png").isEmpty)
        let manifest = try ResultManifest.read(from: scratch.path + "/outbox/a.png")
        #expect(manifest.origin.name == "a.png" && manifest.origin.contentSHA256 == SHA256.hash(Sample.png))
        #expect(try scratch.names("inbox").isEmpty && scratch.names(".engram/work").isEmpty)
        let row = try #require(try scheduler.ledger.find("a.png").first)
        #expect(row.state == .archived && row.path == scratch.path + "/.engram/archive/\(row.id)/a.png")
        #expect(try FileSystem().read(row.path, count: 1000) == Sample.png)
        let states = try scheduler.ledger.transitions(of: row.id).map(\.to)
        #expect(states == [.ready, .claiming, .claimed, .running, .publishing, .published, .archived])
        #expect(journal.events.contains(.progress(id: row.id, name: "a.png", line: Array(#"{"epoch":1}"#.utf8))))
        #expect(journal.events.contains(.published(id: row.id, name: "a.png", path: scratch.path + "/outbox/a.png")))
    }

    @Test(arguments: [
        "two words.png", "new\nline", "😀", "-rf", "'\"$(reboot)`", "a\\b", "*", "e\u{301}", "rejected", "manifest.json", "input",
        String(repeating: "n", count: 255),
    ])
    func oddNamesGoAllTheWay(name: String) async throws {
        try scratch.write("content", "inbox/" + name)
        let summary = try await makeScheduler(scratch).runOnce()
        let expected = name == "rejected" ? "rejected-2" : name
        #expect(summary.published.map { Array($0.detail.utf8) } == [Array((scratch.path + "/outbox/" + expected).utf8)])
        #expect(try text("outbox/\(expected)/recovered/copy") == "content")
    }

    @Test func settingsBesideAFileAndItsMarkerComeAlong() async throws {
        try scratch.write("content", "inbox/a")
        try scratch.write("seed: 1", "inbox/a.drop.yml")
        try scratch.write("", "inbox/a.done")
        let worker = shellWorker(#"cp -- "$settings" "$output/settings.yml""#)
        let scheduler = try makeScheduler(scratch, worker: worker)
        #expect(try await scheduler.runOnce().published.count == 1)
        #expect(try text("outbox/a/settings.yml") == "seed: 1")
        let id = try #require(try scheduler.ledger.find("a").first?.id)
        #expect(try scratch.names(".engram/archive/\(id)") == ["a", "a.done", "a.drop.yml"])
        #expect(try scratch.names("inbox").isEmpty)
    }

    @Test func theSameBytesAndSettingsAreNotTrainedAgain() async throws {
        for name in ["a.png", "b.png"] { try scratch.write(Sample.png, "inbox/" + name) }
        let worker = shellWorker(#"echo trained >> "\#(scratch.path)/count"; cp -- "$input" "$output/copy""#)
        let first = try await makeScheduler(scratch, worker: worker, jobs: 2).runOnce()
        // Which of the two is trained is open: both are hashed at the same time.
        let trained = try #require(first.published.first)
        #expect(first.published.count == 1 && first.reused.map(\.detail) == [trained.detail])
        #expect(first.reused.map(\.name) == [trained.name == "a.png" ? "b.png" : "a.png"])
        // Other settings make it another drop; a lost result is made again.
        try scratch.write(Sample.png, "inbox/c.png")
        try scratch.write("seed: 2", "inbox/c.png.drop.yml")
        #expect(try await makeScheduler(scratch, worker: worker).runOnce().published.map(\.name) == ["c.png"])
        try FileSystem().removeTree(trained.detail)
        try scratch.write(Sample.png, "inbox/d.png")
        let clock = HandClock()
        clock.advance(100)
        #expect(try await makeScheduler(scratch, worker: worker, clock: clock).runOnce().published.map(\.name) == ["d.png"])
        #expect(try text("count") == "trained\ntrained\ntrained\n")
        #expect(try scratch.names(".engram/archive").count == 4)
    }

    /// A result that lost a file, or has other bytes in one, or was moved on by its owner: each time the source is trained again.
    @Test func onlyAResultThatIsAsItWasPublishedStandsForAnotherDrop() async throws {
        let worker = shellWorker(#"echo trained >> "\#(scratch.path)/count"; cp -- "$input" "$output/copy"; echo r > "$output/report""#)
        func summary(of name: String, bytes: [UInt8] = Sample.png) async throws -> RunSummary {
            try scratch.write(bytes, "inbox/" + name)
            let clock = HandClock()
            clock.advance(Double(try scratch.names(".engram/archive").count))
            return try await makeScheduler(scratch, worker: worker, clock: clock).runOnce()
        }
        _ = try scratch.folders()
        #expect(try await summary(of: "a").published.map(\.name) == ["a"])
        // What its owner laid beside it is no damage.
        try scratch.write("note", "outbox/a/note.txt")
        #expect(try await summary(of: "b").reused.map(\.detail) == [scratch.path + "/outbox/a"])
        unlink(scratch.path + "/outbox/a/report")
        let third = try await summary(of: "c")
        #expect(third.published.map(\.detail) == [scratch.path + "/outbox/c"] && third.reused.isEmpty)
        #expect(try text("outbox/c/report") == "r\n")
        #expect(try await summary(of: "d").reused.map(\.detail) == [scratch.path + "/outbox/c"])
        try scratch.write("R\n", "outbox/c/report")
        #expect(try await summary(of: "e").published.map(\.name) == ["e"])
        // Another result has its place.
        #expect(rename(scratch.path + "/outbox/e", scratch.path + "/e") == 0)
        #expect(try await summary(of: "e", bytes: Sample.png + [1]).published.map(\.detail) == [scratch.path + "/outbox/e"])
        #expect(try await summary(of: "f").published.map(\.name) == ["f"])
        #expect(try text("count") == String(repeating: "trained\n", count: 5))
    }

    @Test func aSecondDropOfTheSameNameGetsItsOwnFolder() async throws {
        for text in ["1", "2", "3"] {
            try scratch.write(text, "inbox/a")
            _ = try await makeScheduler(scratch).runOnce()
        }
        #expect(try scratch.names("outbox") == ["a", "a-2", "a-3", "rejected"])
        #expect(try text("outbox/a-3/recovered/copy") == "3")
    }

    @Test func dropsAreTakenInNaturalOrder() async throws {
        for name in ["f10", "f9", "f1"] { try scratch.write(name, "inbox/" + name) }
        #expect(try await makeScheduler(scratch).runOnce().published.map(\.name) == ["f1", "f9", "f10"])
    }

    @Test func whatCannotBeTakenStaysWithItsReason() async throws {
        try scratch.write("", "inbox/empty.png")
        try scratch.write("x", "inbox/film.part")
        let folders = try scratch.folders()
        symlink("/etc/passwd", folders.inbox + "/link")
        let summary = try await makeScheduler(scratch).runOnce()
        #expect(summary.waiting.map(\.name).sorted() == ["empty.png", "link"])
        #expect(summary.published.isEmpty && summary.rejected.isEmpty)
        #expect(try scratch.names("inbox") == ["empty.png", "film.part", "link"])
    }

    @Test func whatNobodyCompletesIsRejectedInTheEndWithItsReason() async throws {
        let folders = try scratch.folders()
        try scratch.write("", "inbox/empty.png")
        try scratch.write("x", "inbox/film/a")
        symlink("a", folders.inbox + "/film/b")
        symlink("/etc/passwd", folders.inbox + "/link")
        let settle = SettleRule(settleSeconds: 0, giveUpSeconds: 0, isSinglePass: true)
        let summary = try await makeScheduler(scratch, settle: settle).runOnce()
        #expect(Set(summary.rejected.map(\.name)).isSuperset(of: ["film", "link"]) && summary.waiting.isEmpty)
        // The worker of this test takes an empty file.
        #expect(summary.published.map(\.name) == ["empty.png"])
        #expect(try scratch.names("inbox").isEmpty)
        for name in ["film", "link"] {
            #expect(try scratch.text("outbox/rejected/\(name)/error.json").contains("symbolic link"), "\(name)")
        }
        // No link is published, and where it led is known.
        #expect(try scratch.text("outbox/rejected/link/left-out.txt").contains("link: was a symbolic link to /etc/passwd"))
        #expect(try scratch.names("outbox/rejected/link/source").isEmpty && scratch.names("outbox/rejected/film/source/film") == ["a"])
    }

    @Test func whatCannotBeMovedIsCountedApartAndTheLedgerSaysWhy() async throws {
        try scratch.write(Sample.png, "inbox/album/1.png")
        try scratch.write("x", "inbox/late")
        try scratch.write("x", "inbox/other")
        let inbox = try scratch.folders().inbox
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .checkRights, path == inbox + "/album" {
                throw .immovableFolder(path: path, mode: 0o755, needed: "g+w")
            }
            // The right is taken away between the look and the rename.
            if operation == .rename, path == inbox + "/late" { throw .system(operation: "renaming", path: path, code: EACCES) }
        }
        let scheduler = try makeScheduler(scratch, files: files, configure: { $0.retryPatienceSeconds = 0 })
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name) == ["other"] && summary.waiting.isEmpty && summary.failed.isEmpty)
        #expect(summary.blocked.map(\.name).sorted() == ["album", "late"])
        let album = try #require(try scheduler.ledger.find("album").first)
        #expect(album.state == .waiting && album.reason.contains("album cannot be moved") && album.reason.contains("mode g+w"))
        let late = try #require(try scheduler.ledger.find("late").first)
        let words = ["could not be taken out of the inbox", "renaming \(inbox)/late failed: Permission denied"]
        #expect(late.state == .waiting && words.allSatisfy { late.reason.contains($0) }, "\(late.reason)")
        #expect(try scratch.names("inbox") == ["album", "late"])
    }

    @Test func aDropIsNotTakenWithoutTheSettingsThatItsOwnerGaveIt() async throws {
        let settings = try scratch.write("seed: 1", "settings")
        try scratch.write(Sample.png, "inbox/a.png")
        let folders = try scratch.folders()
        symlink(settings, folders.inbox + "/a.png.drop.yml")
        let scheduler = try makeScheduler(scratch)
        let summary = try await scheduler.runOnce()
        #expect(summary.published.isEmpty && summary.waiting.map(\.name) == ["a.png"])
        #expect(summary.waiting.first?.detail.contains("a.png.drop.yml is a symbolic link") == true)
        // The same, seen only after the last look.
        let place = DropPlace(folders: folders, ledger: scheduler.ledger, files: FileSystem())
        let row = try #require(try scheduler.ledger.find("a.png").first)
        #expect(throws: DropError.companionNotAFile(path: folders.inbox + "/a.png.drop.yml", kind: "symbolic link")) {
            try Claim(place: place).claim(row)
        }
        try Claim(place: place).recover(try #require(try scheduler.ledger.row(row.id)))
        #expect(try scratch.names("inbox") == ["a.png", "a.png.drop.yml"] && scratch.names(".engram/work").isEmpty)
        #expect(rename(settings, folders.inbox + "/a.png.drop.yml") == 0)
        let worker = shellWorker(#"cp -- "$settings" "$output/settings.yml""#)
        #expect(try await makeScheduler(scratch, worker: worker).runOnce().published.map(\.name) == ["a.png"])
        #expect(try text("outbox/a.png/settings.yml") == "seed: 1")
    }

    @Test func aSinglePassSeesThatWhatItWaitsForHasCome() async throws {
        try scratch.write(Array(Sample.png.dropLast()), "inbox/a.png")
        try scratch.setModification(of: "inbox/a.png", to: 1_999_999_990)
        let (inbox, clock) = (try scratch.folders().inbox, HandClock())
        let start = clock.monotonicSeconds()
        let waited = Mutex(0.0)
        let files = FileSystem { [scratch] (operation, path) throws(DropError) in
            if operation == .rename, path == inbox + "/a.png" { waited.withLock { $0 = clock.monotonicSeconds() - start } }
            // The rest is written once, at the first look after 8 s.
            guard operation == .list, path == inbox, clock.monotonicSeconds() > start + 8 else { return }
            if (try? scratch.read("inbox/a.png"))?.count == Sample.png.count - 1 { _ = try? scratch.write(Sample.png, "inbox/a.png") }
        }
        #expect(try await makeScheduler(scratch, clock: clock, files: files).runOnce().published.map(\.name) == ["a.png"])
        #expect(try scratch.read("outbox/a.png/recovered/copy") == Sample.png)
        // A look each 5 s, and 5 s without a change; the patience for what is incomplete would have ended after 50 s.
        #expect(abs(waited.withLock { $0 } - 15) < 0.01)
    }

    @Test(.timeLimit(.minutes(1)))
    func anEntryThatIsGoneWhenItsTurnComesDoesNotHoldASinglePass() async throws {
        try scratch.write("x", "inbox/a")
        let entry = try scratch.folders().inbox + "/a"
        // The scan has listed it and writes that down.
        let files = FileSystem { (operation, _) throws(DropError) in if operation == .recordInLedger { unlink(entry) } }
        let scheduler = try makeScheduler(scratch, files: files)
        #expect(try await scheduler.runOnce() == RunSummary())
        #expect(try scheduler.ledger.find("a").map(\.state) == [.vanished])
    }

    // MARK: Failures

    @Test func aPermanentFailureIsQuarantinedWithItsSourceAndReason() async throws {
        try scratch.write(Sample.png, "inbox/bad/1.png")
        let failure =
            #"{"file":"1.png","stage":"decode","code":"bad-crc","message":"the CRC is wrong","expected":"1","found":"2","remedy":"again"}"#
        let worker = shellWorker("echo why >&2; printf '%s' '\(failure)' > \"$output/failure.json\"; exit 65")
        let scheduler = try makeScheduler(scratch, worker: worker)
        let summary = try await scheduler.runOnce()
        #expect(summary.rejected.map(\.detail) == ["the CRC is wrong"])
        #expect(try scratch.names("outbox/rejected/bad") == ["error.json", "source", "worker.log"])
        #expect(try scratch.read("outbox/rejected/bad/source/bad/1.png") == Sample.png)
        #expect(try text("outbox/rejected/bad/worker.log") == "why\n")
        let error = try JSONValue.parse(try scratch.read("outbox/rejected/bad/error.json"), path: "error.json")
        let expected = [
            "schema": "engram-error/1", "name": "bad", "file": "1.png", "stage": "decode", "code": "bad-crc", "message": "the CRC is wrong",
            "expected": "1", "found": "2", "remedy": "again", "at": "2033-05-18T03:33:20.000Z",
        ]
        for (name, value) in expected { #expect(error[name]?.string == value) }
        #expect(try scratch.names(".engram/work").isEmpty && scratch.names("outbox") == ["rejected"])
        #expect(try scheduler.ledger.find("bad").first?.state == .rejected)
    }

    @Test(arguments: [
        ("exit 1", "exit code 1"), ("exit 0", "left no result"), ("echo '{' > \"$output/failure.json\"; exit 9", "exit code 9"),
    ])
    func aWorkerThatGivesNoReasonIsRejectedWithItsEnd(script: String, text expected: String) async throws {
        try scratch.write("x", "inbox/a")
        let summary = try await makeScheduler(scratch, worker: shellWorker(script)).runOnce()
        #expect(summary.rejected.count == 1 && summary.rejected[0].detail.contains(expected))
        #expect(try text("outbox/rejected/a/source/a") == "x")
    }

    @Test(arguments: ["kill -9 $$", "exit 75", #"echo '{"message":"full","retryable":true}' > "$output/failure.json"; exit 1"#])
    func aPassingFailureIsTriedAgainLaterAndAtMostThreeTimes(script: String) async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let worker = shellWorker(#"echo "$attempt" >> "$checkpoint/attempts"; "# + script)
        for (attempt, wait) in [(1, 30.0), (2, 120.0)] {
            let scheduler = try makeScheduler(scratch, worker: worker, clock: clock)
            #expect(try await scheduler.runOnce().failed.count == 1)
            let row = try #require(try scheduler.ledger.find("a").first)
            #expect(row.state == .retrying && row.attempt == attempt && row.notBefore == clock.secondsSinceEpoch() + wait)
            clock.advance(wait - 1)
            // Too early: nothing is started.
            #expect(try await makeScheduler(scratch, worker: worker, clock: clock).runOnce().failed.count == 1)
            clock.advance(1)
        }
        let summary = try await makeScheduler(scratch, worker: worker, clock: clock).runOnce()
        #expect(summary.rejected.count == 1 && summary.rejected[0].detail.hasSuffix("(3 attempts)"))
        #expect(try text("outbox/rejected/a/source/a") == "x")
    }

    @Test func aSinglePassWaitsForTheNextAttemptWithinItsPatience() async throws {
        try scratch.write("x", "inbox/a")
        let (clock, worker) = (
            HandClock(),
            shellWorker(#"echo >> "$checkpoint/n"; [ $(wc -l < "$checkpoint/n") = 3 ] && cp "$input" "$output/r" || kill -9 $$"#)
        )
        let start = clock.monotonicSeconds()
        // Attempts at 0, 30 and 150 s.
        let short = try await makeScheduler(scratch, worker: worker, clock: clock, configure: { $0.retryPatienceSeconds = 100 }).runOnce()
        #expect(short.failed.count == 1 && short.failed[0].detail.contains("SIGKILL"))
        #expect(clock.monotonicSeconds() - start < 100)
        let long = try await makeScheduler(scratch, worker: worker, clock: clock, configure: { $0.retryPatienceSeconds = 600 }).runOnce()
        #expect(long.published.map(\.name) == ["a"] && long.failed.isEmpty)
        #expect(abs(clock.monotonicSeconds() - start - 150) < 1)
    }

    @Test func theLedgerTellsAPassingFailureFromOneForGood() async throws {
        for name in ["passing", "final"] { try scratch.write("x", "inbox/" + name) }
        let scheduler = try makeScheduler(scratch, worker: shellWorker(#"case "$input" in *passing) exit 75;; *) exit 65;; esac"#))
        _ = try await scheduler.runOnce()
        let rows = try ["passing", "final"].map { try #require(try scheduler.ledger.find($0).first) }
        #expect(rows.map(\.state) == [.retrying, .rejected])
        #expect(rows.map(\.failureIsRetryable) == [true, false] && rows.allSatisfy { $0.failureCode == "worker-ended" })
        #expect(try text("outbox/rejected/final/error.json").contains("\"retryable\": false"))
    }

    @Test func theNextAttemptFindsTheCheckpointAndAnEmptyOutput() async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let worker = shellWorker(
            #"ls "$output" > "$checkpoint/seen"; [ -e "$checkpoint/1" ] && cp "$checkpoint/seen" "$output/r" && exit 0; touch "$checkpoint/1" "$output/half"; exit 75"#
        )
        _ = try await makeScheduler(scratch, worker: worker, clock: clock).runOnce()
        clock.advance(30)
        let summary = try await makeScheduler(scratch, worker: worker, clock: clock).runOnce()
        #expect(summary.published.count == 1)
        #expect(try text("outbox/a/r").isEmpty)
        #expect(try scratch.names("outbox/a") == ["manifest.json", "r"])
    }

    @Test func aWorkerThatCannotBeStartedIsNotTheDropsFault() async throws {
        try scratch.write("x", "inbox/a")
        let program = scratch.path + "/program"
        let worker = WorkerCommand(executable: program, environment: ["PATH": "/usr/bin:/bin"]) {
            ["-c", "cp \($0.inputPath) \($0.outputPath)/copy"]
        }
        let clock = HandClock()
        // As often as it takes, however few attempts a drop has.
        for _ in 1...4 {
            let summary = try await makeScheduler(scratch, worker: worker, clock: clock, attemptLimit: 1).runOnce()
            #expect(summary.rejected.isEmpty && summary.failed.first?.detail.contains("\(program) could not be started") == true)
            clock.advance(7200)
        }
        #expect(symlink("/bin/sh", program) == 0)
        let scheduler = try makeScheduler(scratch, worker: worker, clock: clock, attemptLimit: 1)
        #expect(try await scheduler.runOnce().published.count == 1)
        #expect(try scheduler.ledger.find("a").map(\.failureCount) == [0])
    }

    @Test func oneBadDropDoesNotKeepTheOthersBack() async throws {
        for name in ["1-good", "2-bad", "3-good"] { try scratch.write(name, "inbox/" + name) }
        let worker = shellWorker(#"case "$input" in *bad) exit 2;; *) cp "$input" "$output/copy";; esac"#)
        let summary = try await makeScheduler(scratch, worker: worker, jobs: 2).runOnce()
        #expect(summary.published.map(\.name).sorted() == ["1-good", "3-good"] && summary.rejected.map(\.name) == ["2-bad"])
    }

    // MARK: Tokens and draining

    @Test func aLateWorkerOfAnOldAttemptCannotPublish() async throws {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let publisher = Publisher(place: DropPlace(folders: folders, ledger: ledger, files: FileSystem()), versions: [:])
        try scratch.write("late", ".engram/work/1/output/old/r")
        try scratch.write("x", ".engram/work/1/input/a")
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "r") { $0.token = "new" }
        #expect(throws: DropError.staleAttempt(id: "1", expected: "token old", found: "token new")) {
            try publisher.publish("1", token: "old")
        }
        #expect(try scratch.names("outbox") == ["rejected"])
        #expect(try ledger.row("1")?.state == .running)
    }

    @Test(arguments: ["..", ".", "a/b", "../../escape", "", "a\0b"])
    func aHostileNameFromALedgerLeavesTheFoldersAlone(name: String) throws {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let place = DropPlace(folders: folders, ledger: ledger, files: FileSystem())
        try scratch.write("r", ".engram/work/1/output/t/r")
        let row = try ledger.insert(id: "1", name: name, path: "/a")
        #expect(throws: DropError.self) { try Claim(place: place).claim(row) }
        try ledger.move("1", to: .running, from: [.seen, .claiming], reason: "r") { $0.token = "t" }
        #expect(throws: DropError.self) { try Publisher(place: place, versions: [:]).publish("1", token: "t") }
        #expect(try scratch.names("") == [".engram", "inbox", "outbox"] && scratch.names("outbox") == ["rejected"])
    }

    @Test func drainingEndsTheWorkerAndLeavesAClaimThatGoesOn() async throws {
        try scratch.write("x", "inbox/a")
        try scratch.write("y", "inbox/b")
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let slow = shellWorker(
            #"[ -e "$checkpoint/1" ] && cp "$input" "$output/copy" && exit 0; trap 'touch "$checkpoint/1"; exit 75' TERM; echo ready; sleep 1000 & wait"#
        )
        let scheduler = try makeScheduler(scratch, worker: slow, clock: HandClock(sleepsForReal: true)) { event in
            if case .progress = event { continuation.yield() }
        }
        let run = Task { try await scheduler.runOnce() }
        for await _ in started { break }
        await scheduler.drain()
        let summary = try await run.value
        #expect(summary.failed.map(\.name) == ["a"] && summary.waiting.map(\.name) == ["b"])
        let row = try #require(try scheduler.ledger.find("a").first)
        #expect(row.state == .claimed && row.failureCount == 0 && row.token == nil)
        // b would sleep too: it is taken away.
        unlink(scratch.path + "/inbox/b")
        #expect(try await makeScheduler(scratch, worker: slow).runOnce().published.map(\.name) == ["a"])
    }

    @Test func aWorkerThatDoesNotEndIsKilledWhenTheTimeIsUp() async throws {
        try scratch.write("x", "inbox/a")
        let (started, continuation) = AsyncStream<Void>.makeStream()
        // The hand clock's sleep ends at once, so the time is up at once.
        let scheduler = try makeScheduler(scratch, worker: shellWorker("trap '' TERM; echo ready; while :; do sleep 1000; done")) { event in
            if case .progress = event { continuation.yield() }
        }
        let run = Task { try await scheduler.runOnce() }
        for await _ in started { break }
        await scheduler.drain()
        #expect(try await run.value.failed.map(\.name) == ["a"])
        #expect(try scheduler.ledger.find("a").first?.state == .claimed)
    }

    @Test func theDaemonTakesADropThatComesWhileItRuns() async throws {
        let (published, continuation) = AsyncStream<String>.makeStream()
        let folders = try scratch.folders()
        let scheduler = try makeScheduler(scratch, settle: SettleRule()) { event in
            if case .published(_, _, let path) = event { continuation.yield(path) }
        }
        let run = Task { try await scheduler.run() }
        try scratch.write("x", "late")
        #expect(rename(scratch.path + "/late", folders.inbox + "/late") == 0)
        for await path in published {
            #expect(path == folders.outbox + "/late")
            break
        }
        await scheduler.drain()
        #expect(try await run.value.published.count == 1)
    }

    @Test func cancellingTheTaskDrainsTheDaemon() async throws {
        let scheduler = try makeScheduler(scratch, clock: HandClock(sleepsForReal: true))
        let run = Task { try await scheduler.run() }
        run.cancel()
        #expect(try await run.value == RunSummary())
    }

    @Test func twoDaemonsCannotShareAStateFolder() async throws {
        let first = try makeScheduler(scratch)
        #expect(throws: DropError.self) { try makeScheduler(scratch) }
        _ = try await first.runOnce()
        _ = try await makeScheduler(scratch).runOnce()
    }
}
