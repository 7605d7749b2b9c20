import EngramDrops
import EngramPipeline
import EngramReports
import EngramService

extension StatusReport {
    /// The report for people.
    /// - Parameters:
    ///   - now: Seconds since the epoch.
    ///   - shownPath: Writes a path.
    func text(now: Double, shownPath: (String) -> String = { PathText.shown($0) }) -> String {
        var lines = [daemonProcess.map { "engram is running (process \($0))." } ?? "engram is not running; `engram run` starts it."]
        lines += DaemonNews.lines(of: daemon).map(TerminalText.printable)
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
}

extension StatusReport.Sandbox.Mode {
    /// What the settings say.
    init(_ setting: PipelineSettings.Worker.Sandbox) {
        self =
            switch setting {
            case .off: .off
            case .auto: .auto
            case .require: .require
            }
    }
}
