import Glibc
import Testing

@testable import engram

/// What a service manager hears, on real sockets.
@Suite struct ServiceNotifierTests {
    /// A datagram socket that a manager would listen on.
    private final class Manager {
        let descriptor: Int32
        let name: String

        init(abstract: Bool) throws {
            let path = "/tmp/engram-notify-\(getpid())-\(UInt32.random(in: .min ... .max))"
            name = abstract ? "@" + path.dropFirst() : path
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = abstract ? [0] + Array(name.utf8).dropFirst() : Array(name.utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let length = socklen_t(2 + bytes.count + (abstract ? 0 : 1))
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(result == 0, "bind: errno \(errno)")
        }

        deinit {
            close(descriptor)
            if name.hasPrefix("/") { unlink(name) }
        }

        /// The next datagram, nil if there is none.
        func heard() -> String? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return count >= 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
    }

    @Test(arguments: [false, true])
    func everyMessageArrivesAsTheManualSays(isAbstract: Bool) throws {
        let manager = try Manager(abstract: isAbstract)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name], processID: 42)
        notifier.ready(status: "two\nlines")
        #expect(manager.heard() == "READY=1\nSTATUS=two lines\nMAINPID=42")
        notifier.reloading(monotonicSeconds: 12.5)
        #expect(manager.heard() == "RELOADING=1\nMONOTONIC_USEC=12500000\nSTATUS=reading the configuration again")
        notifier.status("idle")
        notifier.status("idle")
        notifier.watchdog()
        notifier.stopping(status: "bye")
        #expect([manager.heard(), manager.heard(), manager.heard()] == ["STATUS=idle", "WATCHDOG=1", "STOPPING=1\nSTATUS=bye"])
        #expect(manager.heard() == nil)
    }

    @Test func withoutASocketNothingHappens() {
        for environment in [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "/nonexistent/socket"]] {
            ServiceNotifier(environment: environment).ready(status: "unheard")
        }
        #expect(!ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]).isListened)
    }

    @Test func theWatchdogIsForTheProcessThatItNames() {
        func seconds(_ more: [String: String]) -> Double? {
            ServiceNotifier(environment: ["NOTIFY_SOCKET": "/run/x"].merging(more) { $1 }, processID: 42).watchdogSeconds
        }
        #expect(seconds(["WATCHDOG_USEC": "30000000"]) == 30)
        #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == 30)
        #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(seconds([:]) == nil && seconds(["WATCHDOG_USEC": "0"]) == nil && seconds(["WATCHDOG_USEC": "x"]) == nil)
    }
}
