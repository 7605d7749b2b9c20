import ArgumentParser
import EngramPipeline
import Glibc

/// `engram recall-check`: what `recheck` starts for each memory.
struct RecallCheckCommand: AsyncParsableCommand, ConfinedCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall-check",
        abstract: "What `recheck` starts for each memory; not for people.",
        discussion: """
            Confined as a worker is, and without a folder that it could write, recalls from a stored network again and prints one line:
            `sound` or `worse`, and why.
            """,
        shouldDisplay: false)

    @Option(help: "The drop's name.") var name: String
    @Option(help: "The archived source, to be read only.") var input: String
    @Option(help: "The published folder, to be read only.") var memoryFolder: String
    @Option(help: "Threads for linear algebra.") var threads: Int
    @Option(help: "The longest that recall may take.") var seconds: Double
    @OptionGroup var confinement: ConfinementOptions

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads must be at least 1, found \(threads).") }
        guard (0...31_536_000).contains(seconds) else { throw ValidationError("--seconds must be from 0 to a year, found \(seconds).") }
    }

    func confine() throws {
        try WorkerConfinement(limits: confinement.limits, threadCount: threads, readable: [input, memoryFolder], writable: []).enter()
    }

    func run() async throws {
        WorkerConfinement.endWithReader(of: STDOUT_FILENO, code: ExitStatus.temporaryFailure.rawValue)
        RuntimeLibraries.setThreadCount(threads)
        let check = RecallCheck(name: name, inputPath: input, folder: memoryFolder, threadCount: threads, seconds: seconds)
        StandardStreams.print(try await ComputeThread.run { check.verdict().line })
    }
}
