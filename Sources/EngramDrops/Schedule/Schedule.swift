/// What `schedule:` in the configuration says: when drops are taken and trained, and what else runs when.
package struct Schedule: Equatable, Sendable {
    /// The place whose clock the expressions mean.
    package var zone: TimeZoneRules
    /// In the order of the configuration; their names are different.
    package var jobs: [ScheduledJob]

    /// Creates a schedule.
    package init(zone: TimeZoneRules = .utc, jobs: [ScheduledJob] = []) {
        self.zone = zone
        self.jobs = jobs
    }

    /// What a window is for.
    package enum WindowKind: String, CaseIterable, Sendable {
        /// Drops are taken from the inbox.
        case intake
        /// Workers run.
        case train
    }

    /// Whether something may be done now, and when that changes.
    package struct WindowState: Equatable, Sendable {
        /// Whether it may be done.
        package var isOpen: Bool
        /// When to look again, seconds since the epoch; nil if nothing will change.
        package var changesAt: Double?
    }

    /// Whether one of the windows of a kind is open; without a window of that kind it always is.
    /// - Parameters:
    ///   - kind: What for.
    ///   - now: Seconds since the epoch.
    package func window(_ kind: WindowKind, at now: Double) -> WindowState {
        let windows = jobs.compactMap { job -> (cron: CronExpression, seconds: Double)? in
            guard case .window(kind, let seconds, _) = job.action else { return nil }
            return (job.cron, seconds)
        }
        guard !windows.isEmpty else { return WindowState(isOpen: true, changesAt: nil) }
        let ends = windows.compactMap { end(of: $0.cron, seconds: $0.seconds, at: now) }
        if let end = ends.max() { return WindowState(isOpen: true, changesAt: end) }
        let moment = Int64(saturating: now.rounded(.down))
        return WindowState(isOpen: false, changesAt: windows.compactMap { $0.cron.next(after: moment, in: zone) }.min().map(Double.init))
    }

    /// Whether workers at work are asked to end, with their checkpoints, when the training windows close.
    var stopsTraining: Bool {
        jobs.contains { job in
            guard case .window(.train, _, .checkpoint) = job.action else { return false }
            return true
        }
    }

    /// When a window that is open now closes; nil if it is not open.
    private func end(of cron: CronExpression, seconds: Double, at now: Double) -> Double? {
        // What began within the last `seconds` has not ended.
        guard var start = cron.next(after: Int64(saturating: (now - seconds).rounded(.down)), in: zone), Double(start) <= now else {
            return nil
        }
        var end = Double(start) + seconds
        // A window that opens again before it closes goes on; two days ahead is as far as anybody needs to know.
        while end < now + 172_800, let next = cron.next(after: start, in: zone), Double(next) <= end {
            start = next
            end = Double(next) + seconds
        }
        return end
    }
}

/// One entry of the schedule.
package struct ScheduledJob: Equatable, Sendable {
    /// What happens at the times of the job.
    package enum Action: Equatable, Sendable {
        /// A window opens, for that many seconds; what happens to workers when the last one closes matters for training only.
        case window(Schedule.WindowKind, seconds: Double, atEnd: AtEnd)
        /// A program of that name runs, for that many seconds at most.
        case command(String, limitSeconds: Double)
    }

    /// What happens to workers when the training windows close.
    package enum AtEnd: String, Equatable, Sendable {
        /// They write their checkpoints and end.
        case checkpoint
        /// They may finish their drops.
        case finish
    }

    /// What happens with times that passed while nothing ran.
    package enum Missed: String, CaseIterable, Equatable, Sendable {
        /// They are left out.
        case none
        /// One run makes up for all of them.
        case once
        /// Each is made up for, one after the other.
        case all
    }

    /// Names the job in the state folder and in messages.
    package var name: String
    /// When.
    package var cron: CronExpression
    /// What.
    package var action: Action
    /// For commands.
    package var missed: Missed

    /// Creates a job.
    package init(name: String, cron: CronExpression, action: Action, missed: Missed = .once) {
        self.name = name
        self.cron = cron
        self.action = action
        self.missed = missed
    }
}
