@testable import EngramDrops
import Synchronization
import Testing

/// A clock for runs of a schedule: sleeping moves it on, and ends the test's task when its time is over.
private final class DayClock: DropClock {
    private let now: Mutex<Double>
    private let end: Double

    init(_ start: Int64, end: Int64) {
        now = Mutex(Double(start))
        self.end = Double(end)
    }

    func secondsSinceEpoch() -> Double { now.withLock { $0 } }
    func monotonicSeconds() -> Double { now.withLock { $0 } }
    func sleep(seconds: Double) async { advance(seconds) }

    func advance(_ seconds: Double) {
        let isOver = now.withLock { now in
            now += seconds
            return now > end
        }
        // The runner ends when its task is cancelled, so the clock cancels it.
        if isOver { withUnsafeCurrentTask { $0?.cancel() } }
    }
}

/// What a runner started, and when.
private final class Runs: Sendable {
    let planned = Mutex<[Int64]>([])
    var all: [Int64] { planned.withLock { $0 } }
}

/// Windows and missed times. 2026-03-02 was a Monday; 1772409600 is its midnight in UTC.
@Suite(.timeLimit(.minutes(1))) struct ScheduleTests {
    private let scratch = Scratch()
    private static let monday: Int64 = 1_772_409_600
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86_400

    private func window(_ kind: Schedule.WindowKind, _ cron: String, hours: Double) throws -> ScheduledJob {
        ScheduledJob(
            name: kind.rawValue, cron: try CronExpression(cron), action: .window(kind, seconds: hours * 3600, atEnd: .checkpoint))
    }

    // MARK: Windows

    @Test func withoutAWindowEverythingIsOpen() {
        #expect(Schedule().window(.train, at: 0) == .init(isOpen: true, changesAt: nil))
    }

    @Test func aWindowIsOpenFromItsTimeToItsEndAndOverMidnight() throws {
        let schedule = Schedule(jobs: [try window(.train, "0 22 * * *", hours: 8)])
        let opens = Double(Self.monday + 22 * Self.hour)
        #expect(schedule.window(.train, at: opens - 1) == .init(isOpen: false, changesAt: opens))
        for moment in [opens, opens + 1, opens + 8 * 3600 - 1] {
            #expect(schedule.window(.train, at: moment) == .init(isOpen: true, changesAt: opens + 8 * 3600))
        }
        #expect(schedule.window(.train, at: opens + 8 * 3600) == .init(isOpen: false, changesAt: opens + 86_400))
        #expect(schedule.window(.intake, at: opens - 1).isOpen)
    }

    @Test func windowsThatMeetAreOne() throws {
        let schedule = Schedule(jobs: [try window(.train, "0 20,22 * * *", hours: 2)])
        let opens = Double(Self.monday + 20 * Self.hour)
        #expect(schedule.window(.train, at: opens + 1) == .init(isOpen: true, changesAt: opens + 4 * 3600))
    }

    /// Eight hours are eight hours, also in the night in which the clocks go forward.
    @Test func aWindowsLengthIsRealTime() throws {
        let schedule = Schedule(
            zone: try CronExpressionTests.zone("Europe/Berlin"), jobs: [try window(.train, "0 22 * * *", hours: 8)])
        // 2026-03-28 22:00 in Berlin is 21:00 UTC; the window ends at 05:00 UTC, when the clocks show 07:00.
        #expect(schedule.window(.train, at: 1_774_731_600) == .init(isOpen: true, changesAt: 1_774_760_400))
    }

    // MARK: Runs

    private func runner(
        _ cron: String, _ missed: ScheduledJob.Missed, _ clock: DayClock, runs: Runs, seconds: Double = 0, zone: TimeZoneRules = .utc
    ) throws -> ScheduleRunner {
        let job = ScheduledJob(name: "j", cron: try CronExpression(cron), action: .command("j", limitSeconds: 60), missed: missed)
        return ScheduleRunner(
            schedule: Schedule(zone: zone, jobs: [job]), journalPath: scratch.path + "/schedule.json", clock: clock, logger: quiet
        ) { _, planned in
            runs.planned.withLock { $0.append(planned) }
            clock.advance(seconds)
            return .init(isSuccess: true, text: "done")
        }
    }

    private func runDays(
        from start: Int64, to end: Int64, _ cron: String, _ missed: ScheduledJob.Missed = .once, seconds: Double = 0,
        zone: TimeZoneRules = .utc
    ) async throws -> [Int64] {
        let runs = Runs()
        let runner = try runner(cron, missed, DayClock(start, end: end), runs: runs, seconds: seconds, zone: zone)
        // A task of its own, which the clock cancels.
        await Task { await runner.run() }.value
        return runs.all
    }

    @Test func aJobRunsAtItsTimesAndTheFirstStartMissesNothing() async throws {
        let runs = try await runDays(from: Self.monday + 4 * Self.hour, to: Self.monday + 3 * Self.day, "30 3 * * *")
        #expect(runs == [1, 2].map { Self.monday + $0 * Self.day + 3 * Self.hour + 1800 })
        let entry = try #require(ScheduleJournal(path: scratch.path + "/schedule.json")["j"])
        #expect(entry.handled == runs.last && entry.outcome == "done" && entry.isSuccess == true && entry.endedAt != nil)
    }

    @Test(arguments: [(ScheduledJob.Missed.none, 0), (.once, 1), (.all, 3)])
    func whatWasMissedIsMadeUpForAsTheSettingSays(missed: ScheduledJob.Missed, count: Int) async throws {
        let firstRuns = try await runDays(from: Self.monday, to: Self.monday + Self.hour, "0 0 * * *", missed)
        // Nothing ran for three midnights.
        let back = Self.monday + 3 * Self.day + 12 * Self.hour
        let runs = try await runDays(from: back, to: back + Self.hour, "0 0 * * *", missed)
        let midnights = [1, 2, 3].map { Self.monday + $0 * Self.day }
        #expect(firstRuns.isEmpty && runs == Array(midnights.suffix(count)))
        // Nothing is made up for twice.
        #expect(try await runDays(from: back + 2 * Self.hour, to: back + 3 * Self.hour, "0 0 * * *", missed).isEmpty)
    }

    @Test func aRunThatTheDaemonsEndCutOffCountsAsMissed() async throws {
        let clock = DayClock(Self.monday + 1, end: Self.monday + 2 * Self.day)
        let job = ScheduledJob(name: "j", cron: try CronExpression("0 0 * * *"), action: .command("j", limitSeconds: 60))
        let cut = ScheduleRunner(
            schedule: Schedule(jobs: [job]), journalPath: scratch.path + "/schedule.json", clock: clock, logger: quiet
        ) { _, _ in nil }
        await Task { await cut.run() }.value
        let back = Self.monday + Self.day + 6 * Self.hour
        #expect(try await runDays(from: back, to: back + Self.hour, "0 0 * * *") == [Self.monday + Self.day])
    }

    @Test(arguments: [(ScheduledJob.Missed.none, [0, 3, 6]), (.once, [0, 3, 6]), (.all, [0, 1, 2])])
    func aJobNeverRunsBesideItself(missed: ScheduledJob.Missed, hours: [Int64]) async throws {
        // Each run takes 2:30 h, and the job comes each hour: the two times in between pass while it works.
        let start = Self.monday + 1800
        let runs = try await runDays(from: start, to: start + 7 * Self.hour, "0 * * * *", missed, seconds: 9000)
        #expect(runs == hours.map { Self.monday + Self.hour + $0 * Self.hour })
    }

    @Test func theNightWithoutItsHourRunsOnceAndTheLongOneOnce() async throws {
        let berlin = try CronExpressionTests.zone("Europe/Berlin")
        // From 2026-03-28 12:00 UTC for two days: the change, then 02:30 of the next day.
        #expect(
            try await runDays(from: 1_774_699_200, to: 1_774_872_000, "30 2 * * *", zone: berlin) == [1_774_746_000, 1_774_830_600])
        // From 2026-10-24 12:00 UTC: 02:30 for the first time, then 02:30 of the next day.
        try FileSystem().removeTree(scratch.path + "/schedule.json")
        #expect(
            try await runDays(from: 1_792_843_200, to: 1_793_016_000, "30 2 * * *", zone: berlin) == [1_792_888_200, 1_792_978_200])
    }

    @Test func aDamagedJournalIsAnEmptyOne() async throws {
        try scratch.write("{", "schedule.json")
        #expect(ScheduleJournal(path: scratch.path + "/schedule.json").entries.isEmpty)
        #expect(try await runDays(from: Self.monday - 60, to: Self.monday + 60, "0 0 * * *") == [Self.monday])
    }
}
