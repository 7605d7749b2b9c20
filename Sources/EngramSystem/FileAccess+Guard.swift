internal import CEngramSystem
internal import Glibc

extension FileAccess {
    /// The same disk, on which no link is followed below these folders.
    package func guarding(_ folders: [String]) -> FileAccess {
        var files = self
        files.guardedFolders = folders
        return files
    }

    /// Whether links are not followed on the way to `path`.
    func isGuarded(_ path: String) -> Bool { guardedRoot(of: path) != nil }

    /// Whether `path` is one of these folders, which its owner may have made a link.
    func isGuardedFolder(_ path: String) -> Bool { guardedFolders.contains { $0.utf8.elementsEqual(path.utf8) } }

    /// The innermost guarded folder above `path`; nil for one that is not below any, or is one itself.
    private func guardedRoot(of path: String) -> String? {
        var found: String?
        for folder in guardedFolders where path.utf8.count > folder.utf8.count + 1 && path.utf8.starts(with: (folder + "/").utf8) {
            if folder.utf8.count >= (found ?? "").utf8.count { found = folder }
        }
        // "FOLDER/." is the folder, reached through a link of its owner's.
        guard let found, !path.utf8.dropFirst(found.utf8.count + 1).elementsEqual(".".utf8) else { return nil }
        return found
    }

    /// Opens a path by the rules of `guardedFolders`; -1 with `errno` where that fails.
    func openDescriptor(_ path: String, _ flags: Int32) -> Int32 {
        guard let root = guardedRoot(of: path) else { return open(path, flags) }
        let folder = open(root, Int32(ENGRAM_O_PATH) | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return -1 }
        let descriptor = engram_open_beneath(folder, String(decoding: path.utf8.dropFirst(root.utf8.count + 1), as: UTF8.self), flags)
        let code = errno
        close(folder)
        errno = code
        return descriptor
    }

    /// A folder that is held open, and the name of an entry in it.
    struct Place {
        /// `AT_FDCWD` where `name` is the whole path.
        let folder: Int32
        let name: String

        func close() { if folder >= 0 { Glibc.close(folder) } }
    }

    /// Where an entry is made, renamed or removed. Below a guarded folder its own folder is opened by the rules of such and held: whoever may
    /// swap a part of the way for a link changes nothing about where the call reaches.
    func place(of path: String, for operation: String) throws(Fault) -> Place {
        guard isGuarded(path), let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return Place(folder: AT_FDCWD, name: path) }
        let parent = String(decoding: path.utf8[..<slash], as: UTF8.self)
        let flags = Int32(ENGRAM_O_PATH) | O_DIRECTORY | O_CLOEXEC
        // A guarded folder itself may be reached through links.
        let folder = isGuardedFolder(parent) ? open(parent, flags) : openDescriptor(parent, flags | O_NOFOLLOW)
        guard folder >= 0 else { throw .fromErrno(operation, path) }
        return Place(folder: folder, name: String(decoding: path.utf8[path.utf8.index(after: slash)...], as: UTF8.self))
    }

    /// The places of both ends of a rename.
    func places(of old: String, _ new: String) throws(Fault) -> (Place, Place) {
        let source = try place(of: old, for: "renaming")
        do throws(Fault) {
            return (source, try place(of: new, for: "renaming"))
        } catch {
            source.close()
            throw error
        }
    }

    /// Opens a plain file to read it.
    /// - Throws: `FileFailure.system`, or `.unexpectedEntry` for a folder, a pipe, a socket or a device.
    func openFile(_ path: String) throws(Fault) -> (descriptor: Int32, status: stat) {
        // O_NONBLOCK keeps a named pipe that took the file's place from holding the daemon.
        let descriptor = openDescriptor(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .fromErrno("opening", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(operation: "looking at", path: path, code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unexpectedEntry(path: path, kind: Facts(status).kind.rawValue)
        }
        return (descriptor, status)
    }
}

extension FileAccess.Facts {
    /// - Parameter kind: nil for what the mode says.
    init(_ status: stat, kind: FileAccess.Kind? = nil) {
        let own: FileAccess.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symlink
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
        self.init(
            kind: kind ?? own, byteCount: Int64(status.st_size),
            modificationNanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
            changeNanoseconds: Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec),
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
