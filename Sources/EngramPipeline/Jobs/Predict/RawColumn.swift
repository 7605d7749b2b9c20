internal import EngramMedia
internal import EngramSystem

/// A column of a table as it is used: numbers, or words of which each is a level.
enum RawColumn: Equatable, Sendable {
    /// Numbers, ordinals, and dates in days; NaN where the cell is missing.
    case numbers(name: String, kind: Signature.Kind, [Double], dateOrder: String? = nil)
    /// Words; empty where the cell is missing.
    case words(name: String, [String])

    /// What a column must be called and hold for a model to use it.
    struct Signature: Codable, Equatable, Sendable {
        /// What the cells are.
        enum Kind: String, Codable, Sendable {
            case number, date, word
        }
        var name: String
        var kind: Kind
        /// In which order dates were read, so that those of a question are read likewise; absent for other columns, and in files of earlier
        /// versions.
        var dateOrder: String?
    }

    /// nil for a column that is not used.
    init?(_ column: DataColumn) {
        switch column.kind {
        case .numeric, .ordinal: self = .numbers(name: column.name, kind: .number, column.values)
        case .date(let style): self = .numbers(name: column.name, kind: .date, column.values, dateOrder: style.order.rawValue)
        case .categorical(let words):
            self = .words(name: column.name, column.values.map { $0.isNaN ? "" : words[Int(saturating: $0)] })
        case .text, .identifier, .empty: return nil
        }
    }

    var count: Int {
        switch self {
        case .numbers(_, _, let values, _): values.count
        case .words(_, let words): words.count
        }
    }

    var signature: Signature {
        switch self {
        case .numbers(let name, let kind, _, let order): Signature(name: name, kind: kind, dateOrder: order)
        case .words(let name, _): Signature(name: name, kind: .word)
        }
    }

    /// The column with the rows of one of the same signature after its own.
    func appending(_ other: RawColumn) -> RawColumn {
        switch (self, other) {
        case (.numbers(let name, let kind, let values, let order), .numbers(_, _, let more, _)):
            .numbers(name: name, kind: kind, values + more, dateOrder: order)
        case (.words(let name, let words), .words(_, let more)): .words(name: name, words + more)
        case (let own, _): own
        }
    }
}

/// A table of examples to be predicted: its columns are those that a model knows, found by name.
struct QuestionTable {
    /// In the order of the model.
    let columns: [RawColumn]
    /// Number of rows.
    let count: Int
    /// What users must be told.
    let notes: [String]

    /// - Parameters:
    ///   - path: The file.
    ///   - columns: What the model was made from.
    ///   - textOptions: Limits of reading.
    /// - Throws: `MediaError.malformed` where a column is missing or holds something else.
    init(path: String, columns: [RawColumn.Signature], options textOptions: DelimitedTextOptions) throws(MediaError) {
        let text = try DelimitedText.read(path: path, options: textOptions)
        let missing = columns.filter { !text.columnNames.contains($0.name) }
        guard missing.isEmpty else {
            throw .malformed(
                Failure(
                    stage: .decode, code: "columns-missing", file: text.name,
                    expected: "the columns that the model was made from, in any order",
                    found: "no \(LabelledDecoder.listed(missing.map(\.name)))",
                    remedy: "Add the missing columns; leave their cells empty where nothing is known."))
        }
        var options = DataTableOptions()
        // Words that the model does not know may be many; they take no column each.
        options.maxLevelCount = .max
        for column in columns {
            options.choices[column.name] = column.choice
        }
        let table = try DataTable(text, options: options)
        try LabelledDecoder.requireFinite(table)
        self.columns = columns.map { signature in
            let found = table.column(named: signature.name).flatMap(RawColumn.init)
            // A column of empty cells has no kind.
            let empty: RawColumn =
                signature.kind == .word
                ? .words(name: signature.name, Array(repeating: "", count: table.rowCount))
                : .numbers(name: signature.name, kind: signature.kind, Array(repeating: .nan, count: table.rowCount))
            return found ?? empty
        }
        count = table.rowCount
        let known = Set(columns.map(\.name))
        let others = text.columnNames.filter { !known.contains($0) }
        notes =
            text.notes + columns.filter { $0.kind == .date }.compactMap { table.column(named: $0.name)?.note }
            + (others.isEmpty ? [] : ["\(text.name): columns that the model does not know are left: \(LabelledDecoder.listed(others))."])
    }
}

extension RawColumn.Signature {
    /// How a column of a question is read.
    fileprivate var choice: ColumnChoice {
        switch kind {
        case .word: .categorical
        case .number: .numeric
        case .date: dateOrder.flatMap(DateStyle.Order.init).map(ColumnChoice.dateOrdered) ?? .date
        }
    }
}
