import EngramDrops
import EngramPipeline
import EngramService
import Foundation
import Logging
import Synchronization

/// The parts of `engram run`: the scheduler of drops, the commands of the schedule, hooks, the service manager, metrics.
final class Daemon: Sendable {
    private struct State {
        var setup: DaemonSetup
        var schedule = ScheduleLife.notYet
        var stopSignalCount = 0
        var page: DaemonPage?
    }

    /// The schedule begins when the scheduler of drops has put right what the last run left, and nothing begins it again at the end.
    private enum ScheduleLife {
        case notYet, over
        case running(Task<Void, Never>)

        var task: Task<Void, Never>? {
            guard case .running(let task) = self else { return nil }
            return task
        }
    }

    let scheduler: DropScheduler
    private let configuration: ConfigurationOption
    private let folders: DropFolders
    private let once: Bool
    private let display: LiveDisplay
    private let logger: Logger
    private let hooks: HookRunner
    private let notifier: ServiceNotifier
    private let metrics: MetricsFile
    private let slurm: SlurmQueue
    private let clock = SystemDropClock()
    private let state: Mutex<State>

    init(
        _ setup: DaemonSetup, configuration: ConfigurationOption, folders: DropFolders, hold: StateHold, once: Bool, display: LiveDisplay,
        logger: Logger, journal: RunJournal
    ) throws {
        self.configuration = configuration
        self.folders = folders
        self.once = once
        self.display = display
        self.logger = logger
        notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
        let hooks = HookRunner(
            setup.hooks, folders: folders, environment: DaemonSetup.environment(threadCount: setup.threadCount), ledger: hold.ledger,
            logger: logger)
        self.hooks = hooks
        let metrics = MetricsFile(ledger: hold.ledger, schedulePath: folders.schedulePath, startedAt: clock.secondsSinceEpoch())
        self.metrics = metrics
        var environment = DropScheduler.Environment(
            logger: logger,
            observer: { event in
                journal.note(event)
                hooks.note(event)
                metrics.note(event)
            })
        environment.formats = .media
        environment.gate = { await hooks.verdict(on: $0) }
        let slurm = try SlurmQueue(
            folders: folders, environment: DaemonSetup.environment(threadCount: setup.threadCount),
            settings: SlurmPlacement.settings(setup.pipeline), logger: logger)
        self.slurm = slurm
        environment.makeExecutor = { command, folders, files in
            PlacedExecutor(
                local: LocalExecutor(command: command, folders: folders, files: files),
                slurm: SlurmExecutor(command: command, folders: folders, queue: slurm, files: files), choose: command.place)
        }
        scheduler = try DropScheduler(
            folders: folders, command: setup.worker, settings: setup.settings, environment: environment, hold: hold,
            settingsFingerprint: setup.fingerprint)
        slurm.tell { [board = scheduler.board] in board.set("slurm", $0) }
        state = Mutex(State(setup: setup))
    }

    /// Has a page while it works.
    func show(_ settings: PageSettings, at place: PagePlace) {
        let pipeline = state.withLock { $0.setup.pipeline }
        var source = ServiceSource(pipeline, folders: folders) { [weak self] in
            self?.state.withLock { $0.setup.schedule } ?? Schedule()
        }
        source.metrics = metrics
        let page = DaemonPage(server: PageServer(source, settings), place: place)
        state.withLock { $0.page = page }
    }

    /// Works until a signal ends it, or with `once` until the inbox is empty.
    func run() async throws -> RunSummary {
        let reload: @Sendable () async -> Void = { await self.reload() }
        let listening = await Interruption().listen(reload: once ? nil : reload) { count in await self.interrupt(count: count) }
        let care = Task { await self.care() }
        let page = state.withLock { $0.page }.map { page in Task { [display, logger] in await page.run(display: display, logger: logger) } }
        defer {
            listening.cancel()
            page?.cancel()
        }
        do {
            let summary = once ? try await scheduler.runOnce() : try await scheduler.run()
            await end(care)
            return summary
        } catch {
            await end(care)
            throw error
        }
    }

    private func end(_ care: Task<Void, Never>) async {
        let scheduled = state.withLock { state in
            defer { state.schedule = .over }
            return state.schedule.task
        }
        scheduled?.cancel()
        await hooks.finish()
        await scheduled?.value
        // Jobs that were not begun leave the queue with the daemon that asked for them.
        await slurm.finish(seconds: Self.slurmPatienceSeconds)
        writeMetrics()
        notifier.stopping(status: "ended")
        care.cancel()
    }

    /// How long the end waits for Slurm to take jobs out of its queue; what is left there then cannot begin, and the next start cancels it.
    private static let slurmPatienceSeconds = 20.0

    // MARK: Signals

    private func interrupt(count: Int) async {
        let limit = state.withLock { state in
            state.stopSignalCount = count
            state.schedule.task?.cancel()
            return state.setup.settings.drainSeconds
        }
        hooks.stopAsking()
        guard count == 1 else {
            hooks.abandon()
            return await scheduler.abort()
        }
        Task { [clock, hooks] in
            await clock.sleep(seconds: limit)
            hooks.abandon()
        }
        let time = ProgressText.duration(limit)
        notifier.stopping(status: "drops at work write their checkpoints")
        display.show("ending: drops at work stop within \(time) and go on at the next start; once more to end at once")
        await scheduler.beginDraining()
    }

