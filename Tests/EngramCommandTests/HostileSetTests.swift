import Foundation
import Glibc
import Testing

@testable import EngramDrops
@testable import engram

/// Drops made to harm, taken in by the built program as an operator runs it.
@Suite(.timeLimit(.minutes(3))) struct HostileSetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        let path = folder.path + "/room/inbox/" + name
        try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        // Long ago: for the rest of a young file that promises more, one pass waits as long as the daemon.
        let attributes: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)]
        let isWritten = FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: attributes)
        try #require(isWritten, "\(name.debugDescription)")
    }

    private static func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

    /// PNG specification, annex D.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
        }
    }

    /// A gray picture of 8 bits: a stored deflate block of `rows`, whatever the header says.
    private static func png(width: UInt32, height: UInt32, rows: [UInt8]) -> [UInt8] {
        let adler = rows.reduce((a: UInt32(1), b: UInt32(0))) { sums, byte in
            let a = (sums.a + UInt32(byte)) % 65_521
            return (a, (sums.b + a) % 65_521)
        }
        let length = UInt16(rows.count)
        let stored = [UInt8(truncatingIfNeeded: length), UInt8(length >> 8), UInt8(truncatingIfNeeded: ~length), UInt8(~length >> 8)]
        let data = [0x78, 0x01, 0x01] + stored + rows + big(adler.b << 16 | adler.a)
        let chunks = [("IHDR", big(width) + big(height) + [8, 0, 0, 0, 0]), ("IDAT", data), ("IEND", [])]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunks.flatMap { name, content in
                let body = Array(name.utf8) + content
                return big(UInt32(content.count)) + body + big(crc(body))
            }
    }

    private static let goodPicture = png(width: 2, height: 2, rows: [0, 10, 200, 0, 90, 30])

    /// Names of drops that must be rejected, each with a word of the reason.
    private func makeHostileDrops() throws -> [String: String] {
        try write(Self.png(width: 50_000, height: 50_000, rows: [0, 1]), "bomb.png")
        try write(Self.png(width: 16_000, height: 4_000, rows: [0, 1]), "almost-bomb.png")
        try write([0, 0, 8, 3] + Self.big(.max) + Self.big(.max) + Self.big(.max) + [1, 2, 3], "lie-idx3-ubyte")
        try write([0, 0, 0x0E, 1] + Self.big(0x7FFF_FFFF) + [1, 2, 3], "long-idx1-double")
        // gzip(1) of a header that promises 4 GB and 4 MB of zeros, which pack to 4 kB.
        let zeros = [0, 0, 8, 3] + Self.big(4096) + Self.big(1024) + Self.big(1024) + [UInt8](repeating: 0, count: 4 << 20)
        try write(zeros, "../zeros")
        let pack = Process()
        pack.executableURL = URL(fileURLWithPath: "/bin/sh")
        pack.arguments = ["-c", "gzip -9 -c zeros > inbox/bomb-idx3-ubyte.gz"]
        pack.currentDirectoryURL = URL(fileURLWithPath: folder.path + "/room")
        try pack.run()
        pack.waitUntilExit()
        try #require(pack.terminationStatus == 0)
        let fmt: [UInt8] = Array("fmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
        let lyingData: [UInt8] = Array("data".utf8) + [0xF0, 0xFF, 0xFF, 0xFF, 1, 2]
        try write(Array("RIFF".utf8) + [0xFF, 0xFF, 0xFF, 0xFF] + Array("WAVE".utf8) + fmt + lyingData, "lie.wav")
        // Nine levels of nine aliases each: 387 million nodes.
        let levels = (1...9).map { level in
            "a\(level): &a\(level) [" + (0..<9).map { _ in level == 1 ? "x" : "*a\(level - 1)" }.joined(separator: ",") + "]"
        }
        try write(Self.goodPicture, "laughs.png")
        try write(Array(levels.joined(separator: "\n").utf8), "laughs.png.drop.yml")
        try write(Self.goodPicture, "nested.png")
        try write(Array((String(repeating: "[", count: 60_000)).utf8), "nested.png.drop.yml")
        for number in 0..<2000 { try write([UInt8(number % 256)], "crowd/\(number).txt") }
        try write(Self.goodPicture, "mixed/inner/1.png")
        try write(Self.goodPicture, "mixed/1.png")
        try write(Array("#!/bin/sh\nrm -rf /\n".utf8), "$(reboot)`id`;'\"\n.png")
        return [
            "bomb.png": "50000", "almost-bomb.png": "64000000 pixels|16000 x 4000", "lie-idx3-ubyte": "", "long-idx1-double": "",
            "bomb-idx3-ubyte.gz": "", "lie.wav": "", "laughs.png": "alias|anchor", "nested.png": "", "crowd": "", "mixed": "mixed|folder",
            "$(reboot)`id`;'\"\n.png": "",
        ]
    }

    @Test func everyHostileDropIsRejectedWithItsReasonAndTheGoodOneIsPublished() async throws {
        let rejected = try makeHostileDrops()
        let room = folder.path + "/room"
        try folder.write("secret", to: "canary/secret")
        // What stays where it is, with its reason.
        try write(Self.goodPicture, String(repeating: "deep/", count: 40) + "1.png")
        try write(Self.goodPicture, "linked/1.png")
        symlink(folder.path + "/canary/secret", room + "/inbox/linked/2.png")
        symlink(folder.path + "/canary", room + "/inbox/canary")
        mkfifo(room + "/inbox/pipe.png", 0o600)
        try write(Self.goodPicture, "good.png")
        try folder.write(
            "settle: 0s\nthreads: 1\nmin_free_space: 0\nworker: {memory: 1500000000, wall_time: 2m, sandbox: auto}\ndefaults: {preset: closed-form, report: {animation: false}}\n",
            to: "room/pipeline.yml")
        let program = try BuiltProgram.path()
        let worker = try WorkerProcess(
            WorkerProcess.Launch(
                executable: program, arguments: ["run", "--once", "--as-root", "--config", room + "/pipeline.yml"],
                environment: ProcessInfo.processInfo.environment, workingFolder: room, logPath: folder.path + "/log")
        ) { _ in }
        let exit = await worker.waitUntilExit()
        let log = (try? folder.text(of: "log")) ?? ""
        #expect(exit == .exited(code: ExitStatus.someDropsFailed.rawValue), "\(log)")
        for (name, words) in rejected {
            let path = room + "/outbox/rejected/" + name
            let bytes = try #require(FileManager.default.contents(atPath: path + "/error.json"), "\(name.debugDescription) \(log)")
            let error = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            let message = try #require(error["message"] as? String)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(words.isEmpty || words.split(separator: "|").contains { text.contains($0) }, "\(name): \(message)")
            // A reason of its own, not a crash, a limit or a signal.
            #expect(error["stage"] as? String == "decode" || error["stage"] as? String == "settings", "\(name): \(message)")
            #expect(message.utf8.count < 1000, "\(name): \(message.utf8.count) bytes")
            #expect(FileManager.default.fileExists(atPath: path + "/source/" + name), "\(name.debugDescription)")
        }
        #expect(FileManager.default.fileExists(atPath: room + "/outbox/good.png/manifest.json"), "\(log)")
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: room + "/inbox")) == [
                ".engram-inbox", "deep", "linked", "canary", "pipe.png",
            ])
        // Nothing outside of the roots.
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: room)) == ["inbox", "outbox", ".engram", "pipeline.yml", "zeros"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/canary") == ["secret"])
        #expect(try folder.text(of: "canary/secret") == "secret")
    }
}

/// The program that the package builds, beside its tests.
enum BuiltProgram {
    static func path() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (tests as NSString).deletingLastPathComponent + "/engram"
        try #require(access(path, X_OK) == 0, "the program is built with the tests, at \(path)")
        return path
    }
}
