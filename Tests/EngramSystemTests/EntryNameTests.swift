import EngramSystem
import Testing

@Suite struct EntryNameTests {
    @Test func everyNameIsJudged() {
        let names: [(String, EntryName)] = [
            ("a", .ordinary), ("a.tmp.png", .ordinary), (".part", .hidden), (".a", .hidden), ("a.PART", .partial(ending: ".part")),
            ("~$a.doc", .junk(owner: "an office program")), ("~$a.tmp", .junk(owner: "an office program")),
            ("Thumbs.DB", .junk(owner: "Windows")), ("@tmp", .junk(owner: "a Synology server")),
        ]
        for (name, kind) in names { #expect(EntryName(name) == kind, "\(name)") }
    }

    @Test func whatIsLeftAloneSaysWhyAndTheRestDoesNot() {
        for name in EntryName.partialEndings.map({ "a" + $0.uppercased() }) { #expect(EntryName(name).isPartial, "\(name)") }
        for (name, owner) in EntryName.junk { #expect(EntryName(name.uppercased()).reason == "\(owner) left it", "\(name)") }
        #expect(EntryName("a").reason == nil)
    }
}
