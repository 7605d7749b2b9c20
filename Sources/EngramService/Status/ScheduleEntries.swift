package import EngramDrops
package import EngramSystem

/// The schedule for programs: each job with its next time and how its last run ended.
package enum ScheduleEntries {
    /// One object a job.
    package static func json(_ schedule: Schedule, journal: ScheduleJournal, now: Double) -> JSONValue {
        .array(
            schedule.jobs.map { job in
                let next = job.cron.next(after: Int64(saturating: now.rounded(.down)), in: schedule.zone).map { Timestamp.text(Double($0)) }
                let entry = journal[job.name]
                var members: [JSONValue.Member] = [
                    .init("name", .string(job.name)), .init("cron", .string(job.cron.description)), .init("what", .string(job.text)),
                    .init("next", next.map { .string($0) } ?? .null),
                ]
                if case .window(let kind, _, _) = job.action { members.append(.init("open", .bool(schedule.window(kind, at: now).isOpen))) }
                members += [
                    .init("last_started", entry?.startedAt.map { .string(Timestamp.text($0)) } ?? .null),
                    .init("last_ended", entry?.endedAt.map { .string(Timestamp.text($0)) } ?? .null),
                    .init("last_success", entry?.isSuccess.map { .bool($0) } ?? .null),
                    .init("last_outcome", entry?.outcome.map { .string($0) } ?? .null),
                ]
                return .object(members)
            })
    }
}

extension ScheduledJob {
    /// What happens at its times, in a few words.
    package var text: String {
        switch action {
        case .window(let kind, let seconds, _): "\(kind.rawValue) window of \(FigureText.duration(seconds))"
        case .command(let command, _): command
        }
    }
}
