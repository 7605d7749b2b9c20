import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports
import Foundation
import Glibc

/// `engram worker`: what the daemon starts for each drop.
struct WorkCommand: AsyncParsableCommand, ConfinedCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "What `run` starts for each drop; not for people.",
        discussion: """
            Writes a result into the output folder and ends with 0, or writes failure.json there and ends with 65, or with 75 when another
            attempt may do better. Progress goes to standard output, one JSON object a line. SIGTERM ends it with 75. The exit code is also
            written into the checkpoint's folder, since the daemon may be gone.
            """,
        shouldDisplay: false)

    @Option(help: "The drop's identifier.") var id: String
    @Option(help: "The drop's name.") var name: String
    @Option(help: "What is to be done: memorize or recall.") var job: WorkerJobName = .memorize
    @Option(help: "Job recall: the memory's name.") var memoryName: String?
    @Option(help: "Job recall: where memories are.") var outbox: String?
    @Option(help: "Job recall: the memory's folder.") var memoryFolder: String?
    @Option(help: "1 for the first worker of this drop.") var attempt: Int
    @Option(help: "Names this attempt.") var token: String
    @Option(help: "The source, to be read only.") var input: String
    @Option(help: "The settings that lay beside the source.") var settings: String?
    @Option(help: "The configuration.") var config: String?
    @Option(help: "An empty folder for the result.") var output: String
    @Option(help: "A folder that outlives the attempt.") var checkpoint: String
    @Option(help: "Threads for linear algebra.") var threads: Int
    @Option(help: "What pipeline.yml names for reading; may be given more than once.") var readable: [String] = []
    @OptionGroup var confinement: ConfinementOptions

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads must be at least 1, found \(threads).") }
    }

    func confine() throws {
        do {
            // Looked for before the fence: behind it nothing but the memory itself can be seen.
            if job == .recall, memoryFolder == nil { _ = try MemoryLookup(outbox: outbox ?? "").folder(named: memoryName ?? "") }
            let ownFiles = [input] + [settings, config, memoryFolder, mask].compactMap { $0 }
            try WorkerConfinement(
                limits: confinement.limits, threadCount: threads, readable: ownFiles, named: readable, writable: [output, checkpoint]
            ).enter()
        } catch {
            throw try refused(CommandFailure(any: error))
        }
    }

    func run() async throws {
        do {
            try await attempt()
        } catch let code as ExitCode {
            leaveRecord(code.rawValue)
            throw code
        }
        leaveRecord(0)
    }

    /// Tells a daemon that is not this process's parent how it ends. Without the record the attempt is made again, so a failure is no reason
    /// for another end.
    private func leaveRecord(_ code: Int32) {
        do {
            try WorkerExitRecord.write(code, token: token, in: checkpoint)
        } catch {
            StandardStreams.printError("engram worker: \(error)")
        }
    }

    private func attempt() async throws {
        let interruption = Interruption()
        let listening = await interruption.listen { _ in }
        defer { listening.cancel() }
        do {
            try await work(interruption: interruption)
        } catch is CancellationError {
            throw ExitStatus.temporaryFailure.exitCode
        } catch {
            throw try refused(CommandFailure(any: error))
        }
    }

    private func refused(_ failure: CommandFailure) throws(DropError) -> ExitCode {
        StandardStreams.printError("engram worker: \(failure)")
        let paths = ReasonPaths([
            (input, name), (settings, name + InboxScanner.settingsSuffix), (config, "pipeline.yml"), (output, "the result"),
            (checkpoint, "the checkpoint"),
        ])
        try Self.leave(failure, named: name, in: output, at: SystemDropClock().secondsSinceEpoch(), paths: paths)
        return failure.status.exitCode
    }

    private func work(interruption: Interruption) async throws {
        let input = try DropInput(sourcePath: input, sidecarPath: settings)
        if job == .recall { return try await recall(input, interruption: interruption) }
        let pipeline = try config.map { path throws(SettingsError) in try PipelineSettings(path: path) } ?? PipelineSettings()
        let run = DropRun(
            input: input, settings: try input.settings(pipeline: pipeline), threadCount: threads, checkpointFolder: checkpoint,
            interruption: interruption)
        try await run.run(into: output) { progress in
            StandardStreams.write(ProgressMessage(progress).line + [0x0a], to: STDOUT_FILENO)
        }
    }

    /// The mask that came with a cue.
    private var mask: String? { job == .recall ? RecallJob.Request.CuePath.withMask(input).maskPath : nil }

    private func recall(_ input: DropInput, interruption: Interruption) async throws {
        guard let memoryFolder else {
            // It came to the outbox since `confine`: another attempt finds it.
            throw CommandFailure(
                .temporaryFailure, stage: .recall, code: "no-memory", message: "the memory \(memoryName ?? "") was not there a moment ago."
            )
        }
        let pipeline = try config.map { path throws(SettingsError) in try PipelineSettings(path: path) } ?? PipelineSettings()
        var request = RecallJob.Request(cues: [.withMask(input.path)])
        request.missingCode = try input.settings(pipeline: pipeline).cue.missing.given
        let command =
            ["engram", "recall", RepeatCommandText.quoted(input.name), "--memory", RepeatCommandText.quoted(memoryName ?? "")]
            .joined(separator: " ") + " --output answer"
        let run = RecallRun(
            name: input.name, memoryFolder: memoryFolder, request: request, threadCount: threads, command: command,
            interruption: interruption)
        let start = SystemDropClock().monotonicSeconds()
        let report = try await run.run(into: output) { progress in
            StandardStreams.write(ProgressMessage(progress).line + [0x0a], to: STDOUT_FILENO)
        }
        let last = PipelineProgress(
            stage: .recall, elapsedSeconds: SystemDropClock().monotonicSeconds() - start, detail: "answered", outcome: report.grade.text)
        StandardStreams.write(ProgressMessage(last).line + [0x0a], to: STDOUT_FILENO)
    }

    /// Writes `failure.json`. What was begun of the result is removed first: a verdict must not lie among half a result.
    static func leave(
        _ failure: CommandFailure, named name: String, in folder: String, at secondsSinceEpoch: Double, paths: ReasonPaths = ReasonPaths([])
    ) throws(DropError) {
        let files = FileSystem()
        for entry in try files.names(in: folder) { try files.removeTree(folder + "/" + entry) }
        let json = ErrorFile.json(paths.named(failure.failure), of: name, at: secondsSinceEpoch)
        try files.write(json.encoded(), to: folder + "/" + ErrorFile.workerName)
    }
}

/// The jobs that a worker can be given.
enum WorkerJobName: String, ExpressibleByArgument, CaseIterable {
    case memorize, recall
}
