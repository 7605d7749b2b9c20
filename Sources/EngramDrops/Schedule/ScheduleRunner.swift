package import Logging

/// Runs the commands of a schedule at their times, each job one run at a time.
package actor ScheduleRunner {
    /// How a run ended.
    package struct Outcome: Equatable, Sendable {
        /// Whether it did what it should.
        package var isSuccess: Bool
        /// One line about it.
        package var text: String

        /// Creates an outcome.
        package init(isSuccess: Bool, text: String) {
            self.isSuccess = isSuccess
            self.text = text
        }
    }

    /// Starts the command of a job for one of its times (seconds since the epoch) and returns when it has ended; when the task is cancelled,
    /// it ends the command and returns nil.
    package typealias Start = @Sendable (_ job: ScheduledJob, _ planned: Int64) async -> Outcome?

    /// A time that passed less than this ago is on time rather than missed: nothing here is exact to the second.
    static let graceSeconds = 90.0
    /// The longest sleep: a machine that was suspended, or whose clock was set, is noticed after it.
    static let longestSleepSeconds = 60.0
    /// The most runs that `missed: all` makes up for; more would only keep the newest waiting.
    static let catchUpLimit = 100

    private let schedule: Schedule
    private let clock: any DropClock
    private let logger: Logger
    private let start: Start
    private var journal: ScheduleJournal

    /// Creates a runner; nothing runs yet.
    package init(
        schedule: Schedule, journalPath: String, files: FileSystem = FileSystem(), clock: any DropClock = SystemDropClock(), logger: Logger,
        start: @escaping Start
    ) {
        self.schedule = schedule
        self.clock = clock
        self.logger = logger
        self.start = start
        journal = ScheduleJournal(path: journalPath, files: files)
        journal.keepOnly(schedule.jobs.map(\.name))
    }

    /// Runs until the task is cancelled; what runs then is ended first.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for job in schedule.jobs {
                guard case .command = job.action else { continue }
                group.addTask { await self.run(job) }
            }
        }
    }

    private func run(_ job: ScheduledJob) async {
        // What came before the job was first seen was not missed.
        let firstLook = Int64(saturating: clock.secondsSinceEpoch().rounded(.down))
        if journal[job.name] == nil { note(job) { $0.handled = firstLook } }
        // A clock that was wrong for a while must not keep the job from running for years.
        if handled(job) > firstLook + 86_400 { note(job) { $0.handled = firstLook } }
        while !Task.isCancelled {
            let next = job.cron.next(after: handled(job), in: schedule.zone).map(Double.init) ?? .infinity
            while !Task.isCancelled, clock.secondsSinceEpoch() < next {
                await clock.sleep(seconds: min(Self.longestSleepSeconds, max(0.001, next - clock.secondsSinceEpoch())))
            }
            guard !Task.isCancelled else { return }
            let now = clock.secondsSinceEpoch()
            let due = dueTimes(of: job, now: now)
            guard let last = due.last else {
                note(job) { $0.handled = Int64(saturating: now.rounded(.down)) }
                continue
            }
            for planned in chosen(from: due, of: job, now: now) {
                guard await runOnce(job, planned: planned) else { return }
            }
            note(job) { $0.handled = max($0.handled, last) }
            if job.missed != .all { leaveOut(job) }
        }
    }

    private func handled(_ job: ScheduledJob) -> Int64 { journal[job.name]?.handled ?? 0 }

    /// The times of a job that passed and were not dealt with; of very many the latest.
    private func dueTimes(of job: ScheduledJob, now: Double) -> [Int64] {
        let moment = Int64(saturating: now.rounded(.down))
        var due: [Int64] = []
        // Back from now in growing steps, until there are enough: a job of each minute has half a million times in a year.
        for span in [3600, 86_400, 31 * 86_400, 366 * 86_400] as [Int64] {
            due = []
            var last = max(handled(job), moment - span)
            while let next = job.cron.next(after: last, in: schedule.zone), next <= moment {
                due.append(next)
                last = next
            }
            if due.count >= Self.catchUpLimit || moment - span <= handled(job) { break }
        }
        return due
    }

    /// Which of the passed times are run for.
    private func chosen(from due: [Int64], of job: ScheduledJob, now: Double) -> [Int64] {
        guard let last = due.last else { return [] }
        let isOnTime = now - Double(last) <= Self.graceSeconds
        let missedCount = due.count - (isOnTime ? 1 : 0)
        if missedCount > 0 {
            logger.notice(
                "missed times of the schedule",
                metadata: ["job": "\(job.name)", "count": "\(missedCount)", "missed": "\(job.missed)"])
        }
        switch job.missed {
        case .none: return isOnTime ? [last] : []
        case .once: return [last]
        case .all: return due.suffix(Self.catchUpLimit)
        }
    }

    /// Times that came while the job was at work: one run at a time, and no queue behind it.
    private func leaveOut(_ job: ScheduledJob) {
        let now = clock.secondsSinceEpoch()
        let passed = dueTimes(of: job, now: now).filter { now - Double($0) > 1 }
        guard let last = passed.last else { return }
        logger.notice("left out, since the run before was still at work", metadata: ["job": "\(job.name)", "count": "\(passed.count)"])
        note(job) { $0.handled = last }
    }

    /// Returns false when the daemon ends: the run counts as missed then.
    private func runOnce(_ job: ScheduledJob, planned: Int64) async -> Bool {
        note(job) {
            $0.startedAt = clock.secondsSinceEpoch()
            $0.endedAt = nil
            $0.outcome = nil
            $0.isSuccess = nil
        }
        logger.info("scheduled run", metadata: ["job": "\(job.name)", "planned": "\(schedule.zone.text(Double(planned)))"])
        guard let outcome = await start(job, planned) else { return false }
        note(job) {
            $0.handled = max($0.handled, planned)
            $0.endedAt = clock.secondsSinceEpoch()
            $0.outcome = outcome.text
            $0.isSuccess = outcome.isSuccess
        }
        logger.log(
            level: outcome.isSuccess ? .notice : .error, "scheduled run ended",
            metadata: ["job": "\(job.name)", "outcome": "\(outcome.text)"])
        return true
    }

    private func note(_ job: ScheduledJob, _ change: (inout ScheduleJournal.Entry) -> Void) {
        do {
            try journal.update(
                job.name, change, from: ScheduleJournal.Entry(handled: Int64(saturating: clock.secondsSinceEpoch().rounded(.down))))
        } catch {
            // What is known stays in memory; at worst a run is made up for that was not missed.
            logger.error("the schedule's times could not be written down", metadata: ["job": "\(job.name)", "reason": "\(error)"])
        }
    }
}
