internal import EngramSystem
internal import Glibc

/// The copy of a claimed source that only engram can change: it is hashed while it is made, and it is what the worker reads.
///
/// Whoever dropped something may still have it open, write into it, and swap what lies in a folder. None of that reaches the copy, so a
/// manifest never names other bytes than those that were learned. Where the file system can share blocks the copy takes no room; elsewhere
/// it takes the room of the source for as long as the drop is at work.
///
/// The order: `copy.part` is filled, `inputs.json` is written beside it, `copy.part` is renamed to `copy`. After `kill -9` before that the
/// next start makes it anew.
struct SourceCopy: Sendable {
    let place: DropPlace
    /// The most bytes of one file.
    var largestFile: Int64 = .max

    /// Copies a drop and what came with it, and hashes both.
    /// - Returns: The hash of the drop itself, and one of what else it is learned from (`Companion`); nil where nothing came with it.
    /// - Throws: `DropError.fileTooLong`, before a byte is read where a size says it; `.unexpectedEntry` for what is no file and no folder;
    ///   `.sourceChanged` for what went away meanwhile.
    func make(of row: DropRow) throws(DropError) -> (drop: TreeHash, companions: TreeHash?) {
        let (work, files) = (place.folders.work(for: row.id), place.files)
        for folder in [work.copyInProgress, work.copy] where try files.exists(folder) { try files.removeTree(folder) }
        var snapshots: [(name: String, snapshot: TreeSnapshot)] = []
        for name in try files.names(in: work.input) {
            guard let snapshot = try snapshot(of: work.input + "/" + name, named: name) else { continue }
            for file in snapshot.files where file.byteCount > largestFile {
                throw .fileTooLong(path: Self.path(name, file.relativePath), limit: largestFile, found: file.byteCount)
            }
            snapshots.append((name, snapshot))
        }
        try files.createFolder(work.copyInProgress, mode: 0o700)
        var hash: TreeHash?
        var companions: [TreeHash.File] = []
        let companionNames = Set(Companion.names(of: row.entryName).map { Array($0.utf8) })
        for (name, snapshot) in snapshots {
            let copied = try copy(snapshot, named: name, from: work.input, to: work.copyInProgress)
            if name.utf8.elementsEqual(row.entryName.utf8) {
                hash = TreeHash(files: copied)
            } else if companionNames.contains(Array(name.utf8)) {
                companions += copied.map { file in
                    TreeHash.File(
                        relativePath: Self.path(name, file.relativePath), byteCount: file.byteCount,
                        sha256: file.sha256)
                }
            }
        }
        guard let hash else { throw .sourceChanged(what: "\(row.entryName) is not there any more") }
        try files.write(ResultManifest.json(of: hash.files).encoded(), to: work.inputHashes, isDurable: false)
        try files.write(Self.boot, to: work.copyBoot, isDurable: false)
        try files.rename(work.copyInProgress, to: work.copy)
        return (hash, companions.isEmpty ? nil : TreeHash(files: companions))
    }

    /// Whether there is a copy that can be relied on. Its bytes are not flushed, which would take as long again: after the machine was
    /// started anew it may have holes where the kernel had not written yet, and is made again.
    func isReliable(of row: DropRow) throws(DropError) -> Bool {
        let work = place.folders.work(for: row.id)
        guard row.contentSHA256 != nil, try place.files.exists(work.copy), try place.files.exists(work.copyBoot) else { return false }
        return try place.files.read(work.copyBoot, count: 1 << 10) == Self.boot
    }

    /// What tells one start of the machine from the next.
    private static var boot: [UInt8] { FileSystem().readKernelFile("/proc/sys/kernel/random/boot_id") ?? [] }

    private func snapshot(of path: String, named name: String) throws(DropError) -> TreeSnapshot? {
        do throws(DropError) {
            return try TreeSnapshot.take(path, files: place.files)
        } catch {
            switch error {
            case .system(_, _, ENOENT), .system(_, _, ENOTDIR): throw .sourceChanged(what: "a part of \(name) is not there any more")
            default: throw error
            }
        }
    }

