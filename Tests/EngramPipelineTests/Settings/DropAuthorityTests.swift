import EngramMemories
import Foundation
import Testing

@testable import EngramPipeline

/// What a drop's own settings may say, against what the operator's say.
@Suite struct DropAuthorityTests {
    private func pipeline(_ text: String) throws -> PipelineSettings {
        try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: text))
    }

    private func own(_ text: String, under operators: String = "") throws -> DropSettings {
        try pipeline(operators).dropSettings(named: "film", dropFile: SettingsFile(source: "film/drop.yml", text: text))
    }

    private func refusal(_ text: String, under operators: String = "") throws -> String {
        "\(try #require(throws: SettingsError.self) { try own(text, under: operators) })"
    }

    /// A drop of 100 MB raised its bounds to 16.4 GB by a line of its own.
    @Test(arguments: [
        ("max_file_bytes", 1_073_741_824), ("max_samples", 100_000), ("max_image_side", 16_384), ("max_decoded_bytes", 4_294_967_296),
    ])
    func limitsAreUpperBoundsAlsoWhereTheyAreTheDefaults(key: String, bound: Int) throws {
        _ = try own("limits: {\(key): \(bound)}")
        #expect(try own("limits: {\(key): 1}").limits != DropSettings().limits)
        let text = try refusal("seed: 2\nlimits:\n  \(key): \(bound + 1)\n")
        #expect(text.hasPrefix("film/drop.yml:3:"), "\(text)")
        #expect(text.contains("'limits.\(key)' must be at most \(bound), the operator's bound (pipeline.yml)"), "\(text)")
    }

    @Test func theOperatorRaisesAndLowersLimitsForDropsOfAName() throws {
        let rules = "defaults: {limits: {max_samples: 10}}\nrules:\n  - {match: film, set: {limits: {max_samples: 30}}}\n"
        #expect(try own("limits: {max_samples: 30}", under: rules).limits.maxSampleCount == 30)
        #expect(try refusal("limits: {max_samples: 31}", under: rules).contains("at most 30"))
        #expect(try pipeline(rules).dropSettings(named: "film", overrides: ["limits.max_samples=1000"]).limits.maxSampleCount == 1000)
        let chosen = SettingsFile(source: "settings.yml", text: "limits: {max_samples: 1000}")
        #expect(try pipeline(rules).dropSettings(named: "film", chosenFile: chosen).limits.maxSampleCount == 1000)
    }

    @Test(arguments: [
        ("network", "depth", "3", "4"), ("network", "width", "64", "65"), ("training", "batch_size", "8", "9"),
        ("training", "epochs", "100", "101"), ("training", "budget", "90s", "91s"), ("recall", "starts", "5", "6"),
        ("recall", "iterations", "400", "401"), ("analysis", "census", "10", "11"), ("analysis", "eigenvalues", "false", "true"),
        ("analysis", "spectra", "leading", "all"), ("analysis", "recovery", "auto", "full"), ("report", "animation", "false", "true"),
    ])
    func aResourceThatTheOperatorGivesIsAnUpperBound(section: String, key: String, bound: String, more: String) throws {
        func line(_ value: String) -> String { "\(section): {\(key): \(value)}" }
        _ = try own(line(more))
        _ = try own(line(bound), under: "defaults: {\(line(bound))}")
        let text = try refusal(line(more), under: "defaults: {\(line(bound))}")
        #expect(text.contains("'\(section).\(key)' must be at most \(bound)") && text.contains("found \(more)"), "\(text)")
    }

    /// `auto` leaves a choice to the program, and must not be a way around the operator's.
    @Test func autoIsTheOperatorsValue() throws {
        let operators = "defaults: {limits: {max_memory: 1000}, analysis: {census: 10}}"
        let settings = try own("limits: {max_memory: auto}\nanalysis: {census: auto}", under: operators)
        #expect(settings.limits.maxMemoryByteCount == .value(1000) && settings.analysis.census == .value(10))
    }

    /// What a result was made with is what the same operator's next drop may say.
    @Test func aPublishedSettingsFileRepeatsItsRunAsADropsOwn() throws {
        let operators = "defaults: {training: {budget: 60s}, limits: {max_memory: 1000000}, analysis: {foreign: /srv/images}}"
        let settings = try pipeline(operators).dropSettings(named: "film")
        #expect(try own(settings.yaml, under: operators) == settings)
    }

    @Test(arguments: ["/etc", "../other", "a/../../b", "./a", "a//b", "..", "a/"])
    func aDropNamesNoPathOutsideOfItsFolder(path: String) throws {
        let text = try refusal("analysis: {foreign: \"\(path)\"}")
        #expect(text.contains("'analysis.foreign' must be a path inside the drop's own folder"), "\(text)")
    }

    @Test func aPathOfADropCountsFromItsFolderAndFollowsNoLink() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/engram-inner-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for path in ["/drop/.others/deep", "/elsewhere"] {
            try FileManager.default.createDirectory(atPath: folder + path, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(atPath: folder + "/drop/link", withDestinationPath: folder + "/elsewhere")
        try FileManager.default.createSymbolicLink(atPath: folder + "/drop/.others/up", withDestinationPath: "..")
        #expect(try InnerPath.resolve(".others/deep", in: folder + "/drop") == folder + "/drop/.others/deep")
        #expect(try InnerPath.resolve("/elsewhere", in: folder + "/drop") == "/elsewhere")
        for path in ["link", "link/a", ".others/up", ".others/up/link", "missing", "../elsewhere"] {
            #expect(throws: InnerPath.Refusal.self, "\(path)") { try InnerPath.resolve(path, in: folder + "/drop") }
        }
        _ = FileManager.default.createFile(atPath: folder + "/one.png", contents: nil)
        #expect(throws: InnerPath.Refusal(found: "a drop that is one file and holds nothing else")) {
            try InnerPath.resolve("a", in: folder + "/one.png")
        }
    }

    @Test func theDocumentationHasTheTableOfTheSchema() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Documentation/Security.md"), encoding: .utf8)
        let table = DropSettings.schema.authorityTable
        #expect(text.contains("\n" + table + "\n"), "Documentation/Security.md should have\n\(table)")
    }
}
