import EngramDrops
import EngramPipeline
import EngramService
import EngramSystem

/// Finds the memory that somebody named: a folder, a name in the outbox, or such a name without its ending.
struct MemoryLookup {
    /// Where results are.
    let outbox: String
    var files = FileSystem()

    /// The folder of the memory.
    ///
    /// - Parameter name: The path of a published folder, or the name of one in the outbox; `speech` finds `speech.wav` where no other
    ///   result has that stem.
    /// - Throws: `CommandFailure` where there is none, with names that are near, or where two are meant.
    func folder(of name: String) throws(CommandFailure) -> String {
        if isResult(name) { return name }
        guard !name.contains("/") else {
            throw CommandFailure(
                .noInput, stage: .recall, code: "no-memory", message: "there is no memory in \(name).",
                expected: "a folder that engram published, with its manifest.json",
                remedy: "engram memories lists what is stored; one without a manifest was not finished")
        }
        return try folder(named: name)
    }

    /// The folder of the memory that is called so in the outbox, and nowhere else: what a cue in the inbox may ask.
    /// - Throws: As `folder(of:)`.
    func folder(named name: String) throws(CommandFailure) -> String {
        if !name.contains("/"), isResult(outbox + "/" + name) { return outbox + "/" + name }
        let names = memoryNames()
        let meant = names.filter { MemoryName.isMeant($0, by: name) }
        if meant.count == 1 { return outbox + "/" + meant[0] }
        guard meant.isEmpty else {
            throw CommandFailure(
                .unusableData, stage: .recall, code: "two-memories", message: "\(name.debugDescription) may mean more than one memory.",
                expected: "one of " + meant.joined(separator: ", "), found: name, remedy: "name it whole")
        }
        let near = names.map {
            (name: $0, distance: min(Self.distance($0, name), Self.distance(MemoryName.stem(of: $0), MemoryName.stem(of: name))))
        }
        .filter { $0.distance <= max(2, name.count / 3) || MemoryName.stem(of: $0.name).hasPrefix(MemoryName.stem(of: name)) }
        .sorted { $0.distance < $1.distance }.prefix(3).map(\.name)
        throw CommandFailure(
            .noInput, stage: .recall, code: "no-memory", message: "there is no memory \(name.debugDescription) in \(outbox).",
            expected: near.isEmpty ? nil : "a name such as " + near.joined(separator: ", "), found: name,
            remedy: near.isEmpty ? "engram memories lists what is stored" : "did you mean \(near[0])?")
    }

    /// The names of all whole results in the outbox that may be memories.
    func memoryNames() -> [String] { stored.names() }

    private var stored: StoredMemories { StoredMemories(outbox: outbox, files: files) }

    private func isResult(_ folder: String) -> Bool { stored.isResult(folder) }

    /// Levenshtein's distance, without regard to case.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.lowercased().prefix(100)), Array(second.lowercased().prefix(100)))
        var row = Array(0...second.count)
        for (i, character) in first.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, other) in second.enumerated() {
                (previous, row[j + 1]) = (row[j + 1], min(row[j + 1] + 1, row[j] + 1, previous + (character == other ? 0 : 1)))
            }
        }
        return row[second.count]
    }
}

extension MemoryFiles {
    /// A published folder, each file checked against its manifest as it is read.
    /// - Throws: `Failure` where it has no manifest, or a damaged one.
    init(sealed folder: String) throws(Failure) {
        let remedy = "restore the whole folder from a copy; nothing was recalled from it"
        let sealed: SealedFolder
        do {
            sealed = try SealedFolder(folder)
        } catch {
            throw Failure(
                memory: folder, expected: "a folder that engram published, with its manifest.json", found: "\(error)",
                remedy: "name a folder of the outbox; one without a manifest was not finished")
        }
        @Sendable func fault(_ fault: SealedFolder.Fault) -> Failure {
            Failure(memory: fault.path, expected: "the file that was published", found: fault.found, remedy: remedy)
        }
        self.init(
            folder: folder,
            read: { path throws(Failure) in
                do throws(SealedFolder.Fault) { return try sealed.read(path) } catch { throw fault(error) }
            },
            verify: { bytes, path throws(Failure) in
                do throws(SealedFolder.Fault) { try sealed.check(bytes, as: path) } catch { throw fault(error) }
            },
            check: { below throws(Failure) in
                do throws(SealedFolder.Fault) { try sealed.check(below: below) } catch { throw fault(error) }
            },
            sha256: { sealed.sha256(of: $0) ?? "" }, isUnchanged: { sealed.isUnchanged() })
    }
}
