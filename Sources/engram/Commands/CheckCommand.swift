import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramSystem
import Glibc

/// `engram check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate pipeline.yml and the folders it names.",
        discussion: """
            An unknown key or a wrong value is an error with file, line and column; so is whatever `engram run` would refuse to start
            with: folders inside one another, a lost ledger, an inbox that is not mounted, a fence that cannot be had. Nothing is made or changed.

            Where the settings name Slurm, one small job is submitted: a node has to see the state folder at its path, with whole renames, the
            same program and about the same time. A full cluster may not answer in time, which is said and is no error.

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

    @Option(help: ArgumentHelp("With Slurm: how long the job that asks the cluster may take; 0 does not ask.", valueName: "seconds"))
    var clusterWait = 60

    func validate() throws {
        guard clusterWait >= 0 else { throw ValidationError("--cluster-wait must not be negative, found \(clusterWait).") }
    }

    func run() async throws {
        let pipeline = try configuration.load()
        let problems = FolderCheck.problems(of: pipeline, configurationPath: configuration.path)
        guard problems.isEmpty else { throw FolderCheck.failure(problems, configurationPath: configuration.path) }
        if pipeline.usesSlurm, clusterWait > 0 { try await checkCluster(pipeline) }
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

    private func checkCluster(_ pipeline: PipelineSettings) async throws {
        guard access(pipeline.state, F_OK) == 0, let state = realpath(pipeline.state, nil) else {
            StandardStreams.printError("Slurm was not asked: there is no state folder yet, which `engram init` or `engram run` makes.")
            return
        }
        defer { free(state) }
        let threads = pipeline.threads.given ?? ProcessorCount.threadsPerJob(jobCount: pipeline.jobs, available: ProcessorCount.available())
        let finding = try await ClusterCheck.finding(
            pipeline, state: String(cString: state), threadCount: threads, waitSeconds: Double(clusterWait))
        for warning in finding.warnings { StandardStreams.printError("warning: \(warning)") }
        guard finding.problems.isEmpty else { throw FolderCheck.failure(finding.problems, configurationPath: configuration.path) }
        if let text = ClusterCheck.text(finding) { StandardStreams.printError(text) }
    }
}
