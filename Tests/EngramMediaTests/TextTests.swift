import EngramSystem
import EngramTestSupport
import Testing

@testable import EngramMedia

@Suite struct TextTests: ~Copyable {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ change: (inout MediaReadOptions) -> Void = { _ in }) throws -> SampleSet {
        var options = MediaReadOptions()
        change(&options)
        return try MediaReader.read(path: try folder.write("a.txt", Array(text.utf8)), options: options)
    }

    private func format(_ set: SampleSet) throws -> TextFormat { try #require(set.format.kind as? TextFormat) }

    // MARK: Tokens

    @Test(arguments: [
        "the quick  brown\tfox\r\njumps over\n\nthe lazy dog.\n", " leading", "one", "\u{FEFF}BOM and text",
        "e\u{301}a\u{308} \u{1F469}\u{200D}\u{1F680} 日本語",
        "\r\n\r\n", "trailing   ",
    ])
    func noByteIsLost(text: String) throws {
        for unit in TextUnit.allCases {
            let tokens = try TextTokens(Array(text.utf8), file: "a", unit: unit)
            #expect(Array(tokens.tokens.joined()) == Array(text.utf8) && tokens.unit == unit)
        }
    }

    @Test func wordsHaveTheWhiteSpaceThatFollowsThem() throws {
        let tokens = try TextTokens(Array(" a b\r\nc".utf8), file: "a", unit: .words).tokens
        #expect(tokens.map { String(decoding: $0, as: UTF8.self) } == [" ", "a ", "b\r\n", "c"])
        #expect(TextTokens.core(of: Array("b\r\n".utf8)) == Array("b".utf8))
    }

    /// Scripts without spaces are cut into characters.
    @Test func theUnitFitsTheText() throws {
        #expect(try TextTokens(Array("to be or not to be".utf8), file: "a", unit: nil).unit == .words)
        #expect(try TextTokens(Array("吾輩は猫である。名前はまだ無い。どこで生れたか".utf8), file: "a", unit: nil).unit == .characters)
        #expect(try TextTokens(Array("word".utf8), file: "a", unit: nil).unit == .characters)
    }

    @Test(
        arguments: [
            ([0x61, 0x62, 0xE9, 0x20], 2), ([0xC3], 0), ([0x61, 0xED, 0xA0, 0x80], 1), ([0xE2, 0x82, 0xAC, 0xFF], 3),
            ([0x61, 0xF4, 0x90, 0x80, 0x80], 1),
        ] as [([UInt8], Int)])
    func whatIsNoUTF8IsRefusedWithItsPlace(bytes: [UInt8], offset: Int) throws {
        let path = try folder.write("b.txt", bytes)
        let error = try #require(mediaError { _ = try MediaReader.read(path: path) })
        #expect(error.failure.place == "byte \(offset)" && error.failure.expected == "text in UTF-8", "\(error)")
        var options = MediaReadOptions()
        options.textUnit = .bytes
        #expect(try MediaReader.read(path: path, options: options).count == bytes.count)
    }

    // MARK: Windows

    /// Naive: windows of c tokens, cyclic, as sets.
    private func needed(_ texts: [[Int]]) -> Int {
        let count = texts.reduce(0) { $0 + $1.count }
        var (best, deepest) = (0, 1)
        for context in 1...12 {
            let windows = texts.flatMap { text in
                text.indices.map { place in (0..<context).map { text[(place + 12 * text.count - $0) % text.count] } }
            }
            if Set(windows).count > best { (best, deepest) = (Set(windows).count, context) }
            if best == count { break }
        }
        return deepest
    }

    @Test(arguments: [
        [[0, 1, 2, 3]], [[0, 1, 0, 2]], [[0, 1, 0, 1]], [[0, 0, 0, 1]], [[0]], [[0, 1, 2], [0, 1, 3]],
        [[0, 1, 2, 0, 1, 2, 0, 1, 3, 0, 1, 2, 0, 1, 4]],
    ])
    func windowsAreAsLongAsTheyMustBe(texts: [[Int]]) { #expect(TextMedia.neededContext(of: texts) == needed(texts), "\(texts)") }

    @Test func everyPlaceHasAWindowOfItsOwnAndLeadsToTheNext() throws {
        let set = try read("a rose is a rose is a thorn ", { $0.textUnit = .words })
        let format = try format(set)
        #expect(set.count == 8 && format.vocabulary.count == 4 && set.sequences == [0..<8])
        let rows = (0..<8).map { Array(set.row($0)) }
        #expect(Set(rows).count == 8)
        for (index, row) in rows.enumerated() {
            #expect(row.reduce(0, +) == Float(format.context))
            // The older part of the next window is the newer part of this one.
            #expect(Array(rows[(index + 1) % 8].dropLast(4)) == Array(row.dropFirst(4)))
        }
        #expect(set.names[1] == "a.txt word 2 \"rose \"")
        #expect(set.interpretation?.sentence.hasPrefix("taken for a text of 8 words: ") == true)
        #expect(
            try MediaWriter.files(values: set.values, like: set) == [
                MediaFile(name: "a.txt", bytes: Array("a rose is a rose is a thorn ".utf8))
            ])
    }

    @Test func whatWasRecalledIsReadAgainAsTheSameSet() throws {
        let set = try read("one two three two one\n") { $0.textUnit = .words }
        let file = try #require(try MediaWriter.files(values: set.values.map { $0 * 0.7 + 0.1 }, like: set).first)
        let again = try read(String(decoding: file.bytes, as: UTF8.self)) { $0.textUnit = .words }
        #expect(again == set)
    }

    @Test func theContextCanBeGiven() throws {
        #expect(try format(read("a b c d e f", { $0.textContext = 5 })).context == 5)
        let long = try read("a b c", { ($0.textContext, $0.textUnit) = (9, .words) })
        #expect(try format(long).context == 3 && long.notes == ["text.context: 9 is longer than the text"])
        #expect(mediaError { _ = try read("a b") { $0.textContext = 0 } }?.description.contains("text.context") == true)
    }

    @Test func aTextThatIsTooLongIsRefusedWithTheFigure() throws {
        let error = try #require(mediaError { _ = try read(String(repeating: "a b ", count: 600)) { $0.limits.maxSampleCount = 1000 } })
        #expect(error == .overLimit(file: "a.txt", quantity: "number of words", limit: 1000, found: 1200))
        let wide = mediaError {
            _ = try read((0..<500).map { "w\($0)" }.joined(separator: " ")) { $0.limits.maxDecodedByteCount = 1 << 20 }
        }
        guard case .overLimit("a.txt", let quantity, 1 << 20, 3_000_000) = wide else {
            return #expect(Bool(false), "\(String(describing: wide))")
        }
        #expect(quantity == "bytes of 500 windows of 3 words out of 500")
    }

    // MARK: Folders

    @Test func aFolderOfTextsHasACycleForEach() throws {
        for (name, text) in [("1.txt", "a b c"), ("2.txt", "a b d e")] { try folder.write("t/\(name)", Array(text.utf8)) }
        var options = MediaReadOptions()
        options.textUnit = .words
        let set = try MediaReader.read(path: folder.path + "/t", options: options)
        #expect(set.sequences == [0..<3, 3..<7] && set.notes.isEmpty)
        #expect(
            try MediaWriter.files(values: set.values, like: set).map { String(decoding: $0.bytes, as: UTF8.self) } == ["a b c", "a b d e"])
    }

    /// A text beside pictures says something about them, and is none of them.
    @Test func aTextBesidePicturesIsPassedOver() throws {
        let picture = try PNGEncoder.encode(
            [1, 2, 3, 4], format: ImageFormat(width: 2, height: 2, colorKind: .gray, bitDepth: 8), file: "a")
        try folder.write("p/a.png", picture)
        try folder.write("p/notes.txt", Array("some words".utf8))
        let set = try MediaReader.read(path: folder.path + "/p")
        #expect(set.count == 1 && set.notes == ["notes.txt passed over: not media"])
    }

    @Test func otherFilesAreNotTakenForTexts() throws {
        let path = try folder.write("a.md", Array("some words".utf8))
        #expect(mediaError { _ = try MediaReader.read(path: path) } != nil)
        let picture = try PNGEncoder.encode([1], format: ImageFormat(width: 1, height: 1, colorKind: .gray, bitDepth: 8), file: "a")
        let disguised = try folder.write("c.txt", picture)
        guard case .nameContradictsContent = mediaError({ _ = try MediaReader.read(path: disguised) }) else { return #expect(Bool(false)) }
    }

    // MARK: Cues

    private func cue(_ text: String, of memory: SampleSet) throws -> CueMedia.Item {
        let path = try folder.write("cue.txt", Array(text.utf8))
        return try #require(try CueReader.read(path: path, for: memory).items.first)
    }

    @Test func aPartOfATextIsAWindow() throws {
        let memory = try read("a rose is a rose is a thorn ", { $0.textUnit = .words })
        let format = try format(memory)
        try #require(format.context == 7)
        // As long as a window: it is that window.
        let whole = try cue("a rose is a rose is a", of: memory)
        #expect(whole.values == Array(memory.row(6)) && whole.isKnown == nil && whole.notes.isEmpty)
        // Shorter: what came before is missing. The last word lacks its space and is found all the same.
        let part = try cue("is a thorn", of: memory)
        #expect(part.values.suffix(12) == memory.row(7).suffix(12))
        #expect(part.isKnown == [Bool](repeating: false, count: 16) + [Bool](repeating: true, count: 12))
        // Unknown words are missing, and said.
        let unknown = try cue("is a tulip", of: memory)
        #expect(unknown.isKnown?.suffix(4) == [false, false, false, false])
        #expect(unknown.notes == ["cue.txt: \"tulip\" is in no text of the memory and is taken as missing"])
        let long = try cue("rose a rose is a rose is a thorn ", of: memory)
        #expect(long.values == Array(memory.row(7)) && long.notes.count == 1)
    }

    // MARK: Cues

    private static func corrections(_ cue: String, _ text: String, endingAt last: Int) -> [TextCorrections.Difference] {
        func tokens(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }
        return TextCorrections(of: tokens(cue), in: tokens(text), endingAt: last, areEqual: ==).differences
    }

    /// Each cue was changed by hand; what was changed is what must be found.
    @Test func whatIsWrongInACueIsFound() {
        let text = "the cat sat on the mat and the dog sat by the door"
        func word(_ text: String) -> [UInt8] { Array(text.utf8) }
        #expect(Self.corrections("on the mat and", text, endingAt: 6).isEmpty)
        #expect(Self.corrections("on a mat and", text, endingAt: 6) == [.wrong(index: 1, token: word("the"))])
        #expect(Self.corrections("on the mat and so", text, endingAt: 6) == [.extra(index: 4)])
        #expect(Self.corrections("sat the mat and", text, endingAt: 6) == [.missing(after: 0, token: word("on"))])
        #expect(Self.corrections("sat on the big mat and", text, endingAt: 6) == [.extra(index: 3)])
        // Round the end.
        #expect(Self.corrections("by the door the cat", text, endingAt: 1).isEmpty)
        #expect(Self.corrections("by the floor the cat", text, endingAt: 1) == [.wrong(index: 2, token: word("door"))])
        // Longer than the text.
        #expect(Self.corrections("a b a b a c a b", "a b", endingAt: 1) == [.wrong(index: 5, token: word("b"))])
    }

    /// Against the definition of the edit distance, by recursion.
    @Test(arguments: [1, 2, 3] as [UInt64]) func asFewDifferencesAreFoundAsThereAre(seed: UInt64) {
        var state = seed
        func next(_ count: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % count)
        }
        for _ in 0..<40 {
            let text = (0..<1 + next(5)).map { _ in [UInt8(next(3))] }
            let cue = (0..<1 + next(5)).map { _ in [UInt8(next(3))] }
            let last = next(UInt64(text.count))
            // The last token of the cue stands for the place: it is read from there backwards.
            let reversed = Array(cue.reversed())
            func distance(_ i: Int, _ j: Int) -> Int {
                if i == 0 { return j }
                if j == 0 { return i }
                let stored = text[((last - (j - 1)) % text.count + text.count) % text.count]
                let replaced = distance(i - 1, j - 1) + (reversed[i - 1] == stored ? 0 : 1)
                return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)
            }
            let least = (0...cue.count + 3).map { distance(cue.count, $0) }.min()
            let found = TextCorrections(of: cue, in: text, endingAt: last, areEqual: ==).differences
            #expect(found.count == least, "\(cue) in \(text) at \(last)")
        }
    }

    @Test func aCueIsReadTokenByTokenWhereTheMemoryReads() throws {
        let set = try read("to be or not to\nbe ") { $0.textContext = 1 }
        let cue = try folder.write("cue.txt", Array("or never to be".utf8))
        let item = try #require(try CueReader.read(path: cue, for: set).items.first)
        #expect(item.reading.map { $0.values } == [[0, 0, 1, 0, 0], nil, [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]])
        #expect(item.notes.count == 1 && item.notes[0].contains("\"never \" is in no text"))
        // A word whose white space the memory does not have may be any that differs in that alone.
        let bare = try folder.write("bare.txt", Array("to".utf8))
        let open = try #require(try CueReader.read(path: bare, for: set).items.first)
        #expect(open.reading.map { $0.values } == [[1, 0, 0, 0, 1]])
        let kind = set.format.kind
        #expect(kind.isToken && kind.place(2, in: set)?.token == "\"or \"")
        #expect(kind.corrections(of: item.reading, endingAt: 5, in: set) == ["word 2 of the cue, \"never\", is \"not\" in the text"])
    }
}
