internal import EngramSystem

/// A table as a text of lines and delimiters (CSV, RFC 4180), cut into cells but not changed: each cell is a range of the file's bytes.
///
/// Found and said in `notes`: the delimiter, an encoding other than UTF-8, whether the first line names the columns. A cell that reads
/// like a formula is text like any other.
public struct DelimitedText: Equatable, Sendable {
    /// The file's name, for messages.
    public let name: String
    /// The whole file.
    public let bytes: [UInt8]
    /// How its bytes stand for characters.
    public let encoding: TextEncoding
    /// The byte between cells.
    public let delimiter: UInt8
    /// The columns' names, each different; a column without a name is called `column 3` after its place from 1.
    public let columnNames: [String]
    /// Whether the first line was the columns' names.
    public let hasHeader: Bool
    /// Number of rows, without the header.
    public let rowCount: Int
    /// What was found rather than given, in sentences.
    public let notes: [String]
    /// The cells of all rows, row by row.
    private let places: [CellPlace]
    /// The line that each row begins at, from 1.
    private let lines: [UInt32]

    /// Number of columns, at least 1.
    public var columnCount: Int { columnNames.count }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: Its name, for messages.
    ///   - options: What is known about it.
    /// - Throws: `MediaError.malformed` with the line: rows of unequal length, equal column names, an open quote, a byte of value 0, a limit
    ///   passed, no row.
    /// - Complexity: A pass over the bytes for the cells, and one over the first records for each delimiter tried.
    public init(_ bytes: [UInt8], name: String, options: DelimitedTextOptions = DelimitedTextOptions()) throws(MediaError) {
        let limit = min(options.limits.maxFileByteCount, Int(Int32.max))
        guard bytes.count <= limit else { throw DelimitedTextError.tooLarge(file: name, limit: limit, found: bytes.count) }
        var notes: [String] = []
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw DelimitedTextError.notText(file: name, line: 1)
        }
        let isReturnAnEnd = !bytes.contains(UInt8(ascii: "\n"))
        let declared = Self.declaredDelimiter(bytes, at: start)
        if let declared { start = declared.next }
        let firstLine = declared == nil ? 1 : 2
        func scanner(_ delimiter: UInt8) -> RecordScanner {
            RecordScanner(
                bytes, file: name, delimiter: delimiter, limits: options.limits, offset: start, line: firstLine,
                isReturnAnEnd: isReturnAnEnd)
        }
        let delimiter = options.delimiter ?? declared?.delimiter ?? DelimiterSearch.delimiter(scanner: scanner)
        let records = try Records(scanner(delimiter), file: name)
        encoding = TextEncoding.found(in: bytes)
        if encoding != .utf8 { notes.append("the text is not UTF-8 and is read as \(encoding.rawValue)") }
        if options.delimiter == nil, records.width > 1, delimiter != DelimiterSearch.candidates[0] {
            notes.append("the delimiter is a \(DelimiterSearch.name(delimiter))")
        }
        if records.blankLineCount > 0 { notes.append("\(records.blankLineCount) blank lines are passed over") }
        let first = (0..<records.width).map { [encoding] in
            Self.text(of: bytes[records.places[$0].range], encoding).trimmedOfSpaces
        }
        // A first line of numbers and gaps is a row: names that are all numbers are rare, files without names are not.
        let isRow = first.allSatisfy { $0.isEmpty || options.missingMarkers.contains($0) || NumberText(Array($0.utf8)) != nil }
        hasHeader = options.hasHeader ?? !isRow
        if options.hasHeader == nil, !hasHeader {
            notes.append("the first line has numbers and gaps only and is taken for a row, not for names")
        }
        if hasHeader {
            columnNames = try Self.names(first, file: name, line: Int(records.lines[0]))
        } else {
            columnNames = (1...records.width).map { "column \($0)" }
        }
        let skipped = hasHeader ? 1 : 0
        guard records.lines.count > skipped else { throw DelimitedTextError.empty(file: name, found: "column names without a row") }
        rowCount = records.lines.count - skipped
        places = Array(records.places.dropFirst(skipped * records.width))
        lines = Array(records.lines.dropFirst(skipped))
        self.name = name
        self.bytes = bytes
        self.delimiter = delimiter
        self.notes = notes
    }

    /// Reads a file; links, pipes and files above the limit are refused before they are read.
    /// - Throws: As `init(_:name:options:)`; `MediaError.system`, `.notAFile`.
    public static func read(path: String, options: DelimitedTextOptions = DelimitedTextOptions()) throws(MediaError) -> DelimitedText {
        var limits = MediaLimits()
        limits.maxFileByteCount = options.limits.maxFileByteCount
        return try DelimitedText(try InputFile.read(path, limits: limits), name: lastComponent(of: path), options: options)
    }

    /// The delimiter's name for people, such as `comma`.
    public var delimiterName: String { DelimiterSearch.name(delimiter) }

    /// The cells of a file's first line, from its first bytes alone; empty where no line ends there or it cannot be cut.
    /// - Throws: `MediaError.system`, `.notAFile`, `.overLimit` for a file that cannot be read.
    public static func firstCells(path: String) throws(MediaError) -> [String] {
        var bytes = try InputFile.read(path, limits: MediaLimits(), prefix: headByteCount)
        let ends: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        // A record that goes on beyond what was read would be refused for a quote that is only cut.
        guard let end = bytes.lastIndex(where: ends.contains) else { return [] }
        bytes = Array(bytes[...end])
        var options = DelimitedTextOptions()
        options.hasHeader = true
        let name = lastComponent(of: path)
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let declared = declaredDelimiter(bytes, at: mark)
        let start = declared?.next ?? mark
        let isReturnAnEnd = !bytes.contains(UInt8(ascii: "\n"))
        func scanner(_ delimiter: UInt8) -> RecordScanner {
            RecordScanner(
                bytes, file: name, delimiter: delimiter, limits: options.limits, offset: start, line: 1, isReturnAnEnd: isReturnAnEnd)
        }
        var (first, places) = (scanner(declared?.delimiter ?? DelimiterSearch.delimiter(scanner: scanner)), [CellPlace]())
        guard (try? first.appendRecord(to: &places)) != nil else { return [] }
        let encoding = TextEncoding.found(in: bytes)
        return places.map { text(of: bytes[$0.range], encoding).trimmedOfSpaces }
    }

    /// Enough for the names of some thousand columns.
    private static let headByteCount = 1 << 18

    /// Where the bytes of a cell stand in `bytes`, quotes included.
    public func range(row: Int, column: Int) -> Range<Int> {
        precondition(
            row >= 0 && row < rowCount && column >= 0 && column < columnCount,
            "Cell [\(row), \(column)] is outside a table of \(rowCount) rows and \(columnCount) columns.")
        return places[row * columnCount + column].range
    }

    /// The bytes of a cell as they stand in the file, quotes included.
    public func rawCell(row: Int, column: Int) -> ArraySlice<UInt8> { bytes[range(row: row, column: column)] }

    /// What a cell says: without its quotes, two quotes inside them as one.
    public func cell(row: Int, column: Int) -> String { Self.text(of: rawCell(row: row, column: column), encoding) }

    /// Whether a cell stands in quotes.
    public func isQuoted(row: Int, column: Int) -> Bool { rawCell(row: row, column: column).first == Self.quote }

    /// The line that a row begins at, from 1.
    public func line(ofRow row: Int) -> Int { Int(lines[row]) }

    static let quote = UInt8(ascii: "\"")

    /// What `sep=` may name: printable ASCII without letters, digits and the quote.
    private static let separators: Set<UInt8> = Set(" !#$%&'()*+,-./:;<=>?@[]^_`{|}~\\".utf8)

    /// Excel's first line `sep=;`, which names the delimiter: that byte, and where the next line begins.
    private static func declaredDelimiter(_ bytes: [UInt8], at start: Int) -> (delimiter: UInt8, next: Int)? {
        let head = bytes.dropFirst(start).prefix(7)
        guard head.starts(with: "sep=".utf8), head.count >= 6 else { return nil }
        // A letter, a digit or a quote cannot be meant.
        guard let delimiter = head.dropFirst(4).first, delimiter == UInt8(ascii: "\t") || separators.contains(delimiter) else { return nil }
        let ends = head.dropFirst(5)
        if ends.first == UInt8(ascii: "\n") { return (delimiter, start + 6) }
        guard ends.first == UInt8(ascii: "\r") else { return nil }
        return (delimiter, ends.starts(with: "\r\n".utf8) ? start + 7 : start + 6)
    }

    private static func text(of raw: ArraySlice<UInt8>, _ encoding: TextEncoding) -> String {
        guard raw.first == quote, raw.count >= 2 else { return encoding.text(of: raw) }
        var (inner, isSecond): ([UInt8], Bool) = ([], false)
        for byte in raw.dropFirst().dropLast() {
            isSecond = byte == quote && !isSecond
            if !isSecond { inner.append(byte) }
        }
        return encoding.text(of: inner)
    }

    private static func names(_ first: [String], file: String, line: Int) throws(MediaError) -> [String] {
        let names = first.enumerated().map { $1.isEmpty ? "column \($0 + 1)" : $1 }
        var places: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            if let other = places.updateValue(index, forKey: name) {
                throw DelimitedTextError.duplicateHeader(file: file, line: line, name: name, first: other + 1, second: index + 1)
            }
        }
        return names
    }
}

