@testable import EngramDrops
import Glibc
import Testing

@Suite struct OutboxVerifierTests {
    private let scratch = Scratch()
    private let verifier = OutboxVerifier()

    private func publish(_ name: String) throws -> String {
        try scratch.write("r", "outbox/\(name)/report.html")
        try scratch.write("0123456789", "outbox/\(name)/recovered/1.png")
        let folder = scratch.path + "/outbox/" + name
        try ResultFolder().seal(
            folder, origin: ResultManifest.Origin(name: name, contentSHA256: "c", settingsSHA256: nil, inputs: [], versions: [:]))
        return folder
    }

    @Test func whatWasPublishedIsIntact() throws {
        let folder = try publish("a")
        let check = verifier.check(folder)
        #expect(check.isIntact && check.fileCount == 2 && check.byteCount == 11)
        #expect(try verifier.folders(in: folder) == [folder])
    }

    @Test func everyKindOfDamageIsNamed() throws {
        let folder = try publish("a")
        try scratch.write("0123456780", "outbox/a/recovered/1.png")
        #expect(verifier.check(folder).findings.map { $0.json["kind"]?.string } == ["sha256"])
        try scratch.write("0123", "outbox/a/recovered/1.png")
        #expect(verifier.check(folder).findings.map { $0.json["kind"]?.string } == ["size"])
        unlink(folder + "/recovered/1.png")
        try scratch.write("x", "outbox/a/added")
        #expect(verifier.check(folder).findings.map { $0.json["kind"]?.string } == ["missing", "unexpected"])
        try scratch.write("{", "outbox/a/manifest.json")
        #expect(verifier.check(folder).problem?.contains("not valid JSON") == true)
        unlink(folder + "/manifest.json")
        #expect(verifier.check(folder).problem?.contains("manifest.json") == true && !verifier.check(folder).isIntact)
    }

    @Test func anOutboxIsItsFoldersWithoutTheRejectedOnes() throws {
        let folder = try publish("a")
        try scratch.write("x", "outbox/rejected/b/error.json")
        try scratch.write("x", "outbox/.staging/c")
        try scratch.write("x", "outbox/half/report.html")
        try scratch.write("x", "outbox/digest.txt")
        #expect(try verifier.folders(in: scratch.path + "/outbox") == [folder, scratch.path + "/outbox/half"])
        #expect(verifier.check(scratch.path + "/outbox/half").problem != nil)
    }

    @Test func aResultCalledLikeTheManifestDoesNotHideTheOthers() throws {
        let folders = [try publish("a"), try publish("manifest.json")]
        #expect(try verifier.folders(in: scratch.path + "/outbox") == folders)
        #expect(folders.allSatisfy { verifier.check($0).isIntact })
        unlink(folders[0] + "/manifest.json")
        mkdir(folders[0] + "/manifest.json", 0o755)
        #expect(verifier.check(folders[0]).problem?.contains("has no manifest.json") == true)
    }

    @Test func aDiskThatCannotBeReadIsAProblemOfThatFolderAlone() throws {
        let folder = try publish("a")
        let files = FileSystem { (operation, path) throws(DropError) in
            if operation == .read, path.hasSuffix("1.png") { throw .system(operation: "reading", path: path, code: EIO) }
        }
        #expect(OutboxVerifier(files: files).check(folder).problem?.contains("1.png") == true)
    }
}
