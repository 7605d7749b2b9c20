internal import Glibc
internal import Synchronization

/// Keeps a second daemon off a state folder.
///
/// The lock is the kernel's (`flock`), so it ends with the process that holds it, however that ends. What the file says (process, boot and
/// host of its holder, nothing once it was released) is for people, and for file systems that several hosts share: there a kernel may know
/// nothing of the others' locks, and a holder of another boot and host may be alive.
package final class InstanceLock: Sendable {
    private let descriptor: Mutex<Int32>
    /// The holder that ended without releasing the lock (killed, or its machine lost power), nil if the last one released it.
    package let staleHolder: String?

    /// Takes the lock or fails at once.
    /// - Parameters:
    ///   - path: The lock's file.
    ///   - isShared: Whether other hosts use this file system; nil asks the file system.
    /// - Throws: `DropError.alreadyRunning` with the holder's process, boot and host, or `.lockedByOtherHost`.
    package init(path: String, isShared: Bool? = nil) throws(DropError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard opened >= 0 else { throw .fromErrno("opening", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(opened)
            guard code == EWOULDBLOCK else { throw .system(operation: "locking", path: path, code: code) }
            throw .alreadyRunning(lockPath: path, holder: Self.holder(path).joined(separator: ", "))
        }
        let left = Self.holder(path)
        let isOurs = left.contains("boot \(Self.bootIdentifier())") || left.contains("host \(Self.hostName())")
        if !left.isEmpty, !isOurs, isShared ?? FileSystemType.of(path)?.isShared ?? false {
            flock(opened, LOCK_UN)
            close(opened)
            throw .lockedByOtherHost(lockPath: path, holder: left.joined(separator: ", "))
        }
        staleHolder = left.isEmpty ? nil : left.joined(separator: ", ")
        let facts = Array("pid \(getpid())\nboot \(Self.bootIdentifier())\nhost \(Self.hostName())\n".utf8)
        ftruncate(opened, 0)
        _ = facts.withUnsafeBytes { pwrite(opened, $0.baseAddress, $0.count, 0) }
        descriptor = Mutex(opened)
    }

    /// Gives the lock back.
    package func release() {
        descriptor.withLock { descriptor in
            // Closing alone is not enough: a child between fork and exec has the descriptor too, and the lock with it.
            if descriptor >= 0 {
                ftruncate(descriptor, 0)
                flock(descriptor, LOCK_UN)
                close(descriptor)
            }
            descriptor = -1
        }
    }

    deinit { release() }

    /// The lines of the file: `pid`, `boot` and `host`.
    private static func holder(_ path: String) -> [String] {
        let text = (try? FileSystem().read(path, count: 512)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    static func bootIdentifier() -> String {
        let bytes = (try? FileSystem().read("/proc/sys/kernel/random/boot_id", count: 64)) ?? []
        return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
