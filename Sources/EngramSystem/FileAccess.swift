internal import CEngramSystem
internal import Glibc

/// An error type that can say what went wrong on a disk; `FileAccess` throws the one of its caller.
package protocol FileFailure: Error {
    /// A system call failed: `operation` on `path` set `code` (an `errno` value).
    static func system(operation: String, path: String, code: Int32) -> Self
    /// A path that must be a folder is something else.
    static func notAFolder(path: String) -> Self
    /// A name that cannot be one entry of a folder.
    static func unusableName(name: String, reason: String) -> Self
    /// A folder that this process may not write in, and so not move. `needed` is the mode that it lacks.
    static func immovableFolder(path: String, mode: UInt32, needed: String) -> Self
    /// Something other than a plain file or a folder where only those can be.
    static func unexpectedEntry(path: String, kind: String) -> Self
    /// A file that is longer than `limit` bytes. `found` is its size, or what was read of it before that was given up.
    static func fileTooLong(path: String, limit: Int64, found: Int64) -> Self
}

extension FileFailure {
    /// The error for the call that failed just now. `errno` must not have been touched since.
    package static func fromErrno(_ operation: String, _ path: String) -> Self {
        .system(operation: operation, path: path, code: errno)
    }
}

/// Every touch of the disk by the daemon goes through here, so that a test can make the n-th one fail, or be the last.
///
/// Nothing follows a symlink at the last component; below `guardedFolders`, at no component. Paths are UTF-8.
package struct FileAccess<Fault: FileFailure>: Sendable {
    /// What is about to happen.
    package enum Operation: String, Sendable {
        case list, read, createFolder, write, synchronize, rename, remove, startWorker, recordInLedger, checkRights
    }

    /// What a path names.
    package enum Kind: String, Sendable {
        case file, folder
        case symlink = "symbolic link"
        case fifo = "named pipe"
        case socket
        case device
        case mountPoint = "mount point of another file system"
    }

    /// What `lstat` says about a path.
    package struct Facts: Equatable, Sendable {
        /// File, folder or something else.
        package var kind: Kind
        /// Bytes of a file.
        package var byteCount: Int64
        /// Nanoseconds since the epoch.
        package var modificationNanoseconds: Int64
        /// When content, name or rights last changed, which nobody can set: nanoseconds since the epoch.
        package var changeNanoseconds: Int64
        /// The file system it is on.
        package var device: UInt64
        /// Its number on that file system.
        package var inode: UInt64
    }

    /// Called before each operation; what it throws happens instead of the operation.
    package typealias FaultHook = @Sendable (_ operation: Operation, _ path: String) throws(Fault) -> Void

    /// The hook; for steps beside the disk that a test can make fail too.
    package let willPerform: FaultHook

    /// Folders, by their real paths, in which others may change anything at any moment: below them no link is followed at any part of a
    /// path, no other mount is entered, and what is read is a plain file. The folders themselves may be reached through links.
    package var guardedFolders: [String] = []

    /// Called between the pieces of a file that is read to its end; what it throws ends the reading.
    package var betweenPieces: @Sendable () throws(Fault) -> Void = { () throws(Fault) in }

    /// Creates the file system; `willPerform` is for tests.
    package init(willPerform: @escaping FaultHook = { (_, _) throws(Fault) in }) { self.willPerform = willPerform }

    // MARK: Looking

    /// Returns what `path` names, nil when there is nothing.
    package func facts(of path: String) throws(Fault) -> Facts? {
        var status = stat()
        if isGuarded(path) {
            let descriptor = openDescriptor(path, Int32(ENGRAM_O_PATH) | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT || errno == ENOTDIR { return nil }
                // Another file system begins here, or on the way here: there is something, and it is not gone into.
                if errno == EXDEV, lstat(path, &status) == 0 { return Facts(status, kind: .mountPoint) }
                throw .fromErrno("looking at", path)
            }
            defer { close(descriptor) }
            guard fstat(descriptor, &status) == 0 else { throw .fromErrno("looking at", path) }
        } else {
            guard lstat(path, &status) == 0 else {
                if errno == ENOENT || errno == ENOTDIR { return nil }
                throw .fromErrno("looking at", path)
            }
        }
        return Facts(status)
    }

    /// Whether there is anything at `path`.
    package func exists(_ path: String) throws(Fault) -> Bool { try facts(of: path) != nil }

    /// Returns the raw names in a folder, without `.` and `..`, in no order.
    package func rawNames(in folder: String) throws(Fault) -> [[UInt8]] {
        try willPerform(.list, folder)
        let descriptor = openDescriptor(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .fromErrno("listing", folder) }
        return try Self.names(of: descriptor, folder: folder)
    }

    /// The names in the folder behind `descriptor`, which is closed.
    static func names(of descriptor: Int32, folder: String) throws(Fault) -> [[UInt8]] {
        guard descriptor >= 0 else { throw .fromErrno("listing", folder) }
        guard let directory = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw .system(operation: "listing", path: folder, code: code)
        }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw .fromErrno("listing", folder) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
        }
    }

    /// Returns the names in a folder as text, sorted by their bytes.
    /// - Throws: `Fault.unusableName` if a name is not UTF-8.
    package func names(in folder: String) throws(Fault) -> [String] {
        var names: [String] = []
        for raw in try rawNames(in: folder) {
            guard let name = String(validating: raw, as: UTF8.self) else {
                throw .unusableName(name: folder + "/" + Self.display(raw), reason: "it is not UTF-8 text; rename it")
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Returns the names in a folder that are text, sorted by their bytes; the others are nobody's that Engram knows.
    package func textNames(in folder: String) throws(Fault) -> [String] {
        try rawNames(in: folder).compactMap { String(validating: $0, as: UTF8.self) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A raw name for people: bytes that are not UTF-8 become `\xNN`.
    package static func display(_ raw: [UInt8]) -> String {
        if let text = String(validating: raw, as: UTF8.self) { return text }
        return raw.map { $0 < 0x80 && $0 >= 0x20 ? String(UnicodeScalar($0)) : "\\x" + Stamp.hex(UInt64($0), digits: 2) }.joined()
    }

    /// Returns up to `count` bytes from `offset`; fewer at the end of the file.
    package func read(_ path: String, from offset: Int64 = 0, count: Int) throws(Fault) -> [UInt8] {
        try willPerform(.read, path)
        let (descriptor, status) = try openFile(path)
        defer { close(descriptor) }
        // Not more than the file has; files of /proc say that they have nothing.
        let count = min(count, max(4096, Int(status.st_size) - Int(offset)))
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .fromErrno("reading", path)
            }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }

    // MARK: Changing

    /// Creates a folder; one that is there already is fine.
    package func createFolder(_ path: String, mode: UInt32 = 0o755) throws(Fault) {
        try willPerform(.createFolder, path)
        let place = try place(of: path, for: "creating the folder")
        defer { place.close() }
        guard mkdirat(place.folder, place.name, mode) != 0 else { return }
        guard errno == EEXIST else { throw .fromErrno("creating the folder", path) }
        var status = stat()
        // Following a link is meant where it is not guarded: an inbox may be a link that its owner made.
        let flags = isGuarded(path) && !isGuardedFolder(path) ? AT_SYMLINK_NOFOLLOW : 0
        guard fstatat(place.folder, place.name, &status, flags) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .notAFolder(path: path)
        }
    }

    /// What a file is called while `write` fills it.
    package static var temporarySuffix: String { ".tmp" }

    /// Writes a file and flushes it to the disk; an old one is replaced in one step.
    package func write(_ bytes: [UInt8], to path: String, isDurable: Bool = true) throws(Fault) {
        try willPerform(.write, path)
        let temporary = path + Self.temporarySuffix
        // A new file under that name: what somebody put there may be a pipe, which would block, or a second name of another file.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .fromErrno("creating", temporary) }
        do {
            defer { close(descriptor) }
            try writeAll(bytes, to: descriptor, path: temporary)
            if isDurable, fsync(descriptor) != 0 { throw Fault.fromErrno("flushing", temporary) }
        }
        guard Glibc.rename(temporary, path) == 0 else { throw .fromErrno("renaming", temporary) }
    }

    func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(Fault) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .fromErrno("writing", path)
            }
            written += count
        }
    }

    /// Flushes a file or a folder to the disk. A failure must not be tried again: the kernel may have dropped the data.
    package func synchronize(_ path: String) throws(Fault) {
        try willPerform(.synchronize, path)
        // Non-blocking, as in `openFile`.
        let descriptor = openDescriptor(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .fromErrno("opening", path) }
        defer { close(descriptor) }
        // EINVAL: a file system without fsync for folders (some FUSE ones); it has nothing to flush.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .fromErrno("flushing", path) }
    }

    /// Renames in one step; an old file or an empty folder at `new` is replaced.
    package func rename(_ old: String, to new: String) throws(Fault) {
        try willPerform(.rename, old)
        let (source, target) = try places(of: old, new)
        defer {
            source.close()
            target.close()
        }
        guard renameat(source.folder, source.name, target.folder, target.name) == 0 else { throw .fromErrno("renaming", old) }
    }

    /// Renames in one step if nothing is at `new`; returns whether it did.
    ///
    /// Where the file system cannot promise that, a folder first takes the place by `mkdir`, which does, and a file by `link`.
    package func renameIfFree(_ old: String, to new: String) throws(Fault) -> Bool {
        try willPerform(.rename, old)
        let (source, target) = try places(of: old, new)
        defer {
            source.close()
            target.close()
        }
        if engram_rename_no_replace(source.folder, source.name, target.folder, target.name) == 0 { return true }
        if errno == EEXIST { return false }
        guard errno == EINVAL || errno == ENOSYS else { throw .fromErrno("renaming", old) }
        return try renameByReservation(old, to: new)
    }

    /// What `renameIfFree` does where the file system cannot refuse by itself.
    package func renameByReservation(_ old: String, to new: String) throws(Fault) -> Bool {
        guard let facts = try facts(of: old) else { throw .system(operation: "renaming", path: old, code: ENOENT) }
        let (source, target) = try places(of: old, new)
        defer {
            source.close()
            target.close()
        }
        if facts.kind == .folder {
            if mkdirat(target.folder, target.name, 0o755) != 0 {
                if errno == EEXIST { return false }
                throw .fromErrno("creating the folder", new)
            }
            guard renameat(source.folder, source.name, target.folder, target.name) == 0 else {
                let code = errno
                unlinkat(target.folder, target.name, AT_REMOVEDIR)
                if code == ENOTEMPTY || code == EEXIST { return false }
                throw .system(operation: "renaming", path: old, code: code)
            }
            return true
        }
        if linkat(source.folder, source.name, target.folder, target.name, 0) != 0 {
            if errno == EEXIST { return false }
            throw .fromErrno("linking", old)
        }
        guard unlinkat(source.folder, source.name, 0) == 0 else { throw .fromErrno("removing", old) }
        return true
    }

    /// Removes a folder if it is there and empty; returns whether nothing is there now.
    package func removeEmptyFolder(_ path: String) throws(Fault) -> Bool {
        try willPerform(.remove, path)
        let place = try place(of: path, for: "removing")
        defer { place.close() }
        return unlinkat(place.folder, place.name, AT_REMOVEDIR) == 0 || errno == ENOENT
    }
}
