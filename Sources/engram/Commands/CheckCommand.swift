import ArgumentParser
import EngramMemories
import EngramPipeline
import EngramSystem
import Glibc

/// `engram check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate pipeline.yml and the folders it names.",
        discussion: """
            An unknown key or a wrong value is an error with file, line and column; so is whatever `engram run` would refuse to start
            with: folders inside one another, a lost ledger, an inbox that is not mounted, a fence that cannot be had. Nothing is made or changed.

            Examples:
              engram check
              engram check --verbose                    what a drop would run with
              engram check --verbose --drop speech.wav  the same, for that name
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(name: .shortAndLong, help: "Print every setting as a drop would run with it.")
    var verbose = false

    @Option(help: ArgumentHelp("With --verbose: a drop's name, for the rules that match it.", valueName: "name"))
    var drop = ""

    func run() throws {
        let pipeline = try configuration.load()
        let problems = FolderCheck.problems(of: pipeline, configurationPath: configuration.path)
        guard problems.isEmpty else { throw FolderCheck.failure(problems, configurationPath: configuration.path) }
        if verbose {
            let threads =
                pipeline.threads.given ?? ProcessorCount.threadsPerJob(jobCount: pipeline.jobs, available: ProcessorCount.available())
            StandardStreams.print(
                """
                # inbox: \(pipeline.inbox)
                # outbox: \(pipeline.outbox)
                # state: \(pipeline.state)
                # jobs: \(pipeline.jobs), each with \(threads) \(threads == 1 ? "thread" : "threads")

                """)
            StandardStreams.printBytes(Array(try pipeline.dropSettings(named: drop).yaml.utf8))
        }
        if geteuid() == 0 { StandardStreams.printError("engram run works as root only with --as-root, or with --user NAME.") }
        // Below a listing that may go to a file, the verdict is for people.
        if verbose {
            StandardStreams.printError("\(configuration.path): all well")
        } else {
            StandardStreams.print("\(configuration.path): all well")
        }
    }
}
