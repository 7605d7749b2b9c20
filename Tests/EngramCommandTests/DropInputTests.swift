import EngramDrops
import EngramMemories
import EngramPipeline
import Foundation
import Testing

@testable import engram
import EngramSystem

/// A folder that is removed at the end of a test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "engram-command-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    func text(of name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}

@Suite struct DropInputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func strongerLayersWin() throws {
        let pipeline = try PipelineSettings(
            path: folder.write(
                """
                defaults: {seed: 1000, network: {depth: 1000000, width: 11}}
                rules: [{match: "*.wav", set: {network: {width: 22}, training: {epochs: 33}}}]
                """.replacingOccurrences(of: "1000000", with: "2"), to: "pipeline.yml"))
        let path = try folder.write("", to: "a.wav")
        try folder.write("training: {epochs: 22}\nrecall: {starts: 5}", to: "a.wav.drop.yml")
        let settings = try DropInput(path: path).settings(pipeline: pipeline, overrides: ["recall.starts=6"])
        #expect(settings.seed == 1000)
        #expect(settings.network.depth == .value(2))
        #expect(settings.network.width == .value(22))
        #expect(settings.training.epochs == 22)
        #expect(settings.recall.starts == 6)
    }

    @Test(arguments: ["film/drop.yaml", "film/Drop.yml", "film/DROP.YAML", "film.drop.yaml", "film.Drop.yml"])
    func settingsAreFoundInEveryCaseAndWithEitherEnding(name: String) throws {
        try folder.write("", to: "film/1.png")
        try folder.write("seed: 5", to: name)
        let input = try DropInput(path: folder.path + "/film")
        #expect(try input.settings(pipeline: PipelineSettings()).seed == 5)
        #expect(input.settingsFile?.source == folder.path + "/" + name)
    }

    /// A link would have the daemon read, and quote in a reason, any file that it may.
    @Test(arguments: ["film/drop.yml", "film.drop.yml"])
    func settingsOfATakenDropAreNoLink(name: String) throws {
        try folder.write("", to: "film/1.png")
        let secret = try folder.write("password: 1", to: "secret")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: secret)
        let error = #expect(throws: CommandFailure.self) {
            try DropInput(sourcePath: folder.path + "/film", sidecarPath: folder.path + "/film.drop.yml")
        }
        #expect(error?.message.contains("a symbolic link") == true && error?.message.contains("password") == false)
    }

    @Test func twoNamesForSettingsAreRefused() throws {
        try folder.write("seed: 5", to: "film/drop.yml")
        try folder.write("seed: 6", to: "film/Drop.yml")
        let error = #expect(throws: CommandFailure.self) { try DropInput(path: folder.path + "/film") }
        #expect(error?.code == "two-settings" && error?.found?.contains("film/Drop.yml") == true)
    }

    @Test func settingsLieInTheFolderOrBesideTheFile() throws {
        try folder.write("seed: 2", to: "film/drop.yml")
        #expect(try DropInput(path: folder.path + "/film/").settings(pipeline: PipelineSettings()).seed == 2)
        try folder.write("", to: "a.png")
        #expect(try DropInput(path: folder.path + "/a.png").settingsFile == nil)
        try folder.write("seed: 3", to: "a.png.drop.yml")
        #expect(try DropInput(path: folder.path + "/a.png").settings(pipeline: PipelineSettings()).seed == 3)
        let named = try folder.write("seed: 4", to: "settings.yml")
        #expect(try DropInput(path: folder.path + "/a.png", settingsPath: named).settings(pipeline: PipelineSettings()).seed == 4)
    }

    @Test func twoSettingsFilesAreRefused() throws {
        try folder.write("seed: 2", to: "film/drop.yml")
        try folder.write("seed: 3", to: "film.drop.yml")
        let error = #expect(throws: CommandFailure.self) { try DropInput(path: folder.path + "/film") }
        #expect(error?.status == .unusableData)
    }

    @Test func nameIsTheLastPartOfThePath() throws {
        try folder.write("", to: "film/1.png")
        #expect(try DropInput(path: folder.path + "/film///").name == "film")
        #expect(try DropInput(path: folder.path + "/film/.").name == "film")
        let missing = #expect(throws: CommandFailure.self) { try DropInput(path: folder.path + "/nothing") }
        #expect(missing?.status == .noInput)
    }

    @Test func mistakeInAClaimedDropIsNamedAsItsOwnerNamedIt() throws {
        let source = try folder.write("", to: "work/input/a.wav")
        let beside = try folder.write("sede: 3", to: "work/input/a.wav.drop.yml")
        let input = try DropInput(sourcePath: source, sidecarPath: beside)
        let error = #expect(throws: CommandFailure.self) { try input.settings(pipeline: PipelineSettings()) }
        #expect(error?.message.hasPrefix("a.wav.drop.yml:1:1: ") == true)
        #expect(error?.message.contains(folder.path) == false)
        try Data([0xff, 0xfe]).write(to: URL(fileURLWithPath: beside))
        let unreadable = #expect(throws: CommandFailure.self) { try DropInput(sourcePath: source, sidecarPath: beside) }
        #expect(unreadable?.message.contains(folder.path) == false)
        #expect(unreadable?.status == .unusableData)
    }

    /// Each of these is a line of a `drop.yml` as a person may get it wrong.
    @Test(
        arguments: [
            ("sede: 3", "seed", "'sede'", "seed"), ("seed: many", "'seed' to be an integer", "many", "correct"),
            ("network: {depth: 0}", "network.depth", "0", "range"), ("seed: 1\nseed: 2", "once", "more than once", "keep one"),
            ("a: [", "YAML", "", "correct the file"),
        ] as [(String, String, String, String)])
    func wrongSettingIsToldInParts(text: String, expected: String, found: String, remedy: String) throws {
        let path = try folder.write("", to: "a.wav")
        try folder.write(text, to: "a.wav.drop.yml")
        let input = try DropInput(sourcePath: path, sidecarPath: path + ".drop.yml")
        let error = try #require(throws: CommandFailure.self) { try input.settings(pipeline: PipelineSettings()) }
        let json = ErrorFile.json(error.failure, of: "a.wav", at: 0)
        #expect(json["file"]?.string == "a.wav.drop.yml")
        #expect(json["expected"]?.string?.contains(expected) == true, "\(error.expected ?? "nothing")")
        #expect(json["found"]?.string.map { found.isEmpty ? !$0.isEmpty : $0.contains(found) } == true, "\(error.found ?? "nothing")")
        #expect(json["remedy"]?.string?.contains(remedy) == true, "\(error.remedy ?? "nothing")")
        // The one line of the message has it all already.
        #expect(!error.description.contains("\n"))
    }

    @Test func wrongArgumentBlamesNoFile() throws {
        let input = DropInput(path: "/d", name: "d", settingsFile: nil)
        for argument in ["nonsense", "network.depth=none", "sede=1"] {
            let error = try #require(throws: CommandFailure.self) {
                try input.settings(pipeline: PipelineSettings(), overrides: [argument])
            }
            #expect(error.file == nil)
            #expect(error.expected != nil && error.found != nil && error.remedy != nil)
        }
    }

    @Test func fingerprintFollowsTheSettingsOnly() {
        var settings = DropSettings()
        let first = SettingsFingerprint.of(settings)
        #expect(SettingsFingerprint.of(DropSettings()) == first)
        settings.seed = 2
        #expect(SettingsFingerprint.of(settings) != first)
    }
}
