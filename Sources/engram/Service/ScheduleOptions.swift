import EngramDrops
import EngramPipeline

/// `schedule:` and `hooks:` in the daemon's terms.
enum ScheduleOptions {
    /// Reads expressions and the time zone.
    /// - Throws: `SettingsError` with the place of the mistake.
    static func schedule(_ settings: ScheduleSettings) throws(SettingsError) -> Schedule {
        var jobs: [ScheduledJob] = []
        for job in settings.jobs {
            jobs.append(ScheduledJob(name: job.name, cron: try cron(job.cron), action: action(job), missed: missed(job.missed)))
        }
        return Schedule(zone: try zone(settings.timeZone), jobs: jobs)
    }

    /// The programs.
    static func hooks(_ settings: HookSettings) -> HookRunner.Commands {
        HookRunner.Commands(
            before: settings.before, after: settings.after, failure: settings.failure, digest: settings.digest,
            timeoutSeconds: settings.timeout / .seconds(1))
    }

    private static func cron(_ text: ScheduleSettings.Text) throws(SettingsError) -> CronExpression {
        do {
            return try CronExpression(text.value)
        } catch {
            throw .wrongType(
                text.location, key: "schedule.jobs.cron", expected: "a cron expression",
                found: "'\(text.value)' (\(withoutPoint("\(error)")))")
        }
    }

    private static func zone(_ text: ScheduleSettings.Text?) throws(SettingsError) -> TimeZoneRules {
        do {
            guard let text, text.value != "local" else { return try TimeZoneRules.local() }
            return try TimeZoneRules(named: text.value)
        } catch {
            throw .wrongType(
                text?.location ?? SettingsLocation(source: "/etc/localtime"), key: "schedule.time_zone", expected: "a time zone",
                found: "'\(text?.value ?? "local")' (\(withoutPoint("\(error)")))")
        }
    }

    private static func action(_ job: ScheduleSettings.Job) -> ScheduledJob.Action {
        let (seconds, limit) = (job.duration / .seconds(1), job.limit / .seconds(1))
        let atEnd: ScheduledJob.AtEnd =
            switch job.atEnd {
            case .checkpoint: .checkpoint
            case .finish: .finish
            }
        return switch job.action {
        case .intake: .window(.intake, seconds: seconds, atEnd: atEnd)
        case .train: .window(.train, seconds: seconds, atEnd: atEnd)
        case .verify, .digest, .clean: .command(job.action.rawValue, limitSeconds: limit)
        }
    }

    private static func missed(_ missed: ScheduleSettings.Missed) -> ScheduledJob.Missed {
        switch missed {
        case .none: .none
        case .once: .once
        case .all: .all
        }
    }

    private static func withoutPoint(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }
}