/// All records of a text, of equal length.
private struct Records {
    private(set) var places: [CellPlace] = []
    private(set) var lines: [UInt32] = []
    private(set) var width = 0
    private(set) var blankLineCount = 0

    init(_ scanner: RecordScanner, file: String) throws(MediaError) {
        var (scanner, blankLines) = (scanner, 0)
        while true {
            let line = scanner.line
            guard let count = try scanner.appendRecord(to: &places) else { break }
            if width == 0, count == 1, places[0].range.isEmpty {
                places.removeLast()
                blankLineCount += 1
                continue
            }
            // In a table of one column a blank line is an empty cell, except at the end; elsewhere it is passed over.
            if count == 1, width > 1, let last = places.last, last.range.isEmpty {
                places.removeLast()
                blankLines += 1
                continue
            }
            if width == 0 { width = count }
            guard count == width else { throw DelimitedTextError.raggedRow(file: file, line: line, expected: width, found: count) }
            blankLineCount += blankLines
            blankLines = 0
            lines.append(UInt32(line))
        }
        while width == 1, let last = places.last, last.range.isEmpty, !lines.isEmpty {
            places.removeLast()
            lines.removeLast()
        }
        guard !lines.isEmpty else { throw DelimitedTextError.empty(file: file, found: "nothing") }
    }
}
