import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService
import Glibc

/// `engram status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What is waiting, running, done and rejected.",
        discussion: """
            Works while `engram run` does and when it does not, and says which.

            Examples:
              engram status
              engram status --json | jq '.drops[] | select(.state == "running") | .progress'
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print the same as JSON.")
    var json = false

    func run() throws {
        let pipeline = try configuration.load()
        let folders = DropFolders(pipeline)
        let clock = SystemDropClock()
        var report: StatusReport
        if let ledger = try LedgerLook.ledger(in: folders, clock: clock) {
            report = try StatusReport.read(
                ledger: ledger, folders: folders, daemonProcess: DaemonPresence.process(lockPath: folders.lockPath))
        } else {
            report = StatusReport(daemonProcess: nil, counts: [:], drops: [], folders: folders)
        }
        let schedule = try ScheduleOptions.schedule(pipeline.schedule)
        let (now, journal) = (clock.secondsSinceEpoch(), ScheduleJournal(path: folders.schedulePath))
        report.scheduleLines = ScheduleText.statusLines(schedule, journal: journal, now: now)
        report.schedule = ScheduleEntries.json(schedule, journal: journal, now: now)
        report.sandbox = StatusReport.Sandbox(mode: .init(pipeline.worker.sandbox), support: .ofThisKernel())
        if json {
            StandardStreams.printBytes(report.json.encoded())
        } else {
            StandardStreams.print(report.text(now: now))
        }
    }
}
