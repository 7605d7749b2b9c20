import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService
import EngramSystem

/// `engram analyse`: a published memory, looked at again.
struct AnalyseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyse",
        abstract:
            "The older name of `engram verify --spectra`: compute the dynamics of a published memory anew and compare them with its report.",
        discussion: """
            Eigenvalues, verdicts and recalls are computed from network.safetensors alone and the examples, which are taken from
            recovered/ or, with --input, from the drop that the memory was made from. Nothing is changed.

            Ends with code 65 where a figure does not agree, or a file of the memory is damaged or of another version.

            Examples:
              engram verify --spectra steamboat
              engram verify --spectra outbox/photos --input photos
            """, shouldDisplay: false)

    @Argument(help: ArgumentHelp("A folder of the outbox.", valueName: "memory"))
    var memory: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The drop that it was made from (default: the folder's recovered/).", valueName: "path"))
    var input: String?

    @Option(help: ArgumentHelp("Threads for linear algebra (default: all processors).", valueName: "count"))
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be from 1 to 1024, found \(threads).")
        }
    }

    func run() async throws {
        StandardStreams.printError("engram analyse is called engram verify --spectra now")
        try await SpectraVerification(memory: memory, input: input, threads: threads).run()
    }
}

/// Computing the dynamics of one published memory anew: what `verify --spectra` does.
struct SpectraVerification {
    /// Its folder.
    let memory: String
    /// The drop that it was made from; nil for its `recovered/`.
    let input: String?
    /// Threads for linear algebra.
    let threads: Int?

    func run() async throws {
        let stored = try load()
        // Only what is worth computing with is worth a restart.
        KernelSelection.restartIfBetter()
        let threadCount = threads ?? ProcessorCount.available()
        RuntimeLibraries.setThreadCount(threadCount)
        let clock = SystemDropClock()
        let display = StandardStreams.display()
        let name = FolderCreation.lastPart(of: memory)
        let processor = DropProcessor(
            settings: stored.settings,
            context: .init(
                dropName: name, threadCount: threadCount, versions: Program.versions, command: "",
                monotonicSeconds: { clock.monotonicSeconds() },
                onProgress: { display.update(id: name, name: name, message: ProgressMessage($0)) }))
        let examplesPath = input ?? memory + "/recovered"
        let figures: [RecheckedFigure]
        do {
            figures = try await ComputeThread.run { try processor.recheck(stored, examplesPath: examplesPath) }
        } catch let failure as Failure {
            display.remove(id: name)
            throw CommandFailure(failure)
        }
        display.remove(id: name)
        let width = figures.map(\.name.count).max() ?? 0
        for figure in figures {
            let label = figure.name + String(repeating: " ", count: width - figure.name.count)
            let mark = figure.agrees ? "agrees" : "DIFFERS"
            StandardStreams.print("\(label)  published \(Self.text(figure.published))  now \(Self.text(figure.recomputed))  \(mark)")
        }
        let wrong = figures.filter { !$0.agrees }
        guard wrong.isEmpty else {
            throw CommandFailure(
                .unusableData, stage: .analyse, code: "differs",
                message: "\(wrong.count) of \(figures.count) figures differ from \(memory)/report.json.",
                remedy: input == nil
                    ? "name the original drop with --input: recovered/ is not the same where recall was not exact"
                    : "the network or the report was changed after it was published; restore both from a copy")
        }
    }

    /// Reads the folder; what its manifest says of the network must be true of it.
    private func load() throws(CommandFailure) -> StoredMemory {
        do {
            let stored = try StoredMemory(folder: memory)
            let files = FileSystem()
            let file = stored.networkFile
            let promised = try ResultManifest.read(from: memory, files: files).files.first { $0.relativePath == file }
            let found = try files.hash(of: memory + "/" + file).sha256
            guard promised?.sha256 == found else {
                throw Failure(
                    memory: memory + "/" + file, expected: "the sha256 that manifest.json has, \(promised?.sha256 ?? "none")",
                    found: found, remedy: "the file was changed after it was published; restore it from a copy")
            }
            return stored
        } catch {
            throw CommandFailure(any: error)
        }
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "none" }
}
