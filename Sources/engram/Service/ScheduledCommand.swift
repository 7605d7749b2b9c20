import EngramDrops
import Foundation

/// Runs what the schedule's jobs are: this program again, as a child, so that nothing is computed in the daemon.
struct ScheduledCommand: Sendable {
    let folders: DropFolders
    let zoneName: String
    let threadCount: Int
    /// Of the processes that decode what drops left.
    let limits: WorkerLimits
    /// Which sources stay.
    let keep: RetentionRule

    /// Returns how it ended; nil if it was ended with the daemon.
    func run(_ job: ScheduledJob) async -> ScheduleRunner.Outcome? {
        guard case .command(let command, let limit) = job.action else { return nil }
        do {
            let launch = WorkerProcess.Launch(
                executable: try Program.executablePath(), arguments: arguments(command, limitSeconds: limit),
                environment: DaemonSetup.environment(threadCount: threadCount), workingFolder: folders.state,
                logPath: folders.state + "/\(command).log")
            let result = try await ChildCommand.run(launch, limitSeconds: limit)
            if result.isCancelled { return nil }
            let last = result.lines.last ?? "it said nothing; see \(command).log in the state folder"
            if result.isOverLimit {
                return .init(isSuccess: false, text: "ended after its limit of \(ProgressText.duration(limit)): \(last)")
            }
            guard case .exited(let code) = result.exit else { return .init(isSuccess: false, text: "\(result.exit)") }
            return .init(isSuccess: code == 0, text: last)
        } catch {
            return .init(isSuccess: false, text: "\(error)")
        }
    }

    private func arguments(_ command: String, limitSeconds: Double) -> [String] {
        let places = ["--inbox=\(folders.inbox)", "--outbox=\(folders.outbox)", "--state=\(folders.state)"]
        switch command {
        case "digest": return ["digest", "--time-zone=\(zoneName)"] + places
        case "clean": return ["clean", "--delete"] + CleanCommand.arguments(keep) + places
        default: return ["recheck", "--threads=\(threadCount)"] + limits.arguments + places
        }
    }
}
