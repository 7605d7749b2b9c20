internal import Glibc

/// Trees that others may change while they are moved or removed: every step goes by the descriptor of a folder, so that a folder that is
/// swapped for a link meanwhile leads nowhere.
extension FileAccess {
    /// What was not moved because it is neither a file nor a folder, or could not be.
    package struct LeftOut: Equatable, Sendable {
        /// Its path below the folder that was moved.
        package var relativePath: String
        /// What it was, for people.
        package var what: String
    }

    /// Folders inside folders that are gone into, one open descriptor each.
    private static var deepestMove: Int { 128 }

    /// Moves everything in the folder `old` into the folder `new`: files by rename, and each folder is made anew, so that whoever had one of
    /// them open has no way into what was moved. Links, pipes, sockets and devices are not moved but removed, and returned.
    ///
    /// Called again after an interruption it moves the rest.
    /// - Parameter new: A folder that nobody else writes in.
    package func moveContents(of old: String, into new: String) throws(Fault) -> [LeftOut] {
        try willPerform(.rename, old)
        let (source, target) = (try openFolder(old), try openFolder(new))
        defer {
            close(source)
            close(target)
        }
        var leftOut: [LeftOut] = []
        try move(source, into: target, below: "", depth: 0, root: old, leftOut: &leftOut)
        guard fsync(target) == 0 || errno == EINVAL else { throw .fromErrno("flushing", new) }
        return leftOut
    }

    private func move(
        _ source: Int32, into target: Int32, below prefix: String, depth: Int, root: String, leftOut: inout [LeftOut]
    ) throws(Fault) {
        for name in try Self.names(of: Self.reopened(source), folder: root + "/" + prefix).sorted(by: { $0.lexicographicallyPrecedes($1) })
        {
            let (entry, shown) = (Self.cString(name), prefix + Self.display(name))
            var status = stat()
            guard fstatat(source, entry, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                var other = stat()
                guard fstatat(target, entry, &other, AT_SYMLINK_NOFOLLOW) != 0 else {
                    leftOut.append(LeftOut(relativePath: shown, what: "came a second time"))
                    continue
                }
                guard renameat(source, entry, target, entry) == 0 else {
                    guard Self.isFinal(errno) else { throw .fromErrno("moving", root + "/" + shown) }
                    leftOut.append(LeftOut(relativePath: shown, what: "could not be moved (\(SystemMessage.text(of: errno)))"))
                    continue
                }
                // What was a file a moment ago may have been swapped; from here on nobody can.
                guard fstatat(target, entry, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else {
                    leftOut.append(Self.removed(entry, of: target, status, shown: shown))
                    continue
                }
            case S_IFDIR where depth < Self.deepestMove:
                try moveFolder(entry, of: source, into: target, below: shown + "/", depth: depth + 1, root: root, leftOut: &leftOut)
            case S_IFDIR: leftOut.append(LeftOut(relativePath: shown, what: "is more than \(Self.deepestMove) folders deep"))
            default: leftOut.append(Self.removed(entry, of: source, status, shown: shown))
            }
        }
    }

    /// Whether another try could not help: what passes, as a full disk or too many open files, is thrown.
    private static func isFinal(_ code: Int32) -> Bool { [EACCES, EPERM, ENOENT, ENOTDIR, ELOOP, EXDEV, EBUSY].contains(code) }

    private func moveFolder(
        _ entry: [CChar], of source: Int32, into target: Int32, below prefix: String, depth: Int, root: String, leftOut: inout [LeftOut]
    ) throws(Fault) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let inner = openat(source, entry, flags)
        guard inner >= 0 else {
            guard Self.isFinal(errno) else { throw .fromErrno("opening", root + "/" + prefix) }
            leftOut.append(LeftOut(relativePath: String(prefix.dropLast()), what: "could not be read (\(SystemMessage.text(of: errno)))"))
            return
        }
        defer { close(inner) }
        guard mkdirat(target, entry, 0o755) == 0 || errno == EEXIST else { throw .fromErrno("creating the folder", root + "/" + prefix) }
        let made = openat(target, entry, flags)
        guard made >= 0 else { throw .fromErrno("opening", root + "/" + prefix) }
        defer { close(made) }
        try move(inner, into: made, below: prefix, depth: depth, root: root, leftOut: &leftOut)
        guard fsync(made) == 0 || errno == EINVAL else { throw .fromErrno("flushing", root + "/" + prefix) }
        // What somebody put there meanwhile stays, and the folder with it.
        unlinkat(source, entry, AT_REMOVEDIR)
    }

