internal import Glibc

/// Gives a drop that was rejected, or waits after a failure, a new chance, because its owner says so.
///
/// The order for a rejected drop, and what is found after `kill -9` in each gap:
/// 1. ledger: `rejected` still, and without a result, because it goes - *the next start finds the source where it was and names it again.*
/// 2. `rejected/NAME/source/*` renamed to the inbox, companions first - *those that came already wait for their drop in the inbox; with the
///    drop itself there, the next start does step 4.*
/// 3. both folders flushed.
/// 4. ledger `seen`, with every counter at zero; where the daemon saw the drop first and gave it a row of its own, the old row ends and names
///    that one.
/// 5. `error.json` and the log, which are Engram's own, removed with the folder.
package struct Requeue: Sendable {
    /// What was done.
    package enum Outcome: Equatable, Sendable {
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
    package init(folders: DropFolders, ledger: Ledger, files: FileSystem = FileSystem()) {
        place = DropPlace(folders: folders, ledger: ledger, files: files)
    }

    init(place: DropPlace) { self.place = place }

    /// Whether a drop in this state can be given a new chance.
    package static func isPossible(_ state: DropState) -> Bool { state == .rejected || state == .retrying }

    /// Gives one drop a new chance.
    package func requeue(_ row: DropRow) throws(DropError) -> Outcome {
        switch row.state {
        case .retrying:
            try place.ledger.move(row.id, to: .retrying, from: [.retrying], reason: "its owner asked for another attempt") {
                $0.startAnew()
            }
            return .hurried
        case .rejected: return try returnToInbox(row)
        default: return .notFailed(row.state)
        }
    }

    private func returnToInbox(_ row: DropRow) throws(DropError) -> Outcome {
        try row.checkName()
        let (inbox, rejected) = (place.folders.inbox + row.job.inboxFolder, folder(of: row))
        let (source, target) = (rejected + "/source", inbox + "/" + row.entryName)
        guard try hasSource(row) else { return .sourceMissing(path: source + "/" + row.entryName) }
        guard try !place.files.exists(target) else { return .nameTaken(path: target) }
        let token = Stamp.hex(.random(in: .min ... .max), digits: 16)
        try place.ledger.move(row.id, to: .rejected, from: [.rejected], reason: "its owner wants it back in the inbox") {
            $0.token = token
            $0.resultPath = nil
        }
        let isDrop = { (name: String) in name.utf8.elementsEqual(row.entryName.utf8) }
        try place.makeInboxFolder(of: row.job)
        let names = try place.files.names(in: source)
        for name in names.filter({ !isDrop($0) }) + names.filter(isDrop) {
            guard try place.files.renameIfFree(source + "/" + name, to: inbox + "/" + name) else {
                try stay(row)
                return .nameTaken(path: inbox + "/" + name)
            }
        }
        try place.files.synchronize(inbox)
        // A start at this very moment may have ended this return already, and removed the folder.
        if try place.files.exists(source) { try place.files.synchronize(source) }
        try place.ledger.concludeReturn(row.id, token: token, to: target, isThere: true)
        try removeRest(of: rejected)
        return .returned(path: target)
    }

    /// Only what Engram put there: a file that somebody added stays, and the folder with it.
    private func removeRest(of rejected: String) throws(DropError) {
        guard try place.files.exists(rejected) else { return }
        for name in [ErrorFile.name, "worker.log", Quarantine.leftOutName] { try place.files.removeTree(rejected + "/" + name) }
        if try place.files.removeEmptyFolder(rejected + "/source") { _ = try place.files.removeEmptyFolder(rejected) }
    }

    /// Ends what a `requeue` that was killed had begun. To be called with the state folder's lock held.
    func finishInterrupted() throws(DropError) {
        for row in try place.ledger.rows(in: [.rejected]) where row.resultPath == nil {
            // Of a damaged ledger; no path is made of it.
            guard (try? row.checkName()) != nil else { continue }
            let target = place.folders.inbox + "/" + row.name
            if try hasSource(row) {
                try stay(row)
            } else {
                try place.ledger.concludeReturn(row.id, token: row.token, to: target, isThere: try place.files.exists(target))
                // Half a rejection would count as one where the ledger is made anew. A later drop of the name may have the folder by now.
                let folder = folder(of: row)
                if try !place.files.exists(folder + "/source/" + row.entryName), try !isTaken(folder, besides: row) {
                    try removeRest(of: folder)
                }
            }
        }
    }

    /// It is rejected as it was before.
    private func stay(_ row: DropRow) throws(DropError) {
        let verdict = try place.ledger.transitions(of: row.id).last { $0.to == .rejected && $0.from != .rejected }
        let folder = folder(of: row)
        try place.ledger.move(row.id, to: .rejected, from: [.rejected], reason: verdict?.reason ?? row.reason) { $0.resultPath = folder }
    }

    /// Its folder among the rejected, which its path tells also while its return has begun.
    private func folder(of row: DropRow) -> String {
        if let folder = row.resultPath { return folder }
        let (path, end) = (row.path.utf8, ("/source/" + row.entryName).utf8)
        guard path.suffix(end.count).elementsEqual(end) else { return place.folders.rejected + "/" + row.entryName }
        return String(decoding: path.dropLast(end.count), as: UTF8.self)
    }

    /// Whether the source lies in its folder among the rejected. A later drop of the name may have got the folder after its owner took it.
    private func hasSource(_ row: DropRow) throws(DropError) -> Bool {
        let folder = folder(of: row)
        guard try place.files.facts(of: folder + "/source")?.kind == .folder, try place.files.exists(folder + "/source/" + row.entryName)
        else {
            return false
        }
        return try !place.ledger.find(exactly: row.name).contains { other in
            other.state == .rejected && (other.updatedAt, other.id) > (row.updatedAt, row.id)
                && self.folder(of: other).utf8.elementsEqual(folder.utf8)
        }
    }

    /// Whether a folder among the rejected belongs to another drop as well.
    private func isTaken(_ folder: String, besides row: DropRow) throws(DropError) -> Bool {
        try place.ledger.rows(in: [.rejected, .rejecting]).contains {
            $0.id != row.id && $0.resultPath?.utf8.elementsEqual(folder.utf8) == true
        }
    }

    /// Makes a running daemon look at its inbox now.
    package static func nudge(inbox: String) {
        let path = inbox + "/" + InboxWatcher.cookieName
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(path)
    }
}
