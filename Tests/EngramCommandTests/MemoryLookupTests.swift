import EngramDrops
import Testing

@testable import engram
import EngramSystem

@Suite struct MemoryLookupTests {
    private func outbox(_ names: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in names {
            try folder.write("{}", to: name + "/manifest.json")
            try folder.write("", to: name + "/network.safetensors")
        }
        return folder
    }

    @Test func aNameItsStemAndAFolderFindTheMemory() throws {
        let folder = try outbox(["speech.wav", "steamboat", "digits-idx3-ubyte"])
        let lookup = MemoryLookup(outbox: folder.path)
        #expect(try lookup.folder(of: "speech.wav") == folder.path + "/speech.wav")
        #expect(try lookup.folder(of: "speech") == folder.path + "/speech.wav")
        #expect(try lookup.folder(of: "digits") == folder.path + "/digits-idx3-ubyte")
        #expect(try lookup.folder(of: folder.path + "/steamboat") == folder.path + "/steamboat")
    }

    @Test func twoOfAStemAreNamed() throws {
        let folder = try outbox(["speech.wav", "speech.flac"])
        let failure = #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: folder.path).folder(of: "speech") }
        #expect(failure?.code == "two-memories" && failure?.expected == "one of speech.flac, speech.wav")
    }

    @Test func nearNamesAreOffered() throws {
        let folder = try outbox(["steamboat", "photos"])
        let failure = #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: folder.path).folder(of: "staemboat") }
        #expect(failure?.code == "no-memory" && failure?.remedy == "did you mean steamboat?")
        let other = try outbox(["digits-idx3-ubyte"])
        let stem = #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: other.path).folder(of: "digts") }
        #expect(stem?.remedy == "did you mean digits-idx3-ubyte?")
        let none = #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: folder.path).folder(of: "zebra") }
        #expect(none?.remedy == "engram memories lists what is stored")
        // A folder without a manifest was not finished.
        let half = try TemporaryFolder()
        try half.write("", to: "film/network.safetensors")
        #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: half.path).folder(of: "film") }
        #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: half.path).folder(of: half.path + "/film") }
    }

    /// A cue in the inbox names a memory of the outbox, whatever else lies where the daemon was started.
    @Test func aCueAsksTheOutboxAlone() throws {
        let folder = try outbox(["photos"])
        #expect(try MemoryLookup(outbox: folder.path).folder(named: "photos") == folder.path + "/photos")
        #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: folder.path).folder(named: folder.path + "/photos") }
        #expect(throws: CommandFailure.self) { try MemoryLookup(outbox: folder.path + "/photos").folder(named: "../photos") }
    }

    @Test func theDistanceIsThatOfLevenshtein() {
        #expect(MemoryLookup.distance("kitten", "sitting") == 3 && MemoryLookup.distance("", "abc") == 3)
        #expect(MemoryLookup.distance("Film", "film") == 0)
    }
}
