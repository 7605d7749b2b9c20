@testable import EngramDrops
import Glibc
import Testing

/// Every way in which a worker can end, each by a stand-in that ends that way.
@Suite(.timeLimit(.minutes(1))) struct WorkerDeathTests {
    private let scratch = Scratch()

    private func scheduler(
        _ script: String, clock: HandClock = HandClock(), workerSeconds: Double = .infinity, attemptLimit: Int = 3,
        waitLimit: Int = 24, observer: @escaping @Sendable (DropEvent) -> Void = { _ in }
    ) throws -> DropScheduler {
        var settings = DropSchedulerSettings(attemptLimit: attemptLimit, settle: SettleRule(isSinglePass: true))
        settings.workerSeconds = workerSeconds
        settings.waitLimit = waitLimit
        if waitLimit < 24 { settings.retryPatienceSeconds = 1e6 }
        settings.workerLimits.cpuTime = "9s (worker.cpu_time)"
        return try DropScheduler(
            folders: try scratch.folders(), command: shellWorker(script), settings: settings,
            environment: DropScheduler.Environment(clock: clock, logger: quiet, observer: observer)
        ) { _, _, _ in nil }
    }

    private func code(of name: String) throws -> String? {
        try JSONValue.parse(try scratch.read("outbox/rejected/\(name)/error.json"), path: "error.json")["code"]?.string
    }

    @Test(arguments: [
        ("kill -XCPU $$", "cpu-time", "more processor time than 9s (worker.cpu_time)"),
        ("kill -XFSZ $$", "file-size", "wrote a file longer than"), ("kill -SYS $$", "forbidden-call", "a system call"),
        ("exit 71", "out-of-memory", "needed more memory than"), ("exit 3", "worker-ended", "exit code 3 and left no reason"),
        ("exit 0", "empty-result", "left no result"),
    ])
    func whatAWorkerDoesToItselfIsRejectedAtOnce(script: String, code: String, text: String) async throws {
        try scratch.write("x", "inbox/a")
        let summary = try await scheduler("ulimit -c 0; " + script).runOnce()
        #expect(summary.rejected.count == 1 && summary.rejected.first?.detail.contains(text) == true, "\(summary)")
        #expect(try self.code(of: "a") == code)
        #expect(try scratch.text("outbox/rejected/a/source/a") == "x")
    }

    @Test(arguments: [
        ("kill -SEGV $$", "crashed", "SIGSEGV: it crashed"), ("kill -ABRT $$", "crashed", "SIGABRT: it crashed"),
        ("kill -ILL $$", "crashed", "SIGILL: it crashed"), ("kill -KILL $$", "killed", "SIGKILL"), ("kill -TERM $$", "killed", "SIGTERM"),
        ("kill -USR1 $$", "killed", "signal 10"), ("exit 75", "worker-ended", "exit code 75"),
    ])
    func whatMayPassIsTriedAgainAndThenRejected(script: String, code: String, text: String) async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let first = try await scheduler("ulimit -c 0; " + script, clock: clock, attemptLimit: 2).runOnce()
        #expect(first.failed.count == 1 && first.failed.first?.detail.contains(text) == true, "\(first)")
        clock.advance(3600)
        let second = try await scheduler("ulimit -c 0; " + script, clock: clock, attemptLimit: 2).runOnce()
        #expect(second.rejected.first?.detail.hasSuffix("(2 attempts)") == true, "\(second)")
        // The kernel may have ended something else for want of memory meanwhile.
        let found = try self.code(of: "a")
        #expect(found == code || (code == "killed" && found == "killed-for-memory"))
    }

    @Test(arguments: ["exec sleep 1000", "trap '' TERM; sleep 1000 & while :; do wait; done", "trap 'exit 75' TERM; while :; do :; done"])
    func whatRunsTooLongIsAskedToEndAndThenKilled(script: String) async throws {
        try scratch.write("x", "inbox/a")
        // The hand clock's sleeps end at once: the time is up as soon as the worker runs.
        let summary = try await scheduler(script, workerSeconds: 100).runOnce()
        #expect(summary.rejected.first?.detail.hasPrefix("the worker ran for longer than") == true, "\(summary)")
        #expect(try code(of: "a") == "wall-time")
    }

    @Test func aResultThatIsThereWhenTheTimeIsUpCounts() async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock(sleepsForReal: true)
        let summary = try await scheduler(#"cp "$input" "$output/copy""#, clock: clock, workerSeconds: 100).runOnce()
        #expect(summary.published.map(\.name) == ["a"])
    }

    @Test func aDropThatWaitsForMemoryIsNeverRejectedForIt() async throws {
        try scratch.write("x", "inbox/a")
        let clock = HandClock()
        let worker =
            #"[ -e "$checkpoint/now" ] && cp "$input" "$output/copy" && exit 0; echo '{"code":"memory-now","message":"8 GB are free now","retryable":true}' > "$output/failure.json"; exit 75"#
        for attempt in 1...5 {
            let waiting = try scheduler(worker, clock: clock, attemptLimit: 2)
            #expect(try await waiting.runOnce().failed.first?.detail == "8 GB are free now (waiting, 1 of 24)")
            let row = try #require(try waiting.ledger.find("a").first)
            #expect(row.state == .retrying && row.failureCount == 0 && row.attempt == attempt)
            #expect(row.notBefore == row.updatedAt + 30)
            clock.advance(30)
        }
        // What the hand clock's sleeps add makes nothing too early.
        let id = try #require(try scheduler(worker).ledger.find("a").first?.id)
        try scratch.write("", ".engram/work/\(id)/checkpoint/now")
        #expect(try await scheduler(worker, clock: clock, attemptLimit: 2).runOnce().published.count == 1)
    }

    @Test func memoryThatDoesNotComeIsGivenUpInTheEnd() async throws {
        try scratch.write("x", "inbox/a")
        let worker =
            #"echo '{"code":"memory-now","message":"8 GB are free now","retryable":true}' > "$output/failure.json"; exit 75"#
        let clock = HandClock()
        let waiting = try scheduler(worker, clock: clock, attemptLimit: 2, waitLimit: 3)
        let start = clock.secondsSinceEpoch()
        #expect(try await waiting.runOnce().rejected.first?.detail == "8 GB are free now (it waited 3 times)")
        // 30 s, 2 min and 8 min.
        #expect(clock.secondsSinceEpoch() - start >= 630)
        #expect(try waiting.ledger.find("a").first?.failureCount == 0)
    }

    @Test(arguments: ["head -c 300000 /dev/urandom", "printf '\\0\\377\\n[[[[\\n{\\n'", "yes '{\"epoch\":1}' | head -n 20000"])
    func garbageOnTheProgressPipeHarmsNothing(script: String) async throws {
        try scratch.write("x", "inbox/a")
        let summary = try await scheduler(script + #"; cp "$input" "$output/copy""#).runOnce()
        #expect(summary.published.map(\.name) == ["a"])
    }

    @Test func aWorkerThatNeverStopsWritingIsEnded() async throws {
        var launch = WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", "yes"], environment: ["PATH": "/usr/bin:/bin"], workingFolder: scratch.path,
            logPath: scratch.path + "/log")
        launch.outputByteCountLimit = 1 << 20
        let worker = try WorkerProcess(launch) { _ in }
        #expect(await worker.waitUntilExit() == .signalled(number: SIGKILL))
        guard case .output(let count) = worker.overrun else {
            Issue.record("ended for \(String(describing: worker.overrun))")
            return
        }
        #expect(count > 1 << 20)
        let failure = WorkerDeath(exit: .signalled(number: SIGKILL), overrun: worker.overrun).failure
        #expect(failure.code == "output-flood" && !failure.isRetryable)
    }

    @Test func anOverlongReasonIsCutAndAForeignOneIgnored() async throws {
        for (name, script) in [
            ("long", #"{ printf '{"message":"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"}'; } > "$output/failure.json"; exit 65"#),
            ("link", #"ln -s /etc/passwd "$output/failure.json"; exit 65"#), ("folder", #"mkdir "$output/failure.json"; exit 65"#),
            ("pipe", #"mkfifo "$output/failure.json"; exit 65"#),
        ] {
            try scratch.write(name, "inbox/" + name)
            let summary = try await scheduler(script).runOnce()
            #expect(summary.rejected.first?.detail.contains("exit code 65 and left no reason") == true, "\(name): \(summary)")
        }
    }

    @Test func memoryKillsAreReadAsTheKernelWritesThem() {
        #expect(OutOfMemoryKills.count(in: "nr_free_pages 12\noom_kill 7\nnr_zone 3\n") == 7)
        #expect(OutOfMemoryKills.count(in: "nr_free_pages 12\n") == 0)
        let death = WorkerDeath(exit: .signalled(number: SIGKILL), overrun: nil, isMemoryKillLikely: true)
        #expect(death.failure.code == "killed-for-memory" && death.isRetryable)
    }
}
