internal import CEngramSystem
internal import Glibc

/// Whole files, piece by piece: hashed, copied, compared. Each of them asks `betweenPieces` whether to go on.
extension FileAccess {
    /// 256 KiB: large enough that the calls cost nothing, small enough to stay in the cache while it is hashed.
    private static var pieceByteCount: Int { 256 << 10 }

    /// Returns the SHA-256 and the byte count of a file, read once.
    package func hash(of path: String) throws(Fault) -> (sha256: String, byteCount: Int64) {
        try willPerform(.read, path)
        let (descriptor, _) = try openFile(path)
        defer { close(descriptor) }
        return try hash(descriptor, path: path)
    }

    private func hash(_ descriptor: Int32, path: String) throws(Fault) -> (sha256: String, byteCount: Int64) {
        var hash = SHA256()
        var byteCount: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: Self.pieceByteCount)
        while true {
            let got = try readPiece(descriptor, into: &buffer, path: path)
            if got == 0 { return (hash.finalized(), byteCount) }
            byteCount += Int64(got)
            buffer.withUnsafeBytes { hash.update(buffer: UnsafeRawBufferPointer(rebasing: $0.prefix(got))) }
        }
    }

    /// Copies a file to a new one and hashes what is copied, so that the hash is that of the copy whatever happens to the file meanwhile.
    ///
    /// Where the file system can, the copy shares the file's blocks until one of them is written to (FICLONE). Blocks of zeros take no room.
    /// Nothing is flushed.
    /// - Parameters:
    ///   - path: A plain file.
    ///   - target: Where nothing is yet, in a folder that nobody else writes in.
    ///   - limit: The most bytes that are read.
    /// - Throws: Also `FileFailure.fileTooLong`, before a byte is read where the file says so itself.
    package func copy(_ path: String, to target: String, limit: Int64) throws(Fault) -> (sha256: String, byteCount: Int64) {
        try willPerform(.read, path)
        let (source, status) = try openFile(path)
        defer { close(source) }
        guard Int64(status.st_size) <= limit else { throw .fileTooLong(path: path, limit: limit, found: Int64(status.st_size)) }
        try willPerform(.write, target)
        let copy = open(target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard copy >= 0 else { throw .fromErrno("creating", target) }
        defer { close(copy) }
        if engram_clone_content(copy, source) == 0 {
            var cloned = stat()
            guard fstat(copy, &cloned) == 0 else { throw .fromErrno("looking at", target) }
            guard Int64(cloned.st_size) <= limit else { throw .fileTooLong(path: path, limit: limit, found: Int64(cloned.st_size)) }
            return try hash(copy, path: target)
        }
        return try transfer(source, to: copy, path: path, target: target, limit: limit)
    }

    private func transfer(
        _ source: Int32, to copy: Int32, path: String, target: String, limit: Int64
    ) throws(Fault) -> (sha256: String, byteCount: Int64) {
        var hash = SHA256()
        var byteCount: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: Self.pieceByteCount)
        while true {
            let got = try readPiece(source, into: &buffer, path: path)
            if got == 0 { break }
            byteCount += Int64(got)
            guard byteCount <= limit else { throw .fileTooLong(path: path, limit: limit, found: byteCount) }
            buffer.withUnsafeBytes { hash.update(buffer: UnsafeRawBufferPointer(rebasing: $0.prefix(got))) }
            let piece = buffer[..<got]
            if got == buffer.count, piece.allSatisfy({ $0 == 0 }) {
                guard lseek(copy, off_t(got), SEEK_CUR) >= 0 else { throw .fromErrno("writing", target) }
            } else {
                try writeAll(got == buffer.count ? buffer : Array(piece), to: copy, path: target)
            }
        }
        // A file that ends with zeros that were passed over has its length from here.
        if lseek(copy, 0, SEEK_END) != off_t(byteCount), ftruncate(copy, off_t(byteCount)) != 0 { throw .fromErrno("writing", target) }
        return (hash.finalized(), byteCount)
    }

    /// Whether two plain files have the same bytes.
    package func haveSameContent(_ path: String, _ other: String) throws(Fault) -> Bool {
        try willPerform(.read, path)
        let (first, firstStatus) = try openFile(path)
        defer { close(first) }
        let (second, secondStatus) = try openFile(other)
        defer { close(second) }
        guard firstStatus.st_size == secondStatus.st_size else { return false }
        var left = [UInt8](repeating: 0, count: Self.pieceByteCount)
        var right = left
        while true {
            let count = try readPiece(first, into: &left, path: path)
            guard try readPiece(second, into: &right, path: other) == count else { return false }
            if count == 0 { return true }
            guard memcmp(left, right, count) == 0 else { return false }
        }
    }

    /// Whether somebody has a plain file open for writing; nil where the kernel does not tell this process: a file of another user, or a file
    /// system without leases.
    package func hasWriter(_ path: String) throws(Fault) -> Bool? {
        try willPerform(.checkRights, path)
        let (descriptor, _) = try openFile(path)
        defer { close(descriptor) }
        let answer = engram_has_writer(descriptor)
        return answer < 0 ? nil : answer == 1
    }

    /// Fills the buffer as far as the file goes.
    private func readPiece(_ descriptor: Int32, into buffer: inout [UInt8], path: String) throws(Fault) -> Int {
        try betweenPieces()
        var filled = 0
        while filled < buffer.count {
            let got = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled) }
            if got < 0 {
                if errno == EINTR { continue }
                throw .fromErrno("reading", path)
            }
            if got == 0 { break }
            filled += got
        }
        return filled
    }
}
