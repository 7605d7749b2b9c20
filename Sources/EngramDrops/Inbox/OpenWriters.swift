internal import Glibc
internal import Synchronization

/// Tells which files somebody has open for writing: what is quiet need not be finished.
///
/// The kernel says it of this user's files, and of all to root (a lease, `F_SETLEASE`); of other users' files as far as /proc shows their
/// processes' descriptors. What neither says is taken for closed, and what comes later is noticed before the result is published.
final class OpenWriters: Sendable {
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private let files: FileSystem
    /// Whether other machines write to this file system: leases say nothing of them there, and some servers refuse every one.
    private let isShared: Bool
    private let seen = Mutex<(at: Double, written: Set<Identity>)?>(nil)

    init(files: FileSystem, isShared: Bool) {
        self.files = files
        self.isShared = isShared
    }

    /// The first file of a drop, or its settings, that is open for writing; nil where none is known to be.
    func firstFile(of snapshot: TreeSnapshot, at path: String, name: String) throws(DropError) -> String? {
        guard !isShared else { return nil }
        var suffixes = snapshot.files.map(\.relativePath).map { $0.isEmpty ? "" : "/" + $0 }
        if snapshot.settings != nil { suffixes.append(InboxScanner.settingsSuffix) }
        var candidates = suffixes.map { (path: path + $0, shown: name + $0) }
        let folder = DropJob.folder(of: path)
        candidates += snapshot.companions.map { (folder + $0.relativePath, $0.relativePath) }
        for (path, shown) in candidates {
            let isOpen: Bool?
            do throws(DropError) {
                isOpen = try files.hasWriter(path)
            } catch {
                // It went away or changed its kind meanwhile: the next look sees that.
                switch error {
                case .unexpectedEntry, .system(_, _, ENOENT), .system(_, _, ENOTDIR), .system(_, _, ELOOP): continue
                default: throw error
                }
            }
            let isKnownOpen = if let isOpen { isOpen } else { try isOpenAsProcessesShow(path) }
            if isKnownOpen { return shown }
        }
        return nil
    }

    private func isOpenAsProcessesShow(_ path: String) throws(DropError) -> Bool {
        guard let facts = try files.facts(of: path) else { return false }
        let now = SystemDropClock().monotonicSeconds()
        let identity = Identity(device: facts.device, inode: facts.inode)
        return seen.withLock { seen in
            // One look serves a burst of drops.
            if seen.map({ now - $0.at > 1 }) ?? true { seen = (now, Self.written()) }
            return seen?.written.contains(identity) ?? false
        }
    }

    /// The plain files that processes have open for writing, as far as this user may look.
    private static func written() -> Set<Identity> {
        let files = FileSystem()
        var found: Set<Identity> = []
        for process in (try? files.textNames(in: "/proc")) ?? [] where Int32(process) != nil {
            for number in (try? files.textNames(in: "/proc/\(process)/fd")) ?? [] {
                // The second line of proc(5)'s fdinfo: `flags:` and the flags of open(2) in octal.
                let lines = String(decoding: files.readKernelFile("/proc/\(process)/fdinfo/\(number)") ?? [], as: UTF8.self).split(
                    separator: "\n")
                let flags = lines.first { $0.hasPrefix("flags:") }?.dropFirst("flags:".count).trimmingPrefix { $0 == "\t" || $0 == " " }
                guard let flags, let value = Int32(flags, radix: 8), value & O_ACCMODE != O_RDONLY else { continue }
                // Only now, since a file of a server that does not answer would hold this up.
                var status = stat()
                guard stat("/proc/\(process)/fd/\(number)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
                found.insert(Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
            }
        }
        return found
    }
}
