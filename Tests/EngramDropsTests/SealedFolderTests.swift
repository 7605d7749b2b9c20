import Testing

@testable import EngramDrops

@Suite struct SealedFolderTests {
    private let scratch = Scratch()

    private func sealed() throws -> SealedFolder {
        try scratch.write("weights", "memory/network")
        try scratch.write("picture", "memory/recovered/1.png")
        let origin = ResultManifest.Origin(name: "memory", contentSHA256: "0", settingsSHA256: nil, inputs: [], versions: [:])
        try ResultFolder().seal(scratch.path + "/memory", origin: origin)
        return try SealedFolder(scratch.path + "/memory")
    }

    private func fault(_ body: () throws(SealedFolder.Fault) -> Void) -> SealedFolder.Fault? {
        do throws(SealedFolder.Fault) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func whatWasPublishedIsRead() throws {
        let folder = try sealed()
        #expect(try folder.read("network") == Array("weights".utf8))
        #expect(folder.paths(below: "recovered") == ["recovered/1.png"])
        try folder.check("recovered/1.png")
        #expect(folder.isUnchanged())
    }

    @Test func whatIsNotIsRefusedByFile() throws {
        let folder = try sealed()
        try scratch.write("Weights", "memory/network")
        let changed = try folder.read("network")
        #expect(
            fault { () throws(SealedFolder.Fault) in try folder.check(changed, as: "network") }?.found == "other bytes than were published")
        #expect(fault { () throws(SealedFolder.Fault) in try folder.check(Array("weights".utf8), as: "network") } == nil)
        try scratch.write("weight", "memory/network")
        #expect(fault { () throws(SealedFolder.Fault) in _ = try folder.read("network") }?.found == "6 bytes of 7")
        try scratch.write("weights and more", "memory/network")
        #expect(fault { () throws(SealedFolder.Fault) in _ = try folder.read("network") }?.found == "more bytes")
        try FileSystem().removeTree(scratch.path + "/memory/recovered")
        #expect(
            fault { () throws(SealedFolder.Fault) in try folder.check("recovered/1.png") }?.path.hasSuffix("memory/recovered/1.png") == true
        )
        for path in ["../memory/network", "manifest.json", "added", ""] {
            #expect(fault { () throws(SealedFolder.Fault) in _ = try folder.read(path) } != nil)
        }
    }

    @Test func aReplacedFolderIsNoticed() throws {
        let folder = try sealed()
        try scratch.write("other", "memory/network")
        let origin = ResultManifest.Origin(name: "memory", contentSHA256: "1", settingsSHA256: nil, inputs: [], versions: [:])
        try ResultFolder().seal(scratch.path + "/memory", origin: origin)
        #expect(!folder.isUnchanged())
    }
}
