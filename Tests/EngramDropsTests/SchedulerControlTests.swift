@testable import EngramDrops
import Glibc
import Synchronization
import Testing

/// Windows, new settings, the gate and the pulse of a scheduler that runs.
@Suite(.timeLimit(.minutes(1))) struct SchedulerControlTests {
    private let scratch = Scratch()

    /// The hand clock starts on 2033-05-18 at 03:33:20 UTC.
    private func scheduler(
        _ windows: [(Schedule.WindowKind, String)], clock: HandClock, worker: WorkerCommand = copyingWorker,
        atEnd: ScheduledJob.AtEnd = .checkpoint,
        observer: @escaping @Sendable (DropEvent) -> Void = { _ in },
        gate: @escaping @Sendable (DropRow) async -> DropGateVerdict = { _ in .proceed }
    ) throws -> DropScheduler {
        let jobs = try windows.enumerated().map { index, window in
            ScheduledJob(name: "\(index)", cron: try CronExpression(window.1), action: .window(window.0, seconds: 3600, atEnd: atEnd))
        }
        var settings = DropSchedulerSettings(settle: SettleRule(settleSeconds: 0))
        settings.schedule = jobs.isEmpty ? nil : Schedule(jobs: jobs)
        var environment = DropScheduler.Environment(clock: clock, logger: quiet, observer: observer)
        environment.gate = gate
        environment.formats = .media
        return try DropScheduler(folders: try scratch.folders(), command: worker, settings: settings, environment: environment) { _, _, _ in
            "defaults"
        }
    }

    /// Runs the daemon until `a` was published; returns every reason in its row.
    /// - Parameter opensAfter: Seconds until the window opens, which pass once the row says that it waits for one; nil: it does not wait.
    private func published(_ windows: [(Schedule.WindowKind, String)], opensAfter seconds: Double? = nil) async throws -> [String] {
        try scratch.write("x", "inbox/a")
        let clock = HandClock(sleepsForReal: true)
        let (ends, continuation) = AsyncStream<Void>.makeStream()
        let scheduler = try scheduler(windows, clock: clock, observer: { if case .published = $0 { continuation.yield() } })
        let run = Task { try await scheduler.run() }
        if let seconds {
            while try scheduler.ledger.find("a").first?.reason.hasPrefix("outside") != true { try await Task.sleep(for: .milliseconds(2)) }
            clock.advance(seconds - 1)
            await scheduler.wake()
            _ = await scheduler.pulse()
            #expect(try scheduler.ledger.find("a").first?.reason.hasPrefix("outside") == true)
            clock.advance(1)
            await scheduler.wake()
        }
        for await _ in ends { break }
        let row = try #require(try scheduler.ledger.find("a").first)
        await scheduler.drain()
        _ = try await run.value
        return try scheduler.ledger.transitions(of: row.id).map(\.reason)
    }

    // 03:33:20 to 05:00:00 are 5200 seconds.

    @Test func outsideTheIntakeWindowDropsWaitInTheInboxAndSayUntilWhen() async throws {
        let reasons = try await published([(.intake, "0 5 * * *")], opensAfter: 5200)
        #expect(reasons.contains("outside the intake windows; the next one opens 2033-05-18 05:00 +00:00"))
    }

    @Test func outsideTheTrainingWindowDropsAreTakenAndWaitInTheirWorkFolder() async throws {
        let reasons = try await published([(.train, "0 5 * * *")], opensAfter: 5200)
        #expect(reasons.contains("outside the training windows; the next one opens 2033-05-18 05:00 +00:00"))
        #expect(reasons.contains("a training window is open; it waits for its turn"))
    }

    @Test func anOpenWindowChangesNothing() async throws {
        let reasons = try await published([(.train, "30 3 * * *"), (.intake, "0 3 * * *")])
        #expect(!reasons.contains { $0.hasPrefix("outside") }, "\(reasons)")
    }

    @Test func whenTheTrainingWindowClosesTheWorkerEndsAndTheDropGoesOnInTheNext() async throws {
        try scratch.write("x", "inbox/a")
        let (events, continuation) = AsyncStream<DropEvent>.makeStream()
        let clock = HandClock(sleepsForReal: true)
        let worker = shellWorker(
            #"[ -e "$checkpoint/1" ] && cp "$input" "$output/copy" && exit 0; trap 'touch "$checkpoint/1"; exit 75' TERM; echo ready; sleep 1000 & wait"#
        )
        // Open from 03:00 to 04:00, and again on the next day.
        let scheduler = try scheduler([(.train, "0 3 * * *")], clock: clock, worker: worker, observer: { continuation.yield($0) })
        let run = Task { try await scheduler.run() }
        var wasInterrupted = false
        for await event in events {
            if case .progress = event {
                clock.advance(3600)
                await scheduler.wake()
            }
            if case .interrupted = event {
                wasInterrupted = true
                let row = try #require(try scheduler.ledger.find("a").first)
                #expect(row.state == .claimed && row.failureCount == 0)
                #expect(row.reason == "outside the training windows; the next one opens 2033-05-19 03:00 +00:00")
                clock.advance(23 * 3600)
                await scheduler.wake()
            }
            if case .published = event { break }
        }
        #expect(wasInterrupted)
        await scheduler.drain()
        _ = try await run.value
    }

    // MARK: The gate

    @Test func aRefusedDropIsRejectedWithItsReason() async throws {
        try scratch.write("x", "inbox/a")
        let scheduler = try makeScheduler(scratch, gate: { _ in .refuse(reason: "a virus") })
        let summary = try await scheduler.runOnce()
        #expect(summary.rejected.map(\.detail) == ["a virus"])
        let error = try JSONValue.parse(try scratch.read("outbox/rejected/a/error.json"), path: "error.json")
        #expect(error["stage"]?.string == "hook" && error["code"]?.string == "refused")
        #expect(try scratch.text("outbox/rejected/a/source/a") == "x")
    }

    @Test func aHeldDropIsAskedAboutAgainAndNeverCountsAsAFailure() async throws {
        try scratch.write("x", "inbox/a")
        let asked = Mutex(0)
        let (published, continuation) = AsyncStream<Void>.makeStream()
        let gate: @Sendable (DropRow) async -> DropGateVerdict = { row in
            let count = asked.withLock {
                $0 += 1; return $0
            }
            #expect(row.failureCount == 0)
            return count <= 5 ? .hold(reason: "not yet") : .proceed
        }
        let scheduler = try scheduler([], clock: HandClock(), observer: { if case .published = $0 { continuation.yield() } }, gate: gate)
        let run = Task { try await scheduler.run() }
        for await _ in published { break }
        await scheduler.drain()
        #expect(try await run.value.published.count == 1)
        #expect(asked.withLock { $0 } == 6)
    }

    // MARK: New settings

    @Test func aDropKeepsTheConfigurationItWasClaimedUnder() async throws {
        try scratch.write("old", "old.yml")
        try scratch.write("new", "new.yml")
        try scratch.write("x", "inbox/a")
        let (events, continuation) = AsyncStream<DropEvent>.makeStream()
        let clock = HandClock(sleepsForReal: true)
        // The first attempt waits to be ended; each result holds the configuration that its worker was given.
        let worker = WorkerCommand(executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin"]) { job in
            let script = "echo ready; [ \"$2\" = 1 ] && { trap 'exit 75' TERM; sleep 1000 & wait; }; cp -- \"$1\" \"$3/configuration\""
            return ["-c", script, "worker", job.configPath ?? "", job.name == "a" ? "\(job.attempt)" : "0", job.outputPath]
        }
        var settings = DropSchedulerSettings(firstBackoffSeconds: 0, settle: SettleRule(settleSeconds: 0))
        settings.configPath = scratch.path + "/old.yml"
        let scheduler = try DropScheduler(
            folders: try scratch.folders(), command: worker, settings: settings,
            environment: DropScheduler.Environment(clock: clock, logger: quiet, observer: { continuation.yield($0) })
        ) { _, _, _ in "old" }
        let run = Task { try await scheduler.run() }
        for await event in events {
            if case .progress(_, "a", _) = event { break }
        }
        settings.configPath = scratch.path + "/new.yml"
        settings.jobs = 2
        await scheduler.apply(settings, command: worker) { _, _, _ in "new" }
        try scratch.write("y", "b")
        #expect(rename(scratch.path + "/b", scratch.path + "/inbox/b") == 0)
        for await event in events {
            if case .published(_, "b", _) = event { break }
        }
        #expect(try scratch.text("outbox/b/configuration") == "new")
        let row = try #require(try scheduler.ledger.find("a").first)
        kill(-Int32(try #require(row.workerProcess)), SIGTERM)
        for await event in events {
            if case .published(_, "a", _) = event { break }
        }
        #expect(try scratch.text("outbox/a/configuration") == "old")
        #expect(try scheduler.ledger.find("a").first?.settingsSHA256 == "old")
        #expect(try scheduler.ledger.find("b").first?.settingsSHA256 == "new")
        await scheduler.drain()
        _ = try await run.value
    }

    // MARK: The pulse

    @Test func aLoopThatLivesAnswersAndOneThatHangsDoesNot() async throws {
        try scratch.write("x", "inbox/a")
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let hangs = Mutex(false)
        // Claims are made inside of the loop; a disk that hangs there hangs the loop.
        let files = FileSystem { operation, path throws(DropError) in
            guard operation == .rename, path.hasSuffix("/inbox/a"), hangs.withLock({ $0 }) else { return }
            continuation.yield()
            var isFree = false
            while !isFree { isFree = hangs.withLock { !$0 }; usleep(1000) }
        }
        hangs.withLock { $0 = true }
        let scheduler = try makeScheduler(
            scratch, clock: HandClock(sleepsForReal: true), settle: SettleRule(settleSeconds: 0), files: files)
        let run = Task { try await scheduler.run() }
        for await _ in asked { break }
        let answered = Mutex(false)
        let pulse = Task {
            #expect(await scheduler.pulse())
            answered.withLock { $0 = true }
        }
        // The actor itself answers, the loop does not.
        _ = await scheduler.settings
        #expect(answered.withLock { !$0 })
        hangs.withLock { $0 = false }
        await pulse.value
        #expect(answered.withLock { $0 })
        #expect(await scheduler.pulse())
        await scheduler.drain()
        _ = try await run.value
        // Over: nothing is left to hang.
        #expect(await scheduler.pulse() == false)
    }
}
