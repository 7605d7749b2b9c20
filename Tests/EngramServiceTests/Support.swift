import EngramDrops
import EngramReports
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

@testable import EngramService

/// Folders, a ledger and the addresses of a page, without a network.
final class World: Sendable {
    let folders: DropFolders
    let root: String
    let routes: PageRoutes
    private let answers: RouterResponder<PageContext>
    private static let counter = Atomic<Int>(0)

    init(_ change: (inout PageSettings) -> Void = { _ in }) throws {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        root = "\(parent)/engram-page-tests-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        folders = try DropFolders(inbox: root + "/inbox", outbox: root + "/outbox", state: root + "/.engram").prepared()
        var settings = PageSettings(host: "127.0.0.1", port: 0)
        settings.floorByteCount = 0
        change(&settings)
        routes = PageRoutes(ServiceSource(folders: folders, version: "test"), settings)
        answers = routes.responder()
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Writes a file below the root.
    func write(_ bytes: [UInt8], _ name: String) throws {
        let url = URL(fileURLWithPath: root + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

    func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder).filter { $0 != ".engram-inbox" }.sorted()
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: root + "/" + name, encoding: .utf8) }

    /// What came back.
    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { try? JSONValue.parse(body, path: "answer") }
    }

    /// Asks as a browser at `host` does.
    func ask(
        _ method: HTTPRequest.Method = .get, _ path: String, host: String? = "127.0.0.1:8080", headers: HTTPFields = [:],
        body: [[UInt8]] = []
    ) async throws -> Answer {
        let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: headers)
        let stream = AsyncStream<ByteBuffer> { continuation in
            for piece in body { continuation.yield(ByteBuffer(bytes: piece)) }
            continuation.finish()
        }
        let request = Request(head: head, body: RequestBody(asyncSequence: stream))
        let response = try await answers.respond(to: request, context: PageContext(logger: Logger(label: "test")))
        let box = Mutex<[UInt8]>([])
        let collector = Collector { bytes in box.withLock { $0 += bytes } }
        try await response.body.write(collector)
        return Answer(status: response.status.code, headers: response.headers, body: box.withLock { $0 })
    }

    /// What a page of ours sends along with a change.
    func pageHeaders() async throws -> HTTPFields {
        let answer = try await ask(.get, "/api/session")
        let cookie = answer.headers[.setCookie]?.split(separator: ";").first.map(String.init) ?? ""
        return [.cookie: cookie, .secFetchSite: "same-origin", .formToken: answer.json?["token"]?.string ?? ""]
    }

    /// A whole result, as far as the page looks at one.
    func publish(_ name: String, files: [String: [UInt8]]) throws {
        for (path, bytes) in files { try write(bytes, "outbox/\(name)/\(path)") }
        try write("{}", "outbox/\(name)/manifest.json")
    }
}

private struct Collector: ResponseBodyWriter {
    let take: @Sendable ([UInt8]) -> Void

    mutating func write(_ buffer: ByteBuffer) async throws { take(Array(buffer: buffer)) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
