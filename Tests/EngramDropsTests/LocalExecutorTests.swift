@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// Workers that run on when their daemon is gone.
@Suite(.timeLimit(.minutes(1))) struct LocalExecutorTests {
    private let scratch = Scratch()

    /// Waits for the file `go` beside its result, as a worker trains for a while; then leaves a result and its record.
    private static let patient = shellWorker(
        #"""
        echo $$ >> "$checkpoint/started"; echo '{"epoch":1}'
        while [ ! -e "$checkpoint/go" ]; do sleep 0.02; done
        cp "$input" "$output/copy"; echo '{"epoch":2}'
        boot=$(cat /proc/sys/kernel/random/boot_id)
        printf '{"token":"%s","code":0,"boot":"%s"}' "$token" "$boot" > "$checkpoint/exit.json"
        """#)

    /// A drop whose worker an earlier daemon started; the row is as that daemon left it.
    private func abandoned(
        _ command: WorkerCommand = patient, isNumberKnown: Bool = true
    ) async throws -> (ledger: Ledger, worker: any WorkerHandle) {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let work = folders.work(for: "1")
        try scratch.write("x", ".engram/work/1/input/a")
        for folder in ["output", "checkpoint", "output/T"] { mkdir(work.root + "/" + folder, 0o700) }
        let job = WorkerJob(
            id: "1", name: "a", attempt: 1, token: "T", inputPath: work.input + "/a", settingsPath: nil, configPath: nil,
            outputPath: work.output(token: "T"), checkpointPath: work.checkpoint)
        let (ready, continuation) = AsyncStream<Void>.makeStream()
        let worker = try LocalExecutor(command: command, folders: folders).start(job) { _ in continuation.yield() }
        for await _ in ready { break }
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "attempt 1") {
            $0.path = work.input + "/a"
            $0.token = "T"
            $0.attempt = 1
            $0.workerProcess = isNumberKnown ? Int(worker.processID) : nil
            $0.workerStart = isNumberKnown ? worker.startTicks : nil
        }
        return (ledger, worker)
    }

    private func processes() throws -> [Int32] {
        try scratch.text(".engram/work/1/checkpoint/started").split(separator: "\n").compactMap { Int32($0) }
    }

    @Test(arguments: [true, false])
    func theNextDaemonGoesOnWithAWorkerThatStillRuns(isNumberKnown: Bool) async throws {
        let (ledger, worker) = try await abandoned(isNumberKnown: isNumberKnown)
        let journal = Journal()
        let started = Mutex<[Int32]>([])
        let path = scratch.path
        let scheduler = try makeScheduler(scratch, worker: Self.patient) { event in
            journal.add(event)
            guard case .started = event else { return }
            started.withLock { $0 = (try? processes()) ?? [] }
            try? FileSystem().write([], to: path + "/.engram/work/1/checkpoint/go")
        }
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name) == ["a"])
        #expect(started.withLock { $0 } == [worker.processID])
        #expect(journal.events.contains(.started(id: "1", name: "a", attempt: 1, processID: worker.processID)))
        // What it wrote before is not told again.
        #expect(journal.events.contains(.progress(id: "1", name: "a", line: Array(#"{"epoch":2}"#.utf8))))
        #expect(!journal.events.contains(.progress(id: "1", name: "a", line: Array(#"{"epoch":1}"#.utf8))))
        #expect(try scratch.text("outbox/a/copy") == "x")
        #expect(try scratch.names("outbox") == ["a", "rejected"])
        let row = try #require(try ledger.row("1"))
        #expect(row.state == .archived && row.attempt == 1 && row.failureCount == 0)
        #expect(try ledger.transitions(of: "1").contains { $0.reason.contains("outlived") })
        #expect(await worker.wait().exit == .exited(code: 0))
    }

    @Test func aWorkerThatEndedWhileNoDaemonRanIsNotRunAgain() async throws {
        let (ledger, worker) = try await abandoned()
        try scratch.write("", ".engram/work/1/checkpoint/go")
        #expect(await worker.wait().exit == .exited(code: 0))
        // A second worker could only fail.
        #expect(try await makeScheduler(scratch, worker: shellWorker("exit 1")).runOnce().published.count == 1)
        #expect(try scratch.text("outbox/a/copy") == "x")
        #expect(try ledger.row("1")?.attempt == 1)
    }

    @Test func aWorkerThatDiesWithoutARecordIsTriedAgain() async throws {
        let (ledger, worker) = try await abandoned()
        let journal = Journal()
        let scheduler = try makeScheduler(scratch, worker: Self.patient) { event in
            journal.add(event)
            guard case .started(_, _, let attempt, let process) = event, attempt == 1 else { return }
            kill(-process, SIGKILL)
        } configure: {
            $0.retryPatienceSeconds = 0
        }
        #expect(try await scheduler.runOnce().failed.count == 1)
        #expect(await worker.wait().exit == .signalled(number: SIGKILL))
        let row = try #require(try ledger.row("1"))
        #expect(row.state == .retrying && row.failureCount == 1 && row.failureIsRetryable == true && row.token == nil)
        #expect(try scratch.names("outbox") == ["rejected"])
    }

    @Test(arguments: [#"{"token":"other","code":0,"boot":"BOOT"}"#, #"{"token":"T","code":0,"boot":"another"}"#, #"{"token":"T"}"#, "{"])
    func aRecordOfAnotherAttemptOrBootIsNotBelieved(text: String) throws {
        try scratch.write(text.split(separator: "BOOT").joined(separator: InstanceLock.bootIdentifier()), "exit.json")
        #expect(WorkerExitRecord.read(token: "T", in: scratch.path) == nil)
    }

    @Test(arguments: [0, 65, 75] as [Int32])
    func aRecordComesBack(code: Int32) throws {
        try WorkerExitRecord.write(code, token: "T", in: scratch.path)
        #expect(WorkerExitRecord.read(token: "T", in: scratch.path) == .exited(code: code))
        #expect(WorkerExitRecord.job(token: "T", in: scratch.path) == nil)
        try WorkerExitRecord.write(code, token: "T", job: "memorize", in: scratch.path)
        #expect(WorkerExitRecord.job(token: "T", in: scratch.path) == .memorize)
        #expect(WorkerExitRecord.job(token: "U", in: scratch.path) == nil)
    }

    @Test func theWorkerOfADropThatTheLedgerForgotIsEnded() async throws {
        let (ledger, worker) = try await abandoned()
        try ledger.move("1", to: .vanished, from: [.running], reason: "r") { $0.token = nil }
        LocalExecutor(command: Self.patient, folders: try scratch.folders()).endWorkers(ofDrop: "2")
        #expect(kill(worker.processID, 0) == 0)
        LocalExecutor(command: Self.patient, folders: try scratch.folders()).endWorkers(ofDrop: "1")
        #expect(await worker.wait().exit == .signalled(number: SIGKILL))
    }

    @Test func aDrainReachesAWorkerOfAnEarlierDaemon() async throws {
        let (ledger, worker) = try await abandoned(
            shellWorker(#"trap 'exit 75' TERM; echo ready; while :; do sleep 0.02; done"#))
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let scheduler = try makeScheduler(scratch) { if case .started = $0 { continuation.yield() } }
        async let summary = scheduler.runOnce()
        for await _ in started { break }
        await scheduler.beginDraining()
        #expect(try await summary.published.isEmpty)
        #expect(await worker.wait().exit == .exited(code: 75))
        let row = try #require(try ledger.row("1"))
        #expect(row.state == .claimed && row.failureCount == 0)
    }
}
