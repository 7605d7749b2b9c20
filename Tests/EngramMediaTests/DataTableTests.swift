import EngramSystem
import Testing

@testable import EngramMedia

@Suite struct DataTableTests {
    static func table(_ text: String, _ options: DataTableOptions = DataTableOptions()) throws -> DataTable {
        try DataTable(try DelimitedTextTests.read(text), options: options)
    }

    static func column(_ cells: [String], _ choice: ColumnChoice? = nil) throws -> DataColumn {
        var options = DataTableOptions()
        options.choices["x"] = choice
        return try table("x;y\n" + cells.map { "\($0);z\n" }.joined(), options).columns[0]
    }

    @Test(arguments: [
        (["1.5", "2.25", "-3", "1e3"], "numeric"), (["1,5", "2,25", "3", ""], "numeric"), (["1", "2", "2", "NA"], "numeric"),
        (["5", "4", "4", "5", "?", "4", "5", "5"], "ordinal"), (["1", "2", "3", "4"], "identifier"), (["1", "2", "3", ""], "numeric"),
        (["red", "blue", "red", "blue"], "categorical"), (["Ann", "Bob", "Cy", "Di", "Eve"], "text"),
        (["2024-02-29", "2023-01-01", ""], "date"), (["01.02.2024", "31.12.1999"], "date"),
        (["2024-01-01 10:00", "2024-01-02 11:30"], "date"),
        (["NA", "?", "", " NaN "], "empty"), (["1.5", "1,5"], "categorical"), (["inf", "nan", "1", "2", "3"], "text"),
        (["2023-02-29", "2024-01-01", "x", "y"], "text"),
    ])
    func theKindOfAColumnIsFound(cells: [String], kind: String) throws {
        #expect(try Self.column(cells).kind.name == kind)
    }

    @Test func numbersComeBackInTheColumnsOwnSpelling() throws {
        let padded = try Self.column(["1.50", "22.25", ""])
        #expect(padded.values[..<2] == [1.5, 22.25] && padded.values[2].isNaN && padded.isMissing == [false, false, true])
        #expect([2.0, -0.004, 0.996, -12.3456].map(padded.text) == ["2.00", "0.00", "1.00", "-12.35"])
        let comma = try Self.column(["1,5", "22,25", "3"])
        #expect([2.0, 0.126, -1.5].map(comma.text) == ["2", "0,13", "-1,5"])
        let whole = try Self.column(["100", "23", "45", "-7"])
        #expect([2.5, -0.4, 1e9].map(whole.text) == ["3", "0", "1000000000"])
        let wide = try Self.column(["1.5e-9", "2.25e7", "3e3"])
        #expect([1.23456e-9, 9.999e6, -9.999e-7, 0].map(wide.text) == ["1.23e-09", "10000000", "-1e-06", "0"])
        // Every number of a column is spelled as it stands.
        for cells in [["0.10", "7.25", "-3.00"], ["0,1", "7,25", "-3"], ["12", "-7", "0"], ["1e-300", "2.5e+300", "3"]] {
            let column = try Self.column(cells)
            for (cell, value) in zip(cells, column.values) {
                #expect(try Self.column([column.text(of: value), "y", "z"]).kind.name == "text")
                #expect(NumberText(Array(column.text(of: value).utf8))?.value == value, "\(cell)")
            }
            #expect(zip(cells.dropLast(), column.values).allSatisfy { cells[0].contains("e") || column.text(of: $1) == $0 })
        }
    }

    @Test func levelsComeBackAsFirstMet() throws {
        let ordinal = try Self.column(["05", "4", "5", "4", "4", "05"])
        #expect([5.2, 4.4, -3, 100].map(ordinal.text) == ["05", "4", "4", "05"])
        let colours = try Self.column(["red", "blue", "red", "blue", ""])
        #expect(colours.values[..<4] == [0, 1, 0, 1] && [0.2, 0.8, 9, -4].map(colours.text) == ["red", "blue", "blue", "red"])
        let words = try Self.column(["low", "high", "mid", "low"], .ordinal(["low", "mid", "high"]))
        #expect(words.values == [0, 2, 1, 0] && words.text(of: 1.4) == "mid")
    }

    @Test func datesAreDaysOfTheCalendar() throws {
        // Day numbers from Python: (date(y, m, d) - date(1970, 1, 1)).days.
        let known: [(String, Double)] = [
            ("1970-01-01", 0), ("2000-02-29", 11016), ("2024-12-31", 20088), ("1600-03-01", -135080), ("0001-01-01", -719162),
            ("9999-12-31", 2_932_896),
        ]
        let column = try Self.column(known.map(\.0))
        #expect(column.values == known.map(\.1) && column.values.map(column.text) == known.map(\.0))
        let german = try Self.column(["31.12.1999", "01.02.2000"])
        #expect(german.values == [10956, 10988] && german.text(of: 10956.6) == "01.01.2000")
        let american = try Self.column(["12/31/1999", "1/2/2000"])
        #expect(american.values == [10956, 10958] && american.text(of: 10957) == "1/1/2000")
        #expect(try Self.column(["1/2/2000", "3/4/2000"]).note == "column x: its dates are read as day-month-year")
        let times = try Self.column(["1970-01-02T06:00:00Z", "1970-01-01T00:00:01Z"])
        #expect(times.values == [1.25, 1 / 86400.0] && times.text(of: -1 / 86400.0) == "1969-12-31T23:59:59Z")
        #expect(try Self.column(["2024-01-01 10:00", "2024-01-02 11:30"]).text(of: 0.5) == "1970-01-01 12:00")
        var day = CivilDate.firstDay
        while day <= CivilDate.lastDay {
            let date = CivilDate(dayNumber: day)
            #expect(CivilDate(year: date.year, month: date.month, day: date.day)?.dayNumber == day)
            day += 997
        }
    }

