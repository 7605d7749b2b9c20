/// What is to be done with a drop; decided when it is taken, and written into the ledger.
package enum DropJob: Equatable, Sendable {
    /// To store it.
    case memorize
    /// To ask the stored memory of this name with it.
    case recall(memory: String)

    /// The job of an entry of the inbox: what lies at `recall/MEMORY/CUE` is a cue, everything else is memorized.
    /// - Parameter path: Its path below the inbox.
    package init(ofEntryAt path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == InboxScanner.recallName[...], !parts[1].isEmpty, !parts[2].isEmpty else {
            self = .memorize
            return
        }
        self = .recall(memory: String(parts[1]))
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
    package var entryName: String { name.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? name }

    /// The folder of the inbox that it lies in, below the inbox and with a `/` before it; empty for the inbox itself.
    var inboxFolder: String { name.utf8.count == entryName.utf8.count ? "" : "/" + name.dropLast(entryName.count + 1) }

    /// Checks that the name makes paths that stay where they should: one entry, or one of `recall/MEMORY/`.
    func checkName() throws(DropError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 1 || job != .memorize else {
            throw .unusableName(name: name, reason: "it is not the name of one entry of the inbox")
        }
        for part in parts { try DropPlace.checkName(part) }
    }
}
