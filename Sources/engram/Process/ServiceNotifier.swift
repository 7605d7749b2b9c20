import EngramSystem
import Glibc
import Synchronization

/// Tells the service manager how the daemon is: sd_notify(3), by datagrams to the socket that `NOTIFY_SOCKET` names.
///
/// Own code instead of libsystemd: it is one system call, and the library would be one more thing that can be missing. Without the variable
/// nothing is sent.
final class ServiceNotifier: Sendable {
    private let address: [UInt8]?
    private let processID: Int32
    /// Seconds after which the manager takes the daemon for dead if it hears nothing; nil if it does not watch this process.
    let watchdogSeconds: Double?
    private let lastStatus = Mutex("")

    /// - Parameters:
    ///   - environment: Of interest are `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: [String: String], processID: Int32 = getpid()) {
        self.processID = processID
        address = environment["NOTIFY_SOCKET"].flatMap(Self.address)
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Double.init) ?? 0
        watchdogSeconds = address != nil && isForUs && microseconds > 0 ? microseconds * 1e-6 : nil
    }

    /// Whether anybody listens.
    var isListened: Bool { address != nil }

    /// The daemon works.
    func ready(status: String) { send(["READY=1", "STATUS=" + Self.line(status), "MAINPID=\(processID)"]) }

    /// The configuration is read again; `ready` follows. The moment tells the manager which READY belongs to it.
    func reloading(monotonicSeconds: Double) {
        send([
            "RELOADING=1", "MONOTONIC_USEC=\(UInt64(saturating: max(0, monotonicSeconds) * 1e6))", "STATUS=reading the configuration again",
        ])
    }

    /// The daemon ends.
    func stopping(status: String) { send(["STOPPING=1", "STATUS=" + Self.line(status)]) }

    /// One line about what it does; the same line is not sent twice.
    func status(_ text: String) {
        let line = Self.line(text)
        let isNews = lastStatus.withLock { last in
            defer { last = line }
            return last != line
        }
        if isNews { send(["STATUS=" + line]) }
    }

    /// The daemon lives.
    func watchdog() { send(["WATCHDOG=1"]) }

    private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

    /// The bytes of sun_path: a path, or with a leading `@` a name of the abstract namespace, whose first byte is 0.
    private static func address(_ name: String) -> [UInt8]? {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        return first == UInt8(ascii: "@") ? [0] + bytes.dropFirst() : bytes
    }

    private func send(_ lines: [String]) {
        guard let address else { return }
        // A socket for each message: they are few, and a manager that was restarted listens on a new one.
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var destination = sockaddr_un()
        destination.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &destination.sun_path) { $0.copyBytes(from: address) }
        // An abstract name is as long as it is said to be; a path ends with its first 0.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(offset + address.count + (address[0] == 0 ? 0 : 1))
        let message = Array(lines.joined(separator: "\n").utf8)
        // Nobody is there to be told of a failure; a manager that misses the message acts by itself.
        _ = withUnsafePointer(to: &destination) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
