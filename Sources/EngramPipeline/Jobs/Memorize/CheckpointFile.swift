internal import EngramMemories
internal import EngramNetworks
internal import EngramSystem
internal import Glibc

/// The one file that a run leaves for the next attempt; at any moment it is whole, or not there.
struct CheckpointFile: CheckpointStorage {
    /// Each touch of the disk in writing, in order.
    enum Operation: CaseIterable, Sendable {
        case create, write, synchronize, rename, synchronizeFolder
    }

    /// What the system said.
    struct Failure: Error, Equatable, CustomStringConvertible {
        var operation: String
        var code: Int32

        var description: String { "\(operation) it failed (\(SystemMessage.text(of: code)))" }
    }

    static let name = "training.checkpoint"
    /// What a file that cannot be used is called from then on; it replaces an earlier one.
    let nameAside = "training.checkpoint.unusable"
    private static let leftoverSuffix = ".part"

    let folder: String
    /// Called before each operation; what it throws happens instead. For tests.
    var willPerform: @Sendable (Operation) throws -> Void = { _ in }

    /// Replaces the file by one that holds `parts` one after the other, durable on return; where it throws, the old one stands.
    func write(_ parts: [[UInt8]]) throws {
        // A worker of an earlier attempt may still be at it, hence a name that no other writer has.
        let temporary = "\(folder)/\(Self.name).\(String(UInt64.random(in: 0 ... .max), radix: 16))\(Self.leftoverSuffix)"
        try willPerform(.create)
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw Failure(operation: "creating the folder of", code: errno) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure(operation: "creating", code: errno) }
        var isInPlace = false
        defer { if !isInPlace { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            for part in parts {
                try willPerform(.write)
                try Self.write(part, to: descriptor)
            }
            try willPerform(.synchronize)
            guard fsync(descriptor) == 0 else { throw Failure(operation: "flushing", code: errno) }
        }
        try willPerform(.rename)
        guard rename(temporary, "\(folder)/\(Self.name)") == 0 else { throw Failure(operation: "renaming", code: errno) }
        isInPlace = true
        try willPerform(.synchronizeFolder)
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw Failure(operation: "flushing the folder of", code: errno) }
        defer { close(folderDescriptor) }
        // EINVAL: a file system without fsync for folders has nothing to flush.
        guard fsync(folderDescriptor) == 0 || errno == EINVAL else { throw Failure(operation: "flushing the folder of", code: errno) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
            if count < 0 {
                let code = errno
                guard code == EINTR else { throw Failure(operation: "writing", code: code) }
            } else {
                offset += count
            }
        }
    }

    /// The file's bytes; nil where there is none.
    /// - Parameter kind: What it must begin with, seen to before the rest is read.
    /// - Throws: `Failure`; `CheckpointError.notACheckpoint`.
    func read(kind: String) throws -> [UInt8]? {
        // Without blocking, should someone have put a pipe there.
        let descriptor = open("\(folder)/\(Self.name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw Failure(operation: "opening", code: errno) }
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(operation: "looking at", code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CheckpointError.notACheckpoint }
        let beginning = try Self.read(kind.utf8.count, from: descriptor)
        guard beginning.elementsEqual(kind.utf8) else { throw CheckpointError.notACheckpoint }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Failure(operation: "reading", code: errno) }
        return try Self.read(Int(status.st_size), from: descriptor)
    }

    /// Up to `count` bytes; fewer where the file ends before.
    private static func read(_ count: Int, from descriptor: Int32) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var offset = 0
        while offset < count {
            let start = offset
            let found = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start) }
            if found < 0 {
                let code = errno
                guard code == EINTR else { throw Failure(operation: "reading", code: code) }
            } else if found == 0 {
                return Array(bytes[..<offset])
            } else {
                offset += found
            }
        }
        return bytes
    }

    /// Renames the file out of the way; returns whether that worked.
    func setAside() -> Bool { rename("\(folder)/\(Self.name)", "\(folder)/\(nameAside)") == 0 }

    /// Removes what writers that were killed left half-written.
    func removeLeftovers() {
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix(Self.name + "."), name.hasSuffix(Self.leftoverSuffix) { unlink("\(folder)/\(name)") }
        }
    }
}
