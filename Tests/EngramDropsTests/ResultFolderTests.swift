@testable import EngramDrops
import Glibc
import Testing

@Suite struct ResultFolderTests {
    private let scratch = Scratch()
    private let origin = ResultManifest.Origin(
        name: "n", contentSHA256: "c", settingsSHA256: nil, inputs: [.init(relativePath: "", byteCount: 3, sha256: "i")],
        versions: ["engram": "1", "a": "2"])

    private func sealed() throws -> String {
        try scratch.write("hello", "r/report.json")
        try scratch.write("frame", "r/recovered/1\n\".png")
        try ResultFolder().seal(scratch.path + "/r", origin: origin)
        return scratch.path + "/r"
    }

    @Test func aSealedFolderVerifiesAndReadsBack() throws {
        let folder = try sealed()
        #expect(try ManifestVerifier().findings(in: folder).isEmpty)
        let manifest = try ResultManifest.read(from: folder)
        #expect(manifest.origin == origin)
        #expect(manifest.files.map(\.relativePath) == ["recovered/1\n\".png", "report.json"])
        // sha256sum of "hello".
        #expect(manifest.files[1].sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    }

    @Test func everyChangeToAPublishedFolderIsFound() throws {
        let folder = try sealed()
        try scratch.write("hellp", "r/report.json")
        #expect(try ManifestVerifier().findings(in: folder).map { "\($0)".prefix(11) } == ["report.json"])
        try scratch.write("hello!", "r/report.json")
        #expect(try ManifestVerifier().findings(in: folder) == [.wrongByteCount(path: "report.json", expected: 5, found: 6)])
        unlink(folder + "/report.json")
        #expect(try ManifestVerifier().findings(in: folder) == [.missing(path: "report.json")])
        symlink("/etc/passwd", folder + "/report.json")
        #expect(throws: DropError.self) { try ManifestVerifier().findings(in: folder) }
        unlink(folder + "/report.json")
        try scratch.write("hello", "r/report.json")
        try scratch.write("", "r/more")
        #expect(try ManifestVerifier().findings(in: folder) == [.unexpected(path: "more")])
    }

    @Test func aManifestCannotSendTheVerifierOutOfItsFolder() throws {
        let folder = try sealed()
        let hostile = try scratch.text("r/manifest.json").replacing("report.json", with: "../../etc/passwd")
        try scratch.write(hostile, "r/manifest.json")
        #expect(try ManifestVerifier().findings(in: folder) == [.unusablePath(path: "../../etc/passwd"), .unexpected(path: "report.json")])
    }

    @Test func sealingTwiceGivesTheSameBytes() throws {
        let folder = try sealed()
        let first = try scratch.text("r/manifest.json")
        try ResultFolder().seal(folder, origin: origin)
        #expect(try scratch.text("r/manifest.json") == first)
    }

    @Test func aManifestThatWasHalfWrittenIsNoPartOfTheResult() throws {
        try scratch.write("{\"schema\"", "r/manifest.json.tmp")
        let folder = try sealed()
        #expect(try ManifestVerifier().findings(in: folder).isEmpty)
        #expect(try scratch.names("r") == ["manifest.json", "recovered", "report.json"])
    }

    @Test func anEmptyFolderAndALinkAreNotAResult() throws {
        mkdir(scratch.path + "/e", 0o755)
        #expect(throws: DropError.emptyResult(path: scratch.path + "/e")) { try ResultFolder().seal(scratch.path + "/e", origin: origin) }
        symlink("/etc/passwd", scratch.path + "/e/x")
        #expect(throws: DropError.unexpectedEntry(path: scratch.path + "/e/x", kind: "symbolic link")) {
            try ResultFolder().seal(scratch.path + "/e", origin: origin)
        }
    }

    @Test func aResultReplacesAnEmptyFolderAndNothingElse() throws {
        let destination = scratch.path + "/out"
        for (index, isThere) in [false, true].enumerated() {
            let staging = ResultFolder.stagingPath(for: destination + "/", token: "t\(index)")
            mkdir(staging, 0o755)
            try FileSystem().write([1], to: staging + "/file")
            if isThere {
                try FileSystem().removeTree(destination)
                mkdir(destination, 0o755)
            }
            try ResultFolder().publish(staging, to: destination, origin: origin)
            #expect(try scratch.names("out") == ["file", "manifest.json"])
        }
        let staging = ResultFolder.stagingPath(for: destination, token: "t9")
        mkdir(staging, 0o755)
        try FileSystem().write([2], to: staging + "/file")
        #expect(throws: DropError.outputNotEmpty(path: destination)) {
            try ResultFolder().publish(staging, to: destination, origin: origin)
        }
        #expect(try scratch.read("out/file") == [1])
    }

    @Test func renamingNeverReplacesWithAndWithoutTheKernelsHelp() throws {
        for (index, method) in ["kernel", "reservation"].enumerated() {
            let files = FileSystem()
            func move(_ old: String, _ new: String) throws -> Bool {
                let (old, new) = (scratch.path + "/" + old, scratch.path + "/" + new)
                return index == 0 ? try files.renameIfFree(old, to: new) : try files.renameByReservation(old, to: new)
            }
            try scratch.write("mine", "\(index)/a/f")
            try scratch.write("theirs", "\(index)/b/f")
            try scratch.write("file", "\(index)/c")
            #expect(try !move("\(index)/a", "\(index)/b"), "\(method)")
            #expect(try !move("\(index)/c", "\(index)/b"), "\(method)")
            #expect(try move("\(index)/a", "\(index)/d"), "\(method)")
            #expect(try move("\(index)/c", "\(index)/e"), "\(method)")
            #expect(try scratch.text("\(index)/b/f") == "theirs")
            #expect(try scratch.text("\(index)/d/f") == "mine")
            #expect(try scratch.names("\(index)") == ["b", "d", "e"])
        }
    }

    @Test func numberedNamesFitTheLimitOfFileNamesAndStayText() {
        #expect(ResultFolder.candidate("film", number: 1) == "film")
        #expect(ResultFolder.candidate("film", number: 2) == "film-2")
        let long = String(repeating: "é", count: 127) + "x"
        #expect(ResultFolder.candidate(long, number: 1) == long)
        let second = ResultFolder.candidate(long, number: 12)
        #expect(second.utf8.count <= 255 && second.hasSuffix("é-12"))
    }

    @Test func theHashOfAFolderKnowsNamesAndBytesAndNothingElse() throws {
        func hash(_ folder: String, _ files: [String: String]) throws -> String {
            for (name, text) in files { try scratch.write(text, folder + "/" + name) }
            return try TreeHash.compute(scratch.path + "/" + folder, files: FileSystem()).sha256
        }
        let first = try hash("h1", ["a": "1", "b/c": "2"])
        #expect(try hash("h2", ["b/c": "2", "a": "1"]) == first)
        #expect(try hash("h3", ["a": "2", "b/c": "1"]) != first)
        #expect(try hash("h4", ["a": "1", "c": "2"]) != first)
        #expect(try hash("h5", ["a": "1"]) != SHA256.hash("1".utf8))
        // A name that holds the line of another file, in the form without a length and in the form with one.
        let two = try hash("h6", ["a": "1", "b": "2"])
        for (index, fields) in ["1", "1 1"].enumerated() {
            #expect(try hash("h7\(index)", ["a\n\(SHA256.hash("2".utf8)) \(fields) b": "1"]) != two)
        }
    }
}
