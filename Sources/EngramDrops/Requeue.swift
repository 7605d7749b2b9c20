internal import Glibc

/// Gives a drop that was rejected, or waits after a failure, a new chance, because its owner says so.
///
/// The order for a rejected drop, and what is found after `kill -9` in each gap:
/// 1. `rejected/NAME/source/*` renamed to the inbox, companions first - *those that came already wait for their drop in the inbox.*
/// 2. both folders flushed, 3. ledger `seen`, with every counter at zero - *the scan gives the entry a row of its own; the old row stays
///    rejected.*
/// 4. `error.json` and the log, which are Engram's own, removed with the folder.
public struct Requeue: Sendable {
    /// What was done.
    public enum Outcome: Equatable, Sendable {
        /// It lies in the inbox again.
        case returned(path: String)
        /// It is tried again at once.
        case hurried
        /// Something in the inbox has its name.
        case nameTaken(path: String)
        /// Its source is not where the rejection left it.
        case sourceMissing(path: String)
        /// It did not fail.
        case notFailed(DropState)
    }

    private let place: DropPlace

    /// Names the folders and their ledger, which must be open for writing.
    public init(folders: DropFolders, ledger: Ledger, files: FileSystem = FileSystem()) {
        place = DropPlace(folders: folders, ledger: ledger, files: files)
    }

    /// Whether a drop in this state can be given a new chance.
    public static func isPossible(_ state: DropState) -> Bool { state == .rejected || state == .retrying }

    /// Gives one drop a new chance.
    public func requeue(_ row: DropRow) throws(DropError) -> Outcome {
        switch row.state {
        case .retrying:
            try place.ledger.move(row.id, to: .retrying, from: [.retrying], reason: "its owner asked for another attempt") {
                Self.reset(&$0)
            }
            return .hurried
        case .rejected: return try returnToInbox(row)
        default: return .notFailed(row.state)
        }
    }

    private func returnToInbox(_ row: DropRow) throws(DropError) -> Outcome {
        try DropPlace.checkName(row.name)
        let (inbox, rejected) = (place.folders.inbox, row.resultPath ?? place.folders.rejected + "/" + row.name)
        let (source, target) = (rejected + "/source", inbox + "/" + row.name)
        guard try place.files.facts(of: source)?.kind == .folder, try place.files.exists(source + "/" + row.name) else {
            return .sourceMissing(path: source + "/" + row.name)
        }
        guard try !place.files.exists(target) else { return .nameTaken(path: target) }
        let isDrop = { (name: String) in name.utf8.elementsEqual(row.name.utf8) }
        let names = try place.files.names(in: source)
        for name in names.filter({ !isDrop($0) }) + names.filter(isDrop) {
            guard try place.files.renameIfFree(source + "/" + name, to: inbox + "/" + name) else {
                return .nameTaken(path: inbox + "/" + name)
            }
        }
        try place.files.synchronize(inbox)
        try place.files.synchronize(source)
        let hasSuccessor = try place.ledger.rows(in: DropState.inInbox).contains { $0.name.utf8.elementsEqual(row.name.utf8) }
        if !hasSuccessor {
            try place.ledger.move(row.id, to: .seen, from: [.rejected], reason: "its owner put it back into the inbox") {
                Self.reset(&$0)
                $0.path = target
                $0.resultPath = nil
                $0.contentSHA256 = nil
                $0.settingsSHA256 = nil
            }
        }
        // Only what Engram put there: a file that somebody added stays, and the folder with it.
        for name in [Rejection.fileName, "worker.log"] { try place.files.removeTree(rejected + "/" + name) }
        if try place.files.removeEmptyFolder(source) { _ = try place.files.removeEmptyFolder(rejected) }
        return .returned(path: target)
    }

    private static func reset(_ row: inout DropRow) {
        row.attempt = 0
        row.failureCount = 0
        row.notBefore = nil
        row.token = nil
        row.failureCode = nil
        row.failureIsRetryable = nil
    }

    /// Makes a running daemon look at its inbox now.
    public static func nudge(inbox: String) {
        let path = inbox + "/" + InboxWatcher.cookieName
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(path)
    }
}
