import ArgumentParser
import EngramDrops
import EngramPipeline
import Glibc

/// `engram verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check published results: files, recall, eigenvalues.",
        discussion: """
            Reads every byte of every result and compares sizes and SHA-256 sums with its manifest; also names files that are missing or
            were added. The archived source of each result is compared with what the result was made from, as far as the ledger may be read.
            NAME is a result, by its folder or its name in the outbox, or a folder of results; without it, the whole outbox.

            --recall also recalls from each stored network, from the same starts as when it was published, each in a confined process; what
            is found is kept in verification.json in the state folder, and those not checked for longest come first. --spectra computes
            eigenvalues, verdicts and recalls of the named memories anew and compares each figure with their reports; examples are taken from
            recovered/ or, with --input, from the drop. Nothing else is changed.

            Exit code 65 if a file is damaged or missing, or a figure differs; 1 if a memory recalls worse; 75 if something could not be
            checked, which does not count as sound.

            Examples:
              engram verify
              engram verify speech.wav --recall
              engram verify --spectra outbox/photos --input photos
              engram verify --json | jq '.results[] | select(.intact | not)'
            """)

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var verification: RecallVerification

    @Flag(help: "Also recall from the stored networks again.")
    var recall = false

    @Flag(help: "Also compute the dynamics of the named memories anew.")
    var spectra = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("With --spectra: the drop that the memory was made from (default: its recovered/).", valueName: "path"))
    var input: String?

    @Flag(help: "Print what was found of the files as JSON.")
    var json = false

    @Argument(help: ArgumentHelp("Results, or folders of results; the outbox if left out.", valueName: "name"))
    var names: [String] = []

    func validate() throws {
        if spectra, names.isEmpty { throw ValidationError("--spectra takes long: name the memories.") }
        if input != nil, !spectra || names.count != 1 { throw ValidationError("--input goes with --spectra and one memory.") }
    }

    func run() async throws {
        var isIntact = true
        if names.isEmpty {
            isIntact = try checkFiles([configuration.load().outbox])
        } else {
            isIntact = try checkFiles(names.map(folder))
        }
        guard isIntact else { throw ExitStatus.unusableData.exitCode }
        if spectra {
            KernelSelection.restartIfBetter()
            for name in names {
                try await SpectraVerification(memory: try folder(name), input: input, threads: verification.threads).run()
            }
        }
        if recall { try await verification.run(configuration, names: names.map(FolderCreation.lastPart)) }
    }

    /// A folder as it is named, or of that name in the outbox.
    private func folder(_ name: String) throws -> String {
        let files = FileSystem()
        // Through a link, which an outbox may be.
        if try files.facts(of: name + "/.") != nil { return name }
        guard !name.contains("/") else {
            throw CommandFailure(
                .noInput, stage: .files, code: "no-input", message: "there is no folder \(name).", remedy: "name a result or an outbox")
        }
        return try MemoryLookup(outbox: configuration.load().outbox).folder(of: name)
    }

    private func checkFiles(_ folders: [String]) throws -> Bool {
        var checks: [OutboxVerifier.Check] = []
        for path in folders {
            guard try FileSystem().facts(of: path + "/.") != nil else {
                throw CommandFailure(
                    .noInput, stage: .files, code: "no-input", message: "there is no folder \(path).", remedy: "name a result or an outbox"
                )
            }
            checks += try check(path)
        }
        let sources = try checkSources(of: checks)
        if json {
            StandardStreams.printBytes(VerificationText.json(checks, sources: sources).encoded())
        } else {
            for source in sources where !source.isIntact { StandardStreams.print(VerificationText.lines(source)) }
            StandardStreams.print(VerificationText.summary(checks, sources: sources))
        }
        return (checks + sources).allSatisfy(\.isIntact)
    }

    /// Compares the archived sources of these results. Whoever may not read the ledger checks the results alone; so does a folder that
    /// belongs to no inbox.
    private func checkSources(of results: [OutboxVerifier.Check]) throws -> [OutboxVerifier.Check] {
        guard let folders = try? DropFolders(configuration.load()), let ledger = try? LedgerLook.ledger(in: folders) else { return [] }
        let paths = Set(results.map { PathText.absolute($0.path) })
        let verifier = OutboxVerifier()
        return try ledger.rows(in: [.archived]).filter { row in row.resultPath.map { paths.contains(PathText.absolute($0)) } ?? false }
            .compactMap { verifier.checkSource(of: $0) }
    }

    private func check(_ path: String) throws -> [OutboxVerifier.Check] {
        let verifier = OutboxVerifier()
        var checks: [OutboxVerifier.Check] = []
        for result in try verifier.folders(in: path == "/" ? path : path + "/.") {
            // The dot is for links only.
            let shown = result.hasPrefix(path + "/./") ? path + result.dropFirst(path.utf8.count + 2) : path
            var check = verifier.check(result)
            check.path = shown
            checks.append(check)
            if !json { StandardStreams.print(VerificationText.lines(check)) }
        }
        return checks
    }
}
