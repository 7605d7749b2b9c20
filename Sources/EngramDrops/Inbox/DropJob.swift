/// What is to be done with a drop; decided when it is taken, and written into the ledger.
package enum DropJob: Equatable, Sendable {
    /// To store it.
    case memorize
    /// To ask the stored memory of this name with it.
    case recall(memory: String)

    /// The job of an entry of the inbox: what lies at `recall/MEMORY/CUE` is a cue, everything else is memorized.
    /// - Parameter path: Its path below the inbox.
    package init(ofEntryAt path: String) {
        let parts = Self.parts(of: path)
        guard parts.count == 3, parts[0] == InboxScanner.recallName, !parts[1].isEmpty, !parts[2].isEmpty else {
            self = .memorize
            return
        }
        self = .recall(memory: parts[1])
    }

    /// What a path is made of, empty parts included. By bytes: as characters, a slash and a combining mark after it are one.
    static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The last part of a drop's path below the inbox: what its source is called, and its result.
    static func entryName(of path: String) -> String { parts(of: path).last ?? path }

    /// The folder of the inbox that such drops lie in, below the inbox and with a `/` before it; empty for the inbox itself.
    var inboxFolder: String { memory.map { "/" + InboxScanner.recallName + "/" + $0 } ?? "" }

    /// The path below the inbox of an entry of this name.
    static func path(of name: String, in job: DropJob) -> String {
        job.inboxFolder.isEmpty ? name : job.inboxFolder.dropFirst() + "/" + name
    }

    /// One word: `memorize`, `recall`.
    package var name: String {
        switch self {
        case .memorize: "memorize"
        case .recall: "recall"
        }
    }

    /// The memory that is asked; nil for a drop that becomes one.
    package var memory: String? {
        guard case .recall(let memory) = self else { return nil }
        return memory
    }
}

extension DropRow {
    /// What is to be done with it.
    package var job: DropJob { DropJob(ofEntryAt: name) }

    /// The last part of its name: what its source is called, and its result.
    package var entryName: String { DropJob.entryName(of: name) }

    /// Checks that the name makes paths that stay where they should: one entry, or one of `recall/MEMORY/`.
    func checkName() throws(DropError) {
        let parts = DropJob.parts(of: name)
        guard parts.count == 1 || job != .memorize else {
            throw .unusableName(name: name, reason: "it is not the name of one entry of the inbox")
        }
        for part in parts { try DropPlace.checkName(part) }
    }
}
