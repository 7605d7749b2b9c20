import ArgumentParser
import EngramDrops
import EngramExperiments
import EngramPipeline
import EngramReports
import EngramService
import Foundation

/// `engram reproduce`: a published experiment again, beside what was published.
struct ReproduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reproduce",
        abstract: "Repeat a published experiment and print published against measured.",
        discussion: """
            Without a name, lists the experiments. `paper` trains as published, `fast` by the preset of that name; a table shows both.
            A scale of 1 is the published work, which takes days on two cores for some; the default of each takes minutes, and every table
            says what was left out. Ctrl-C stops at the next step; nothing is left behind.

            The result, report.html, results.json, results.csv and maps of basins as PNG, appears in DIR whole or not at all.

            Examples:
              engram reproduce fig5
              engram reproduce fig5 --cells a:256x6,a:512x6 --epochs 20000 --output fig5a
              engram reproduce fig3 --scale 1 --preset paper
              engram reproduce fig2 --census --data DATA
              engram reproduce fig15 --data DATA --cells adam:selu
            """)

    @Argument(help: ArgumentHelp("Which experiment; see --list.", valueName: "name"))
    var name: String?

    @Flag(help: "List the experiments with what they need and cost.")
    var list = false

    @Option(help: ArgumentHelp("Share of the published work, above 0 and at most 1 (default: each experiment's own).", valueName: "share"))
    var scale: Double?

    @Option(
        help: ArgumentHelp("paper, fast, kernel (infinite width, where an experiment has it), or both: all of them.", valueName: "preset"))
    var preset: PresetChoice = .both

    @Option(
        help: ArgumentHelp(
            "The folder of data sets (default: ENGRAM_DATA, else Examples/drops, which is enough for most).", valueName: "folder"))
    var data: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the result appears (default: NAME-reproduced).", valueName: "dir"))
    var output: String?

    @Option(help: "Seed of every random number.")
    var seed = 1

    @Option(
        help: ArgumentHelp(
            "Cells of a table, or another network than the published one: WIDTHxDEPTH, a:WIDTHxDEPTH, ROW:COLUMN; separated by commas.",
            valueName: "cells"))
    var cells: String?

    @Option(help: ArgumentHelp("Most epochs of each training as published (default: what the scale gives).", valueName: "count"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Most epochs of each training by the fast preset.", valueName: "count"))
    var fastEpochs = 3000

    @Flag(help: "Only look for attractors, from as many starts as published (fig2).")
    var census = false

    @Option(help: ArgumentHelp("Threads for linear algebra (default: all processors).", valueName: "count"))
    var threads: Int?

    @OptionGroup var displayOptions: DisplayOptions

    /// Presets by name.
    enum PresetChoice: String, ExpressibleByArgument, CaseIterable {
        case paper
        case fast
        case kernel
        case both
    }

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be from 1 to 1024, found \(threads).")
        }
    }

    func run() async throws {
        guard let name, !list else {
            StandardStreams.print(try Self.listing())
            return
        }
        KernelSelection.restartIfBetter()
        let output = output ?? "\(name)-reproduced"
        let display = displayOptions.display()
        let (options, context) = (options, context(name: name, output: output))
        // A wrong name or a taken folder is said before hours of work, not after.
        guard try Self.entries().contains(where: { $0.name == name }) else {
            throw CommandFailure(unknown: name, known: try Self.entries().map(\.name))
        }
        try ResultFolder().checkFree(output)
        let staging = try StagingFolder(for: output)
        let interruption = Interruption()
        let listening = await interruption.listen(discarding: staging, display)
        defer { listening.cancel() }
        do {
            RuntimeLibraries.setThreadCount(context.threadCount)
            let report = try await ComputeThread.run {
                var context = context
                context.isCancelled = { interruption.isRequested }
                context.onProgress = { display.update(id: name, name: name, message: ProgressMessage($0)) }
                return try ExperimentCatalogue.reproduce(name, options: options, context: context)
            }
            display.remove(id: name)
            try Self.publish(report, staging: staging, to: output)
            StandardStreams.print(Self.text(report))
            StandardStreams.print("\nopen \(RepeatCommandText.quoted(output + "/report.html"))")
        } catch {
            display.remove(id: name)
            staging.remove()
            if error is CancellationError, let signal = interruption.signal { Interruption.endProcess(by: signal) }
            if let failure = error as? ExperimentError { throw CommandFailure(failure) }
            throw error
        }
    }

    private var options: ExperimentOptions {
        var options = ExperimentOptions()
        options.scale = scale
        options.presets = ExperimentOptions.Presets(rawValue: preset.rawValue) ?? .both
        options.dataFolder = dataFolder
        options.seed = seed
        options.cells = cells.map { $0.split(separator: ",").map(String.init) } ?? []
        options.epochs = epochs
        options.fastEpochs = fastEpochs
        options.isCensus = census
        return options
    }

    private var dataFolder: String? {
        if let data { return data }
        let variable = ProcessInfo.processInfo.environment["ENGRAM_DATA"]
        return variable.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func context(name: String, output: String) -> ExperimentContext {
        let threadCount = threads ?? ProcessorCount.available()
        let clock = SystemDropClock()
        return ExperimentContext(
            threadCount: threadCount,
            versions: Program.versions.merging(["kernels": RuntimeLibraries.kernelName]) { own, _ in own },
            command: commandText(name: name, threadCount: threadCount), monotonicSeconds: { clock.monotonicSeconds() })
    }

    /// The command that repeats this run; the data folder is a matter of the machine.
    func commandText(name: String, threadCount: Int) -> String {
        var words = ["engram", "reproduce", name, "--preset=\(preset.rawValue)", "--seed=\(seed)", "--threads=\(threadCount)"]
        if let scale { words.append("--scale=\(scale)") }
        if let cells { words.append("--cells=\(cells)") }
        if let epochs { words.append("--epochs=\(epochs)") }
        if fastEpochs != 3000 { words.append("--fast-epochs=\(fastEpochs)") }
        return words.map(RepeatCommandText.quoted).joined(separator: " ")
    }

    private static func publish(_ report: ExperimentReport, staging: StagingFolder, to output: String) throws {
        let files = FileSystem()
        do {
            try files.write(Array(report.html), to: staging.path + "/report.html")
            try files.write(Array(try report.json()), to: staging.path + "/results.json")
            try files.write(Array(report.csv.utf8), to: staging.path + "/results.csv")
            for picture in try report.mapPictures() { try files.write(picture.bytes, to: staging.path + "/" + picture.name) }
            try ResultFolder().checkFree(output)
            try files.synchronize(staging.path)
            try files.rename(staging.path, to: output)
        } catch let error as ReportError {
            throw CommandFailure(.internalError, stage: .report, code: "report", message: "\(error)")
        }
    }

    /// What is printed: the tables, and what they say.
    static func text(_ report: ExperimentReport) -> String {
        var parts = ["\(report.source): \(report.title)\n\(report.scaleNote)"]
        parts += report.tables.map { "\($0.text)\n\($0.caption)" }
        if !report.findings.isEmpty { parts.append(report.findings.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private static func entries() throws -> [ExperimentCatalogue.Entry] {
        do {
            return try ExperimentCatalogue.entries()
        } catch {
            throw CommandFailure(error)
        }
    }

    static func listing() throws -> String {
        let entries = try entries()
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { entry in
            let name = entry.name + String(repeating: " ", count: width - entry.name.count)
            let indent = String(repeating: " ", count: width + 2)
            return """
                \(name)  \(entry.source): \(entry.title)
                \(indent)data: \(entry.dataNeeded); at the default scale of \(entry.defaultScale): \(entry.cost)
                \(indent)--scale changes: \(entry.scaling)
                """
        }.joined(separator: "\n")
    }
}

extension CommandFailure {
    /// An experiment's failure; its text has expected, found and remedy.
    init(_ error: ExperimentError) {
        let status: ExitStatus =
            switch error {
            case .unknownName, .invalidOption: .usage
            case .missingData: .noInput
            case .unusableData, .failed: .unusableData
            }
        self.init(status, stage: .command, code: "reproduce", message: "\(error)")
    }

    /// A name that no experiment has.
    init(unknown name: String, known: [String]) { self.init(ExperimentError.unknownName(name, known: known)) }
}

extension ProgressMessage {
    /// An experiment's progress, in the words of a drop's.
    init(_ progress: ExperimentContext.Progress) {
        self.init(
            PipelineProgress(
                stage: .train, elapsedSeconds: progress.elapsedSeconds, epoch: progress.epoch, loss: progress.loss,
                fraction: progress.fraction,
                remainingSeconds: progress.remainingSeconds, detail: progress.detail))
    }
}
