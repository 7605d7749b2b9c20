/// The files of one entry as they are now: sizes and times, nothing of their content.
package struct TreeSnapshot: Equatable, Sendable {
    /// One file.
    package struct File: Equatable, Sendable {
        /// Path below the entry, empty for an entry that is a file itself.
        package var relativePath: String
        /// Bytes.
        package var byteCount: Int64
        /// Nanoseconds since the epoch.
        package var modificationNanoseconds: Int64
    }

    /// Whether the entry is a folder.
    package var isFolder: Bool
    /// Its files, sorted by the bytes of their paths.
    package var files: [File]
    /// The folders in it by their paths below the entry.
    package var folders: [String]
    /// The newest modification of any file or folder in it, seconds since the epoch.
    package var newestModification: Double
    /// When the newest file or folder in it came or changed, by the moment that nobody can set (ctime), seconds since the epoch. No part of
    /// what makes two snapshots equal: a further link or another owner changes it too.
    package var newestArrival = 0.0
    /// The longest pause between the arrivals of two files of a folder, seconds; 0 for fewer than two. By the moment that the kernel notes and
    /// nobody can set (ctime), since copiers give files the times of their originals.
    package var longestPauseSeconds = 0.0
    /// The settings that lie beside the entry (`NAME.drop.yml`), nil if there are none or they are not known.
    package var settings: File?
    /// What else lies beside the entry and is taken along (`Companion`), by names.
    package var companions: [File] = []

    package static func == (first: TreeSnapshot, second: TreeSnapshot) -> Bool {
        first.isFolder == second.isFolder && first.files == second.files && first.folders == second.folders
            && first.newestModification == second.newestModification && first.longestPauseSeconds == second.longestPauseSeconds
            && first.settings == second.settings && first.companions == second.companions
    }

    /// The sum of the sizes.
    package var byteCount: Int64 { files.reduce(0) { $0 + $1.byteCount } }

    /// Folders inside folders that are still read; a drop needs two, and more is a mistake or an attack.
    static let deepestFolder = 32

    /// Looks at `path` and, for a folder, at everything below it.
    /// - Returns: nil when nothing is there.
    /// - Throws: `DropError.unexpectedEntry` for a link, pipe, socket or device anywhere in it, `.unusableName` for a name that
    ///   is not UTF-8 or a folder that is too deep.
    package static func take(_ path: String, files: FileSystem) throws(DropError) -> TreeSnapshot? {
        guard let facts = try files.facts(of: path) else { return nil }
        var walk = Walk(files: files, facts)
        switch facts.kind {
        case .file:
            walk.found = [File(relativePath: "", byteCount: facts.byteCount, modificationNanoseconds: facts.modificationNanoseconds)]
        case .folder:
            try walk.enter(path, below: "", depth: 0)
            walk.found.sort { $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8) }
        default: throw .unexpectedEntry(path: path, kind: facts.kind.rawValue)
        }
        walk.arrivals.sort()
        let pause = zip(walk.arrivals, walk.arrivals.dropFirst()).map { $1 - $0 }.max() ?? 0
        return TreeSnapshot(
            isFolder: facts.kind == .folder, files: walk.found, folders: walk.folders, newestModification: Double(walk.newest) / 1e9,
            newestArrival: Double(walk.newestChange) / 1e9, longestPauseSeconds: Double(pause) / 1e9)
    }
}

/// What is found on the way through a folder.
private struct Walk {
    let files: FileSystem
    var found: [TreeSnapshot.File] = []
    var folders: [String] = []
    var newest: Int64
    var newestChange: Int64
    /// When each file came, by ctime.
    var arrivals: [Int64] = []

    init(files: FileSystem, _ entry: FileSystem.Facts) {
        (self.files, newest, newestChange) = (files, entry.modificationNanoseconds, entry.changeNanoseconds)
    }

    mutating func enter(_ folder: String, below prefix: String, depth: Int) throws(DropError) {
        let deepestFolder = TreeSnapshot.deepestFolder
        guard depth < deepestFolder else { throw .unusableName(name: folder, reason: "it is more than \(deepestFolder) folders deep") }
        for name in try files.names(in: folder) {
            let path = folder + "/" + name
            // An entry that vanished since the listing will show as a change at the next look.
            guard let facts = try files.facts(of: path) else { continue }
            newest = max(newest, facts.modificationNanoseconds)
            newestChange = max(newestChange, facts.changeNanoseconds)
            switch facts.kind {
            case .file:
                arrivals.append(facts.changeNanoseconds)
                found.append(
                    TreeSnapshot.File(
                        relativePath: prefix + name, byteCount: facts.byteCount, modificationNanoseconds: facts.modificationNanoseconds))
            case .folder:
                folders.append(prefix + name)
                try enter(path, below: prefix + name + "/", depth: depth + 1)
            default: throw .unexpectedEntry(path: path, kind: facts.kind.rawValue)
            }
        }
    }
}

/// The hash of every file of an entry, and one hash for all of them.
package struct TreeHash: Equatable, Sendable {
    /// One file and its hash.
    package struct File: Equatable, Sendable {
        /// Path below the entry, empty for an entry that is a file itself.
        package var relativePath: String
        /// Bytes.
        package var byteCount: Int64
        /// 64 hexadecimal digits.
        package var sha256: String
    }

    /// The files, sorted by the bytes of their paths.
    package var files: [File]

    /// The hash of these files; their paths differ.
    package init(files: [File]) { self.files = files.sorted { $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8) } }

    /// The file's own hash, or for a folder the hash of the lines `SHA256 BYTES PATHBYTES PATH` of its files: two folders with the
    /// same files under the same names are the same drop, whatever they are called themselves. The length before the path
    /// keeps a newline in a name from imitating another line.
    package var sha256: String {
        if files.count == 1, files[0].relativePath.isEmpty { return files[0].sha256 }
        var hash = SHA256()
        hash.update(Array("engram-folder\n".utf8))
        for file in files {
            hash.update(Array("\(file.sha256) \(file.byteCount) \(file.relativePath.utf8.count) \(file.relativePath)\n".utf8))
        }
        return hash.finalized()
    }

    /// Reads and hashes every file of an entry that no longer changes.
    package static func compute(_ path: String, files: FileSystem) throws(DropError) -> TreeHash {
        guard let snapshot = try TreeSnapshot.take(path, files: files) else { throw .system(operation: "opening", path: path, code: 2) }
        var result: [File] = []
        for file in snapshot.files {
            let (sha256, byteCount) = try files.hash(of: file.relativePath.isEmpty ? path : path + "/" + file.relativePath)
            result.append(File(relativePath: file.relativePath, byteCount: byteCount, sha256: sha256))
        }
        return TreeHash(files: result)
    }
}
