import EngramDrops
import EngramService
import EngramSystem

/// The schedule as commands show it.
enum ScheduleText {
    /// Every job with its next times.
    static func listing(_ schedule: Schedule, now: Double, count: Int) -> String {
        guard !schedule.jobs.isEmpty else { return "No schedule: drops are taken and trained at any time." }
        let blocks = schedule.jobs.map { job in
            let times = job.cron.occurrences(after: Int64(saturating: now.rounded(.down)), count: count, in: schedule.zone)
            let head = TerminalText.printable("\(job.name): \(job.text), \(job.cron.description)")
            return ([head] + times.map { "  " + schedule.zone.text(Double($0)) }).joined(separator: "\n")
        }
        return blocks.joined(separator: "\n")
    }

    /// One line a job for `engram status`: its next time, and how the last run ended.
    static func statusLines(_ schedule: Schedule, journal: ScheduleJournal, now: Double) -> [String] {
        schedule.jobs.map { job in
            let next =
                job.cron.next(after: Int64(saturating: now.rounded(.down)), in: schedule.zone).map { schedule.zone.text(Double($0)) }
                ?? "never"
            var line = "\(job.name): next \(next)"
            if case .window(let kind, _, _) = job.action {
                let state = schedule.window(kind, at: now)
                line += state.isOpen ? "; open now" + (state.changesAt.map { " until \(schedule.zone.text($0))" } ?? "") : "; closed now"
            } else if let entry = journal[job.name], let started = entry.startedAt {
                let end = entry.outcome.map { "\(entry.isSuccess == true ? "went well" : "failed"): \($0)" } ?? "has not ended"
                line += "; last \(schedule.zone.text(started)) \(end)"
            }
            return TerminalText.printable(line)
        }
    }
}
