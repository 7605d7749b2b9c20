import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports
import Foundation
import Glibc
import Synchronization

/// `engram process`: one drop in the foreground.
struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process",
        abstract: "Work on one drop in the foreground, without inbox or ledger.",
        discussion: """
            The result appears in DIR whole or not at all; DIR must be empty or not exist. The drop itself is only read.

            Settings, from weakest to strongest: the preset's defaults; `defaults:` and matching `rules:` of --config, or of pipeline.yml
            in the current folder if there is one; PATH/drop.yml or PATH.drop.yml (or --settings); --set.

            The last line says what came back: all exactly, all but not bit-exact, a part, or nothing. Where nothing came back the result
            is written all the same, and the exit code is 1.

            Ctrl-C stops at the next step, twice at once; nothing is left behind.

            Examples:
              engram process Examples/drops/steamboat --output steamboat-memory
              engram process speech.wav --output out --set network.width=256
              engram process digits-idx3-ubyte --output out --json | jq .attractors
              engram process steamboat --output again --settings out/settings.yml
            """)

    @Argument(help: ArgumentHelp("A folder of PNGs, a PNG, a recording or an IDX file.", valueName: "path"))
    var path: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the result appears.", valueName: "dir"))
    var output: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one setting, such as network.depth=3; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(
        name: [.customLong("config"), .customShort("c")],
        help: ArgumentHelp("The configuration file (default: pipeline.yml, if there is one).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("Settings of this drop, in place of its own file; a published settings.yml repeats that run.", valueName: "file")
    )
    var settings: String?

    @Option(help: ArgumentHelp("Threads for linear algebra (default: as the configuration says, else all processors).", valueName: "count"))
    var threads: Int?

    @OptionGroup var displayOptions: DisplayOptions

    @Flag(help: "Print report.json, or the error as JSON, on standard output, and nothing else there.")
    var json = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be from 1 to 1024, found \(threads).")
        }
    }

    func run() async throws {
        KernelSelection.restartIfBetter()
        let start = SystemDropClock().monotonicSeconds()
        try await ForegroundRun.reporting(json: json, named: FolderCreation.lastPart(of: path)) { try await process(startedAt: start) }
    }

    private func process(startedAt start: Double) async throws {
        let display = displayOptions.display()
        let pipeline = try configuration(display)
        let input = try DropInput(path: path, settingsPath: settings)
        let resolved = try input.settings(pipeline: pipeline, overrides: overrides)
        let run = ForegroundRun(output: output, name: input.name, display: display)
        let summary = try await run.run { folder, interruption, onProgress in
            let hash = try TreeHash.compute(input.path, files: FileSystem())
            let order = WorkOrder(
                name: input.name, inputPath: input.path, outputPath: folder,
                threadCount: threads ?? pipeline.threads.given ?? ProcessorCount.available(), given: resolved)
            let found = try JobWorks.work(on: order)
            let summary = try await found?.work.run(interruption: interruption, onProgress: onProgress)
            let origin = ResultManifest.Origin(
                name: input.name, contentSHA256: hash.sha256, settingsSHA256: SettingsFingerprint.of(resolved), inputs: hash.files,
                versions: Program.versions, job: found?.kind.nameWhereFound)
            return (origin, summary)
        }
        let seconds = SystemDropClock().monotonicSeconds() - start
        if json {
            try ForegroundRun.printReport(of: output)
        } else {
            let times = run.times.withLock { $0.text }
            StandardStreams.print(Self.line(input.name, summary, seconds: seconds, times: times, output: output))
        }
        // A memory that gives nothing back is written for whoever wants to know why, and is no success.
        if summary?.isSuccess == false { throw ExitStatus.someDropsFailed.exitCode }
    }

    /// What came of it, how long it took, and where to look.
    static func line(_ name: String, _ summary: JobSummary?, seconds: Double, times: String = "", output: String) -> String {
        var parts = ["\(name): done in \(ProgressText.duration(seconds))" + (times.isEmpty ? "" : " (\(times))")]
        if let summary { parts[0] += ", " + summary.headline }
        // What failed stands first in the text.
        if let warning = summary?.warning { parts.append(ReasonText.shown(warning)) }
        return parts.map(TerminalText.printable).joined(separator: ": ") + "; open " + RepeatCommandText.quoted(output + "/report.html")
    }

    private func configuration(_ display: LiveDisplay) throws(CommandFailure) -> PipelineSettings {
        do {
            if let config { return try PipelineSettings(path: config) }
            guard access(ConfigurationOption.defaultPath, F_OK) == 0 else { return PipelineSettings() }
            let settings = try PipelineSettings(path: ConfigurationOption.defaultPath)
            display.show("settings start from \(ConfigurationOption.defaultPath) in this folder")
            return settings
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// The folder that a result is built in, beside its final place.
struct StagingFolder: Sendable {
    /// Where it is.
    let path: String

    /// Makes the folder, and what is missing above it.
    /// - Throws: `CommandFailure` if that cannot be done.
    init(for destination: String) throws(CommandFailure) {
        // Another process that builds the same result has another number.
        path = ResultFolder.stagingPath(for: destination, token: "\(getpid())")
        do {
            let files = FileSystem()
            try FolderCreation.create(FolderCreation.parent(of: path), files: files)
            // What an earlier process of this number left is nobody's.
            try files.removeTree(path)
            try files.createFolder(path)
        } catch {
            throw CommandFailure(.outputNotCreated, stage: .files, code: "not-created", message: "\(error)")
        }
    }

    /// Removes it, if it is still there; what cannot be removed has a name that starts with a dot and says whose it was.
    func remove() { try? FileSystem().removeTree(path) }
}
