/// A kind of work that can be done with a drop. A further one is a line of `all`, and a type of the program that does it.
package struct JobKind: Equatable, Sendable {
    /// One word: what stands in the ledger's view, in a worker's arguments, in `status` and in `report.json`.
    package let name: String
    /// Whether a stored memory is asked with the drop: then it lies at `NAME/MEMORY/DROP` below the inbox, elsewhere directly in it.
    package let asksMemory: Bool
    /// What such drops are called, as in "the folder for cues".
    package let dropsName: String

    /// To store the drop.
    package static let memorize = JobKind(name: "memorize", asksMemory: false, dropsName: "drops")
    /// To ask a stored memory with it.
    package static let recall = JobKind(name: "recall", asksMemory: true, dropsName: "cues")

    /// Every kind; the first is what a drop is for that lies in no folder of another.
    package static let all: [JobKind] = [.memorize, .recall]

    /// The kind whose drops lie in the folder of this name, directly below the inbox.
    package static func kind(inFolder name: String) -> JobKind? { all.first { $0.asksMemory && $0.name == name } }
}

/// What is to be done with a drop; decided when it is taken, and written into the ledger.
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

    /// The job of an entry of the inbox: what lies at `recall/MEMORY/CUE` is a cue, and so on for other kinds; everything else is memorized.
    /// - Parameter path: Its path below the inbox.
    package init(ofEntryAt path: String) {
        let parts = Self.parts(of: path)
        guard parts.count == 3, let kind = JobKind.kind(inFolder: parts[0]), !parts[1].isEmpty, !parts[2].isEmpty else {
            self = .memorize
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
    package var job: DropJob { DropJob(ofEntryAt: name) }

    /// Whether its result is a memory, and no answer of one.
    package var becomesMemory: Bool { !job.kind.asksMemory }

    /// The last part of its name: what its source is called, and its result.
    package var entryName: String { DropJob.entryName(of: name) }

    /// Checks that the name makes paths that stay where they should: one entry, or one of `recall/MEMORY/`.
    func checkName() throws(DropError) {
        let parts = DropJob.parts(of: name)
        guard parts.count == 1 || !becomesMemory else {
            throw .unusableName(name: name, reason: "it is not the name of one entry of the inbox")
        }
        for part in parts { try DropPlace.checkName(part) }
    }
}
