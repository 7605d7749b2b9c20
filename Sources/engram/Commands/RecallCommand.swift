import ArgumentParser
import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports
import Foundation
import Glibc

/// `engram recall`: a memory, asked in the foreground.
struct RecallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Ask a memory with a damaged picture, sound or item, and get back what it stands for.",
        discussion: """
            A cue is a PNG, a recording (an excerpt of any length), an IDX file, or a folder of them, of the memory's own size. Missing
            entries are those of CUE_mask.png (white is known), of alpha 0, or of the code that --missing names. The result appears in DIR
            whole or not at all: what was recalled in the memory's own format, the way there, report.html and report.json.

            Exit code 1 if no cue led to anything stored; 65 for a cue that cannot be one of this memory, or a damaged memory.

            Examples:
              engram recall torn.png --memory photos --output answer
              engram recall excerpt.flac --memory speech.wav --output answer
              engram recall holes.png --memory outbox/photos --missing 0 --output answer
              engram recall --from-noise 5 --seed 2 --memory steamboat --output dreams
              engram recall frame.png --memory steamboat --play 3 --output film
            """)

    @Argument(help: ArgumentHelp("PNGs, recordings, IDX files, or folders of them; may be left out with --from-noise.", valueName: "cue"))
    var cues: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A memory's name in the outbox, or its folder.", valueName: "name"))
    var memory: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the result appears.", valueName: "dir"))
    var output: String

    @Option(help: ArgumentHelp("The code, as the cue's file stores it, that stands for a missing entry.", valueName: "code"))
    var missing: Double?

    @Option(help: ArgumentHelp("Recall from this many starts of noise.", valueName: "count"))
    var fromNoise: Int?

    @Option(help: ArgumentHelp("Seed of the noise.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("States of a sequence to play from the cue's place on (default: one round).", valueName: "count"))
    var steps: Int?

    @Option(
        help: ArgumentHelp("The same in seconds: at 24 pictures a second, or by the length of a window of sound.", valueName: "seconds"))
    var play: Double?

    @Flag(help: "Do not find out how sure each answer is.")
    var quick = false

    @OptionGroup var configuration: ConfigurationOption

    @Option(help: ArgumentHelp("Threads for linear algebra (default: all processors).", valueName: "count"))
    var threads: Int?

    @OptionGroup var displayOptions: DisplayOptions

    @Flag(help: "Print report.json, or the error as JSON, on standard output, and nothing else there.")
    var json = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, found \(threads).") }
        if let steps, !(1...1_000_000).contains(steps) { throw ValidationError("--steps must be from 1 to 1000000, found \(steps).") }
        if let play, !(play > 0 && play <= 36_000) {
            throw ValidationError("--play must be above 0 and at most 36000 seconds, found \(play).")
        }
        if steps != nil, play != nil { throw ValidationError("--steps and --play say the same; give one of them.") }
        if let fromNoise, !(1...10_000).contains(fromNoise) {
            throw ValidationError("--from-noise must be from 1 to 10000, found \(fromNoise).")
        }
        if let missing, !missing.isFinite { throw ValidationError("--missing must be a number, found \(missing).") }
        guard !cues.isEmpty || fromNoise != nil else { throw ValidationError("Name a cue, or ask with --from-noise.") }
    }

    func run() async throws {
        KernelSelection.restartIfBetter()
        let start = SystemDropClock().monotonicSeconds()
        try await ForegroundRun.reporting(json: json, named: cues.first.map(FolderCreation.lastPart) ?? "noise") {
            try await recall(startedAt: start)
        }
    }

    private func recall(startedAt start: Double) async throws {
        let display = displayOptions.display()
        let folder = try MemoryLookup(outbox: outbox).folder(of: memory)
        let inputs = try cues.map { path throws(CommandFailure) in try DropInput(path: path) }
        let name = inputs.first?.name ?? "noise"
        let report = try await ForegroundRun(output: output, name: name, display: display).run { staging, interruption, onProgress in
            let hash = TreeHash(files: try inputs.flatMap { try TreeHash.compute($0.path, files: FileSystem()).files })
            let run = RecallRun(
                name: name, memoryFolder: folder, request: try request(inputs), threadCount: threads ?? ProcessorCount.available(),
                command: commandText, interruption: interruption)
            let report = try await run.run(into: staging, onProgress: onProgress)
            let origin = ResultManifest.Origin(
                name: name, contentSHA256: hash.sha256, settingsSHA256: nil, inputs: hash.files, versions: Program.versions)
            return (origin, report)
        }
        if json {
            try ForegroundRun.printReport(of: output)
        } else {
            let seconds = SystemDropClock().monotonicSeconds() - start
            StandardStreams.print(
                AnswerText.lines(report, output: output, seconds: seconds).map(TerminalText.printable).joined(separator: "\n"))
        }
        if !report.answers.contains(where: \.outcome.isItem) { throw ExitStatus.someDropsFailed.exitCode }
    }

    private var outbox: String {
        get throws {
            // Whoever names a folder needs no configuration.
            if memory.contains("/") || access(memory + "/" + ResultManifest.fileName, F_OK) == 0 { return "" }
            return try configuration.load().outbox
        }
    }

    private func request(_ inputs: [DropInput]) throws -> RecallJob.Request {
        var request = RecallJob.Request(cues: inputs.map { .withMask($0.path) })
        request.missingCode = missing
        // A cue's own drop.yml says what is missing in it.
        if missing == nil, let settings = try inputs.first?.settings(pipeline: PipelineSettings()) {
            request.missingCode = settings.cue.missing.given
        }
        request.noiseCount = fromNoise ?? 0
        request.seed = seed
        request.isAssured = !quick
        request.stepCount = steps
        request.playSeconds = play
        return request
    }

    private var commandText: String {
        var parts = ["engram", "recall"] + cues.map(RepeatCommandText.quoted) + ["--memory", RepeatCommandText.quoted(memory)]
        if let missing { parts += ["--missing", "\(missing)"] }
        if let fromNoise { parts += ["--from-noise", "\(fromNoise)", "--seed", "\(seed)"] }
        if let steps { parts += ["--steps", "\(steps)"] }
        if let play { parts += ["--play", "\(play)"] }
        return (parts + ["--output", "answer"]).joined(separator: " ")
    }
}
