internal import Glibc
internal import Synchronization

/// Keeps a second daemon off a state folder.
///
/// The lock is the kernel's (`flock`), so it ends with the process that holds it, however that ends; what the file says is for people.
public final class InstanceLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// Takes the lock or fails at once.
    /// - Throws: `DropError.alreadyRunning` with the holder's process, boot and host.
    public init(path: String) throws(DropError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard opened >= 0 else { throw .fromErrno("opening", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(opened)
            guard code == EWOULDBLOCK else { throw .system(operation: "locking", path: path, code: code) }
            let text = (try? FileSystem().read(path, count: 512)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw .alreadyRunning(lockPath: path, holder: text.split(separator: "\n").joined(separator: ", "))
        }
        let facts = Array("pid \(getpid())\nboot \(Self.bootIdentifier())\nhost \(Self.hostName())\n".utf8)
        ftruncate(opened, 0)
        _ = facts.withUnsafeBytes { pwrite(opened, $0.baseAddress, $0.count, 0) }
        descriptor = Mutex(opened)
    }

    /// Gives the lock back.
    public func release() {
        descriptor.withLock { descriptor in
            // Closing alone is not enough: a child between fork and exec has the descriptor too, and the lock with it.
            if descriptor >= 0 {
                flock(descriptor, LOCK_UN)
                close(descriptor)
            }
            descriptor = -1
        }
    }

    deinit { release() }

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
