import EngramNetworks
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct CheckpointFileTests {
    private let kind = "KIND"
    private let whole = Array("KIND and what follows".utf8)

    @Test func whatIsWrittenIsReadBackInAFolderThatWasNotThere() throws {
        let work = try TemporaryFolder()
        let file = CheckpointFile(folder: work.path + "/not yet")
        #expect(try file.read(kind: kind) == nil)
        try file.write([Array(whole.prefix(7)), [], Array(whole.dropFirst(7))])
        #expect(try file.read(kind: kind) == whole)
        #expect(try work.bytes("not yet/" + CheckpointFile.name) == whole)
        // A second one replaces the first, and nothing else is left.
        try file.write([whole + whole])
        #expect(try file.read(kind: kind) == whole + whole)
        #expect(try FileManager.default.contentsOfDirectory(atPath: work.path + "/not yet") == [CheckpointFile.name])
    }

    @Test func aFileCutShortIsReadAsItIsOnceItsBeginningFits() throws {
        let work = try TemporaryFolder()
        let file = CheckpointFile(folder: work.path)
        for length in 0..<whole.count {
            _ = try work.write(Array(whole[..<length]), CheckpointFile.name)
            if length < 4 {
                #expect(throws: CheckpointError.notACheckpoint, "\(length) bytes") { try file.read(kind: kind) }
            } else {
                #expect(try file.read(kind: kind) == Array(whole[..<length]), "\(length) bytes")
            }
        }
        #expect(throws: CheckpointError.notACheckpoint) { try file.read(kind: "MIND") }
    }

    @Test func whatIsSetAsideIsKeptAndOutOfTheWay() throws {
        let work = try TemporaryFolder()
        let file = CheckpointFile(folder: work.path)
        #expect(!file.setAside())
        for bytes in [whole, whole + [1]] {
            try file.write([bytes])
            #expect(file.setAside())
            #expect(try work.bytes(file.nameAside) == bytes)
            #expect(!FileManager.default.fileExists(atPath: work.path + "/" + CheckpointFile.name))
            #expect(try file.read(kind: kind) == nil)
        }
    }

    @Test func onlyHalfWrittenFilesAreRemoved() throws {
        let work = try TemporaryFolder()
        let file = CheckpointFile(folder: work.path)
        try file.write([whole])
        for name in [CheckpointFile.name + ".1f.part", "other.part", CheckpointFile.name + ".note"] { _ = try work.write([1], name) }
        file.removeLeftovers()
        #expect(
            try Set(FileManager.default.contentsOfDirectory(atPath: work.path))
                == [CheckpointFile.name, "other.part", CheckpointFile.name + ".note"])
        CheckpointFile(folder: work.path + "/nowhere").removeLeftovers()
    }
}
