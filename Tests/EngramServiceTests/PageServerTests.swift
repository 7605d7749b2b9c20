import EngramDrops
import Foundation
import Glibc
import Synchronization
import Testing

@testable import EngramService

/// Over a real connection: what only shows there.
@Suite struct PageServerTests {
    /// Serves on a free port while `body` runs.
    private func serving(_ change: (inout PageSettings) -> Void = { _ in }, _ body: @escaping @Sendable (Int) async throws -> Void)
        async throws
    {
        let world = try World()
        var settings = PageSettings(host: "127.0.0.1", port: 0)
        change(&settings)
        let server = PageServer(ServiceSource(folders: world.folders, version: "test"), settings)
        let (ports, known) = AsyncStream.makeStream(of: Int.self)
        let task = Task { try await server.run { known.yield($0) } }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do { try await body(port) } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        try await task.value
    }

    private static func connect(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return code == 0 ? descriptor : -1
    }

    /// Sends a text and returns what comes until the connection ends, or `mark` has come.
    private static func talk(_ port: Int, _ text: String, until mark: String? = nil) async -> String {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                let descriptor = connect(port)
                defer { close(descriptor) }
                _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                var answer: [UInt8] = []
                var piece = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    let count = recv(descriptor, &piece, piece.count, 0)
                    if count <= 0 { break }
                    answer += piece.prefix(count)
                    if let mark, String(decoding: answer, as: UTF8.self).contains(mark) { break }
                }
                continuation.resume(returning: String(decoding: answer, as: UTF8.self))
            }
            thread.start()
        }
    }

    @Test func aPageComesAndChangesComeAfterIt() async throws {
        try await serving { port in
            let page = await Self.talk(port, "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
            #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("Nothing is being learned") && page.hasSuffix("</html>\n"))
            let events = await Self.talk(port, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", until: "event: part")
            #expect(events.contains("text/event-stream") && events.contains("retry: 3000"))
        }
    }

    @Test func headersThatAreTooLongAndSilentConnectionsEnd() async throws {
        try await serving({ $0.idleSeconds = 1 }) { port in
            let long = String(repeating: "a", count: 40_000)
            let answer = await Self.talk(port, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: \(long)\r\n\r\n")
            #expect(!answer.hasPrefix("HTTP/1.1 200"))
            // Half a head, and then nothing: the server ends it.
            #expect(await Self.talk(port, "GET / HTTP/1.1\r\nHost: loc") == "")
        }
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        try await serving { port in
            let world = try World()
            let second = PageServer(ServiceSource(folders: world.folders, version: "test"), PageSettings(host: "127.0.0.1", port: port))
            let fault = await #expect(throws: PageServer.Fault.self) { try await second.run() }
            #expect(fault == .portTaken(host: "127.0.0.1", port: port))
            #expect(
                "\(fault.map(String.init(describing:)) ?? "")" == "port \(port) of 127.0.0.1 is taken by another program; name another port"
            )
        }
    }
}
