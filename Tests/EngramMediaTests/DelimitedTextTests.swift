import EngramSystem
import Testing

@testable import EngramMedia

@Suite struct DelimitedTextTests {
    static func read(_ text: String, _ options: DelimitedTextOptions = DelimitedTextOptions()) throws -> DelimitedText {
        try DelimitedText(Array(text.utf8), name: "t.csv", options: options)
    }

    static func cells(_ text: DelimitedText) -> [[String]] {
        (0..<text.rowCount).map { row in (0..<text.columnCount).map { text.cell(row: row, column: $0) } }
    }

    static func failure(_ text: String, _ options: DelimitedTextOptions = DelimitedTextOptions()) -> Failure? {
        mediaError { _ = try read(text, options) }?.failure
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func quotesDelimitersAndLineBreaksInsideCellsAreText(end: String) throws {
        // RFC 4180, sections 2.5 to 2.7.
        let text = try Self.read(["a,b,c", "1,\"x, y\",\"say \"\"hi\"\"\"", "2,\"two\(end)lines\",", ""].joined(separator: end))
        #expect(text.columnNames == ["a", "b", "c"] && text.hasHeader)
        #expect(Self.cells(text) == [["1", "x, y", "say \"hi\""], ["2", "two\(end)lines", ""]])
        #expect(text.line(ofRow: 0) == 2 && text.line(ofRow: 1) == 3)
        #expect(text.isQuoted(row: 0, column: 1) && !text.isQuoted(row: 0, column: 0))
    }

    @Test(arguments: [",", ";", "\t", "|"])
    func theDelimiterIsFoundAndSaid(delimiter: String) throws {
        let lines = [["name", "x", "y"], ["p", "1.5", "a"], ["q", "2", ""]].map { $0.joined(separator: delimiter) }
        let text = try Self.read(lines.joined(separator: "\n"))
        #expect(text.delimiter == Array(delimiter.utf8)[0] && Self.cells(text) == [["p", "1.5", "a"], ["q", "2", ""]])
        #expect(text.notes.contains { $0.hasPrefix("the delimiter is a ") } == (delimiter != ","))
    }

    @Test func decimalCommasDoNotHideASemicolon() throws {
        let text = try Self.read("a;b;c\n1,5;2,5;3,5\n4,25;5,5;6\n")
        #expect(text.delimiter == UInt8(ascii: ";") && text.columnCount == 3)
    }

    /// Three even cells of which none is a number, or two of which all are.
    @Test func ofTwoEvenCutsTheOneIntoNumbersIsTaken() throws {
        let text = try Self.read("1,5;2,5\n4,25;5,5\n6,1;7,5\n")
        #expect(text.delimiter == UInt8(ascii: ";") && text.columnCount == 2 && !text.hasHeader)
        #expect(try Self.read("a;b,c;d\ne;f,g;h\n").delimiter == UInt8(ascii: ";"))
    }

    @Test func aDelimiterOnTheFirstLineIsTaken() throws {
        for end in ["\n", "\r\n", "\r"] {
            let text = try Self.read("sep=;\(end)a,b;c\(end)1,2;3\(end)")
            #expect(text.columnNames == ["a,b", "c"] && Self.cells(text) == [["1,2", "3"]] && text.line(ofRow: 0) == 3)
        }
        // A column of that name is not a declaration.
        #expect(try Self.read("sep=x,b\n1,2\n").columnNames == ["sep=x", "b"])
    }

    @Test func encodingsAreFoundAndEveryByteIsRead() throws {
        let german = try Self.read("\u{FEFF}Stra\u{DF}e,b\n\u{E9},1\n")
        #expect(german.encoding == .utf8 && german.columnNames == ["Stra\u{DF}e", "b"])
        // "é" in Latin-1 is 0xE9; the euro sign in Windows-1252 is 0x80 (both from the Unicode consortium's mapping tables).
        let latin = try DelimitedText(Array("a,b\n".utf8) + [0xE9, 0x2C, 0x31], name: "t.csv")
        #expect(latin.encoding == .latin1 && latin.cell(row: 0, column: 0) == "\u{E9}")
        #expect(latin.notes == ["the text is not UTF-8 and is read as Latin-1"])
        let windows = try DelimitedText(Array("a,b\n".utf8) + [0x80, 0x2C, 0x31], name: "t.csv")
        #expect(windows.encoding == .windows1252 && windows.cell(row: 0, column: 0) == "\u{20AC}")
        for encoding in TextEncoding.allCases {
            let all = encoding == .utf8 ? Array("h\u{E9}\u{1F600}".utf8) : (0...255).map { UInt8($0) }
            #expect(encoding.bytes(of: encoding.text(of: all)) == all)
        }
        #expect(TextEncoding.latin1.bytes(of: "\u{20AC}") == nil && TextEncoding.windows1252.bytes(of: "\u{80}") == nil)
    }

    @Test func aTableWithoutNamesHasARowMore() throws {
        let text = try Self.read("1,2\n3,4\n")
        #expect(!text.hasHeader && text.columnNames == ["column 1", "column 2"] && text.rowCount == 2)
        #expect(try Self.read("1,b\n3,4\n").rowCount == 1)
        #expect(try Self.read("1,?,NA\n3,4,5\n").rowCount == 2)
        var options = DelimitedTextOptions()
        options.hasHeader = true
        #expect(try Self.read("1,2\n3,4\n", options).columnNames == ["1", "2"])
    }

    @Test func oneColumnKeepsItsBlankLinesAsEmptyCells() throws {
        let text = try Self.read("a\n1\n\n3\n\n")
        #expect(Self.cells(text) == [["1"], [""], ["3"]])
        #expect(Self.cells(try Self.read("\na,b\n1,2\n\n3,4\n\n\n")) == [["1", "2"], ["3", "4"]])
    }

    @Test func everyRefusalHasItsLine() throws {
        let ragged = try #require(Self.failure("a,b\n1,2\n\"x\ny\",2\n1,2,3\n"))
        #expect(ragged.code == "ragged-row" && ragged.place == "line 5")
        #expect(
            ragged.message
                == "t.csv: line 5: expected 2 cells, as in the first line, found 3 cells. Give every line the same number of cells; a cell "
                + "that contains the delimiter or a line break stands in quotes.")
        #expect(Self.failure("a,b\n1\n")?.code == "ragged-row")
        #expect(
            Self.failure("a,b,a\n1,2,3\n")?.message
                == "t.csv: line 1: expected a name of its own for each column, found \"a\" above columns 1 and 3. Rename one of the two.")
        #expect(Self.failure("a,b\n1,\"2\n3,4\n")?.code == "open-quote")
        #expect(Self.failure("a,b\n1,\"2\n3,4\n")?.place == "line 2")
        #expect(Self.failure("a,b\n1,\"2\"3\n")?.code == "text-after-quote")
        #expect(Self.failure("a,b\n1,\0\n")?.code == "not-text")
        #expect(Self.failure("a,b\n")?.code == "empty" && Self.failure("")?.code == "empty" && Self.failure("\n\n")?.code == "empty")
        #expect(mediaError { _ = try DelimitedText([0xFF, 0xFE, 0x61, 0], name: "t.csv") }?.failure.code == "not-text")
    }

    @Test func bombsStopAtTheirLimits() throws {
        #expect(Self.failure(String(repeating: ",", count: 1_000_000) + "\n")?.found == "more")
        #expect(Self.failure(String(repeating: ",", count: 1_000_000))?.expected == "at most 65536 columns")
        #expect(Self.failure("a,b\n1," + String(repeating: "x", count: 1 << 21))?.expected == "cells of at most 1048576 bytes")
        #expect(Self.failure("a,b\n1,\"" + String(repeating: "x", count: 1 << 21) + "\"")?.place == "line 2")
        var options = DelimitedTextOptions()
        options.limits.maxCellCount = 5
        #expect(Self.failure("a,b\n1,2\n3,4\n", options)?.expected == "at most 5 cells")
        options.limits.maxFileByteCount = 3
        #expect(Self.failure("a,b\n1,2\n3,4\n", options)?.found == "12 bytes")
    }

    @Test func replacedCellsLeaveEveryOtherByte() throws {
        let source = "\u{FEFF}a;\"b\"\r\n;\"\"\r\n\" x\";3 \r\n"
        let text = try Self.read(source)
        #expect(text.replacing([:]) == Array(source.utf8))
        let filled = text.replacing([0: Array("7".utf8), 1: Array("\"y\"".utf8)])
        #expect(String(decoding: filled, as: UTF8.self) == "\u{FEFF}a;\"b\"\r\n7;\"y\"\r\n\" x\";3 \r\n")
        #expect(text.rawCell(for: "x;y", isQuoted: false) == Array("\"x;y\"".utf8))
        #expect(text.rawCell(for: "say \"hi\"", isQuoted: false) == Array("\"say \"\"hi\"\"\"".utf8))
        #expect(text.rawCell(for: "=1+1", isQuoted: false) == Array("=1+1".utf8))
    }

    /// A second reader, one character at a time after the grammar of RFC 4180, over random texts of its alphabet.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func randomTextsAreCutAsASecondReaderCutsThem(seed: UInt64) throws {
        var generator = TestGenerator(state: seed)
        for _ in 0..<50 {
            let (rows, columns) = (Int.random(in: 1...4, using: &generator), Int.random(in: 2...4, using: &generator))
            var (table, source) = ([[String]](), "")
            for row in 0...rows {
                var line: [String] = []
                for column in 0..<columns {
                    let parts = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                        ["x", ",", "\"", "\n", "\r\n", " ", "\u{E9}"].randomElement(using: &generator) ?? ""
                    }
                    let cell = row == 0 ? "h\(column)" : parts.joined()
                    line.append(cell)
                    let mustQuote = cell.contains { ",\"\n\r\r\n".contains($0) } || Bool.random(using: &generator)
                    source += (column == 0 ? "" : ",") + (mustQuote ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell)
                }
                table.append(line)
                source += "\n"
            }
            var options = DelimitedTextOptions()
            options.delimiter = UInt8(ascii: ",")
            let text = try Self.read(source, options)
            #expect(Self.cells(text) == Array(table.dropFirst()), "seed \(seed): \(source)")
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func bentBytesAreReadOrRefusedAndNeverChanged(seed: UInt64) throws {
        var generator = TestGenerator(state: seed)
        let alphabet: [UInt8] = Array("a1,;\t|\"\n\r=\0".utf8) + [0xEF, 0xBB, 0xBF, 0x80, 0xE9]
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            guard let text = try? DelimitedText(bytes, name: "t.csv") else { continue }
            #expect(text.replacing([:]) == bytes)
            for row in 0..<text.rowCount {
                for column in 0..<text.columnCount {
                    // What a cell says, written again where it stood, says the same.
                    let cell = text.cell(row: row, column: column)
                    guard let raw = text.rawCell(for: cell, isQuoted: true),
                        text.encoding != .utf8 || String(validating: bytes, as: UTF8.self) != nil
                    else { continue }
                    let quote = raw.dropFirst().dropLast()
                    #expect(text.encoding.text(of: quote).replacing("\"\"", with: "\"") == cell, "\(bytes)")
                }
            }
        }
    }
}
