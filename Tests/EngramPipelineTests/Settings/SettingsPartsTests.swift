import EngramMemories
import Foundation
import Glibc
import Testing

@testable import EngramPipeline

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0s", 0), ("5s", 5_000_000), ("250ms", 250_000), ("1us", 1), ("10m", 600_000_000), ("1h30m", 5_400_000_000),
        ("1.5h", 5_400_000_000), ("0.1s", 100_000), ("1m30.5s", 90_500_000), ("0.001ms", 1), ("24h", 86_400_000_000),
    ])
    func readsTextsAsMicroseconds(text: String, microseconds: Int64) {
        #expect(DurationText.parse(text) == .microseconds(microseconds))
    }

    @Test(arguments: [
        "", "5", "s", "5 s", "-5s", "+5s", "5S", "5sec", "1e3s", "5s5", "1s1m", "1s1s", ".5s", "5.s", "1.2.3s", "0.5us",
        "9223372036854775807h",
        "9999999999999h", "٣s", "5s\u{0}", "1.0000000000s",
    ])
    func refusesEverythingElse(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.seconds(90), "90s"), (.seconds(3600), "1h"), (.milliseconds(1500), "1500ms"), (.microseconds(7), "7us"),
    ])
    func writesTheLongestUnitThatIsExact(duration: Duration, text: String) {
        #expect(DurationText.format(duration) == text)
        #expect(DurationText.parse(text) == duration)
    }
}

@Suite struct NamePatternTests {
    /// The oracle is the C library's own matcher, on every pattern and name of up to four signs of a small alphabet.
    @Test func agreesWithTheSystemsMatcherOnAllShortPatterns() throws {
        let patterns = words(of: ["a", "b", "*", "?"], upTo: 4).dropFirst()
        let names = words(of: ["a", "b", "c"], upTo: 4)
        for text in patterns {
            let pattern = try #require(NamePattern(text))
            for name in names {
                let expected = fnmatch(text, name, 0) == 0
                if pattern.matches(name) != expected { Issue.record("\(text) on \(name): expected \(expected)") }
            }
        }
    }

    @Test(arguments: ["[a-c]x", "[!a-c]x", "[]a]x", "[!]a]x", "[a-]x", "[-a]x", "[abz]x", "*[0-9].wav"])
    func agreesWithTheSystemsMatcherOnSets(text: String) throws {
        let pattern = try #require(NamePattern(text))
        for name in ["ax", "bx", "dx", "]x", "-x", "zx", "x", "", "take7.wav", "take.wav"] {
            #expect(pattern.matches(name) == (fnmatch(text, name, 0) == 0), "\(text) on \(name)")
        }
    }

    @Test func countsCharactersAndNotBytes() throws {
        #expect(try #require(NamePattern("?.png")).matches("é.png"))
    }

    @Test(arguments: ["", "[", "[a", "[]", "[!]", "a[z-a]"])
    func refusesPatternsThatMeanNothing(text: String) {
        #expect(NamePattern(text) == nil)
    }

    /// A matcher that tries every split of the name would need about 20 to the power of 20 steps here.
    @Test func manyStarsStayCheap() throws {
        let pattern = try #require(NamePattern(String(repeating: "*a", count: 20) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
    }

    private func words(of letters: [String], upTo length: Int) -> [String] {
        var all = [""]
        var latest = [""]
        for _ in 0..<length {
            latest = latest.flatMap { word in letters.map { word + $0 } }
            all += latest
        }
        return all
    }
}

@Suite struct NearestWordTests {
    @Test(arguments: [
        ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 1), ("depht", "depth", 1),
        ("Seed", "seed", 0), ("flaw", "lawn", 2), ("ca", "abc", 3),
    ])
    func distanceCountsEditsAndSwapsOfNeighbours(first: String, second: String, expected: Int) {
        #expect(NearestWord.distance(first, second) == expected)
        #expect(NearestWord.distance(second, first) == expected)
    }

    @Test func farWordsAreNotSuggested() {
        #expect(NearestWord.nearest(to: "xylophone", among: ["seed", "kind"]) == nil)
        #expect(NearestWord.nearest(to: String(repeating: "s", count: 65), among: ["seed"]) == nil)
    }
}

@Suite struct AutoOrTests {
    @Test func jsonIsTheBareValueOrTheWordAuto() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let network = DropSettings.Network(depth: .value(3), width: .auto, activation: .value(.leakyReLU))
        let data = try encoder.encode(network)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"activation":"leaky_relu","bandwidth":"auto","depth":3,"family":"auto","kernel":"auto","norm":"auto","ridge":0,"width":"auto"}"#
        )
        #expect(try JSONDecoder().decode(DropSettings.Network.self, from: data) == network)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(DropSettings.Network.self, from: Data(#"{"activation":"auto","depth":"x","width":1}"#.utf8))
        }
    }

    @Test func wholeSettingsSurviveJSON() throws {
        for settings in [DropSettings(), DropSettings(preset: .paper)] {
            #expect(try JSONDecoder().decode(DropSettings.self, from: JSONEncoder().encode(settings)) == settings)
        }
    }
}

@Suite struct SettingValueTests {
    @Test(arguments: [
        "inbox", ".engram", "/a/b-c_d.e", "a b", "", "*x", "a: b", "# no", "it's", "say \"hi\"", "back\\slash", "tab\tnew\nline", "é",
        "true", "12", "\u{7f}", "-", "a#b",
    ])
    func pathsReadBackFromWhatWasWritten(path: String) throws {
        var settings = PipelineSettings()
        settings.inbox = path
        let field = try #require(PipelineSettings.schema.field(at: "inbox"))
        let file = SettingsFile(source: "pipeline.yml", text: "inbox: \(field.get(settings).yamlText)\n")
        if path.isEmpty {
            #expect(throws: SettingsError.self) { try PipelineSettings(file: file) }
        } else {
            #expect(try PipelineSettings(file: file).inbox == path)
        }
    }
}
