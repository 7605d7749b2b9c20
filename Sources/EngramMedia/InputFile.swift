internal import EngramSystem
import Glibc

/// Reading of drops: regular files and folders only, links refused, size checked before memory is taken.
enum InputFile {
    enum Kind: Equatable {
        case file
        case folder
        case other(String)
    }

    /// What `path` itself is; a link is not followed.
    static func kind(of path: String) throws(MediaError) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system(path: path, call: "lstat", errorNumber: errno) }
        return kind(of: status)
    }

    private static func kind(of status: stat) -> Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .other("a symbolic link")
        case S_IFIFO: .other("a pipe")
        case S_IFSOCK: .other("a socket")
        default: .other("a device")
        }
    }

    /// The bytes of a regular file, or its first `prefix` bytes.
    static func read(_ path: String, limits: MediaLimits, prefix: Int = .max) throws(MediaError) -> [UInt8] {
        // O_NONBLOCK: opening a pipe that took the file's place must not hang.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let number = errno
            if number == ELOOP { throw .notAFile(path: path, found: "a symbolic link") }
            throw .system(path: path, call: "open", errorNumber: number)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, call: "fstat", errorNumber: errno) }
        if case .other(let found) = kind(of: status) { throw .notAFile(path: path, found: found) }
        let size = Int(status.st_size)
        guard size <= limits.maxFileByteCount else {
            throw .overLimit(file: path, quantity: "file size in bytes", limit: limits.maxFileByteCount, found: size)
        }
        let wanted = min(size, prefix)
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initializedCount in
            while initializedCount < wanted {
                let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + initializedCount }, wanted - initializedCount)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { return }
                initializedCount += count
            }
        }
        guard failure == 0 else { throw .system(path: path, call: "read", errorNumber: failure) }
        return bytes
    }

    /// Names in a folder, without `.` and `..`, in natural order.
    static func names(in path: String) throws(MediaError) -> [String] {
        guard let stream = opendir(path) else { throw .system(path: path, call: "opendir", errorNumber: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let number = errno
                guard number == 0 else { throw .system(path: path, call: "readdir", errorNumber: number) }
                break
            }
            let raw = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: raw, as: UTF8.self) else {
                throw .unsupported(
                    file: "\(path)/\(String(decoding: raw, as: UTF8.self))", feature: "a file name that is not UTF-8",
                    remedy: "Rename it and drop it again.")
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted(by: NaturalOrder.precedes)
    }
}

/// The last part of a path.
func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}
