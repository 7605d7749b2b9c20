import EngramSystem
import Testing

@testable import EngramDrops

/// Settings that would be passed over hold their drop.
@Suite struct MisnamedSettingsTests {
    private let scratch = Scratch()

    private func scan(_ names: [String]) throws -> [String: InboxScanner.Kind] {
        for name in names { _ = try scratch.write("x", "inbox/" + name) }
        let entries = try InboxScanner(inbox: scratch.path + "/inbox").scan()
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.kind) })
    }

    @Test(arguments: ["clip.wav.drop.yaml", "clip.wav.Drop.yml", "clip.wav.DROP.YAML"])
    func aDropWaitsUntilItsSettingsAreCalledAsTheyAreRead(name: String) throws {
        let kinds = try scan(["clip.wav", name, "other.wav", "other.wav.drop.yml"])
        guard case .waiting(let reason) = kinds["clip.wav"] else {
            Issue.record("\(kinds)")
            return
        }
        #expect(reason.contains("\"\(name)\"") && reason.contains("\"clip.wav.drop.yml\""), "\(reason)")
        #expect(kinds["other.wav"] == .drop(hasSettings: true, isMarkedDone: false))
        guard case .waiting = kinds[name] else { Issue.record("\(kinds)"); return }
    }

    @Test func namesOfSettingsAreKnownInEveryCase() {
        #expect(["drop.yml", "Drop.yml", "drop.yaml", "DROP.YAML"].allSatisfy(SettingsName.isInside))
        #expect(!SettingsName.isInside("mydrop.yml") && !SettingsName.isInside("drop.yml.png"))
        #expect(SettingsName.owner(of: "a.wav.Drop.YML") == "a.wav" && SettingsName.owner(of: "drop.yml") == nil)
        #expect(SettingsName.owner(of: ".drop.yml") == nil && SettingsName.owner(of: "a.yml") == nil)
    }
}
