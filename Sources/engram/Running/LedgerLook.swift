import EngramDrops
import Glibc

/// The ledger for commands that only look, for whoever runs them.
enum LedgerLook {
    /// The ledger; nil where no drop was ever seen.
    /// - Throws: `CommandFailure` where this user may not look, since nothing can be said then; `DropError.lostLedger`; what
    ///   `Ledger.existing` throws.
    static func ledger(in folders: DropFolders, clock: any DropClock = SystemDropClock()) throws -> Ledger? {
        let path = folders.ledgerPath
        if let obstacle = obstacle(onTheWayTo: path) { throw failure(obstacle) }
        if access(path, F_OK) == 0 {
            guard access(path, R_OK) == 0 || errno != EACCES else { throw failure(path) }
            return try Ledger.existing(at: path, clock: clock)
        }
        if let trace = try folders.traceOfALostLedger() { throw DropError.lostLedger(path: path, trace: trace) }
        return nil
    }

    /// The folder that this user may not look into, above `path`; nil where there is none.
    private static func obstacle(onTheWayTo path: String) -> String? {
        var (place, facts) = (path, stat())
        while lstat(place, &facts) != 0 {
            guard errno == EACCES else { return nil }
            let parent = FolderCreation.parent(of: place)
            if parent == place { break }
            place = parent
        }
        return place == path ? nil : place
    }

    private static func failure(_ path: String) -> CommandFailure {
        var facts = stat()
        let isThere = lstat(path, &facts) == 0
        let mode = String(facts.st_mode & 0o7777, radix: 8)
        let owner = name(of: facts.st_uid)
        return CommandFailure(
            .inputOutputError, stage: .files, code: "no-permission",
            message: "\(path) may not be read by user \(name(of: geteuid())), so nothing can be said about any drop.",
            expected: "the right to read it", found: isThere ? "mode 0\(mode), of user \(owner)" : nil,
            remedy: "run this as that user, such as with sudo -u \(owner); what became of a drop lies in the outbox for everybody")
    }

    private static func name(of user: uid_t) -> String { getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "#\(user)" }
}
