@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// From one moment on nothing reaches the disk any more, as after `kill -9`: every later operation fails.
final class Killer: Sendable {
    private let count = Atomic<Int>(0)
    private let limit: Int
    init(after limit: Int) { self.limit = limit }

    var files: FileSystem {
        FileSystem { [self] (operation, path) throws(DropError) in
            // A death before a look is a death before the next change.
            let isLook = [.read, .list, .checkRights].contains(operation)
            let number = isLook ? count.load(ordering: .relaxed) : count.wrappingAdd(1, ordering: .relaxed).newValue
            if number > limit {
                throw .system(operation: "killed before", path: path, code: EIO)
            }
        }
    }

    var hasStruck: Bool { count.load(ordering: .relaxed) > limit }
}

/// Fails one operation and no other.
final class Fault: Sendable {
    private let count = Atomic<Int>(0)
    private let place: Int
    private let code: Int32
    init(at place: Int, code: Int32) {
        self.place = place
        self.code = code
    }

    var files: FileSystem {
        FileSystem { [self] (operation, path) throws(DropError) in
            // A full disk can be read.
            if code == ENOSPC, [.read, .list, .checkRights].contains(operation) { return }
            if count.wrappingAdd(1, ordering: .relaxed).newValue == place {
                throw .system(operation: operation == .synchronize ? "flushing" : operation.rawValue, path: path, code: code)
            }
        }
    }

    var hasStruck: Bool { count.load(ordering: .relaxed) >= place }
}

@Suite struct RecoveryTests {
    private static let worker = shellWorker(#"case "$input" in *bad) exit 2;; *) cp "$input" "$output/copy";; esac"#)

    private static func fill(_ scratch: Scratch) throws {
        _ = try scratch.folders()
        try scratch.write("good content", "inbox/good")
        try scratch.write("seed: 1", "inbox/good.drop.yml")
        try scratch.write("bad content", "inbox/x-bad")
    }

    private static func expectEachOnce(_ scratch: Scratch, _ moment: String) throws {
        #expect(try scratch.names("outbox") == ["good", "rejected"], "\(moment)")
        #expect(try scratch.names("outbox/rejected") == ["x-bad"], "\(moment)")
        #expect(try ManifestVerifier().findings(in: scratch.path + "/outbox/good").isEmpty, "\(moment)")
        #expect(try scratch.text("outbox/good/copy") == "good content", "\(moment)")
        #expect(try scratch.text("outbox/rejected/x-bad/source/x-bad") == "bad content", "\(moment)")
        #expect(try scratch.names("inbox").isEmpty, "\(moment)")
        #expect(try scratch.names(".engram/work").isEmpty, "\(moment)")
        let archived = try scratch.names(".engram/archive")
        #expect(archived.count == 1, "\(moment)")
        for id in archived { #expect(try scratch.names(".engram/archive/\(id)") == ["good", "good.drop.yml"], "\(moment)") }
        let ledger = try Ledger.existing(at: scratch.path + "/.engram/ledger.sqlite", clock: HandClock())
        let states = try ledger.find("good").map(\.state)
        #expect(states.filter { $0 == .archived }.count == 1 && states.allSatisfy(\.isFinal), "\(moment)")
    }

    @Test func killedBeforeAnyOperationTheNextStartPublishesEachDropOnce() async throws {
        var moment = 0
        var manifests: Set<String> = []
        while true {
            let scratch = Scratch()
            try Self.fill(scratch)
            let killer = Killer(after: moment)
            _ = try? await makeScheduler(scratch, worker: Self.worker, files: killer.files).runOnce()
            let clock = HandClock()
            clock.advance(1)
            _ = try await makeScheduler(scratch, worker: Self.worker, clock: clock).runOnce()
            try Self.expectEachOnce(scratch, "killed before operation \(moment + 1)")
            manifests.insert(try scratch.text("outbox/good/manifest.json"))
            guard killer.hasStruck else { break }
            moment += 1
        }
        // A run of two drops has far more operations than this; fewer would mean that the killer is not asked.
        #expect(moment > 40)
        #expect(manifests.count == 1)
    }

    @Test(arguments: [ENOSPC, EIO])
    func whateverOperationFailsOnceNothingIsLostOrPublishedTwice(code: Int32) async throws {
        var place = 1
        while true {
            let scratch = Scratch()
            try Self.fill(scratch)
            let fault = Fault(at: place, code: code)
            let clock = HandClock()
            _ = try? await makeScheduler(scratch, worker: Self.worker, clock: clock, files: fault.files).runOnce()
            clock.advance(3600)
            _ = try await makeScheduler(scratch, worker: Self.worker, clock: clock).runOnce()
            try Self.expectEachOnce(scratch, "operation \(place) failed with \(code)")
            guard fault.hasStruck else { break }
            place += 1
        }
        #expect(place > 40)
    }

    @Test func aResultThatSomebodyTookAwayBeforeTheLedgerKnewIsNotPublishedAgain() async throws {
        let scratch = Scratch()
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        try scratch.write("x", ".engram/work/1/input/a")
        mkdir(scratch.path + "/.engram/work/1/output", 0o700)
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .publishing, from: [.seen], reason: "r") {
            $0.token = "t"
            $0.resultPath = folders.outbox + "/a"
        }
        _ = try await makeScheduler(scratch).runOnce()
        #expect(try ledger.row("1")?.state == .archived)
        #expect(try scratch.names("outbox") == ["rejected"] && scratch.text(".engram/archive/1/a") == "x")
    }

    @Test func aClaimThatDidNotMoveTheDropGivesItsSettingsBack() async throws {
        let scratch = Scratch()
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        try scratch.write("x", "inbox/a")
        try scratch.write("old", ".engram/work/1/input/a.drop.yml")
        try scratch.write("new", "inbox/a.drop.yml")
        let row = try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .claiming, from: [.seen], reason: "r")
        try Claim(place: DropPlace(folders: folders, ledger: ledger, files: FileSystem())).recover(row)
        #expect(try ledger.row("1")?.state == .seen)
        #expect(try scratch.text("inbox/a.drop.yml") == "new")
        #expect(try scratch.text(".engram/archive/1-leftover/a.drop.yml") == "old")
    }

