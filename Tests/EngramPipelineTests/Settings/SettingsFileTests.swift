import EngramMemories
import Foundation
import Testing

@testable import EngramPipeline

/// Texts and files that are not settings, some of them made to hurt.
@Suite struct SettingsFileTests {
    private func error(_ yaml: String) -> SettingsError? {
        do throws(SettingsError) {
            _ = try DropSettings(file: SettingsFile(source: "drop.yml", text: yaml))
            return nil
        } catch { return error }
    }

    private func readError(_ path: String) -> SettingsError? {
        do throws(SettingsError) {
            _ = try SettingsFile(path: path)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("seed: 1\n  kind: auto", 2), ("seed: [1, 2", 1), ("a: \"open", 1), ("a: b: c", 1), ("%YAML 9.9\n---\na: 1", 1),
        ("seed: 1\n---\nseed: 2", 2), ("a: *nowhere", 1), ("seed: 1\n\tkind: auto", 2), ("a: \u{1}", 1), ("]", 1),
    ])
    func textThatIsNotYAMLIsRefusedWithItsLine(text: String, line: Int) {
        guard case .malformed(let location, let problem)? = error(text) else {
            Issue.record("\(text) gave \(String(describing: error(text)))")
            return
        }
        #expect((location.line ?? 0) >= line, "\(location)")
        #expect(!problem.isEmpty)
    }

    @Test func anUnquotedPatternIsExplained() {
        for text in ["kind: *.wav", "kind: *-ubyte"] {
            #expect(error(text)?.description.contains("belongs in quotes") == true, "\(text)")
        }
    }

    @Test func nestedAliasesAreRefusedBeforeTheyExpand() {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1...30 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        bomb += "? *a30\n: 1\n"
        #expect(error(bomb) == .tooComplex(path: "drop.yml", what: "anchors", limit: 4, found: 31))
        let many = "seed: &s 1\nnetwork: [" + String(repeating: "*s, ", count: 17) + "]"
        #expect(error(many) == .tooComplex(path: "drop.yml", what: "aliases", limit: 16, found: 17))
    }

    @Test func anAliasIsReadAsWhatItStandsFor() throws {
        let text = "network: { depth: &n 7, width: *n }"
        let settings = try DropSettings(file: SettingsFile(source: "drop.yml", text: text))
        #expect(settings.network.depth == .value(7) && settings.network.width == .value(7))
    }

    @Test func signsInCommentsAndQuotesAreNotAnchors() {
        let text = String(repeating: "# a & b * c &x *y\n", count: 50) + "preset: \"fast\"\n"
        #expect(error(text) == nil)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func deepNestingIsRefusedAndNotRecursedInto(opening: String) {
        let text = String(repeating: opening, count: 60_000 / opening.utf8.count)
        switch error(text) {
        case .malformed, .tooComplex: break
        case let other: Issue.record("\(opening) gave \(String(describing: other))")
        }
    }

    @Test func nestingBelowTheParsersOwnLimitIsRefusedToo() {
        let text = "a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(error(text) == .tooComplex(path: "drop.yml", what: "nested levels", limit: 16, found: 17))
    }

    @Test func theLimitOfBytesIsExact() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("drop.yml").path
        let limit = SettingsFile.byteCountLimit

        try Data(repeating: UInt8(ascii: "#"), count: limit).write(to: URL(fileURLWithPath: path))
        #expect(readError(path) == nil)
        try Data(repeating: UInt8(ascii: "#"), count: limit + 1).write(to: URL(fileURLWithPath: path))
        #expect(readError(path) == .tooLarge(path: path, limit: limit))
        #expect(error(String(repeating: "#", count: limit + 1)) == .tooLarge(path: "drop.yml", limit: limit))

