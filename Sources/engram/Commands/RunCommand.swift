import ArgumentParser
import EngramDrops
import EngramPipeline
import Foundation
import Logging

/// `engram run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the inbox and work through it.",
        discussion: """
            Each drop is moved out of the inbox, trained by a process of its own and published to the outbox, or to outbox/rejected with
            the reason. Changes to pipeline.yml count from the next start.

            Ctrl-C or SIGTERM: what is at work is asked to stop and goes on at the next start; a second one ends it at once.

            Examples:
              engram run                  keep watching
              engram run --once           work through what is there, then stop
              engram run --config /srv/engram/pipeline.yml --log-level info
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Stop when the inbox is empty; exit code 1 if a drop was rejected or failed.")
    var once = false

    @Option(
        help: ArgumentHelp("What is logged: trace, debug, info, notice, warning, error or critical.", valueName: "level"),
        transform: Self.logLevel(named:))
    var logLevel: Logger.Level = .warning

    func run() async throws {
        let pipeline = try configuration.load()
        let folders = try DropFolders(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state).prepared()
        let display = StandardStreams.display()
        let journal = RunJournal(display: display)
        let scheduler = try scheduler(pipeline, folders: folders, display: display, journal: journal)

        let listening = await Interruption().listen { count in
            if count == 1 {
                display.show("ending: drops at work stop and go on at the next start; once more to end at once")
                await scheduler.beginDraining()
            } else {
                await scheduler.abort()
            }
        }
        defer { listening.cancel() }

        let inbox = TerminalText.printable(PathText.shown(folders.inbox))
        let wait = ProgressText.duration(pipeline.settle / .seconds(1))
        display.show("\(once ? "working through" : "watching") \(inbox); a drop is taken once it has not changed for \(wait)")
        let summary = once ? try await scheduler.runOnce() : try await scheduler.run()
        guard once else { return }
        StandardStreams.print(RunSummaryText.text(summary, rejections: journal.rejections))
        if !summary.rejected.isEmpty || !summary.failed.isEmpty { throw ExitStatus.someDropsFailed.exitCode }
    }

    private func scheduler(
        _ pipeline: PipelineSettings, folders: DropFolders, display: LiveDisplay, journal: RunJournal
    ) throws -> DropScheduler {
        let jobs = pipeline.jobs
        let threadCount =
            pipeline.threads.given ?? ProcessorCount.threadsPerJob(jobCount: jobs, available: ProcessorCount.available())
        // The library makes its threads when it is loaded: not more than will be used.
        let environment = ProcessInfo.processInfo.environment.merging(["OPENBLAS_NUM_THREADS": "\(threadCount)"]) { _, own in own }
        let limits = WorkerLimits(pipeline, threadCount: threadCount, memory: MemoryAvailability())
        let command = WorkerCommand(executable: try Program.executablePath(), environment: environment) { job in
            WorkerArguments.arguments(for: job, threadCount: threadCount, limits: limits)
        }
        var settings = DropSchedulerSettings(
            jobs: jobs, settle: SettleRule(settleSeconds: pipeline.settle / .seconds(1), isSinglePass: once),
            configPath: try keptConfiguration(in: folders), versions: Program.versions)
        settings.workerSeconds = pipeline.worker.wallTime / .seconds(1)
        settings.workerLimits = limits.texts(wallSeconds: settings.workerSeconds)
        let level = logLevel
        let logger = Logger(label: "engram") { _ in DisplayLogHandler(display: display, logLevel: level) }
        let support = SandboxSupport.ofThisKernel()
        if limits.sandbox == .require, !support.isWhole { throw WorkerConfinement.missing(support) }
        if limits.sandbox == .auto, !support.isWhole {
            logger.warning("workers are not wholly fenced off", metadata: ["kernel": "\(support)"])
        }
        return try DropScheduler(
            folders: folders, command: command, settings: settings,
            environment: DropScheduler.Environment(logger: logger, observer: { journal.note($0) })
        ) { inputPath, settingsPath in
            // A drop whose settings cannot be read has no fingerprint; its worker says what is wrong with them.
            guard let input = try? DropInput(sourcePath: inputPath, sidecarPath: settingsPath),
                let resolved = try? input.settings(pipeline: pipeline)
            else { return nil }
            return SettingsFingerprint.of(resolved)
        }
    }

    private static func logLevel(named name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("expected one of \(known), found \(name.debugDescription).")
        }
        return level
    }

    /// Keeps the configuration as it is now, under a name made of its contents: workers read this copy, so that all drops of one run start
    /// from the same settings, those that their fingerprints say.
    private func keptConfiguration(in folders: DropFolders) throws -> String {
        let text = Array(try SettingsFile(path: configuration.path).text.utf8)
        let path = folders.state + "/configuration-\(SHA256.hash(text).prefix(16)).yml"
        let files = FileSystem()
        if try files.facts(of: path) == nil { try files.write(text, to: path) }
        return path
    }
}