    private func copy(
        _ snapshot: TreeSnapshot, named name: String, from source: String, to target: String
    ) throws(DropError) -> [TreeHash.File] {
        let files = place.files
        if snapshot.isFolder { try files.createFolder(target + "/" + name, mode: 0o700) }
        for folder in snapshot.folders { try files.createFolder(target + "/" + name + "/" + folder, mode: 0o700) }
        var hashes: [TreeHash.File] = []
        for file in snapshot.files {
            let path = "/" + Self.path(name, file.relativePath)
            do throws(DropError) {
                let (sha256, byteCount) = try files.copy(source + path, to: target + path, limit: largestFile)
                hashes.append(TreeHash.File(relativePath: file.relativePath, byteCount: byteCount, sha256: sha256))
                // Who put it there may have left the writing to the kernel, and may remove the original once there is a result.
                try files.synchronize(source + path)
            } catch {
                switch error {
                case .system(_, _, ENOENT), .system(_, _, ENOTDIR):
                    throw .sourceChanged(what: "\(Self.path(name, file.relativePath)) is not there any more")
                case .system("opening", _, ELOOP): throw .unexpectedEntry(path: Self.path(name, file.relativePath), kind: "symbolic link")
                case .fileTooLong(_, let limit, let found):
                    throw .fileTooLong(path: Self.path(name, file.relativePath), limit: limit, found: found)
                default: throw error
                }
            }
        }
        return hashes
    }

    /// What is different in the source from what was taken, in words; nil where nothing is.
    func change(of row: DropRow) throws(DropError) -> String? {
        let (work, files) = (place.folders.work(for: row.id), place.files)
        guard try files.exists(work.copy) else {
            // Claimed by a version that made no copies.
            guard row.contentSHA256 != nil else { return nil }
            let isSame = try TreeHash.compute(work.input + "/" + row.entryName, files: files).sha256 == row.contentSHA256
            return isSame ? nil : "\(row.entryName) has other bytes"
        }
        let (now, then) = (try files.rawNames(in: work.input), try files.names(in: work.copy))
        let known = Set(then.map { Array($0.utf8) })
        if let new = now.first(where: { !known.contains($0) }) { return "\(FileSystem.display(new)) came" }
        for name in then {
            if let change = try change(at: name, in: work) { return change }
        }
        return nil
    }

    private func change(at name: String, in work: WorkFolders) throws(DropError) -> String? {
        let files = place.files
        let (source, copy) = (work.input + "/" + name, work.copy + "/" + name)
        let now: TreeSnapshot
        do throws(DropError) {
            guard let taken = try TreeSnapshot.take(source, files: files) else { return "\(name) went away" }
            now = taken
        } catch {
            switch error {
            case .unexpectedEntry, .unusableName, .system(_, _, ELOOP): return "\(error)"
            default: throw error
            }
        }
        guard let then = try TreeSnapshot.take(copy, files: files) else { return "\(name) came" }
        let (new, old) = (Self.sizes(now), Self.sizes(then))
        guard now.isFolder == then.isFolder else { return "\(name) became \(now.isFolder ? "a folder" : "a file")" }
        if let file = now.files.first(where: { old[Array($0.relativePath.utf8)] == nil }) {
            return "\(Self.path(name, file.relativePath)) came"
        }
        for file in then.files {
            let shown = Self.path(name, file.relativePath)
            guard let byteCount = new[Array(file.relativePath.utf8)] else { return "\(shown) went away" }
            guard byteCount == file.byteCount else { return "\(shown) had \(file.byteCount) bytes and has \(byteCount)" }
            do throws(DropError) {
                let inner = file.relativePath.isEmpty ? "" : "/" + file.relativePath
                guard try files.haveSameContent(source + inner, copy + inner) else { return "\(shown) has other bytes" }
            } catch {
                switch error {
                case .unexpectedEntry, .system(_, _, ELOOP), .system(_, _, ENOENT), .system(_, _, ENOTDIR): return "\(shown): \(error)"
                default: throw error
                }
            }
        }
        return nil
    }

    private static func sizes(_ snapshot: TreeSnapshot) -> [[UInt8]: Int64] {
        Dictionary(snapshot.files.map { (Array($0.relativePath.utf8), $0.byteCount) }) { first, _ in first }
    }

    private static func path(_ name: String, _ relativePath: String) -> String {
        relativePath.isEmpty ? name : name + "/" + relativePath
    }
}
