/// A kind of work that can be done with a drop. A further one is a line of `all`, and a type of the program that does it.
package struct JobKind: Equatable, Sendable {
    /// One word: what stands in the ledger's view, in a worker's arguments, in `status` and in `report.json`.
    package let name: String
    /// Whether a stored memory is asked with the drop: then it lies at `NAME/MEMORY/DROP` below the inbox, elsewhere directly in it.
    package let asksMemory: Bool
    /// What such drops are called, as in "the folder for cues".
    package let dropsName: String
    /// Whether the result is a memory: what cues can be asked of, and what `verify --recall` starts from noise.
    package let makesMemory: Bool

    /// To store the drop.
    package static let memorize = JobKind(name: "memorize", asksMemory: false, dropsName: "drops", makesMemory: true)
    /// To ask a stored memory with it.
    package static let recall = JobKind(name: "recall", asksMemory: true, dropsName: "cues", makesMemory: false)

    /// To fill a table's missing cells.
    package static let complete = JobKind(name: "complete", asksMemory: false, dropsName: "tables", makesMemory: false)

    /// To fill the missing pixels of pictures.
    package static let inpaint = JobKind(name: "inpaint", asksMemory: false, dropsName: "pictures", makesMemory: false)

    /// To learn its labels and predict those that are missing.
    package static let predict = JobKind(name: "predict", asksMemory: false, dropsName: "drops", makesMemory: false)

    /// Every kind; the first is what a drop is for that lies in no folder of another.
    package static let all: [JobKind] = [.memorize, .recall, .complete, .inpaint, .predict]

    /// Its name, where the content of a drop decides on it and its place in the inbox does not; nil where the place does.
    package var nameWhereFound: String? { asksMemory || self == Self.memorize ? nil : name }

    /// The kind of this name; nil for one that this version does not know.
    package static func kind(named name: String) -> JobKind? { all.first { $0.name == name } }

    /// The kind whose drops lie in the folder of this name, directly below the inbox.
    package static func kind(inFolder name: String) -> JobKind? { all.first { $0.asksMemory && $0.name == name } }
}

/// What is to be done with a drop: by its place when it is taken, for what lies in the inbox itself by its content once its worker, which may
/// read that, has said so. It is written into the ledger.
package struct DropJob: Equatable, Sendable {
    /// What kind of work.
    package let kind: JobKind
    /// The memory that is asked; nil for a drop that becomes one.
    package let memory: String?

    /// To store it.
    package static let memorize = DropJob(kind: .memorize, memory: nil)

    /// To ask the stored memory of this name with it.
    package static func recall(memory: String) -> DropJob { DropJob(kind: .recall, memory: memory) }

    private init(kind: JobKind, memory: String?) { (self.kind, self.memory) = (kind, memory) }

    /// The job of an entry of the inbox: what lies at `recall/MEMORY/CUE` is a cue, and so on for other kinds; everything else is memorized
    /// unless its content says otherwise.
    /// - Parameters:
    ///   - path: Its path below the inbox.
    ///   - found: What its content was found to be for; nil while nobody has looked.
    package init(ofEntryAt path: String, found: JobKind? = nil) {
        let parts = Self.parts(of: path)
        guard parts.count == 3, let kind = JobKind.kind(inFolder: parts[0]), !parts[1].isEmpty, !parts[2].isEmpty else {
            self = found.map { $0.asksMemory ? .memorize : DropJob(kind: $0, memory: nil) } ?? .memorize
            return
        }
        self.init(kind: kind, memory: parts[1])
    }

    /// What a path is made of, empty parts included. By bytes: as characters, a slash and a combining mark after it are one.
    static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The last part of a drop's path below the inbox: what its source is called, and its result.
    static func entryName(of path: String) -> String { parts(of: path).last ?? path }

    /// The folder that an entry lies in, with a slash at its end: what its companions' names are put behind.
    static func folder(of path: String) -> String {
        String(decoding: path.utf8.dropLast(entryName(of: path).utf8.count), as: UTF8.self)
    }

    /// The folder of the inbox that such drops lie in, below the inbox and with a `/` before it; empty for the inbox itself.
    var inboxFolder: String { memory.map { "/" + kind.name + "/" + $0 } ?? "" }

    /// The path below the inbox of an entry of this name.
    static func path(of name: String, in job: DropJob) -> String {
        job.inboxFolder.isEmpty ? name : job.inboxFolder.dropFirst() + "/" + name
    }

    /// One word: `memorize`, `recall`.
    package var name: String { kind.name }
}

extension DropRow {
    /// What is to be done with it.
    package var job: DropJob { DropJob(ofEntryAt: name, found: foundKind) }

    /// Whether its result is a memory, and no answer of one.
    package var becomesMemory: Bool { job.kind.makesMemory }

    /// The last part of its name: what its source is called, and its result.
    package var entryName: String { DropJob.entryName(of: name) }

    /// Checks that the name makes paths that stay where they should: one entry, or one of `recall/MEMORY/`.
    func checkName() throws(DropError) {
        let parts = DropJob.parts(of: name)
        guard parts.count == 1 || job.kind.asksMemory else {
            throw .unusableName(name: name, reason: "it is not the name of one entry of the inbox")
        }
        for part in parts { try DropPlace.checkName(part) }
    }
}
