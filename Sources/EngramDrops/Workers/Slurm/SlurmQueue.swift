package import EngramSystem
internal import Glibc
package import Logging
internal import Synchronization

/// Submits, watches and cancels the jobs of one daemon: one question to Slurm for all of them, one submission for many.
///
/// **No job twice.** The attempt's token is in the ledger and the job's name in `job.json`, both flushed, before `sbatch` is called. Whatever
/// happens then, a job of that name is looked for before anything is submitted for the attempt again; and of all jobs that may yet be
/// accepted for it only the first one works, since it has to make the attempt's folder `begun`, which can be made once.
package actor SlurmQueue {
    /// One attempt in the queue's hands.
    struct Entry: Sendable {
        let worker: SlurmWorker
        var ticket: SlurmAttempt.Ticket
        /// More is asked for than the settings say.
        var hasGrown: Bool
        var phase = Phase.unsubmitted
        var output: SlurmOutput
        var sighting: SlurmSighting?
        /// Submissions of which nothing is known, in a row.
        var unclearCount = 0
        /// Since when the job is over, by Slurm's word, and no record of it is to be seen.
        var overSince: Double?
        /// The job's own exit code was asked for.
        var exitCode: Int?
        /// The signal that was passed on, and when.
        var sent: (signal: Int32, at: Double)?
        /// What was said of it last, for `status`.
        var said: JSONValue?

        var attempt: SlurmAttempt { worker.attempt }

        init(worker: SlurmWorker, ticket: SlurmAttempt.Ticket, hasGrown: Bool) {
            self.worker = worker
            self.ticket = ticket
            self.hasGrown = hasGrown
            output = SlurmOutput(path: worker.attempt.output)
        }
    }

    /// How far an attempt's submission is.
    enum Phase: Equatable, Sendable {
        /// No job of its name was ever asked for.
        case unsubmitted
        /// One was, and nobody knows whether it was accepted.
        case unclear(since: Double)
        /// Slurm has it.
        case submitted
    }

    private struct Arrivals {
        var entries: [Entry] = []
        var hasLeft = false
        var isCleaningAllowed = false
        var isCleaningDue = false
        var isLooping = false
        var settings = SlurmSettings()
        var onNews: @Sendable (JSONValue) -> Void = { _ in }
    }

    /// Files on a shared disk block for as long as they please.
    private nonisolated let thread: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private nonisolated let arrivals = Mutex(Arrivals())
    let folder: String
    let commands: SlurmCommands
    let clock: any DropClock
    let logger: Logger
    let randomBits: @Sendable () -> UInt64
    private let isShared: Bool
    /// What all names of this state folder's jobs begin with; empty before the first job.
    private(set) var prefix = ""

    var entries: [String: Entry] = [:]
    var pace: SlurmPace
    var nextQuestion = 0.0
    /// Since when Slurm does not answer, and what it said; nil while it does.
    var silence: (since: Double, complaint: String)?
    /// sacct said that there is no accounting.
    var hasNoAccounting = false
    /// The cluster takes no arrays of this length.
    var arrayLimit = Int.max
    /// Jobs of this state folder that no attempt wants, as the last answer lists them.
    var strays: [SlurmSighting] = []
    private var shown: JSONValue?

    /// Creates the queue; nothing is asked before there is a job.
    /// - Parameters:
    ///   - folders: From `DropFolders.prepared`.
    ///   - environment: Of Slurm's programs and, by way of them, of the jobs.
    /// - Throws: `DropError.system` where there are no more threads.
    package init(
        folders: DropFolders, environment: [String: String], settings: SlurmSettings = SlurmSettings(),
        clock: any DropClock = SystemDropClock(), logger: Logger,
        randomBits: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) throws(DropError) {
        thread = try ThreadExecutor()
        folder = folders.state + "/slurm"
        self.clock = clock
        self.logger = logger
        self.randomBits = randomBits
        isShared = FileSystemType.of(folders.state)?.isShared ?? true
        commands = SlurmCommands(folder: folder, environment: environment)
        pace = SlurmPace(shortestSeconds: settings.pollSeconds)
        arrivals.withLock { $0.settings = settings }
    }

    private nonisolated var instancePath: String { folder + "/instance" }

    /// Names this state folder for Slurm, at the first use: one user may have several daemons on a cluster.
    private func name() throws(DropError) {
        guard prefix.isEmpty else { return }
        let files = FileSystem()
        if let bytes = try? files.read(instancePath, count: 64) {
            let name = String(decoding: bytes, as: UTF8.self)
            if name.count == 8, name.allSatisfy(\.isHexDigit) {
                prefix = "engram-\(name)-"
                return
            }
        }
        let name = String(Stamp.hex(randomBits(), digits: 16).prefix(8))
        try files.createFolder(folder, mode: 0o700)
        try files.write(Array(name.utf8), to: instancePath)
        prefix = "engram-\(name)-"
    }

    // MARK: From outside

    /// What an operator can choose.
    package nonisolated var settings: SlurmSettings { arrivals.withLock { $0.settings } }

    /// Takes other settings.
    package nonisolated func use(_ settings: SlurmSettings) { arrivals.withLock { $0.settings = settings } }

    /// Tells what there is to say about Slurm as a whole, at each change.
    package nonisolated func tell(_ onNews: @escaping @Sendable (JSONValue) -> Void) { arrivals.withLock { $0.onNews = onNews } }

    /// Takes over an attempt.
    /// - Parameter isLeft: An earlier daemon began it, whose `sbatch` may still run.
    nonisolated func add(_ entry: Entry, isLeft: Bool = false) {
        arrivals.withLock { arrivals in
            arrivals.entries.append(entry)
            if isLeft { arrivals.hasLeft = true }
        }
        startLoop()
    }

    /// From now on the attempts in the queue are all that there are: other jobs of this state folder are cancelled.
    package nonisolated func allowCleaning() {
        arrivals.withLock { $0.isCleaningAllowed = true }
        // A daemon that never had a job has none to look for, and perhaps no Slurm.
        if (try? FileSystem().exists(instancePath)) == true { clean() }
    }

    /// Looks once for jobs that no attempt wants.
    package nonisolated func clean() {
        arrivals.withLock { $0.isCleaningDue = true }
        startLoop()
    }

    /// Cancels what is still in Slurm's hands and not wanted; to be called when no attempt is at work any more.
    package func finish(seconds: Double) async {
        let end = clock.monotonicSeconds() + seconds
        while arrivals.withLock({ $0.isLooping || $0.isCleaningDue || !$0.entries.isEmpty }), clock.monotonicSeconds() < end {
            await clock.sleep(seconds: min(0.05, settings.lookSeconds))
        }
    }

    private nonisolated func startLoop() {
        let isFirst = arrivals.withLock { arrivals in
            defer { arrivals.isLooping = true }
            return !arrivals.isLooping
        }
        guard isFirst else { return }
        Task { await self.loop() }
    }

    // MARK: The loop

    private func loop() async {
        // Slurm may take its time to answer; the files of jobs are looked at meanwhile.
        let looking = Task { await self.lookWhileTalking() }
        repeat {
            takeArrivals()
            look()
            takeBackUnbegun()
            do throws(DropError) {
                try name()
                await submit()
                await passSignalsOn()
                if isQuestionDue { await ask() }
                await cancelStrays()
            } catch {
                logger.error("Slurm cannot be used", metadata: ["reason": "\(error)"])
            }
            report()
            await clock.sleep(seconds: settings.lookSeconds)
        } while !endIfIdle()
        looking.cancel()
        await looking.value
        report()
    }

    private func lookWhileTalking() async {
        while !Task.isCancelled {
            await clock.sleep(seconds: settings.lookSeconds)
            if !Task.isCancelled { look() }
        }
    }

    private func endIfIdle() -> Bool {
        let isIdle = entries.isEmpty && (strays.isEmpty || silence != nil)
        return arrivals.withLock { arrivals in
            guard isIdle, arrivals.entries.isEmpty, !arrivals.isCleaningDue || silence != nil else { return false }
            arrivals.isLooping = false
            return true
        }
    }

    private func takeArrivals() {
        let (new, hasLeft) = arrivals.withLock { arrivals in
            defer { (arrivals.entries, arrivals.hasLeft) = ([], false) }
            return (arrivals.entries, arrivals.hasLeft)
        }
        if hasLeft { commands.endLeftSubmissions() }
        for entry in new { entries[entry.attempt.token] = entry }
        if new.contains(where: { $0.phase != .unsubmitted }) { expectNews() }
    }

    /// Asks soon: something is about to change.
    func expectNews() {
        pace.expectNews()
        nextQuestion = min(nextQuestion, clock.monotonicSeconds() + pace.pause(jitter: jitter()))
    }

    /// See `SlurmSettings`.
    var visibilitySeconds: Double { settings.visibilitySeconds ?? (isShared ? 70 : 3) }

    func jitter() -> Double { Double(randomBits() >> 11) * 0x1p-53 }

    private var isQuestionDue: Bool {
        let isAsked = arrivals.withLock { $0.isCleaningDue } || !strays.isEmpty || entries.values.contains { $0.phase != .unsubmitted }
        // Nothing is submitted to a Slurm that does not answer.
        return (isAsked || silence != nil) && clock.monotonicSeconds() >= nextQuestion
    }

    /// Whether jobs that no attempt wants may be cancelled; an answer to the question after them was got.
    func noteAnswered() -> Bool {
        arrivals.withLock { arrivals in
            if arrivals.isCleaningAllowed { arrivals.isCleaningDue = false }
            return arrivals.isCleaningAllowed
        }
    }

    // MARK: Files

    /// Reads the progress of jobs, and the records of those that have ended.
    private func look() {
        for (token, var entry) in entries where entry.phase != .unsubmitted {
            let (lines, byteCount) = entry.output.newLines()
            for line in lines { entry.worker.onLine(line) }
            if byteCount > 1 << 30 { entry.worker.end(for: .output(byteCount: Int(byteCount)), signal: SIGKILL) }
            entries[token] = entry
            if let end = entry.attempt.end() { conclude(token, with: end) }
        }
    }

    private func conclude(_ token: String, with end: SlurmAttempt.End) {
        guard var entry = entries[token] else { return }
        let now = clock.monotonicSeconds()
        if !entry.attempt.hasAllFiles(of: end) {
            // Other clients of a shared disk may see a file later.
            let since = entry.overSince ?? now
            entry.overSince = since
            entries[token] = entry
            if now - since < visibilitySeconds { return }
        }
        let id = entry.sighting?.id ?? entry.attempt.workingJob ?? "?"
        let left = ErrorFile.left(in: entry.attempt.work.output(token: token), files: entry.attempt.files)
        finish(token, SlurmVerdict(end: end, request: entry.ticket.request, left: left, id: id))
    }

    /// Hands an attempt's end over.
    func finish(_ token: String, _ verdict: SlurmVerdict, isLeftAtWork: Bool = false) {
        guard var entry = entries.removeValue(forKey: token) else { return }
        for line in entry.output.newLines().lines { entry.worker.onLine(line) }
        var end = WorkerEnd(exit: verdict.exit)
        (end.failure, end.job, end.isLeftAtWork) = (verdict.failure, entry.attempt.job, isLeftAtWork)
        if !isLeftAtWork {
            // Its worker may be late, as one on a node that lost its network is; what it writes from now on is nobody's.
            _ = entry.attempt.takeBack()
            do throws(DropError) {
                try entry.attempt.returnCheckpoint()
                if let larger = verdict.larger { try entry.attempt.files.write(larger.json.encoded(), to: entry.attempt.work.nextRequest) }
            } catch {
                logger.warning(
                    "what a job left of its checkpoint could not be kept", metadata: ["id": "\(entry.attempt.id)", "reason": "\(error)"])
            }
        }
        unlink(entry.attempt.work.cluster)
        entry.worker.finish(end)
    }

    // MARK: What others see

    /// Says in the drop's own file where its job stands, when that changes.
    private func report() {
        for (token, entry) in entries {
            let news = news(of: entry)
            guard news != entry.said else { continue }
            entries[token]?.said = news
            try? FileSystem().write(news.encoded(), to: entry.attempt.work.cluster, isDurable: false)
        }
        var counts: [String: Int] = [:]
        for entry in entries.values { counts[entry.sighting?.stateName ?? "SUBMITTING", default: 0] += 1 }
        let news = JSONValue.object([
            .init("answers", .bool(silence == nil)), .init("complaint", silence.map { .string($0.complaint) } ?? .null),
            .init("jobs", .integer(Int64(entries.count))),
            .init("states", .object(counts.sorted { $0.key < $1.key }.map { name, count in .init(name, .integer(Int64(count))) })),
        ])
        guard news != shown, shown != nil || !entries.isEmpty || silence != nil else { return }
        shown = news
        arrivals.withLock { $0.onNews }(news)
    }

    private func news(of entry: Entry) -> JSONValue {
        let text: String
        let id = entry.sighting?.id
        switch (entry.sighting, silence) {
        case (_, .some(let silence)): text = "Slurm does not answer (\(silence.complaint)); the drop waits, its job is as it was"
        case (nil, nil): text = entry.phase == .unsubmitted ? "it is being submitted to Slurm" : "Slurm is asked for its job"
        case (.some(let job), nil):
            switch job.state {
            case .waits: text = "Slurm job \(job.id) waits: \(SlurmReason.text(job.reason))"
            case .works where job.stateName == "RUNNING": text = "Slurm job \(job.id) runs on \(job.nodes)"
            case .works: text = "Slurm job \(job.id) is \(job.stateName)" + (job.nodes.isEmpty ? "" : " on \(job.nodes)")
            case .ended: text = "Slurm job \(job.id) is over (\(job.stateName)); its files are waited for"
            }
        }
        func optional(_ text: String?) -> JSONValue { text.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null }
        return .object([
            .init("executor", .string("slurm")), .init("job", optional(id)), .init("name", optional(entry.ticket.name)),
            .init("state", optional(entry.sighting?.stateName)), .init("nodes", optional(entry.sighting?.nodes)),
            .init("reason", entry.sighting?.state == .waits ? optional(entry.sighting?.reason) : .null), .init("text", .string(text)),
            .init("request", entry.ticket.request.json),
        ])
    }
}
