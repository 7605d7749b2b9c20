import EngramDrops
import Foundation
import Hummingbird
import Testing

@testable import EngramService

@Suite struct UploadTests {
    private func begin(_ world: World, _ order: String) async throws -> (id: String, headers: HTTPFields) {
        let headers = try await world.pageHeaders()
        let answer = try await world.ask(.post, "/api/uploads", headers: headers, body: [Array(order.utf8)])
        #expect(answer.status == 201, "\(answer.text)")
        return (answer.json?["id"]?.string ?? "", headers)
    }

    private func put(_ world: World, _ upload: (id: String, headers: HTTPFields), _ name: String, _ pieces: [[UInt8]], length: Int? = nil)
        async throws -> World.Answer
    {
        var headers = upload.headers
        if let length { headers[.contentLength] = "\(length)" }
        return try await world.ask(.put, "/api/uploads/\(upload.id)/files/\(name)", headers: headers, body: pieces)
    }

    private func finish(_ world: World, _ upload: (id: String, headers: HTTPFields)) async throws -> World.Answer {
        try await world.ask(.post, "/api/uploads/\(upload.id)/finish", headers: upload.headers)
    }

    @Test func aFileIsInTheInboxWholeOrNotAtAll() async throws {
        let world = try World()
        let upload = try await begin(world, "{}")
        #expect(try await put(world, upload, "a%20picture.png", [[1, 2], [3]], length: 3).status == 204)
        #expect(try world.names("inbox").isEmpty)
        let answer = try await finish(world, upload)
        #expect(answer.status == 200 && answer.json?["drops"] == .array([.string("a picture.png")]))
        #expect(try world.names("inbox") == ["a picture.png"] && world.names(".engram/uploads").isEmpty)
        #expect(FileManager.default.contents(atPath: world.root + "/inbox/a picture.png") == Data([1, 2, 3]))
    }

