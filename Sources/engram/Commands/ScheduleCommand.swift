import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService

/// `engram schedule`.
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "The next times of every job of the schedule.",
        discussion: """
            Examples:
              engram schedule
              engram schedule --count 20
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Option(help: ArgumentHelp("Times of each job.", valueName: "n"))
    var count = 5

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count must be from 1 to 1000, found \(count).") }
    }

    func run() throws {
        let pipeline = try configuration.load()
        let schedule = try ScheduleOptions.schedule(pipeline.schedule)
        StandardStreams.print(ScheduleText.listing(schedule, now: SystemDropClock().secondsSinceEpoch(), count: count))
    }
}
