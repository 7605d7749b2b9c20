internal import Glibc
package import Logging

/// Owns the queue of drops: scans, claims, starts one worker process per drop, publishes or rejects, archives; computes nothing itself.
///
/// Every step is a state in the ledger, and work always goes on from what the ledger says, so going on after a crash, after a passing
/// failure and in an undisturbed run are one code path (`advance`).
package actor DropScheduler {
    /// Everything the scheduler needs from outside.
    package struct Environment: Sendable {
        /// Time.
        package var clock: any DropClock
        /// The disk.
        package var files: FileSystem
        /// Random bits for identifiers, tokens and the jitter of rescans.
        package var randomBits: @Sendable () -> UInt64
        /// For what an operator wants to read later.
        package var logger: Logger
        /// Told of everything at once; it must not block.
        package var observer: @Sendable (DropEvent) -> Void
        /// Asked before each attempt at a drop.
        package var gate: @Sendable (DropRow) async -> DropGateVerdict = { _ in .proceed }
        /// When a file is whole.
        package var formats = FormatKnowledge.none
        /// Says where workers run; asked again when the settings change.
        package var makeExecutor: @Sendable (WorkerCommand, DropFolders, FileSystem) -> any WorkerExecutor = {
            LocalExecutor(command: $0, folders: $1, files: $2)
        }

        /// Creates the environment.
        package init(
            clock: any DropClock = SystemDropClock(), files: FileSystem = FileSystem(),
            randomBits: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }, logger: Logger,
            observer: @escaping @Sendable (DropEvent) -> Void = { _ in }
        ) {
            self.clock = clock
            self.files = files
            self.randomBits = randomBits
            self.logger = logger
            self.observer = observer
        }
    }

    /// One drop at work.
    struct Active {
        var task: Task<Void, Never>
        var worker: (any WorkerHandle)?
        /// Content and settings, once known: the same drop is not trained twice at the same time.
        var key: String?
        /// Bytes on the disk that it is expected to take.
        var roomByteCount: Int64 = 0
        /// Whether it takes one of the places of `jobs`.
        var hasSlot = true
        /// Whether its worker runs elsewhere, or will.
        var isRemote = false
    }

    /// A drop that has to wait after an error; forgotten by a restart, which is a reason to try again.
    struct Parked {
        var until: Double
        var count: Int
        /// The error.
        var reason: String
    }

    /// A drop that may be claimed.
    struct Ready {
        var row: DropRow
        var isMarkedDone: Bool
    }

    /// SQLite and walks through trees block, so nothing here runs on the pool of threads that all other async functions share.
    private nonisolated let thread: ThreadExecutor
    /// The scheduler's own thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    var settings: DropSchedulerSettings
    let environment: Environment
    let folders: DropFolders
    /// What happened to every drop.
    package nonisolated let ledger: Ledger
    private let hold: StateHold
    /// Whether the hold was taken here and ends with the run; one that was passed in is released by its owner.
    private let isHoldOwn: Bool
    /// What `engram status` reads while this runs.
    package nonisolated let board: StatusBoard
    let place: DropPlace
    /// Raised when the run is to end.
    let stop = StopFlag()
    var executor: any WorkerExecutor
    var settingsFingerprint: @Sendable (_ inputPath: String, _ settingsPath: String?, _ job: DropJob) -> String?
    var marker: InboxMarker?
    var tracker: SettleTracker
    /// The next one is the last.
    var readyQueue: [Ready] = []
    var scanPace = ScanPace()
    /// The run has no end of its own, so what it remembers of its drops must have one.
    var isEndless = false
    var isScanDue = true
    var settleDeadline: Double?
    /// At the last look a cue waited for a memory that was not there yet.
    var isMemoryAwaited = false
    /// The windows of the schedule at the last look.
    var windows = OpenWindows()
    /// How often the gate held each drop.
    var holdCounts: [String: Int] = [:]
    /// How often each drop had to wait for something that is not its own: memory, the program of its worker.
    var waitCounts: [String: Int] = [:]
    /// When drops that failed are due by the monotonic clock, with the moment of the real-time clock that the ledger has.
    var retryMoments: [String: (notBefore: Double, moment: Double)] = [:]
    /// The inbox's folder at the first look, which tells it from another that was mounted or put at its place.
    var inboxIdentity: (device: UInt64, inode: UInt64)?
    var active: [String: Active] = [:]
    var parked: [String: Parked] = [:]
    /// Entries of the inbox that could not be read or taken at the last look, by the bytes of their names.
    var blocked: Set<[UInt8]> = []
    var duplicates: Set<String> = []
    /// Drops for which there was not enough room, by name or identifier, with what they need.
    var needs: [String: Int64] = [:]
    /// Why nothing new is begun, nil while the disk has room.
    var pauseReason: String?
    var summary = RunSummary()
    private(set) var isDraining = false
    var isWakePending = false
    var waiter: CheckedContinuation<Void, Never>?
    var isOver = false
    var pulses: [CheckedContinuation<Bool, Never>] = []

    var clock: any DropClock { environment.clock }
    var logger: Logger { environment.logger }

    /// Creates the scheduler with the state folder in its hands; nothing runs yet. A scheduler is for one run.
    /// - Parameters:
    ///   - folders: From `DropFolders.prepared`.
    ///   - command: How a worker is started.
    ///   - settings: What an operator can choose.
    ///   - environment: Clock, disk, randomness, log.
    ///   - hold: The state folder, where the caller has it already, who then keeps it to the end of the run; nil: it is taken here.
    ///   - settingsFingerprint: A hash of everything that the settings say about a source; two drops of the same bytes and the same
    ///     fingerprint share one result. nil: unknown, always train.
    /// - Throws: What `StateHold.init` throws, and `DropError.system` where there are no more threads.
    package init(
        folders: DropFolders, command: WorkerCommand, settings: DropSchedulerSettings, environment: Environment,
        hold: StateHold? = nil,
        settingsFingerprint: @escaping @Sendable (_ inputPath: String, _ settingsPath: String?, _ job: DropJob) -> String?
    ) throws(DropError) {
        thread = try ThreadExecutor()
        self.folders = folders
        var environment = environment
        environment.files = stop.watched(environment.files.guarding(folders.guarded), from: .abort)
        self.environment = environment
        executor = environment.makeExecutor(command, folders, environment.files)
        self.settings = settings
        self.settingsFingerprint = settingsFingerprint
        isHoldOwn = hold == nil
        if let hold {
            self.hold = hold
        } else {
            self.hold = try StateHold(folders, clock: environment.clock, files: environment.files)
        }
        ledger = self.hold.ledger
        if let holder = self.hold.staleHolder {
            environment.logger.notice("the last engram did not end by itself", metadata: ["holder": "\(holder)"])
        }
        board = StatusBoard(path: folders.statusPath, startedAt: environment.clock.secondsSinceEpoch())
        place = DropPlace(folders: folders, ledger: ledger, files: environment.files)
        tracker = SettleTracker(
            rule: settings.settle, inbox: folders.inbox, files: environment.files, formats: environment.formats, clock: environment.clock)
    }

    // MARK: Running

    /// Works until `drain` or the task's cancellation.
    /// - Throws: `DropError.inboxGone`, or what keeps the inbox from being read at all.
    package func run() async throws(DropError) -> RunSummary {
        defer { endPulses() }
        defer { if isHoldOwn { hold.release() } }
        isEndless = true
        defer { board.remove() }
        try checkInbox()
        try recover()
        let bits = environment.randomBits
        let watcher = try InboxWatcher(
            inbox: folders.inbox, choice: settings.watch, intervals: settings.intervals, clock: clock,
            jitter: { Double(bits() >> 11) * 0x1p-53 }, logger: logger)
        board.set("watch", watcher.report.json)
        try watcher.start { [weak self, board] change in
            board.set("watch", watcher.report.json)
            guard let self else { return }
            Task { await self.inboxChanged(change) }
        }
        defer { watcher.stop() }
        let reasonToStop = await withTaskCancellationHandler { () -> DropError? in
            while !isDraining {
                do throws(DropError) {
                    try await step()
                    let deadline = try nextDeadline()
                    await waitForWake(until: deadline)
                } catch {
                    if error.isFinal { return error }
                    // A full disk or an unreachable inbox: the next look may do better, and the log says what is wrong meanwhile.
                    logger.error("the inbox could not be worked on", metadata: ["reason": "\(error)"])
                    await waitForWake(until: clock.monotonicSeconds() + max(1, settings.firstBackoffSeconds))
                }
            }
            return nil
        } onCancel: {
            Task { await self.beginDraining() }
        }
        endPulses()
        await drain()
        if let reasonToStop { throw reasonToStop }
        try countWaiting()
        return summary
    }

    /// Works on everything that is in the inbox, then returns. A drop that failed for a passing reason is tried again if its next attempt
    /// is due within `retryPatienceSeconds` of the start, and else left for the next run.
    /// - Throws: What keeps the inbox or the ledger from being read.
    package func runOnce() async throws(DropError) -> RunSummary {
        defer { endPulses() }
        defer { if isHoldOwn { hold.release() } }
        defer { board.remove() }
        try checkInbox()
        try recover()
        // Entries that keep changing must not keep a single pass from ending.
        let patienceEnd = clock.monotonicSeconds() + max(settings.settle.settleSeconds, settings.settle.patienceSeconds)
        let retryEnd = clock.monotonicSeconds() + settings.retryPatienceSeconds
        while !isDraining {
            do throws(DropError) {
                try await step()
            } catch {
                // Workers that run are waited for before the error is reported, so that none is left behind.
                await drain()
                throw error
            }
            let isSettling = settleDeadline != nil && clock.monotonicSeconds() < patienceEnd
            let retry = try nextRetry().flatMap { $0 <= retryEnd && pauseReason == nil ? $0 : nil }
            if active.isEmpty, readyQueue.isEmpty, !isScanDue, !isSettling, retry == nil, try nextUnfinished() == nil { break }
            // Nobody watches the inbox for a single pass, so it looks for changes itself while it waits.
            let nextLook = isSettling ? scanDeadline.map { min($0, clock.monotonicSeconds() + max(1, settings.settle.settleSeconds)) } : nil
            await waitForWake(until: [nextLook, retry].compactMap { $0 }.min())
        }
        await drain()
        try countWaiting()
        return summary
    }

    /// Takes nothing new, asks the workers to end and waits for them; after `drainSeconds` they are killed. Claims stay and are gone on
    /// with at the next start.
    package func drain() async {
        beginDraining()
        let killer = Task { [clock, settings, weak self] in
            await clock.sleep(seconds: settings.drainSeconds)
            if !Task.isCancelled { await self?.abort() }
        }
        while let next = active.values.first { await next.task.value }
        killer.cancel()
    }

    /// Takes nothing new and asks the workers to end, without waiting.
    package func beginDraining() {
        isDraining = true
        stop.raise(.drain)
        for drop in active.values { drop.worker?.send(signal: SIGTERM) }
        wake()
    }

    /// Ends the workers at once; their claims stay.
    package func abort() {
        isDraining = true
        stop.raise(.abort)
        for drop in active.values { drop.worker?.send(signal: SIGKILL) }
        wake()
    }

    // MARK: Steps

    /// One look at the inbox, if something there may have changed, and one look at the queue.
    func step() async throws(DropError) {
        try lookAtWindows()
        // What is ready waits again, and says so, once the window closes.
        if windows.intake != nil, !readyQueue.isEmpty { (readyQueue, isScanDue) = ([], true) }
        // A burst of thousands is not read again for each drop that ends; what is claimed from the queue is looked at once more.
        updatePause()
        if readyQueue.isEmpty || (scanDeadline ?? .infinity) <= clock.monotonicSeconds() { try scanInbox() }
        try await startWork()
    }

    private func startWork() async throws(DropError) {
        while !isDraining, hasPlace(on: .machine) || hasRemotePlace {
            if let row = try nextUnfinished() {
                begin(row)
            } else if let next = popReady() {
                guard case .ready = try tracker.look(at: next.row.name, isMarkedDone: next.isMarkedDone) else {
                    isScanDue = true
                    // A single pass has nobody else to tell it.
                    wake()
                    continue
                }
                guard hasRoom(forReady: next.row) else {
                    isScanDue = true
                    wake()
                    continue
                }
                if let claimed = await claim(next.row) {
                    parked[next.row.name] = nil
                    begin(claimed)
                }
            } else {
                return
            }
        }
    }

    /// The oldest drop that is out of the inbox, not done, not at work and not made to wait. What only has to be brought to its place goes
    /// on while the disk is full.
    private func nextUnfinished() throws(DropError) -> DropRow? {
        let moment = clock.monotonicSeconds()
        return try ledger.rows(in: Set(DropState.allCases.filter(\.isUnfinished))).first { row in
            active[row.id] == nil && hasPlace(for: row) && !duplicates.contains(row.id) && !waitsForWindow(row)
                && (dueMoment(of: row) ?? moment) <= moment
                && (parked[row.id]?.until ?? 0) <= moment
                && !([.claimed, .retrying].contains(row.state) && shortage(of: row.id) != nil)
        }
    }

    private func claim(_ row: DropRow) async -> DropRow? {
        do {
            let row = try noting(try continuation(row), of: row)
            let claim = Claim(place: place)
            guard let claimed = try await DedicatedThread.run({ () throws(DropError) in try claim.claim(row) }) else { return nil }
            environment.observer(.claimed(id: row.id, name: row.name))
            return claimed
        } catch {
            logger.warning("a drop could not be claimed", metadata: ["drop": "\(row.name)", "reason": "\(error)"])
            park(row.name, because: error)
            if error.isFailedFlush {
                // Flushing again would only look like success: the next start finds the row in `claiming` and looks where the drop is.
                parked[row.id] = Parked(until: .infinity, count: 0, reason: "\(error)")
                return nil
            }
            // What was moved goes back now; if that fails too, the queue finds the row in `claiming` and tries again.
            if let current = try? ledger.row(row.id), current.state == .claiming {
                park(row.id, because: error)
                try? Claim(place: place).recover(current)
            }
            return nil
        }
    }

    private func noting(_ note: String?, of row: DropRow) throws(DropError) -> DropRow {
        guard let note else { return row }
        logger.warning("a folder goes on where an earlier drop ended", metadata: ["drop": "\(row.name)", "reason": "\(note)"])
        var row = row
        row.reason += "; " + note
        return row
    }

    private func begin(_ row: DropRow) {
        let id = row.id
        let isRemote = executor.place(ofDropNamed: row.entryName) != .machine
        active[id] = Active(task: Task { await self.work(on: id) }, hasSlot: !isRemote, isRemote: isRemote)
    }

    /// Goes on with a drop whose worker runs already.
    func resume(_ row: DropRow, token: String, worker: any WorkerHandle) {
        let id = row.id
        let key = row.contentSHA256.flatMap { content in row.settingsSHA256.map { content + $0 } }
        active[id] = Active(
            task: Task { await self.work(on: id, after: (row, token, worker)) }, worker: worker, key: key, hasSlot: !worker.isRemote,
            isRemote: worker.isRemote)
    }

    private func work(on id: String, after attempt: (row: DropRow, token: String, worker: any WorkerHandle)? = nil) async {
        var goesOn = true
        if let (row, token, worker) = attempt {
            do {
                goesOn = try await attend(row, token: token, worker: worker)
            } catch {
                goesOn = handle(error, of: id)
            }
        }
        if goesOn { await workUntilParked(id) }
        active[id] = nil
        // What a cue waits for may be there now.
        if isMemoryAwaited { isScanDue = true }
        if let row = try? ledger.row(id), row.state.isFinal {
            (holdCounts[id], waitCounts[id], retryMoments[id]) = (nil, nil, nil)
        }
        if isEndless { summary.keepLatest() }
        duplicates = []
        wake()
    }

    func park(_ key: String, because error: DropError) {
        let count = (parked[key]?.count ?? 0) + 1
        // At least a second, whatever the settings say: what fails at once must not be tried without end.
        let until = clock.monotonicSeconds() + max(1, settings.backoff(failureCount: count))
        parked[key] = Parked(until: until, count: count, reason: "\(error)")
    }

    private func countWaiting() throws(DropError) {
        summary.pauseReason = pauseReason
        for row in try ledger.rows(in: DropState.inInbox) {
            // What could not be claimed is in the way of the run, however ready it is.
            let reason = parked[row.name].map { "it could not be taken out of the inbox: \($0.reason)" }
            let list = reason != nil || blocked.contains(Array(row.name.utf8)) ? \RunSummary.blocked : \.waiting
            summary[keyPath: list].append(.init(name: row.name, detail: reason ?? row.reason))
        }
        for row in try ledger.rows(in: Set(DropState.allCases.filter(\.isUnfinished))) {
            summary.failed.append(.init(name: row.name, detail: parked[row.id]?.reason ?? row.reason))
        }
    }
}
