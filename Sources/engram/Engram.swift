import ArgumentParser
import Glibc

/// The program: reads the command line, runs one command, ends with a documented code.
@main
struct Engram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engram",
        abstract: "Turns media into memories: trains a network on each drop, recalls it from noise, and reports why that works.",
        discussion: """
            Put a film (a folder of numbered pictures), pictures, a recording, a text or a table into the inbox; its result appears in the outbox.

            First steps:
              engram init                          make inbox/, outbox/, pipeline.yml here
              cp speech.wav inbox/                 drop something
              engram run --once                    work through the inbox, then stop
              engram status                        what became of everything
              engram serve                         the same on a page, with uploads

            Without an inbox, for one drop:
              engram process speech.wav --output speech-memory

            Ask a memory with a damaged copy:
              engram memories                      what is stored
              engram recall torn.png --memory photos --output answer

            Exit codes:
            \(ExitStatus.allCases.map { "  \($0.rawValue)\($0.rawValue < 10 ? " " : "")  \($0.meaning)" }.joined(separator: "\n"))
            """,
        version: Program.versionText,
        subcommands: [
            InitCommand.self, RunCommand.self, ServeCommand.self, ProcessCommand.self, CompleteCommand.self, RecallCommand.self,
            PredictCommand.self,
            MemoriesCommand.self,
            AnalyseCommand.self,
            CheckCommand.self, StatusCommand.self,
            ExplainCommand.self,
            ScheduleCommand.self, RecheckCommand.self, DigestCommand.self, CleanCommand.self, CompareCommand.self,
            RequeueCommand.self, VerifyCommand.self, RebuildCommand.self,
            ReproduceCommand.self, WorkCommand.self, RecallCheckCommand.self, ProbeCommand.self,
        ])

    static func main() async {
        // `--version` names the kernels that the computing commands run with.
        if CommandLine.arguments.contains("--version") { KernelSelection.restartIfBetter() }
        do {
            var command = try parseAsRoot()
            // On the main thread, before anything is started: see `ConfinedCommand`.
            if let confined = command as? any ConfinedCommand { try confined.confine() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            if let failure = StandardStreams.lostResults { throw failure }
        } catch {
            // ArgumentParser's own errors, `--help` and `--version` among them, have their texts and codes there.
            if error is ExitCode || exitCode(for: error) != .failure { exit(withError: error) }
            let failure = CommandFailure(any: error)
            StandardStreams.printError("engram: \(failure)")
            Glibc.exit(failure.status.rawValue)
        }
    }
}