    private static func removed(_ entry: [CChar], of folder: Int32, _ status: stat, shown: String) -> LeftOut {
        var what = "was a \(Facts(status).kind.rawValue)"
        if status.st_mode & S_IFMT == S_IFLNK {
            var text = [CChar](repeating: 0, count: 4096)
            let count = readlinkat(folder, entry, &text, text.count)
            if count > 0 { what += " to \(display(text.prefix(count).map { UInt8(bitPattern: $0) }))" }
        }
        if unlinkat(folder, entry, 0) != 0 { what += " and could not be removed (\(SystemMessage.text(of: errno)))" }
        return LeftOut(relativePath: shown, what: what)
    }

    /// Removes a file or a folder with all that is in it. Only for what Engram itself made; links are removed, not followed.
    ///
    /// Names need not be text, folders may be deeper than a path is long, and those without rights get them first.
    package func removeTree(_ path: String) throws(Fault) {
        try willPerform(.remove, path)
        guard let facts = try facts(of: path) else { return }
        guard facts.kind == .folder else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .fromErrno("removing", path) }
            return
        }
        chmodIfUnreadable(AT_FDCWD, Self.cString(Array(path.utf8)))
        let root = try openFolder(path)
        defer { close(root) }
        try empty(root, depth: 0, root: root, path: path)
        guard rmdir(path) == 0 || errno == ENOENT else { throw .fromErrno("removing", path) }
    }

    /// Folders that are gone into before the next one is lifted up to the top, which needs no more descriptors.
    private static var deepestDescent: Int { 64 }

    private func empty(_ folder: Int32, depth: Int, root: Int32, path: String) throws(Fault) {
        // Lifted folders come while this runs, so the top is read until it stays empty.
        while true {
            let names = try Self.names(of: Self.reopened(folder), folder: path)
            if names.isEmpty { return }
            for name in names { try remove(Self.cString(name), of: folder, depth: depth, root: root, path: path) }
            guard depth == 0 else { return }
        }
    }

    private func remove(_ entry: [CChar], of folder: Int32, depth: Int, root: Int32, path: String) throws(Fault) {
        if unlinkat(folder, entry, 0) == 0 || errno == ENOENT { return }
        // Linux says EISDIR, POSIX EPERM.
        guard errno == EISDIR || errno == EPERM else { throw .fromErrno("removing", path) }
        if unlinkat(folder, entry, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw .fromErrno("removing", path) }
        chmodIfUnreadable(folder, entry)
        if depth >= Self.deepestDescent, folder != root {
            var number = 0
            while renameat(folder, entry, root, Self.cString(Array(".engram-lifted-\(number)".utf8))) != 0 {
                guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR else { throw .fromErrno("removing", path) }
                number += 1
            }
            return
        }
        let inner = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else { throw .fromErrno("removing", path) }
        defer { close(inner) }
        try empty(inner, depth: depth + 1, root: root, path: path)
        guard unlinkat(folder, entry, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw .fromErrno("removing", path) }
    }

    /// Gives a folder of our own the rights that emptying it takes.
    private func chmodIfUnreadable(_ folder: Int32, _ entry: [CChar]) {
        var status = stat()
        guard fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_mode & 0o700 != 0o700, status.st_uid == geteuid()
        else { return }
        fchmodat(folder, entry, 0o700, 0)
    }

    private func openFolder(_ path: String) throws(Fault) -> Int32 {
        let descriptor = openDescriptor(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fromErrno("opening", path) }
        return descriptor
    }

    /// Another descriptor of the same folder, which lists it from the beginning.
    private static func reopened(_ folder: Int32) -> Int32 { openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }

    private static func cString(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }
}
