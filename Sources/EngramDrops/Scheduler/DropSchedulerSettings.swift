/// What the scheduler can be told.
package struct DropSchedulerSettings: Sendable {
    /// Workers at once.
    package var jobs: Int
    /// Passing failures after which a drop is rejected all the same.
    package var attemptLimit: Int
    /// Seconds before the second attempt; each further wait is four times as long.
    package var firstBackoffSeconds: Double
    /// The longest wait between two attempts.
    package var longestBackoffSeconds: Double
    /// How often a drop waits for memory before it is rejected: with the growing pauses of the defaults, for most of a day.
    package var waitLimit = 24
    /// How long after its start a single pass still waits for the next attempt of a drop that failed for a passing reason.
    package var retryPatienceSeconds = 0.0
    /// The longest file that a drop of this name may have, bytes; it is compared before a file is read.
    package var largestFileByteCount: @Sendable (_ name: String) -> Int64 = { _ in .max }
    /// Seconds that a source may take to be read before the next drop is begun meanwhile: longer than it takes to read what is common.
    package var slowSourceSeconds = 2.0
    /// When there is room for a drop.
    package var admission = DiskAdmission()
    /// Seconds that workers have to end after SIGTERM before they are killed.
    package var drainSeconds: Double
    /// When drops may be taken and trained; nil: always.
    package var schedule: Schedule?
    /// Seconds that one worker may run; after them it is asked to end, and killed `workerGraceSeconds` later.
    package var workerSeconds = Double.infinity
    /// Seconds that a worker has to write its checkpoint when its time is over.
    package var workerGraceSeconds = 30.0
    /// What a worker may take, in words, for messages about one that took more.
    package var workerLimits = WorkerLimitTexts()
    /// When an entry is all there.
    package var settle: SettleRule
    /// How the inbox is watched.
    package var watch: InboxWatcher.Choice
    /// Between scans without events.
    package var intervals: InboxWatcher.Intervals
    /// The configuration that workers read, if any.
    package var configPath: String?
    /// Versions for the manifests.
    package var versions: [String: String]

    /// Creates the settings; the defaults are those of the documentation.
    package init(
        jobs: Int = 1, attemptLimit: Int = 3, firstBackoffSeconds: Double = 30, longestBackoffSeconds: Double = 3600,
        drainSeconds: Double = 60, settle: SettleRule = SettleRule(), watch: InboxWatcher.Choice = .auto,
        intervals: InboxWatcher.Intervals = .init(), configPath: String? = nil,
        versions: [String: String] = [:]
    ) {
        self.jobs = max(1, jobs)
        self.attemptLimit = max(1, attemptLimit)
        self.firstBackoffSeconds = firstBackoffSeconds
        self.longestBackoffSeconds = longestBackoffSeconds
        self.drainSeconds = drainSeconds
        self.settle = settle
        self.watch = watch
        self.intervals = intervals
        self.configPath = configPath
        self.versions = versions
    }

    /// Seconds to wait after `failureCount` ≥ 1 failures in a row.
    func backoff(failureCount: Int) -> Double {
        var wait = firstBackoffSeconds
        for _ in 1..<max(1, min(failureCount, 32)) { wait = min(wait * 4, longestBackoffSeconds) }
        return min(wait, longestBackoffSeconds)
    }
}

/// Something that happened to a drop, for whoever shows it.
package enum DropEvent: Equatable, Sendable {
    case waiting(id: String, name: String, reason: String)
    case claimed(id: String, name: String)
    case started(id: String, name: String, attempt: Int, processID: Int32)
    /// A line of the worker's standard output; its meaning is between the worker and the reader.
    case progress(id: String, name: String, line: [UInt8])
    case published(id: String, name: String, path: String)
    case reused(id: String, name: String, path: String)
    case rejected(id: String, name: String, path: String, reason: String)
    case postponed(id: String, name: String, reason: String, seconds: Double)
    case interrupted(id: String, name: String)
}

/// What became of the drops of one run.
package struct RunSummary: Equatable, Sendable {
    /// A drop and where it ended, or why it did not.
    package struct Item: Equatable, Sendable {
        /// The drop's name.
        package var name: String
        /// The result's folder, or the reason.
        package var detail: String
    }

    /// Trained and published.
    package var published: [Item] = []
    /// Recognised: the result of an earlier drop stands for it.
    package var reused: [Item] = []
    /// Rejected for good.
    package var rejected: [Item] = []
    /// Failed for a passing reason, or interrupted; the next run takes them up.
    package var failed: [Item] = []
    /// Still in the inbox.
    package var waiting: [Item] = []
    /// Still in the inbox, because it cannot be read or taken out as it is: most often for want of a right.
    package var blocked: [Item] = []
    /// Why nothing more was begun; nil while the disk had room.
    package var pauseReason: String?

    /// Creates an empty summary.
    package init() {}

    /// Forgets the oldest of what is done: the ledger has them all, and a daemon must not grow with every drop of its life.
    mutating func keepLatest(_ count: Int = 1000) {
        for list in [\RunSummary.published, \.reused, \.rejected] where self[keyPath: list].count > 2 * count {
            self[keyPath: list].removeFirst(self[keyPath: list].count - count)
        }
    }
}
