internal import EngramSystem
internal import Glibc
internal import Logging

/// What the schedule's windows allow at one moment.
struct OpenWindows: Equatable, Sendable {
    /// Why nothing is taken from the inbox; nil while it is.
    var intake: String?
    /// Why nothing is trained; nil while it is.
    var train: String?
    /// Workers have to end while nothing is trained.
    var stopsTraining = false
    /// When to look again, monotonic seconds.
    var nextChange: Double?
}

/// Whether a drop may be trained now, as somebody outside decides.
package enum DropGateVerdict: Equatable, Sendable {
    /// It may.
    case proceed
    /// Not now; it is asked again later, as often as it takes.
    case hold(reason: String)
    /// Never.
    case refuse(reason: String)
}

extension DropScheduler {
    // MARK: New settings

    /// Goes on with other settings; drops that were claimed keep the configuration they were claimed under.
    package func apply(
        _ new: DropSchedulerSettings, command: WorkerCommand,
        settingsFingerprint: @escaping @Sendable (_ inputPath: String, _ settingsPath: String?, _ job: DropJob) -> String?
    ) {
        settings = new
        executor = environment.makeExecutor(command, folders, environment.files)
        self.settingsFingerprint = settingsFingerprint
        tracker.rule = new.settle
        isScanDue = true
        wake()
    }

    // MARK: Windows

    /// Compares the clock with the schedule, and says in the ledger what claimed drops wait for when that changes.
    func lookAtWindows() throws(DropError) {
        let (old, next) = (windows, windowsNow())
        windows = next
        if old.intake != nil, next.intake == nil { isScanDue = true }
        guard next.train != old.train else { return }
        let reason = next.train ?? "a training window is open; it waits for its turn"
        for row in try ledger.rows(in: [.claimed]) where active[row.id] == nil { try wait(row, reason) }
        if next.stopsTraining { stopWorkers() }
    }

    /// A single pass was asked for by somebody, so it does not wait for windows.
    private func windowsNow() -> OpenWindows {
        var result = OpenWindows()
        guard let schedule = settings.schedule, !settings.settle.isSinglePass else { return result }
        let now = clock.secondsSinceEpoch()
        let states = Schedule.WindowKind.allCases.map { (kind: $0, state: schedule.window($0, at: now)) }
        for (kind, state) in states where !state.isOpen {
            let opening = state.changesAt.map { "the next one opens \(schedule.zone.text($0))" } ?? "none will open"
            switch kind {
            case .intake: result.intake = "outside the intake windows; \(opening)"
            case .train: result.train = "outside the training windows; \(opening)"
            }
        }
        result.stopsTraining = result.train != nil && schedule.stopsTraining
        result.nextChange = states.compactMap(\.state.changesAt).min().map { clock.monotonicSeconds() + max(0, $0 - now) }
        return result
    }

    /// Whether a drop has to wait for a training window; what is on its way to the outbox does not.
    func waitsForWindow(_ row: DropRow) -> Bool { windows.train != nil && [.claimed, .retrying].contains(row.state) }

    /// Says in the ledger what a claimed drop waits for.
    func wait(_ row: DropRow, _ reason: String) throws(DropError) {
        guard row.state == .claimed else { return }
        try ledger.move(row.id, to: .claimed, from: [.claimed], reason: reason)
    }

    private func stopWorkers() {
        let workers = active.values.compactMap(\.worker)
        guard !workers.isEmpty else { return }
        logger.notice("the training windows are closed; drops at work write their checkpoints", metadata: ["count": "\(workers.count)"])
        for worker in workers { worker.send(signal: SIGTERM) }
        Task { [clock, settings] in
            await clock.sleep(seconds: settings.drainSeconds)
            for worker in workers { worker.send(signal: SIGKILL) }
        }
    }

    // MARK: The gate

    /// Asks whether the drop may be trained; writes down what follows if not.
    func passesGate(_ row: DropRow) async throws(DropError) -> Bool {
        let verdict = await environment.gate(row)
        guard !isDraining else { return false }
        switch verdict {
        case .proceed:
            holdCounts[row.id] = nil
            return true
        case .refuse(let reason):
            _ = try fail(
                row, token: nil,
                with: Failure(
                    stage: .hook, code: "refused", message: reason, remedy: "ask whoever wrote the hook `before`"))
            return false
        case .hold(let reason):
            let count = (holdCounts[row.id] ?? 0) + 1
            holdCounts[row.id] = count
            let wait = settings.backoff(failureCount: count)
            let notBefore = clock.secondsSinceEpoch() + wait
            retryMoments[row.id] = (notBefore, clock.monotonicSeconds() + wait)
            try ledger.move(row.id, to: .retrying, from: [.claimed, .retrying], reason: reason) { $0.notBefore = notBefore }
            environment.observer(.postponed(id: row.id, name: row.name, reason: reason, seconds: wait))
            logger.warning("tried again later", metadata: ["drop": "\(row.name)", "reason": "\(reason)", "seconds": "\(wait)"])
            return false
        }
    }
}

extension WorkFolders {
    /// The configuration that the drop was claimed under.
    var configuration: String { root + "/configuration.yml" }
}

extension DropPlace {
    /// Keeps the configuration beside a claimed drop: its fingerprint was made with it, and the daemon may get another one.
    func keepConfiguration(_ path: String?, of id: String) throws(DropError) {
        guard let path else { return }
        // Settings are refused above 1 MiB.
        try files.write(try files.read(path, count: 4 << 20), to: folders.work(for: id).configuration, isDurable: false)
    }

    /// Where `keepConfiguration` put it.
    func configuration(of id: String) throws(DropError) -> String? {
        let path = folders.work(for: id).configuration
        return try files.exists(path) ? path : nil
    }
}
