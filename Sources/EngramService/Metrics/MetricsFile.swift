package import EngramDrops
internal import EngramSystem
internal import Synchronization

/// The daemon's figures in the text format of Prometheus, for the textfile collector of its node exporter.
package final class MetricsFile: Sendable {
    private struct Durations {
        var beganAt: [String: Double] = [:]
        var sum = 0.0
        var count = 0
        var last: Double?
    }

    private let ledger: Ledger
    private let schedulePath: String
    private let startedAt: Double?
    private let clock: any DropClock
    private let durations = Mutex(Durations())

    /// - Parameters:
    ///   - ledger: What is counted.
    ///   - schedulePath: Where the schedule's runs are written down.
    ///   - startedAt: When the daemon started; nil in a process that is none, which then says nothing of attempts.
    package init(ledger: Ledger, schedulePath: String, startedAt: Double?, clock: any DropClock = SystemDropClock()) {
        self.ledger = ledger
        self.schedulePath = schedulePath
        self.startedAt = startedAt
        self.clock = clock
    }

    /// Takes the time of attempts that lead to a result.
    package func note(_ event: DropEvent) {
        let now = clock.monotonicSeconds()
        durations.withLock { durations in
            switch event {
            case .started(let id, _, _, _): durations.beganAt[id] = now
            case .published(let id, _, _):
                guard let began = durations.beganAt.removeValue(forKey: id) else { return }
                durations.sum += now - began
                durations.count += 1
                durations.last = now - began
            case .rejected(let id, _, _, _), .postponed(let id, _, _, _), .interrupted(let id, _): durations.beganAt[id] = nil
            case .waiting, .claimed, .progress, .reused: break
            }
        }
    }

    /// Replaces the file in one step.
    package func write(to path: String, schedule: Schedule, now: Double) throws(DropError) {
        try FileSystem().write(Array(try text(schedule: schedule, now: now).utf8), to: path, isDurable: false)
    }

    /// The text.
    package func text(schedule: Schedule, now: Double) throws(DropError) -> String {
        let counts = try ledger.counts()
        var lines: [String] = []
        func metric(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: Double?)]) {
            let known = samples.compactMap { sample in sample.value.map { "engram_\(name)\(sample.labels) \(Self.number($0))" } }
            guard !known.isEmpty else { return }
            lines += ["# HELP engram_\(name) \(help)", "# TYPE engram_\(name) \(kind)"] + known
        }
        metric(
            "drops", "gauge", "Drops in each state of the ledger.",
            DropState.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(counts[$0] ?? 0)) })
        let waiting: [DropState] = [.seen, .settling, .waiting, .ready, .claiming, .claimed, .retrying]
        metric("queue_length", "gauge", "Drops that wait to be trained.", [("", Double(waiting.reduce(0) { $0 + (counts[$1] ?? 0) }))])
        metric("workers", "gauge", "Drops that are trained now.", [("", Double(counts[.running] ?? 0))])
        metric(
            "last_success_timestamp_seconds", "gauge", "When a result was published last.",
            [("", try ledger.latestMoment(in: [.published]))])
        metric(
            "last_rejection_timestamp_seconds", "gauge", "When a drop was rejected last.",
            [("", try ledger.latestMoment(in: [.rejected]))])
        if startedAt != nil {
            let durations = durations.withLock { $0 }
            metric(
                "attempt_seconds", "summary", "Wall-clock time of attempts that led to a result, since the start.",
                [("_sum", durations.sum), ("_count", Double(durations.count))])
            metric("last_attempt_seconds", "gauge", "Wall-clock time of the latest of them.", [("", durations.last)])
        }
        let windows = Schedule.WindowKind.allCases.map { kind in
            ("{kind=\"\(kind.rawValue)\"}", schedule.window(kind, at: now).isOpen ? 1.0 : 0 as Double?)
        }
        metric("window_open", "gauge", "Whether the schedule lets drops be taken and trained.", windows)
        let journal = ScheduleJournal(path: schedulePath)
        let jobs = schedule.jobs.compactMap { job in journal[job.name].map { (Self.label("job", job.name), $0) } }
        metric(
            "scheduled_run_timestamp_seconds", "gauge", "When the last run of a scheduled job ended.", jobs.map { ($0.0, $0.1.endedAt) })
        metric(
            "scheduled_run_success", "gauge", "Whether that run went well.",
            jobs.map { ($0.0, $0.1.isSuccess.map { $0 ? 1.0 : 0 }) })
        metric("start_timestamp_seconds", "gauge", "When the daemon started.", [("", startedAt)])
        metric("metrics_timestamp_seconds", "gauge", "When this file was written.", [("", now)])
        return lines.joined(separator: "\n") + "\n"
    }

    static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? String(Int64(saturating: value)) : "\(value)"
    }

    private static func label(_ name: String, _ value: String) -> String { "{\(labels([(name, value)]))}" }

    /// Labels without their braces.
    static func labels(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { pair in
            var escaped = ""
            // By scalars: a quote and a combining mark are one character.
            for scalar in pair.value.unicodeScalars {
                switch scalar {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return "\(pair.name)=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