    @Test func severalFilesCanBeOneDrop() async throws {
        let world = try World()
        let upload = try await begin(world, #"{"folder": "film", "bytes": 3}"#)
        for number in 1...3 { #expect(try await put(world, upload, "frame_\(number).png", [[UInt8(number)]]).status == 204) }
        #expect(try await put(world, upload, "second/frame_1.png", [[7]]).status == 204)
        #expect(try await put(world, upload, "a/b/c.png", [[7]]).status == 400)
        #expect(try await finish(world, upload).json?["drops"] == .array([.string("film")]))
        #expect(try world.names("inbox/film") == ["frame_1.png", "frame_2.png", "frame_3.png", "second"])
    }

    @Test func aFileThatIsCutShortLeavesNothing() async throws {
        let world = try World()
        let upload = try await begin(world, "{}")
        let answer = try await put(world, upload, "a.png", [[1, 2]], length: 9)
        #expect(answer.status == 400 && answer.json?["code"]?.string == "cut-short")
        #expect(try world.names(".engram/uploads/" + upload.id).isEmpty)
        #expect(try await finish(world, upload).status == 400 && world.names("inbox").isEmpty)
        // It may be sent again.
        #expect(try await put(world, upload, "a.png", [[1, 2, 3]], length: 3).status == 204)
        #expect(try await finish(world, upload).status == 200)
    }

    @Test func whatIsTooLargeIsRefusedBeforeItComesAndWhileItDoes() async throws {
        let world = try World { $0.uploadByteLimit = 4 }
        let headers = try await world.pageHeaders()
        #expect(try await world.ask(.post, "/api/uploads", headers: headers, body: [Array(#"{"bytes": 5}"#.utf8)]).status == 413)
        let upload = try await begin(world, "{}")
        #expect(try await put(world, upload, "a.png", [], length: 5).status == 413)
        #expect(try await put(world, upload, "a.png", [[1, 2, 3], [4, 5]]).status == 413)
        #expect(try world.names(".engram/uploads/" + upload.id).isEmpty)
        // What was refused does not count.
        #expect(try await put(world, upload, "a.png", [[1, 2, 3, 4]]).status == 204)
        #expect(try await put(world, upload, "b.png", [[5]]).status == 413)
    }

    @Test func aFullDiskRefusesCleanly() async throws {
        let world = try World { $0.floorByteCount = .max }
        let headers = try await world.pageHeaders()
        let answer = try await world.ask(.post, "/api/uploads", headers: headers, body: [Array("{}".utf8)])
        #expect(answer.status == 507 && answer.json?["code"]?.string == "disk-full")
        let full = FileSystem { (operation, path) throws(DropError) in
            if operation == .write { throw .system(operation: "writing", path: path, code: ENOSPC) }
        }
        let other = try World()
        let desk = UploadDesk(folders: other.folders, settings: PageSettings(host: "::1", port: 0), disk: full)
        let upload = try await desk.begin(memory: nil, folder: nil, byteCount: 0)
        let problem = await #expect(throws: DropError.self) {
            try await desk.receive(upload.id, path: ["a.png"], expected: nil, pieces: Pieces([[1]]))
        }
        #expect(problem.map(PageProblem.init(any:))?.status.code == 507)
        #expect(try other.names(".engram/uploads/" + upload.id).isEmpty)
    }

    private struct Pieces: AsyncSequence, Sendable {
        let pieces: [[UInt8]]
        init(_ pieces: [[UInt8]]) { self.pieces = pieces }
        func makeAsyncIterator() -> AsyncStream<[UInt8]>.Iterator {
            AsyncStream { continuation in
                pieces.forEach { continuation.yield($0) }
                continuation.finish()
            }.makeAsyncIterator()
        }
    }

    @Test(arguments: [".hidden", "..", "a.part", "Thumbs.db", "recall", "film.done", "%2e%2e%2fa", "a%00b", "a%0ab", "%ff"])
    func namesThatTheIntakeWouldNotTakeAreRefused(name: String) async throws {
        let world = try World()
        let upload = try await begin(world, "{}")
        let answer = try await put(world, upload, name, [[1]])
        #expect(answer.status == 400 && answer.json?["code"]?.string == "name", "\(answer.text)")
        #expect(try world.names("inbox").isEmpty)
    }

    @Test func nothingThatLiesInTheInboxIsReplaced() async throws {
        let world = try World()
        try world.write("first", "inbox/a.png")
        let upload = try await begin(world, "{}")
        #expect(try await put(world, upload, "a.png", [[1]]).status == 204)
        #expect(try await put(world, upload, "b.png", [[1]]).status == 204)
        #expect(try await finish(world, upload).status == 409)
        #expect(try world.names("inbox") == ["a.png"] && world.text("inbox/a.png") == "first")
        try FileManager.default.removeItem(atPath: world.root + "/inbox/a.png")
        #expect(try await finish(world, upload).status == 200 && world.names("inbox") == ["a.png", "b.png"])
    }

    @Test func aCueGoesToItsMemoryWithItsMask() async throws {
        let world = try World()
        let headers = try await world.pageHeaders()
        let order = Array(#"{"memory": "faces"}"#.utf8)
        #expect(try await world.ask(.post, "/api/uploads", headers: headers, body: [order]).status == 404)
        try world.publish("faces", files: ["network.safetensors": [1], "report.json": Array("{}".utf8)])
        let upload = try await begin(world, #"{"memory": "faces"}"#)
        #expect(try await put(world, upload, "torn.png", [[1]]).status == 204)
        #expect(try await put(world, upload, "torn_mask.png", [[2]]).status == 204)
        #expect(try await finish(world, upload).json?["drops"] == .array([.string("recall/faces/torn.png")]))
        #expect(try world.names("inbox/recall/faces") == ["torn.png", "torn_mask.png"])
        #expect(UploadName.isCompanion("torn_mask.png") && UploadName.isCompanion("a.png.drop.yml") && !UploadName.isCompanion("torn.png"))
    }

    @Test func whatIsGivenUpIsForgotten() async throws {
        let world = try World()
        let upload = try await begin(world, "{}")
        #expect(try await put(world, upload, "a.png", [[1]]).status == 204)
        #expect(try await world.ask(.delete, "/api/uploads/\(upload.id)", headers: upload.headers).status == 204)
        #expect(try world.names(".engram/uploads").isEmpty)
        #expect(try await finish(world, upload).status == 404)
    }
}
