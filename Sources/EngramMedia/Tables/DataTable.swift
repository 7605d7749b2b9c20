internal import EngramSystem

/// A table whose columns have a kind and whose cells a number.
public struct DataTable: Equatable, Sendable {
    /// The text that it was read from.
    public let text: DelimitedText
    /// In the order of the file.
    public let columns: [DataColumn]

    /// Number of rows.
    public var rowCount: Int { text.rowCount }

    /// Finds out what each column is.
    ///
    /// - Throws: `MediaError.malformed` where a cell contradicts what `options` say of its column, with its line; where they name a column
    ///   that the table lacks.
    /// - Complexity: A pass over all cells.
    public init(_ text: DelimitedText, options: DataTableOptions = DataTableOptions()) throws(MediaError) {
        for name in options.choices.keys.sorted() where !text.columnNames.contains(name) {
            throw .malformed(
                Failure(
                    stage: .decode, code: "unknown-column", file: text.name, place: "columns", expected: "a column of the table",
                    found: "\"\(name)\"", remedy: "Write the name as the first line of the table has it."))
        }
        var columns: [DataColumn] = []
        for index in 0..<text.columnCount { columns.append(try DataColumn(text, index: index, options: options)) }
        self.text = text
        self.columns = columns
    }

    /// Reads a file.
    /// - Throws: What `DelimitedText.read(path:options:)` and `init(_:options:)` throw.
    public static func read(
        path: String, textOptions: DelimitedTextOptions = DelimitedTextOptions(), options: DataTableOptions = DataTableOptions()
    ) throws(MediaError) -> DataTable {
        try DataTable(try DelimitedText.read(path: path, options: textOptions), options: options)
    }

    /// The column of a name.
    public func column(named name: String) -> DataColumn? { columns.first { $0.name == name } }

    /// Number of missing cells.
    public var missingCount: Int { columns.reduce(0) { $0 + $1.missingCount } }

    /// The file with some cells filled, everything else byte for byte as it was.
    ///
    /// - Parameter values: Numbers of cells by `row · columns.count + column`, each in the sense of its column's `values`.
    /// - Returns: The bytes. Levels, dates and numbers can always be spelled in the file's own encoding.
    public func filled(_ values: [Int: Double]) -> [UInt8] {
        var cells: [Int: [UInt8]] = [:]
        for (place, value) in values {
            let column = columns[place % columns.count]
            cells[place] = text.rawCell(for: column.text(of: value), isQuoted: column.isQuoted)
        }
        return text.replacing(cells)
    }
}
