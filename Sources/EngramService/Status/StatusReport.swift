package import EngramDrops
package import EngramReports
package import EngramSystem

/// What is known of every drop and of the daemon, apart from how it is written: terminal, JSON, metrics and page all show this.
package struct StatusReport: Sendable {
    /// One drop.
    package struct Drop: Sendable {
        package var row: DropRow
        /// How far its worker is, if one is at work.
        package var progress: ProgressMessage?
        /// What it was taken for, as its worker or its report says; nil before that.
        package var interpretation: String?
        /// What its verification came to, as its report says; nil before that.
        package var summary: JobSummary?
        /// Where its job stands in a cluster; nil for a drop that is not there.
        package var cluster: JSONValue?

        /// Takes every part as given.
        package init(
            row: DropRow, progress: ProgressMessage? = nil, interpretation: String? = nil, summary: JobSummary? = nil,
            cluster: JSONValue? = nil
        ) {
            self.row = row
            self.progress = progress
            self.interpretation = interpretation
            self.summary = summary
            self.cluster = cluster
        }
    }

    /// The daemon's process, nil if none is running.
    package var daemonProcess: Int32?
    /// What the daemon says about itself; nil if none is running.
    package var daemon: JSONValue?
    /// Drops in each state.
    package var counts: [DropState: Int]
    /// Everything that is not done, oldest first, then the latest that are, newest first.
    package var drops: [Drop]
    /// The folders.
    package var folders: DropFolders
    /// The jobs of the schedule with their next times, a line each.
    package var scheduleLines: [String] = []
    /// The same for programs.
    package var schedule = JSONValue.array([])
    /// How workers are fenced off: what the settings ask for and what the kernel has.
    package var sandbox: Sandbox?

    /// See `sandbox`.
    package struct Sandbox: Equatable, Sendable {
        /// What `worker.sandbox` says.
        package enum Mode: String, Sendable {
            case off, auto, require
        }

        package var mode: Mode
        package var support: SandboxSupport

        /// Takes both as given.
        package init(mode: Mode, support: SandboxSupport) {
            self.mode = mode
            self.support = support
        }

        /// The line for people.
        package var text: String {
            switch mode {
            case .off: "Workers are not fenced off (worker.sandbox: off)."
            case .auto, .require:
                support.isWhole ? "Workers are fenced off (\(support))." : "Workers are not wholly fenced off: \(support)."
            }
        }

        var json: JSONValue {
            .object([
                .init("mode", .string(mode.rawValue)), .init("whole", .bool(mode != .off && support.isWhole)),
                .init("landlock", .integer(Int64(support.landlockVersion))), .init("seccomp", .bool(support.hasCallFilter)),
            ])
        }
    }

    /// Takes every part as given; what is left out is not known.
    package init(
        daemonProcess: Int32?, daemon: JSONValue? = nil, counts: [DropState: Int], drops: [Drop], folders: DropFolders
    ) {
        self.daemonProcess = daemonProcess
        self.daemon = daemon
        self.counts = counts
        self.drops = drops
        self.folders = folders
    }

    /// Finished drops that are listed; the counts tell of the rest.
    package static let finishedDropLimit = 20

    /// Reads the ledger and the latest progress of each worker.
    /// - Parameter published: What the report of a finished drop says; whoever reads often keeps it.
    package static func read(
        ledger: Ledger, folders: DropFolders, daemonProcess: Int32?, published: (DropRow) -> PublishedReport? = { PublishedReport(of: $0) }
    ) throws(DropError) -> StatusReport {
        let files = FileSystem()
        let open = try ledger.rows(in: Set(DropState.allCases.filter { !$0.isFinal }))
        let finished = try ledger.latest(finishedDropLimit + open.count).filter { $0.state.isFinal }.prefix(finishedDropLimit)
        let drops = (open + finished).map { row in
            var progress: ProgressMessage?
            // Progress left by a dead daemon's worker is stale and is not shown.
            if row.state == .running, daemonProcess != nil {
                progress = (try? files.read(folders.work(for: row.id).progress, count: 64 << 10)).flatMap { ProgressMessage(line: $0) }
            }
            let report = published(row)
            return Drop(
                row: row, progress: progress, interpretation: progress?.interpretation ?? report?.interpretation, summary: report?.summary,
                cluster: row.state == .running ? ClusterNews.of(row, in: folders, files: files) : nil)
        }
        let daemon = daemonProcess.flatMap { StatusBoard.read(folders.statusPath, ofProcess: $0) }
        return StatusReport(daemonProcess: daemonProcess, daemon: daemon, counts: try ledger.counts(), drops: drops, folders: folders)
    }

    /// The report for programs.
    package var json: JSONValue {
        func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        let counts = DropState.allCases.map { JSONValue.Member($0.rawValue, .integer(Int64(self.counts[$0] ?? 0))) }
        let drops = drops.map { drop in
            JSONValue.object([
                .init("id", .string(drop.row.id)), .init("name", .string(drop.row.name)), .init("job", .string(drop.row.job.name)),
                .init("state", .string(drop.row.state.rawValue)),
                .init("since", .string(Timestamp.text(drop.row.updatedAt))), .init("reason", .string(drop.row.reason)),
                .init("attempt", .integer(Int64(drop.row.attempt))), .init("path", .string(drop.row.path)),
                .init("result", optional(drop.row.resultPath)),
                .init("not_before", optional(drop.row.notBefore.map(Timestamp.text))),
                .init("failure", drop.row.failureCode.map { Self.failure($0, isRetryable: drop.row.failureIsRetryable == true) } ?? .null),
                .init("interpretation", optional(drop.interpretation)), .init("outcome", optional(drop.summary?.outcome)),
                .init("progress", drop.progress.map(Self.json) ?? .null), .init("cluster", drop.cluster ?? .null),
            ])
        }
        return .object([
            .init("schema", .string("engram-status/1")),
            .init(
                "daemon",
                .object(
                    [.init("running", .bool(daemonProcess != nil)), .init("pid", daemonProcess.map { .integer(Int64($0)) } ?? .null)]
                        + DaemonNews.members(of: daemon))),
            .init(
                "folders",
                .object([
                    .init("inbox", .string(folders.inbox)), .init("outbox", .string(folders.outbox)),
                    .init("state", .string(folders.state)),
                ])),
            .init("sandbox", sandbox?.json ?? .null), .init("counts", .object(counts)), .init("drops", .array(drops)),
            .init("schedule", schedule),
        ])
    }

    private static func failure(_ code: String, isRetryable: Bool) -> JSONValue {
        .object([.init("code", .string(code)), .init("retryable", .bool(isRetryable))])
    }

    private static func json(_ progress: ProgressMessage) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        func integer(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return .object([
            .init("stage", .string(progress.stage)), .init("elapsed_seconds", .number(progress.elapsedSeconds)),
            .init("epoch", integer(progress.epoch)), .init("planned_epochs", integer(progress.plannedEpochCount)),
            .init("loss", number(progress.loss)), .init("fraction", number(progress.fraction)),
            .init("remaining_seconds", number(progress.remainingSeconds)), .init("detail", .string(progress.detail)),
        ])
    }

    /// The state in a user's words: that a source is archived matters less than that its result is published.
    package static func word(_ state: DropState) -> String { state == .archived ? "done" : state.rawValue }
}
