import EngramDrops
import Glibc

/// As whom `engram run` works. As root only when it is told to: a hole in what reads drops, or a folder that somebody swaps, would be one
/// in the whole machine.
struct DaemonUser {
    /// `--as-root`.
    var isRootAllowed: Bool
    /// `--user`.
    var name: String?

    /// Becomes that user, or gives up what root does not need here. To be called on the main thread, before anything is started.
    /// - Throws: `CommandFailure` for root without either option, for a user who is not known, and where the system refuses.
    func take() throws(CommandFailure) {
        if let name { return try become(name) }
        guard geteuid() == 0 else { return }
        guard isRootAllowed else {
            throw CommandFailure(
                .wrongConfiguration, stage: .command, code: "root", message: "engram run does not work as root unless it is told to.",
                expected: "a user of its own, who owns inbox, outbox and state", found: "root",
                remedy: "start it as that user, add --user NAME to have it become one, or --as-root where there is none (a container)")
        }
        do { try Confinement.dropDaemonCapabilities() } catch { throw CommandFailure(error) }
    }

    private func become(_ name: String) throws(CommandFailure) {
        guard let entry = getpwnam(name) else {
            throw CommandFailure(.usage, code: "user", message: "there is no user \(name).", remedy: "name one that `getent passwd` lists")
        }
        let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard geteuid() != user else { return }
        guard initgroups(name, group) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw CommandFailure(
                .wrongConfiguration, code: "user", message: "this process may not become \(name) (\(SystemMessage.text(of: errno))).",
                remedy: "start it as root, or as \(name) without --user")
        }
        // A process that changed its user may not look at itself in /proc otherwise, which it starts its workers from.
        Confinement.allowInspectionOfItself()
    }
}
