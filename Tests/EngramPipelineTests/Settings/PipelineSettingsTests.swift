import EngramMemories
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct PipelineSettingsTests {
    private func settings(_ yaml: String) throws(SettingsError) -> PipelineSettings {
        try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: yaml))
    }

    private func error(_ yaml: String) -> SettingsError? {
        do throws(SettingsError) {
            _ = try settings(yaml)
            return nil
        } catch { return error }
    }

    /// What users read is the oracle: the page about operation says of each key whether a running daemon takes it over.
    @Test func theDocumentedKeysOfTheStartAreThoseOfTheStart() throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
        let page = try String(contentsOfFile: NSString.path(withComponents: root + ["Documentation", "Operations.md"]), encoding: .utf8)
        let lines = page.split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.hasPrefix("| taken over at once") })
        let cells = lines[head + 2].split(separator: "|").map { cell in
            let parts = cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            return Set(parts.filter { $0.offset % 2 == 1 }.map { String($0.element) })
        }
        #expect(cells.count >= 2 && cells[1] == PipelineSettings.keysOfTheStart)
        let keys = Set(PipelineSettings.schema.fields.map { String($0.path.prefix { $0 != "." }) })
        #expect(cells[0].union(cells[1]) == keys.union(["defaults", "rules", "schedule", "hooks"]))
        #expect(cells[0].isDisjoint(with: cells[1]))
    }

    private static let layered = """
        inbox: in
        outbox: /srv/out
        state: "s p"
        settle: 250ms
        jobs: 2
        threads: 3
        defaults:
          seed: 1
          network: { depth: 1, width: 1 }
          recall: { starts: 1 }
          training: { epochs: 1 }
        rules:
          - match: "film*"
            set:
              network: { depth: 2, width: 2 }
              recall: { starts: 2 }
              training: { epochs: 2 }
          - match: "*.wav"
            set: { seed: 99 }
          - match: "film-[0-9]"
            set:
              network: { width: 3 }
              recall: { starts: 3 }
              training: { epochs: 3 }
        """

    @Test func everyLayerIsStrongerThanTheOneBefore() throws {
        let settings = try settings(Self.layered)
        let dropFile = SettingsFile(source: "drop.yml", text: "recall: { starts: 2 }\ntraining: { epochs: 2 }")
        let drop = try settings.dropSettings(named: "film-1", dropFile: dropFile, overrides: ["training.epochs=5", "kind=sequence"])
        #expect(drop.audio.window == .seconds(1))  // built in
        #expect(drop.seed == 1)  // defaults
        #expect(drop.network.depth == .value(2))  // first matching rule
        #expect(drop.network.width == .value(3))  // second matching rule
        #expect(drop.recall.starts == 2)  // the drop's file
        #expect(drop.training.epochs == 5)  // --set
        #expect(drop.kind == .value(.sequence))
        #expect(try settings.dropSettings(named: "other").network.depth == .value(1))
    }

    /// What recipes choose stands in settings.yml, by which a memory is read again.
    @Test(arguments: [1e6, 10, 0.01]) func everyNoiseVarianceThatIsTriedCanBeGivenBack(variance: Double) throws {
        let settings = try settings("inbox: in")
        let drop = try settings.dropSettings(named: "a", overrides: ["training.noise_floor=\(variance)"])
        #expect(drop.training.noiseFloor == .value(variance))
    }

    @Test func aStrongerPresetReplacesTheWeakerPresetsDefaults() throws {
        let settings = try settings("defaults: { preset: paper }")
        #expect(try settings.dropSettings(named: "a").training.learningRate == .value(1e-4))
        let back = try settings.dropSettings(named: "a", overrides: ["preset=fast"])
        #expect(back == DropSettings(preset: .fast))
    }

    @Test func topKeysFillTheirProperties() throws {
        let settings = try settings(Self.layered)
        #expect(settings.inbox == "in" && settings.outbox == "/srv/out" && settings.state == "s p")
        #expect(settings.settle == .milliseconds(250) && settings.jobs == 2 && settings.threads == .value(3))
    }

    @Test func relativePathsCountFromTheFilesFolder() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.layered.utf8).write(to: URL(fileURLWithPath: folder + "/pipeline.yml"))
        let settings = try PipelineSettings(path: folder + "/pipeline.yml")
        #expect(settings.inbox == folder + "/in")
        #expect(settings.outbox == "/srv/out")
        #expect(settings.state == folder + "/s p")
    }

    @Test func ofTwoOverridesForOneKeyTheLaterHolds() throws {
        #expect(try PipelineSettings().dropSettings(named: "a", overrides: ["seed=2", "seed=3"]).seed == 3)
    }

    @Test(arguments: [
        ("seed", "--set seed: expected key=value"), ("=3", "--set =3: expected key=value"),
        ("sed=3", "--set sed=3: unknown key 'sed'; did you mean 'seed'?"),
        ("depth=3", "--set depth=3: unknown key 'depth'; did you mean 'network.depth'?"),
        ("network=3", "--set network=3: unknown key 'network'"), ("seed=", "--set seed=: 'seed' must be an integer from 0, found nothing"),
        ("seed=x", "--set seed=x: 'seed' must be an integer from 0, found 'x'"),
        ("recall.starts=-1", "--set recall.starts=-1: 'recall.starts' must be an integer from 0 to 100000, found '-1'"),
    ])
    func aBadOverrideIsRefused(argument: String, start: String) {
        do throws(SettingsError) {
            _ = try PipelineSettings().dropSettings(named: "a", overrides: [argument])
            Issue.record("\(argument) was accepted")
        } catch {
            #expect(error.description.hasPrefix(start), "\(error)")
        }
    }

    @Test(arguments: [
        ("preset: paper", "pipeline.yml:1:1: unknown key 'preset'; did you mean 'defaults: preset'?"),
        ("network: { depth: 1 }", "pipeline.yml:1:1: unknown key 'network'; did you mean 'defaults: network'?"),
        ("jobs: 1\ninbx: a", "pipeline.yml:2:1: unknown key 'inbx'; did you mean 'inbox'?"),
        ("default: {}", "pipeline.yml:1:1: unknown key 'default'; did you mean 'defaults'?"),
        ("jobs: 0", "pipeline.yml:1:7: 'jobs' must be an integer from 1 to 1024, found '0'"),
        ("inbox: \"\"", "pipeline.yml:1:8: 'inbox' must be a path"),
        ("settle: 5", "pipeline.yml:1:9: 'settle' must be a duration"),
        ("defaults: 3", "pipeline.yml:1:11: 'defaults' must be a mapping"),
        ("defaults:\n  sed: 1", "pipeline.yml:2:3: unknown key 'sed'; did you mean 'seed'?"),
        ("rules: {}", "pipeline.yml:1:8: 'rules' must be a list"),
        ("rules: [3]", "pipeline.yml:1:9: 'rules' must be entries"),
        ("rules:\n  - set: {}", "pipeline.yml:2:5: key 'match' is missing"),
        ("rules:\n  - match: a", "pipeline.yml:2:5: key 'set' is missing"),
        ("rules:\n  - match: \"[a\"\n    set: {}", "pipeline.yml:2:12: 'rules.match' must be a pattern"),
        ("rules:\n  - mtach: a\n    set: {}", "pipeline.yml:2:5: unknown key 'rules.mtach'; did you mean 'match'?"),
        ("rules:\n  - match: a\n    seed: 1", "pipeline.yml:3:5: unknown key 'rules.seed'; did you mean 'set: seed'?"),
        ("rules:\n  - match: a\n    set: { seed: x }", "pipeline.yml:3:18: 'seed' must be an integer"),
        ("rules:\n  - match: *.wav\n    set: {}", "pipeline.yml:2:13: not valid YAML"),
        ("- a", "pipeline.yml:1:1: 'settings' must be a mapping"),
    ])
    func aMistakeIsNamedWithItsPlace(yaml: String, start: String) {
        let description = error(yaml)?.description ?? "accepted"
        #expect(description.hasPrefix(start), "\(description)")
    }

    @Test func theTemplateReadsAsTheBuiltInDefaults() throws {
        let settings = try settings(PipelineSettings.template)
        let builtIn = PipelineSettings()
        for field in PipelineSettings.schema.fields { #expect(field.get(settings) == field.get(builtIn), "\(field.path)") }
        #expect(try settings.dropSettings(named: "film") == DropSettings())
    }

    @Test func theTemplateUncommentedStillReadsAsTheDefaults() throws {
        let lines = PipelineSettings.template.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "defaults:"))
        let text = lines.enumerated().map { index, line in
            index > start && line.hasPrefix("  # ") ? "  " + line.dropFirst(4) : line
        }.joined(separator: "\n")
        let drop = try settings(text).dropSettings(named: "film")
        #expect(drop == DropSettings())
        for field in DropSettings.schema.fields { #expect(text.contains("\(field.name): "), "\(field.path)") }
    }

    /// To change the file, change the schema and run `ENGRAM_RECORD=1 swift test --filter PipelineSettings`; that run fails.
    @Test func theShippedFileIsTheTemplate() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let shipped = root.appendingPathComponent("pipeline.yml")
        if ProcessInfo.processInfo.environment["ENGRAM_RECORD"] != nil {
            try Data(PipelineSettings.template.utf8).write(to: shipped)
            Issue.record("recorded \(shipped.path)")
        }
        #expect(try String(contentsOf: shipped, encoding: .utf8) == PipelineSettings.template)
    }
}
