import Foundation
import Glibc
import Hummingbird
import Testing

@testable import EngramService

@Suite struct ResultFilesTests {
    private func world() throws -> World {
        let world = try World()
        try world.publish("faces", files: ["report.html": Array("<p>report".utf8), "recovered/a b.png": [1, 2, 3, 4, 5], "x.bin": [9]])
        try world.write("secret", "outbox/unfinished/report.html")
        try world.write("{}", "outbox/rejected/bad.png/error.json")
        try world.write("hostile", "outbox/rejected/bad.png/source/bad.png")
        try world.write("secret", "secret.txt")
        try world.write("digest", "outbox/digest-2026-01-01.html")
        try world.write("other", "outbox/notes.txt")
        return world
    }

    @Test func filesOfResultsAreServedAsWhatTheyAre() async throws {
        let world = try world()
        let report = try await world.ask(.get, "/results/faces/report.html")
        #expect(report.status == 200 && report.text == "<p>report" && report.headers[.contentType] == "text/html; charset=utf-8")
        #expect(report.headers[.contentSecurityPolicy]?.hasPrefix("sandbox") == true)
        let picture = try await world.ask(.get, "/results/faces/recovered/a%20b.png")
        #expect(picture.body == [1, 2, 3, 4, 5] && picture.headers[.contentType] == "image/png")
        #expect(try await world.ask(.get, "/results/faces/x.bin").headers[.contentDisposition] == "attachment")
        #expect(try await world.ask(.get, "/results/digest-2026-01-01.html").status == 200)
        #expect(try await world.ask(.get, "/results/rejected/bad.png/error.json").status == 200)
        let again = try await world.ask(.get, "/results/faces/report.html", headers: [.ifNoneMatch: report.headers[.eTag] ?? ""])
        #expect(again.status == 304 && again.body.isEmpty)
    }

    @Test(arguments: [
        "/results/../secret.txt", "/results/faces/../../secret.txt", "/results/%2e%2e/secret.txt",
        "/results/faces/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/results/faces%2f..%2f..%2fsecret.txt", "/results/..%5csecret.txt", "/results//secret.txt", "/results/faces/./report.html",
        "/results/faces/recovered", "/results/faces/", "/results/", "/results/unfinished/report.html", "/results/notes.txt",
        "/results/rejected/bad.png/source/bad.png", "/results/faces/report.html%00.png", "/results/faces/link",
        "/results/faces/out/secret.txt",
        "/results/linked/report.html", "/results/.hidden/a", "/results/faces/%ff%fe",
    ])
    func nothingElseIs(path: String) async throws {
        let world = try world()
        symlink(world.root + "/secret.txt", world.root + "/outbox/faces/link")
        symlink(world.root, world.root + "/outbox/faces/out")
        symlink(world.root + "/outbox/faces", world.root + "/outbox/linked")
        let answer = try await world.ask(.get, path)
        #expect(answer.status == 404 && !answer.text.contains("secret\n") && answer.text != "secret", "\(path): \(answer.text)")
    }

    @Test func partsOfAFileAreServedForPlayers() async throws {
        let world = try world()
        func part(_ range: String) async throws -> (Int, [UInt8], String?) {
            let answer = try await world.ask(.get, "/results/faces/recovered/a%20b.png", headers: [.range: range])
            return (answer.status, answer.body, answer.headers[.contentRange])
        }
        #expect(try await part("bytes=1-2") == (206, [2, 3], "bytes 1-2/5"))
        #expect(try await part("bytes=3-") == (206, [4, 5], "bytes 3-4/5"))
        #expect(try await part("bytes=-2") == (206, [4, 5], "bytes 3-4/5"))
        #expect(try await part("bytes=0-99") == (206, [1, 2, 3, 4, 5], "bytes 0-4/5"))
        #expect(try await part("bytes=5-") == (416, [], "bytes */5"))
        #expect(try await part("bytes=1-2,4-4").0 == 200)
        #expect(try await part("lines=1").0 == 200)
    }

    @Test func namesInPagesAreEscaped() async throws {
        let world = try World()
        let name = "<img src=x onerror=alert(1)>\"'&.png"
        try world.write("{}", "outbox/\(name)/manifest.json")
        try world.write("x", "outbox/\(name)/network.safetensors")
        let page = try await world.ask(.get, "/", headers: [.accept: "text/html"]).text
        #expect(!page.contains("<img src=x") && page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;.png"))
    }
}
