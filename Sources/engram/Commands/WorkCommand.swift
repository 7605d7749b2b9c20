import ArgumentParser
import EngramDrops

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
    @Option(help: "What is to be done.") var job: JobKind = .memorize
    @Option(help: "Of a job that asks a memory: its name.") var memoryName: String?
    @Option(help: "Of a job that asks a memory: where memories are.") var outbox: String?
    @Option(help: "Of a job that asks a memory: its folder.") var memoryFolder: String?
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
            let work = try work(job)
            try work.prepare()
            let ownFiles = [input] + order.companionPaths + [settings, config].compactMap { $0 } + work.readable
            try WorkerConfinement(
                limits: confinement.limits, threadCount: threads, readable: ownFiles, named: readable, writable: [output, checkpoint]
            ).enter()
        } catch {
            throw try refused(CommandFailure(any: error))
        }
    }

    func run() async throws {
        do {
            leaveRecord(0, try await attempt())
        } catch let code as ExitCode {
            leaveRecord(code.rawValue)
            throw code
        }
    }

    /// Tells a daemon that is not this process's parent how it ends. Without the record the attempt is made again, so a failure is no reason
    /// for another end.
    private func leaveRecord(_ code: Int32, _ done: JobKind? = nil) {
        do {
            try WorkerExitRecord.write(code, token: token, job: done?.name, in: checkpoint)
        } catch {
            StandardStreams.printError("engram worker: \(error)")
        }
    }

    /// Does the work and says what was done: content decides that for what lies in the inbox itself.
    private func attempt() async throws -> JobKind {
        let interruption = Interruption()
        let listening = await interruption.listen { _ in }
        defer { listening.cancel() }
        do {
            let found = job.asksMemory ? nil : try JobWorks.work(on: order)
            _ = try await (found?.work ?? work(job)).run(interruption: interruption, onProgress: WorkOrder.report)
            return found?.kind ?? job
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

    /// What is known of the drop.
    private var order: WorkOrder {
        WorkOrder(
            name: name, inputPath: input, settingsPath: settings, configPath: config, memoryName: memoryName, outbox: outbox,
            memoryFolder: memoryFolder, outputPath: output, checkpointPath: checkpoint, threadCount: threads)
    }

    /// What a job does with the drop.
    private func work(_ kind: JobKind) throws -> any JobWork {
        guard let work = JobWorks.work(kind, on: order) else {
            throw CommandFailure(.usage, code: "no-job", message: "this program has no worker for the job \(kind.name).")
        }
        return work
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
