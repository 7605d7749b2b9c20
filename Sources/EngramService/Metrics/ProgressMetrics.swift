internal import EngramDrops
internal import EngramSystem

/// What workers say of their progress, in the text format of Prometheus: the figures of `engram status`.
enum ProgressMetrics {
    /// One sample a drop at work; nothing where none is.
    static func text(_ status: StatusReport) -> String {
        let working = status.drops.compactMap { drop in drop.progress.map { (drop.row.name, $0) } }
        var lines: [String] = []
        func gauge(_ name: String, _ help: String, _ value: (ProgressMessage) -> Double?) {
            let samples = working.compactMap { drop, progress in
                value(progress).map {
                    "engram_\(name){\(MetricsFile.labels([("drop", drop), ("stage", progress.stage)]))} \(MetricsFile.number($0))"
                }
            }
            guard !samples.isEmpty else { return }
            lines += ["# HELP engram_\(name) \(help)", "# TYPE engram_\(name) gauge"] + samples
        }
        gauge("progress_ratio", "Share of the present stage that is done.") { $0.fraction }
        gauge("remaining_seconds", "Time until the present stage ends.") { $0.remainingSeconds }
        gauge("elapsed_seconds", "Time that the drop was worked on.") { $0.elapsedSeconds }
        gauge("loss", "Mean squared error of the last epoch.") { $0.loss }
        gauge("epoch", "Epochs done.") { $0.epoch.map(Double.init) }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }
}
