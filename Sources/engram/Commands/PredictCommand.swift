import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramReports
import EngramSystem
import Glibc

/// `engram predict`: a model that was learned from labels, asked in the foreground.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Ask a model that was learned from a drop with labels for the labels of new examples.",
        discussion: """
            The examples are a table with the columns that the model learned from, found by their names in any order, or pictures or an IDX
            file of the same size. The result appears in DIR whole or not at all: predictions.csv with each label, how clear it is and the
            nearest three examples, report.html and report.json.

            Exit code 65 for examples that the model cannot be asked about, or a damaged model.

            Examples:
              engram predict new-flowers.csv --model iris.csv --output answer
              engram predict t10k-images-idx3-ubyte --model outbox/digits --output answer
            """)

    @Argument(help: ArgumentHelp("A table, an IDX file, a picture or a folder of pictures.", valueName: "data"))
    var path: String

    @Option(name: .shortAndLong, help: ArgumentHelp("A model's name in the outbox, or its folder.", valueName: "name"))
    var model: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the result appears.", valueName: "dir"))
    var output: String

    @OptionGroup var configuration: ConfigurationOption

    @Option(help: ArgumentHelp("Threads for linear algebra (default: all processors).", valueName: "count"))
    var threads: Int?

    @Flag(help: "Print report.json, or the error as JSON, on standard output, and nothing else there.")
    var json = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024, found \(threads).") }
    }

    func run() async throws {
        KernelSelection.restartIfBetter()
        let start = SystemDropClock().monotonicSeconds()
        try await ForegroundRun.reporting(json: json, named: FolderCreation.lastPart(of: path)) { try await predict(startedAt: start) }
    }

    private func predict(startedAt start: Double) async throws {
        let display = StandardStreams.display()
        let folder = try MemoryLookup(outbox: outbox).folder(of: model)
        let input = try DropInput(path: path)
        let threadCount = threads ?? ProcessorCount.available()
        let command =
            ["engram", "predict", RepeatCommandText.quoted(path), "--model", RepeatCommandText.quoted(model), "--output", "answer"]
            .joined(separator: " ")
        let report = try await ForegroundRun(output: output, name: input.name, display: display).run { staging, interruption, onProgress in
            let hash = try TreeHash.compute(input.path, files: FileSystem())
            let report = try await JobRun(name: input.name, threadCount: threadCount, command: command, interruption: interruption)
                .run(onProgress: onProgress) { context in
                    try AskPredictorJob(settings: DropSettings(), context: context)
                        .run(input.path, model: MemoryFiles(sealed: folder), into: staging)
                }
            let origin = ResultManifest.Origin(
                name: input.name, contentSHA256: hash.sha256, settingsSHA256: nil, inputs: hash.files, versions: Program.versions)
            return (origin, report)
        }
        if json {
            try ForegroundRun.printReport(of: output)
        } else {
            let seconds = SystemDropClock().monotonicSeconds() - start
            StandardStreams.print(ProcessCommand.line(input.name, report.summary, seconds: seconds, output: output))
        }
    }

    private var outbox: String {
        get throws {
            // Whoever names a folder needs no configuration.
            if model.contains("/") || access(model + "/" + ResultManifest.fileName, F_OK) == 0 { return "" }
            return try configuration.load().outbox
        }
    }
}
