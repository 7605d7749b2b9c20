@testable import EngramDrops
import EngramSystem
import Glibc
import Synchronization
import Testing

/// Drops whose workers are jobs, with stand-ins for Slurm's programs.
@Suite(.timeLimit(.minutes(1))) struct SlurmQueueTests {
    private let scratch = Scratch()
    private let slurm: FakeSlurm

    init() throws { slurm = try FakeSlurm(in: scratch) }

    /// Process numbers of the workers that worked at drop `id`.
    private func runs(_ id: String) -> [String] {
        ((try? scratch.text(".engram/work/\(id)/ran")) ?? "").split(separator: "\n").map(String.init)
    }

    private func row(_ name: String) throws -> DropRow? {
        try Ledger(path: try scratch.folders().ledgerPath, clock: HandClock()).find(exactly: name).first
    }

    @Test func aDropIsPublishedByAJob() async throws {
        try scratch.write("x", "inbox/a")
        let journal = Journal()
        let queue = try slurm.queue()
        let summary = try await slurm.scheduler(queue: queue) { journal.add($0) }.runOnce()
        #expect(summary.published.map(\.name) == ["a"])
        #expect(try scratch.text("outbox/a/copy") == "x")
        #expect(slurm.calls("sbatch").count == 1)
        let words = try #require(slurm.calls("sbatch").first)
        #expect(words.contains("--parsable") && words.contains("--no-requeue") && words.contains("--job-name=engram-"))
        #expect(journal.events.contains { if case .progress(_, "a", _) = $0 { true } else { false } })
        #expect(try row("a")?.workerProcess == nil)
        #expect(try scratch.names(".engram/work").isEmpty)
    }

    @Test func aBurstIsSubmittedAsArrays() async throws {
        for name in ["a", "b", "c", "d", "e", "f"] { try scratch.write(name, "inbox/" + name) }
        let queue = try slurm.queue {
            ($0.lookSeconds, $0.arrayCount) = (0.2, 4)
        }
        let summary = try await slurm.scheduler(queue: queue).runOnce()
        #expect(summary.published.count == 6)
        for name in ["a", "b", "c", "d", "e", "f"] { #expect(try scratch.text("outbox/\(name)/copy") == name) }
        #expect(slurm.calls("sbatch").count < 6)
        #expect(slurm.calls("sbatch").contains { $0.contains("--array=0-") })
        #expect(!slurm.calls("sbatch").contains { $0.contains("--array=0-4") || $0.contains("--array=0-5") })
        // One question is for all jobs.
        #expect(slurm.calls("squeue").allSatisfy { $0.contains("--user=") && !$0.contains("--jobs") })
    }

    @Test func noMoreJobsThanAllowedAreInTheQueue() async throws {
        for name in ["a", "b", "c", "d", "e"] { try scratch.write(name, "inbox/" + name) }
        try slurm.set("hold")
        let queue = try slurm.queue { $0.jobCount = 2 }
        let scheduler = try slurm.scheduler(queue: queue)
        async let summary = scheduler.runOnce()
        try await slurm.wait("the submission of two jobs") { slurm.jobs.count == 2 }
        try await Task.sleep(for: .milliseconds(150))
        #expect(slurm.jobs.count == 2)
        try slurm.release()
        #expect(try await summary.published.count == 5)
    }

    // MARK: A daemon that was killed

    /// A drop as a daemon leaves it that was killed: the ledger has the attempt, Slurm has its job or not.
    private func abandoned(_ arrange: () throws -> Void = {}, isSubmitted: Bool = true) async throws {
        let folders = try scratch.folders()
        let ledger = try Ledger(path: folders.ledgerPath, clock: HandClock())
        let work = folders.work(for: "1")
        try scratch.write("x", ".engram/work/1/input/a")
        try scratch.write("x", ".engram/work/1/copy/a")
        for folder in ["output", "checkpoint", "output/T"] { mkdir(work.root + "/" + folder, 0o700) }
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "attempt 1") {
            ($0.path, $0.token, $0.attempt) = (work.input + "/a", "T", 1)
        }
        try arrange()
        let job = WorkerJob(
            id: "1", name: "a", attempt: 1, token: "T", inputPath: work.copy + "/a", settingsPath: nil, configPath: nil,
            outputPath: work.output(token: "T"), checkpointPath: work.checkpoint)
        var command = clusterWorker
        command.place = { _ in .slurm(SlurmRequest(seconds: 600)) }
        let queue = try slurm.queue()
        let first = SlurmExecutor(command: command, folders: folders, queue: queue)
        let worker = try first.start(job) { _ in }
        guard isSubmitted else { return }
        try await slurm.wait("the submission") { !slurm.jobs.isEmpty }
        // What the killed daemon would have done from here on is not for this test: its handle is left as it is.
        _ = worker
    }

    @Test(arguments: [true, false])
    func theNextDaemonFindsTheJobAndSubmitsNone(hasEnded: Bool) async throws {
        if !hasEnded { try slurm.set("hold") }
        try await abandoned()
        if hasEnded { try await slurm.wait("the end of the job") { slurm.jobs.first?.stateName == "COMPLETED" } }
        let queue = try slurm.queue()
        let scheduler = try slurm.scheduler(queue: queue)
        async let summary = scheduler.runOnce()
        if !hasEnded {
            try await Task.sleep(for: .milliseconds(200))
            try slurm.release()
        }
        #expect(try await summary.published.map(\.name) == ["a"])
        #expect(slurm.calls("sbatch").count == 1)
        let row = try #require(try row("a"))
        #expect(row.attempt == 1 && row.failureCount == 0 && row.state == .archived)
    }

    @Test func anAttemptThatWasNeverSubmittedIsSubmittedOnce() async throws {
        try slurm.set("down")
        try await abandoned(isSubmitted: false)
        // The first daemon's queue finds nobody; what it tried is not a submission.
        try await slurm.wait("a try") { !slurm.calls("sbatch").isEmpty }
        slurm.unset("down")
        let queue = try slurm.queue()
        _ = try await slurm.scheduler(queue: queue).runOnce()
        #expect(try scratch.text("outbox/a/copy") == "x")
        #expect(slurm.jobs.filter { $0.stateName == "COMPLETED" }.count == 1)
    }

    @Test func aSubmissionThatTimedOutButWasAcceptedIsFound() async throws {
        try scratch.write("x", "inbox/a")
        try slurm.set("mute")
        let queue = try slurm.queue()
        #expect(try await slurm.scheduler(queue: queue).runOnce().published.count == 1)
        #expect(slurm.calls("sbatch").count == 1)
    }

    @Test func anSbatchThatHangsIsEndedAndItsJobFound() async throws {
        try scratch.write("x", "inbox/a")
        try slurm.set("hang")
        let queue = try slurm.queue { $0.commandSeconds = 0.5 }
        #expect(try await slurm.scheduler(queue: queue).runOnce().published.count == 1)
        #expect(slurm.calls("sbatch").count == 1)
    }

    @Test func anSbatchThatAKilledDaemonLeftIsEnded() async throws {
        try slurm.set("hang")
        let folders = try scratch.folders()
        mkdir(folders.state + "/slurm", 0o700)
        let commands = SlurmCommands(folder: folders.state + "/slurm", environment: slurm.environment)
        // By its name in /proc, which is that of the file that is run.
        link("/bin/sleep", scratch.path + "/sbatch")
        symlink("/bin/sleep", scratch.path + "/sbatch")
        let launch = WorkerProcess.Launch(
            executable: scratch.path + "/sbatch", arguments: ["100"], environment: commands.environment, workingFolder: "/",
            logPath: scratch.path + "/log")
        let left = try WorkerProcess(launch) { _ in }
        let other = try WorkerProcess(
            .init(
                executable: scratch.path + "/sbatch", arguments: ["100"], environment: [:], workingFolder: "/",
                logPath: scratch.path + "/log")
        ) { _ in }
        try await slurm.wait("the start") { commands.isRunning(left.processID) && commands.isRunning(other.processID) }
        commands.endLeftSubmissions()
        #expect(await left.waitUntilExit() == .signalled(number: SIGKILL))
        #expect(kill(other.processID, 0) == 0)
        other.send(signal: SIGKILL)
        _ = await other.waitUntilExit()
    }

    // MARK: One job for an attempt

    private func prepared() throws -> (SlurmAttempt, WorkFolders) {
        let folders = try scratch.folders()
        let attempt = SlurmAttempt(id: "1", token: "T", folders: folders, files: FileSystem())
        let work = folders.work(for: "1")
        try scratch.write("x", ".engram/work/1/copy/a")
        for folder in ["output", "output/T"] { mkdir(work.root + "/" + folder, 0o700) }
        let script = SlurmScript(
            attempt: attempt, output: work.output(token: "T"), program: "/bin/sh",
            arguments: ["-c", "echo ran >> \(work.root)/ran; sleep 0.1; cp \(work.copy)/a \(work.output(token: "T"))/copy"],
            environment: ["OPENBLAS_NUM_THREADS": "1", "GONE": nil])
        try attempt.prepare(script: script.text, ticket: .init(request: SlurmRequest(seconds: 60)))
        return (attempt, work)
    }

    private func job(_ attempt: SlurmAttempt, number: Int) throws -> WorkerProcess {
        try WorkerProcess(
            .init(
                executable: "/bin/sh", arguments: [attempt.scriptPath],
                environment: ["PATH": "/usr/bin:/bin", "SLURM_JOB_ID": "\(number)"],
                workingFolder: "/", logPath: scratch.path + "/job.log")
        ) { _ in }
    }

    @Test func ofManyJobsOfOneAttemptOneWorks() async throws {
        let (attempt, work) = try prepared()
        let jobs = try (1...6).map { try job(attempt, number: $0) }
        var codes: [WorkerExit] = []
        for job in jobs { codes.append(await job.waitUntilExit()) }
        #expect(codes.filter { $0 == .exited(code: 0) }.count == 1)
        #expect(codes.filter { $0 == .exited(code: Int32(SlurmScript.begunCode)) }.count == 5)
        #expect(try scratch.text(".engram/work/1/ran") == "ran\n")
        let end = try #require(attempt.end())
        #expect(end == .init(code: 0, isOutOfTime: false, fileCount: 1) && attempt.hasAllFiles(of: end))
        unlink(work.output(token: "T") + "/copy")
        #expect(!attempt.hasAllFiles(of: end))
        #expect(attempt.workingJob.flatMap { Int($0) }.map { (1...6).contains($0) } == true)
        #expect(!attempt.takeBack() && !attempt.isTakenBack)
    }

    @Test func aJobOfAnAttemptThatWasTakenBackDoesNothing() async throws {
        let (attempt, _) = try prepared()
        #expect(attempt.takeBack() && attempt.isTakenBack && attempt.takeBack())
        #expect(await (try job(attempt, number: 1)).waitUntilExit() == .exited(code: Int32(SlurmScript.begunCode)))
        #expect(try !scratch.exists(".engram/work/1/ran") && attempt.end() == nil && attempt.workingJob == nil)
    }

    @Test func aLateWorkerCannotTouchTheNextAttempt() async throws {
        let (first, work) = try prepared()
        try scratch.write("old", ".engram/work/1/slurm/T/checkpoint/state")
        try first.returnCheckpoint()
        let next = SlurmAttempt(id: "1", token: "U", folders: try scratch.folders(), files: FileSystem())
        try next.prepare(script: "", ticket: .init(request: SlurmRequest(seconds: 60)))
        #expect(try scratch.text(".engram/work/1/slurm/U/checkpoint/state") == "old")
        // The late one's job, and its worker, find nothing to write into.
        #expect(await (try job(first, number: 1)).waitUntilExit() != .exited(code: 0))
        #expect(throws: DropError.self) { try FileSystem().write([1], to: first.checkpoint + "/state", isDurable: false) }
        #expect(try scratch.text(".engram/work/1/slurm/U/checkpoint/state") == "old")
        #expect(try scratch.text(".engram/work/1/checkpoint/state") == "old")
        #expect(try !FileSystem().exists(work.slurm + "/T"))
    }

    // MARK: Ends

    @Test func wantOfMemoryAsksForMore() async throws {
        try scratch.write("x", "inbox/a")
        let queue = try slurm.queue()
        let worker = shellWorker(#"if [ "$attempt" = 1 ]; then sleep 100; fi; cp "$input" "$output/copy""#)
        let request = SlurmRequest(seconds: 600, memoryByteCount: 256 << 20, bounds: .init(memoryByteCount: 1 << 30))
        let scheduler = try slurm.scheduler(worker, queue: queue, request: request, configure: { $0.retryPatienceSeconds = 1e6 })
        async let summary = scheduler.runOnce()
        try await slurm.wait("the start of the job") {
            slurm.jobs.first?.stateName == "RUNNING" && ((try? scratch.exists("slurm/pid-1")) ?? false)
        }
        try slurm.end("1", as: "OUT_OF_MEMORY")
        #expect(try await summary.published.count == 1)
        #expect(slurm.calls("sbatch").map { $0.contains("--mem=512M") } == [false, true])
        let row = try #require(try row("a"))
        #expect(row.attempt == 2 && row.failureCount == 1 && row.failureCode == "out-of-memory")
    }

    @Test func whatSlurmDoesNotTakeWaitsWithoutAFailedAttempt() async throws {
        try scratch.write("x", "inbox/a")
        try slurm.set("refusal", "Invalid partition name specified")
        let queue = try slurm.queue()
        let summary = try await slurm.scheduler(queue: queue).runOnce()
        #expect(summary.failed.first?.detail.contains("Invalid partition name specified") == true)
        let row = try #require(try row("a"))
        #expect(row.state == .retrying && row.failureCount == 0 && row.failureCode == "cluster")
        slurm.unset("refusal")
        // Its owner need not wait for the pause to pass.
        let ledger = try Ledger(path: try scratch.folders().ledgerPath, clock: HandClock())
        _ = try Requeue(folders: try scratch.folders(), ledger: ledger).requeue(row)
        #expect(try await slurm.scheduler(queue: queue).runOnce().published.count == 1)
    }

    @Test func aJobThatIsGoneWithoutARecordIsTriedAgain() async throws {
        try scratch.write("x", "inbox/a")
        let queue = try slurm.queue()
        let worker = shellWorker(#"if [ "$attempt" = 1 ]; then sleep 100; fi; cp "$input" "$output/copy""#)
        let scheduler = try slurm.scheduler(worker, queue: queue, configure: { $0.retryPatienceSeconds = 1e6 })
        async let summary = scheduler.runOnce()
        try await slurm.wait("the start of the job") {
            slurm.jobs.first?.stateName == "RUNNING" && ((try? scratch.exists("slurm/pid-1")) ?? false)
        }
        try slurm.end("1", as: "NODE_FAIL")
        slurm.forget("1")
        #expect(try await summary.published.count == 1)
        #expect(try row("a")?.failureCode == "job-gone")
    }

    @Test func aSilentSlurmLosesNothingAndRunsNothingTwice() async throws {
        try scratch.write("x", "inbox/a")
        try slurm.set("hold")
        let queue = try slurm.queue()
        let scheduler = try slurm.scheduler(queue: queue)
        async let summary = scheduler.runOnce()
        try await slurm.wait("the submission") { slurm.jobs.count == 1 }
        try slurm.set("down")
        let asked = slurm.calls("squeue").count
        try await slurm.wait("questions without an answer") { slurm.calls("squeue").count > asked + 2 }
        let news = try scratch.text(".engram/work/\(try #require(try row("a")).id)/cluster.json")
        #expect(news.contains("does not answer"))
        slurm.unset("down")
        try slurm.release()
        #expect(try await summary.published.count == 1)
        #expect(slurm.calls("sbatch").count == 1)
    }

    // MARK: The end of the daemon

    @Test func aDrainTakesWaitingJobsOutOfTheQueue() async throws {
        try scratch.write("x", "inbox/a")
        try slurm.set("hold")
        let queue = try slurm.queue()
        let scheduler = try slurm.scheduler(queue: queue, clock: HandClock(sleepsForReal: true))
        queue.allowCleaning()
        async let summary = scheduler.runOnce()
        try await slurm.wait("the submission") { slurm.jobs.count == 1 }
        await scheduler.beginDraining()
        #expect(try await summary.published.isEmpty)
        await queue.finish(seconds: 10)
        #expect(slurm.jobs.map(\.stateName) == ["CANCELLED"])
        let row = try #require(try row("a"))
        #expect(row.state == .claimed && row.failureCount == 0)
    }

    @Test func aDrainLetsARunningJobWriteItsCheckpoint() async throws {
        try scratch.write("x", "inbox/a")
        let worker = shellWorker(
            #"""
            if [ -e "$checkpoint/state" ]; then cp "$checkpoint/state" "$output/copy"; exit 0; fi
            trap 'echo half > "$checkpoint/state"; exit 75' TERM; echo ready
            while :; do sleep 0.02; done
            """#)
        let (ready, continuation) = AsyncStream<Void>.makeStream()
        let queue = try slurm.queue()
        let scheduler = try slurm.scheduler(worker, queue: queue, clock: HandClock(sleepsForReal: true)) {
            if case .progress = $0 { continuation.yield() }
        }
        async let summary = scheduler.runOnce()
        for await _ in ready { break }
        await scheduler.beginDraining()
        #expect(try await summary.published.isEmpty)
        #expect(slurm.calls("scancel").contains { $0.contains("--signal=TERM") })
        #expect(try row("a")?.state == .claimed)
        // Goes on from there, as on another node.
        #expect(try await slurm.scheduler(worker, queue: queue).runOnce().published.count == 1)
        #expect(try scratch.text("outbox/a/copy") == "half\n")
    }

    @Test func aJobThatNobodyCanReachIsLeftForTheNextDaemon() async throws {
        try scratch.write("x", "inbox/a")
        let worker = shellWorker(#"echo ready; while [ ! -e "$checkpoint/go" ]; do sleep 0.02; done; cp "$input" "$output/copy""#)
        let (ready, continuation) = AsyncStream<Void>.makeStream()
        let queue = try slurm.queue()
        let scheduler = try slurm.scheduler(worker, queue: queue) { if case .progress = $0 { continuation.yield() } }
        async let summary = scheduler.runOnce()
        for await _ in ready { break }
        try slurm.set("down")
        await scheduler.abort()
        #expect(try await summary.published.isEmpty)
        let left = try #require(try row("a"))
        #expect(left.state == .running && left.token != nil)
        slurm.unset("down")
        try scratch.write("", ".engram/work/\(left.id)/slurm/\(left.token ?? "")/checkpoint/go")
        let next = try slurm.queue()
        #expect(try await slurm.scheduler(worker, queue: next).runOnce().published.count == 1)
        #expect(slurm.calls("sbatch").count == 1)
    }

    @Test func jobsThatNoAttemptWantsAreCancelled() async throws {
        // A job of this state folder, as the name says, of which the ledger knows nothing, and one of another.
        try scratch.write("0123abcd", ".engram/slurm/instance")
        try scratch.write("engram-0123abcd-1-ff|7|PENDING||Priority\n", "slurm/jobs/7")
        try scratch.write("engram-89898989-1-ff|8|PENDING||Priority\n", "slurm/jobs/8")
        let queue = try slurm.queue()
        queue.allowCleaning()
        await queue.finish(seconds: 10)
        #expect(slurm.jobs.map(\.stateName) == ["CANCELLED", "PENDING"])
    }
}

extension SlurmCommands {
    /// Whether the process has become `sbatch`.
    fileprivate func isRunning(_ process: Int32) -> Bool {
        FileSystem().readKernelFile("/proc/\(process)/comm").map { $0.starts(with: Array("sbatch".utf8)) } == true
    }
}
