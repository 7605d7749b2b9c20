import EngramDrops
import EngramPipeline
import EngramReports

/// What `engram status` knows, apart from how it is written.
struct StatusReport {
    /// One drop.
    struct Drop {
        var row: DropRow
        /// How far its worker is, if one is at work.
        var progress: ProgressMessage?
        /// What it was taken for, as its worker or its report says; nil before that.
        var interpretation: String?
        /// What its verification came to, as its report says; nil before that.
        var summary: JobSummary?
        /// Where its job stands in a cluster; nil for a drop that is not there.
        var cluster: JSONValue?
    }

    /// The daemon's process, nil if none is running.
    var daemonProcess: Int32?
    /// What the daemon says about itself; nil if none is running.
    var daemon: JSONValue? = nil
    /// Drops in each state.
    var counts: [DropState: Int]
    /// Everything that is not done, oldest first, then the latest that are, newest first.
    var drops: [Drop]
    /// The folders.
    var folders: DropFolders
    /// The jobs of the schedule with their next times, a line each.
    var scheduleLines: [String] = []
    /// The same for programs.
    var schedule = JSONValue.array([])
    /// How workers are fenced off: what the settings ask for and what the kernel has.
    var sandbox: Sandbox?

    /// See `sandbox`.
    struct Sandbox: Equatable {
        var mode: PipelineSettings.Worker.Sandbox
        var support: SandboxSupport

        /// The line for people.
        var text: String {
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

    /// Finished drops that are listed; the counts tell of the rest.
    static let finishedDropLimit = 20

    /// Reads the ledger and the latest progress of each worker.
    static func read(ledger: Ledger, folders: DropFolders, daemonProcess: Int32?) throws(DropError) -> StatusReport {
        let files = FileSystem()
        let open = try ledger.rows(in: Set(DropState.allCases.filter { !$0.isFinal }))
        let finished = try ledger.latest(finishedDropLimit + open.count).filter { $0.state.isFinal }.prefix(finishedDropLimit)
        let drops = (open + finished).map { row in
            var progress: ProgressMessage?
            // Progress left by a dead daemon's worker is stale and is not shown.
            if row.state == .running, daemonProcess != nil {
                progress = (try? files.read(folders.work(for: row.id).progress, count: 64 << 10)).flatMap { ProgressMessage(line: $0) }
            }
            let report = PublishedReport(of: row, files: files)
            return Drop(
                row: row, progress: progress, interpretation: progress?.interpretation ?? report?.interpretation, summary: report?.summary,
                cluster: row.state == .running ? ClusterNews.of(row, in: folders, files: files) : nil)
        }
        let daemon = daemonProcess.flatMap { StatusBoard.read(folders.statusPath, ofProcess: $0) }
        return StatusReport(daemonProcess: daemonProcess, daemon: daemon, counts: try ledger.counts(), drops: drops, folders: folders)
    }

    /// The report for programs.
    var json: JSONValue {
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

    /// The report for people.
    /// - Parameters:
    ///   - now: Seconds since the epoch.
    ///   - shownPath: Writes a path.
    func text(now: Double, shownPath: (String) -> String = { PathText.shown($0) }) -> String {
        var lines = [daemonProcess.map { "engram is running (process \($0))." } ?? "engram is not running; `engram run` starts it."]
        lines += DaemonNews.lines(of: daemon)
        if let sandbox { lines.append(sandbox.text) }
        let present = DropState.allCases.filter { (counts[$0] ?? 0) > 0 }
        lines.append(
            present.isEmpty ? "No drop was ever seen." : present.map { "\(counts[$0] ?? 0) \(Self.word($0))" }.joined(separator: ", "))
        lines += scheduleLines
        if !drops.isEmpty { lines.append("") }
        let names = drops.map { TerminalText.shortened(TerminalText.printable($0.row.name), toColumnCount: 32) }
        let nameWidth = names.map(TerminalText.columnCount).max() ?? 0
        for (drop, name) in zip(drops, names) {
            let age = ProgressText.duration(max(0, now - drop.row.updatedAt))
            lines.append(
                [
                    TerminalText.padded(Self.word(drop.row.state), toColumnCount: 10), TerminalText.padded(name, toColumnCount: nameWidth),
                    TerminalText.padded("\(age) ago", toColumnCount: 12), detail(of: drop, now: now, shownPath: shownPath),
                ].joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    private func detail(of drop: Drop, now: Double, shownPath: (String) -> String) -> String {
        let row = drop.row
        let result = row.resultPath.map { TerminalText.printable(shownPath($0)) }
        let reason = ReasonText.shown(row.reason, whole: row.state == .rejected ? result.map { $0 + "/error.json" } : nil)
        switch row.state {
        case .running where daemonProcess == nil: return "its daemon ended; it goes on at the next start"
        case .running:
            let place = ClusterNews.text(drop.cluster).map { TerminalText.printable($0) }
            guard let progress = drop.progress else { return place ?? reason }
            return (place.map { $0 + "; " } ?? "") + ProgressText.summary(progress)
                + (progress.interpretation.map { "; " + TerminalText.printable($0) } ?? "")
        case .archived:
            let interpretation = drop.interpretation.map { "; " + TerminalText.printable($0) } ?? ""
            let outcome = drop.summary.map { $0.headline + ": " } ?? ""
            return outcome + (result.map { "\($0)/report.html" } ?? reason) + interpretation
        case .rejected: return reason + (result.map { " (\($0)/error.json)" } ?? "")
        case .retrying:
            guard let moment = row.notBefore, moment > now else { return reason }
            return "again in \(ProgressText.duration(moment - now)): \(reason)"
        default: return reason
        }
    }

    /// The state in a user's words: that a source is archived matters less than that its result is published.
    static func word(_ state: DropState) -> String { state == .archived ? "done" : state.rawValue }
}