    @Test func aWorkerThatOutlivedItsDaemonIsEndedAndItsTokenIsWorthless() async throws {
        let scratch = Scratch()
        let folders = try scratch.folders()
        let clock = HandClock()
        let ledger = try Ledger(path: folders.ledgerPath, clock: clock)
        try scratch.write("x", ".engram/work/1/input/a")
        for folder in ["output", "checkpoint", "output/old"] { mkdir(scratch.path + "/.engram/work/1/" + folder, 0o700) }
        let (ready, continuation) = AsyncStream<Void>.makeStream()
        let orphan = try WorkerProcess(
            WorkerProcess.Launch(
                executable: "/bin/sh", arguments: ["-c", "echo late > output/old/late; echo ready; exec sleep 1000"],
                environment: ["PATH": "/usr/bin:/bin"], workingFolder: scratch.path + "/.engram/work/1", logPath: "/dev/null")
        ) { _ in continuation.yield() }
        for await _ in ready { break }
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "r") {
            $0.path = folders.work(for: "1").input + "/a"
            $0.token = "old"
            $0.attempt = 1
            $0.workerProcess = Int(orphan.processID)
            $0.workerStart = orphan.startTicks
        }
        #expect(try await makeScheduler(scratch, clock: clock).runOnce().published.count == 1)
        #expect(await orphan.waitUntilExit() == .signalled(number: SIGKILL))
        #expect(try scratch.names("outbox/a") == ["manifest.json", "recovered"])
        #expect(throws: DropError.self) { try ledger.move("1", to: .publishing, from: [.running], token: "old", reason: "late") }
    }

    @Test func theNextStartRemovesWhatOnlyEngramMakesAndNothingElse() async throws {
        let scratch = Scratch()
        _ = try scratch.folders()
        // Linux numbers processes below 2²², so nobody has the first number; who started the test has the second.
        let (dead, alive) = (".engram-probe-2147483646", ".engram-probe-\(getppid())")
        for folder in ["inbox", "outbox", ".engram"] {
            for name in [dead, dead + ".tmp", alive] { try scratch.write("", "\(folder)/\(name)") }
        }
        let daemons = ["configuration-1.yml.tmp", "status.json.tmp", "schedule.json.tmp"]
        // What `recheck` and `digest` write may be half written at this moment.
        let others = ["verification.json.tmp", "digest.json.tmp"]
        for name in daemons + others { try scratch.write("", ".engram/" + name) }
        let folders = try scratch.folders()
        let now = folders.configurationPath(hash: "now")
        for path in [now, folders.configurationPath(hash: "old")] { try FileSystem().write([], to: path) }
        try scratch.write("mine", "inbox/.hidden")
        try scratch.write("mine", "outbox/notes.tmp")
        _ = try await makeScheduler(scratch, configure: { $0.configPath = now }).runOnce()
        let left = Set(try scratch.names("inbox"))
        #expect(left == [alive, ".hidden"])
        #expect(Set(try scratch.names("outbox")) == [alive, "notes.tmp", "rejected"])
        #expect(try Set(scratch.names(".engram").filter { $0.hasSuffix(".tmp") }) == Set(others) && scratch.exists(".engram/" + alive))
        #expect(try scratch.names(".engram").filter { $0.hasPrefix("configuration-") } == ["configuration-now.yml"])
    }

    @Test func aClaimThatTheLedgerForgotReturnsToTheInbox() async throws {
        let scratch = Scratch()
        _ = try scratch.folders()
        try scratch.write("x", ".engram/work/lost/input/a")
        let summary = try await makeScheduler(scratch).runOnce()
        #expect(summary.published.map(\.name) == ["a"])
        #expect(try scratch.names(".engram/work").isEmpty)
    }

    @Test func anEntryThatTookTheNameOfAClaimedDropIsADropOfItsOwn() async throws {
        let scratch = Scratch()
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        try scratch.write("first", ".engram/work/1/input/a")
        for folder in ["output", "checkpoint"] { mkdir(scratch.path + "/.engram/work/1/" + folder, 0o700) }
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .claiming, from: [.seen], reason: "r")
        try scratch.write("second", "inbox/a")
        #expect(try await makeScheduler(scratch).runOnce().published.map(\.name) == ["a", "a"])
        #expect(try scratch.text("outbox/a/recovered/copy") == "first")
        #expect(try scratch.text("outbox/a-2/recovered/copy") == "second")
    }

    /// The kernel may have dropped what it could not write, and reports that once: a second flush that succeeds proves nothing.
    @Test func aFailedFlushIsNotTriedAgainInTheSameRun() async throws {
        var place = 1
        while true {
            let scratch = Scratch()
            _ = try scratch.folders()
            try scratch.write("good content", "inbox/good")
            let flushes = Mutex<[String]>([])
            let failed = Mutex<String?>(nil)
            let files = FileSystem { [place] (operation, path) throws(DropError) in
                guard operation == .synchronize else { return }
                let count = flushes.withLock { flushes in
                    flushes.append(path)
                    return flushes.count
                }
                guard count == place else { return }
                failed.withLock { $0 = path }
                throw .system(operation: "flushing", path: path, code: EIO)
            }
            _ = try? await makeScheduler(scratch, worker: Self.worker, files: files).runOnce()
            guard let path = failed.withLock({ $0 }) else { break }
            #expect(!flushes.withLock { $0.dropFirst(place) }.contains(path), "flush \(place), of \(path)")
            place += 1
        }
        #expect(place > 10)
    }
}