        try Data([0x73, 0xff, 0xfe]).write(to: URL(fileURLWithPath: path))
        guard case .malformed? = readError(path) else {
            Issue.record("bytes that are not UTF-8 gave \(String(describing: readError(path)))")
            return
        }
    }

    @Test func whatIsNotARegularFileIsRefusedAtOnce() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appendingPathComponent("pipe").path
        try #require(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, folder.path] {
            #expect(readError(path) == .unreadable(path: path, reason: "not a regular file"))
        }
        let missing = folder.appendingPathComponent("missing").path
        #expect(readError(missing) == .unreadable(path: missing, reason: "No such file or directory"))
    }

    @Test func everyErrorSaysWhereAndWhatToDo() {
        let place = SettingsLocation(source: "drop.yml", line: 3, column: 5)
        let texts: [(SettingsError, String)] = [
            (
                .unreadable(path: "drop.yml", reason: "Permission denied"),
                "drop.yml: cannot be read (Permission denied); check the path and its permissions."
            ),
            (.tooLarge(path: "drop.yml", limit: 9), "drop.yml: longer than the 9 bytes that settings may have; is this the right file?"),
            (.malformed(place, problem: "odd"), "drop.yml:3:5: not valid YAML: odd; correct the file at this place."),
            (
                .tooComplex(path: "drop.yml", what: "anchors", limit: 4, found: 5),
                "drop.yml: has 5 anchors, at most 4 are read; write the values out."
            ),
            (
                .unknownKey(place, key: "sed", suggestion: "seed", known: []),
                "drop.yml:3:5: unknown key 'sed'; did you mean 'seed'?"
            ),
            (
                .unknownKey(place, key: "x", suggestion: nil, known: ["a", "b"]),
                "drop.yml:3:5: unknown key 'x'; expected one of a, b."
            ),
            (.duplicateKey(place, key: "seed"), "drop.yml:3:5: key 'seed' stands more than once in the same place; keep one."),
            (.missingKey(place, key: "match", purpose: "a pattern"), "drop.yml:3:5: key 'match' is missing; add a pattern."),
            (
                .wrongType(place, key: "seed", expected: "an integer", found: "'x'"),
                "drop.yml:3:5: 'seed' must be an integer, found 'x'; correct or remove it."
            ),
            (
                .outOfRange(place, key: "seed", expected: "an integer from 0", found: "'-1'"),
                "drop.yml:3:5: 'seed' must be an integer from 0, found '-1'; choose a value in that range."
            ),
            (
                .malformedOverride("x"),
                "--set x: expected key=value, found no key before a '='; write for example --set network.depth=3."
            ),
        ]
        for (error, text) in texts { #expect(error.description == text) }
    }

    @Test func aMessageDoesNotRepeatALongOrUnprintableText() {
        let text = "seed: \"\(String(repeating: "y", count: 500))\\e[31m\""
        let description = error(text)?.description ?? ""
        #expect(description.count < 250)
        #expect(description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstKey() throws {
        #expect(try DropSettings(file: SettingsFile(source: "drop.yml", text: "\u{feff}seed: 7\n")).seed == 7)
    }

    /// Spaces that editors and web pages put there unseen would make other keys and values.
    @Test(arguments: [
        ("seed:\u{a0}7", 1, 6), ("network:\n\u{a0}\u{a0}depth: 3", 2, 1), ("seed\u{a0}: 7", 1, 5), ("seed: 7\u{a0}", 1, 8),
        ("seed: 7\u{2009}# why", 1, 8), ("network: {\u{202f}depth: 3}", 1, 11), ("seed: 1\n\u{feff}kind: auto", 2, 1),
    ])
    func aSpaceThatIsNoneIsNamedWithItsPlace(text: String, line: Int, column: Int) throws {
        let error = try #require(throws: SettingsError.self) {
            try DropSettings(file: SettingsFile(source: "drop.yml", text: text))
        }
        #expect("\(error)".hasPrefix("drop.yml:\(line):\(column): not valid YAML: a space that YAML takes for a letter (U+"), "\(error)")
    }

    @Test(arguments: [
        "analysis: {foreign: \"a\u{a0}b\"}", "# a\u{a0} b\nseed: 1", "analysis: {foreign: a\u{a0}b}", "analysis: {foreign: \"\u{a0}\"}",
    ])
    func aSpaceOfANameMayBeAny(text: String) throws {
        _ = try DropSettings(file: SettingsFile(source: "drop.yml", text: text))
    }

    @Test(arguments: ["inbox: ~/drops", "state: \"~\"", "outbox: ~srv/out", "defaults: {analysis: {foreign: ~/pictures}}"])
    func aTildeIsRefused(text: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: text))
        }
        #expect("\(error)".contains("written out, since '~' stands for nothing"), "\(error)")
        _ = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: "inbox: ./~"))
    }
}