    @Test func aCellThatContradictsItsColumnIsNamed() throws {
        let failure = mediaError { _ = try Self.column(["1", "2", "two"], .numeric) }?.failure
        #expect(failure?.place == "line 4, column x" && failure?.found == "\"two\"")
        #expect(mediaError { _ = try Self.column(["1.5", "2,5"], .numeric) }?.failure.place == "column x")
        let wide = mediaError { _ = try Self.column((0..<65).map { "w\($0)" }, .categorical) }?.failure
        #expect(wide?.expected == "at most 64 different words" && wide?.found == "65 of them")
        var options = DataTableOptions()
        options.choices["z"] = .text
        #expect(mediaError { _ = try Self.table("x;y\n1;2\n", options) }?.failure.code == "unknown-column")
        #expect(
            try Self.column(["1", "2", "3", "4", "two", "5"]).note
                == "column x: it is left as it is, since 1 cells are not numbers, first \"two\"")
    }

    @Test func marksBetweenGroupsOfDigitsAreReadAndWritten() throws {
        let english = try Self.column(["1,234.50", "950.25", "1,234,567.00"])
        #expect(english.kind.name == "numeric" && english.values == [1234.5, 950.25, 1_234_567])
        #expect(
            english.text(of: 7654321.125) == "7,654,321.13" && english.text(of: 12) == "12.00" && english.text(of: -4321) == "-4,321.00")
        let german = try Self.column(["1.234.567", "12.500,5"])
        #expect(german.values == [1_234_567, 12500.5] && german.text(of: 2_000_000) == "2.000.000")
        let swiss = try Self.column(["1'234", "99"])
        #expect(swiss.values == [1234, 99] && swiss.text(of: 12345) == "12'345" && swiss.text(of: 999) == "999")
        let french = try Self.column(["1\u{202F}234,5", "2\u{202F}000,25"])
        #expect(french.values == [1234.5, 2000.25] && french.text(of: 98765.4) == "98\u{202F}765,4")
        // Groups of three digits only, and one kind of mark.
        for cells in [["1,23,456", "2"], ["1,234.5", "1.234,5"], ["1'234", "1,234.5"]] {
            #expect(try Self.column(cells).kind.name != "numeric")
        }
        // A comma that could be either is the decimal mark, and that is said where some numbers have none.
        let doubtful = try Self.column(["1,234", "950", "12,500"])
        #expect(
            doubtful.values == [1.234, 950, 12.5] && doubtful.note == "column x: its commas are read as decimal marks, \"1,234\" as 1.234")
        #expect(try Self.column(["1,234", "0,950", "12,500"]).note == nil)
    }

    @Test func yearsAreNoRowNumbers() throws {
        #expect(try Self.column((1990..<2010).map(String.init)).kind.name == "numeric")
        #expect(try Self.column((1..<20).map(String.init)).kind.name == "identifier")
        #expect(try Self.column((5001..<5020).map(String.init)).kind.name == "identifier")
    }

    @Test func levelsThatTheFileCannotSpellAreRefused() throws {
        let bytes = Array("x;y\n".utf8) + [0xE9] + Array(";1\n;2\n".utf8)
        let text = try DelimitedText(bytes, name: "t.csv")
        var options = DataTableOptions()
        options.choices["x"] = .ordinal(["\u{E9}", "\u{3A9}"])
        #expect(mediaError { _ = try DataTable(text, options: options) }?.failure.code == "level-not-in-encoding")
    }

    @Test func filledCellsAreSpelledAsTheirColumnIs() throws {
        let source =
            "n;c;d;t\r\n1,5;\"a\";01.02.2024;x\r\n?;\"=1+1\";;=cmd\r\n2,25;\"a\";03.02.2024;z\r\n7,5;NA;05.02.2024;\r\n0,5;\"=1+1\";05.02.2024;\r\n"
        let table = try Self.table(source)
        #expect(table.columns.map(\.kind.name) == ["numeric", "categorical", "date", "text"] && table.missingCount == 5)
        let filled = table.filled([4: 3.14159, 6: 19756.2, 13: 1])
        #expect(
            String(decoding: filled, as: UTF8.self)
                == source.replacing("?;", with: "3,14;").replacing("\";;", with: "\";03.02.2024;").replacing("NA", with: "\"=1+1\""))
    }

    @Test func encodingHasOneColumnForEachLevel() throws {
        let table = try Self.table("n;c;t\n1.5;a;p\n;b;q\n2;;r\n3;a;s\n5;b;u\n")
        let encoding = TableEncoding(table.columns)
        #expect(TableEncoding.width(of: table.columns) == encoding.columnCount)
        #expect(
            encoding.columnCount == 3 && encoding.blocks.map(\.range) == [0..<1, 1..<3] && encoding.blocks.map(\.isOneHot) == [false, true])
        let expected: [[Double?]] = [[1.5, 1, 0], [nil, 0, 1], [2, nil, nil], [3, 1, 0], [5, 0, 1]]
        #expect(encoding.values.map { $0.isNaN ? nil : $0 } == expected.flatMap { $0 })
        #expect(
            encoding.value(of: encoding.blocks[1], in: [9, 0.3, 0.6]) == 1
                && encoding.value(of: encoding.blocks[0], in: [9, 0.3, 0.6]) == 9)
    }
}