    /// Reads the configuration again. What cannot be read changes nothing.
    private func reload() async {
        // Not while the scheduler still puts right what the last run left: a configuration that it does not know yet is such a thing.
        guard await scheduler.pulse() else { return }
        notifier.reloading(monotonicSeconds: clock.monotonicSeconds())
        defer { notifier.ready(status: statusText) }
        let old = state.withLock { $0.setup }
        let new: DaemonSetup
        do {
            new = try DaemonSetup(
                configuration: configuration, folders: folders, once: once, retryFor: Int(saturating: old.settings.retryPatienceSeconds))
        } catch {
            let failure = CommandFailure(any: error)
            display.show(TerminalText.printable("error: \(configuration.path) was not taken over, and the old settings stay: \(failure)"))
            return
        }
        state.withLock { $0.setup = new }
        slurm.use(SlurmPlacement.settings(new.pipeline))
        await scheduler.apply(new.settings, command: new.worker, settingsFingerprint: new.fingerprint)
        hooks.use(new.hooks)
        if new.schedule != old.schedule { await restartSchedule() }
        let changes = new.pipeline.differences(from: old.pipeline)
        let fixed = changes.filter(PipelineSettings.keysOfTheStart.contains)
        let live = changes.filter { !fixed.contains($0) }
        display.show(
            live.isEmpty
                ? "\(configuration.path) was read again; nothing changes for now"
                : "\(configuration.path) was read again; changed for drops taken from now on: \(live.joined(separator: ", "))")
        if !fixed.isEmpty {
            display.show("warning: what \(configuration.path) says of \(fixed.joined(separator: ", ")) counts from the next start")
        }
    }

    // MARK: The schedule

    /// Starts it where it does not run, and is wanted.
    private func startSchedule() {
        state.withLock { state in
            guard !once, state.stopSignalCount == 0, case .notYet = state.schedule else { return }
            let runner = runner(state.setup)
            state.schedule = .running(Task { await runner.run() })
        }
    }

    private func runner(_ setup: DaemonSetup) -> ScheduleRunner {
        let launcher = ScheduledCommand(
            folders: folders, zoneName: setup.pipeline.schedule.timeZone?.value ?? "local", threadCount: setup.threadCount,
            limits: WorkerLimits(setup.pipeline, threadCount: setup.threadCount, memory: MemoryAvailability()),
            keep: RetentionRule(setup.pipeline.keep))
        return ScheduleRunner(schedule: setup.schedule, journalPath: folders.schedulePath, logger: logger) {
            [hooks, folders] job, _ in
            let outcome = await launcher.run(job)
            if case .command("digest", _) = job.action, outcome?.isSuccess == true { hooks.tellOfDigest(at: folders.latestDigestPath) }
            return outcome
        }
    }

    /// Ends it and starts it as the settings are now; one that did not begin yet will begin with them.
    private func restartSchedule() async {
        guard let old = state.withLock({ $0.schedule.task }) else { return }
        old.cancel()
        await old.value
        state.withLock { state in
            // It may be over by now.
            if case .running = state.schedule { state.schedule = .notYet }
        }
        startSchedule()
    }

    // MARK: What others see

    /// Speaks for the daemon while the scheduler's loop lives: a watchdog that is fed by anything else would not notice that it hangs.
    private func care() async {
        // The loop has gone round: the lock is held, and what the last run left is put right.
        guard await scheduler.pulse() else { return }
        slurm.allowCleaning()
        let clusterCheck = Task { await self.checkCluster() }
        defer { clusterCheck.cancel() }
        startSchedule()
        notifier.ready(status: statusText)
        let seconds = min(15, (notifier.watchdogSeconds ?? 30) / 2)
        while !Task.isCancelled {
            writeMetrics()
            await clock.sleep(seconds: seconds)
            _ = await scheduler.pulse()
            guard !Task.isCancelled else { return }
            notifier.watchdog()
            notifier.status(statusText)
        }
    }

    /// Asks the cluster by a job, beside the drops: where a node does not see the folders, their jobs fail as well and say so.
    private func checkCluster() async {
        let setup = state.withLock { $0.setup }
        guard setup.pipeline.usesSlurm else { return }
        let record = ClusterCheck.Record(setup.pipeline, state: folders.state, threadCount: setup.threadCount)
        guard !record.isFresh(at: clock.secondsSinceEpoch()) else { return }
        do {
            let finding = try await ClusterCheck.finding(
                setup.pipeline, state: folders.state, threadCount: setup.threadCount, waitSeconds: Self.clusterCheckSeconds)
            guard !Task.isCancelled else { return }
            if finding.node != nil, finding.problems.isEmpty { record.write(at: clock.secondsSinceEpoch()) }
            scheduler.board.set("cluster_check", finding.json)
            for problem in finding.problems { display.show(TerminalText.printable("warning: Slurm: \(problem)")) }
            for warning in finding.warnings { logger.notice("Slurm", metadata: ["reason": "\(warning)"]) }
        } catch {
            logger.warning("the cluster could not be asked", metadata: ["reason": "\(error)"])
        }
    }

    /// How long the job that asks the cluster may take.
    private static let clusterCheckSeconds = 300.0

    private var statusText: String {
        guard let counts = try? scheduler.ledger.counts() else { return "the ledger cannot be read" }
        func count(_ states: DropState...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
        return "\(count(.running)) at work, \(count(.seen, .settling, .waiting, .ready, .claimed, .retrying)) waiting, "
            + "\(count(.archived, .published)) done, \(count(.rejected)) rejected"
    }

    private func writeMetrics() {
        let setup = state.withLock { $0.setup }
        guard setup.pipeline.service.metricsFile != "none" else { return }
        do {
            try metrics.write(to: setup.pipeline.service.metricsFile, schedule: setup.schedule, now: clock.secondsSinceEpoch())
        } catch {
            logger.warning("the metrics could not be written", metadata: ["reason": "\(error)"])
        }
    }
}
