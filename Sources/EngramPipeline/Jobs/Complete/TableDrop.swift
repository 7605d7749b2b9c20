internal import EngramMedia
internal import EngramMemories
internal import EngramSystem

/// A table to be completed, read with what is known of its rows and columns besides.
struct TableDrop {
    let table: DataTable
    /// `NAME.rows.csv`; of ratings, what is known of the users.
    let rows: DataTable?
    /// `NAME.columns.csv`; of ratings, what is known of the items.
    let columns: DataTable?
    /// What was found rather than given, in sentences.
    let notes: [String]

    /// Reads a drop.
    /// - Parameter onStep: Called between its parts; what it throws ends the reading.
    /// - Throws: `Failure` or `MediaError`: a text that cannot be cut into cells, or what is said of it does not fit; what `onStep` throws.
    init(_ drop: DropContents, onStep: () throws -> Void = {}) throws {
        let settings = drop.settings
        let text = try DelimitedText.read(path: drop.path, options: Self.textOptions(settings))
        try onStep()
        table = try DataTable(text, options: try Self.tableOptions(settings.complete, in: text))
        try onStep()
        rows = try Self.companion("rows", of: drop)
        columns = try Self.companion("columns", of: drop)
        try onStep()
        notes = text.notes.map(Self.sentence) + table.columns.compactMap(\.note).map(Self.sentence)
    }

    /// Whether the path names a table by its ending.
    static func isTable(_ path: String) -> Bool {
        let name = path.lowercased()
        return name.hasSuffix(".csv") || name.hasSuffix(".tsv")
    }

    /// Names of columns that make a table one to predict by.
    static let labelNames: Set<String> = ["class", "label", "target"]

    /// Cells that can be filled: those of used columns.
    var openCellCount: Int { table.columns.filter(\.kind.isUsed).reduce(0) { $0 + $1.missingCount } }

    /// Refuses a table of which nothing can be filled, or nothing filled from.
    func checkFillable() throws(Failure) {
        let name = table.text.name
        guard table.missingCount > 0 else {
            throw Failure(
                stage: .decode, code: "nothing-missing", file: name, expected: "a missing cell (empty, NA, ?, NaN)", found: "none",
                remedy: "Leave the cells empty that are to be filled, or name their marker with complete.missing.")
        }
        guard table.columns.contains(where: { $0.kind != .empty }) else {
            throw Failure(
                stage: .decode, code: "everything-missing", file: name, expected: "known cells to fill the others from",
                found: "missing cells only", remedy: "Drop a table that has some known cells in every column.")
        }
        if let empty = table.columns.first(where: { $0.kind == .empty }) {
            throw Failure(
                stage: .decode, code: "empty-column", file: name, place: "column \(empty.name)", expected: "at least one known cell",
                found: "missing cells only", remedy: "Leave the column out, or enter some of its values.")
        }
        guard openCellCount > 0 else {
            throw Failure(
                stage: .decode, code: "nothing-missing", file: name,
                expected: "a missing cell in a column of numbers, dates or levels", found: "missing cells in columns of text only",
                remedy: "Say what the columns are with complete.categorical or complete.numeric, if they are no text.")
        }
    }

    private static func textOptions(_ settings: DropSettings) -> DelimitedTextOptions {
        var options = DelimitedTextOptions()
        options.delimiter = settings.complete.delimiter.given?.byte
        options.hasHeader = settings.complete.header.given
        if let markers = settings.complete.missing.given { options.missingMarkers.formUnion(list(markers)) }
        options.limits.maxFileByteCount = min(options.limits.maxFileByteCount, settings.limits.maxFileByteCount)
        return options
    }

    /// A table beside the drop. Its first line always has names.
    private static func companion(_ word: String, of drop: DropContents) throws(MediaError) -> DataTable? {
        let endings = [".csv", ".tsv"].map { "." + word + $0 }
        guard let name = drop.companions.first(where: { name in endings.contains { name.lowercased().hasSuffix($0) } }) else { return nil }
        var options = DelimitedTextOptions()
        options.hasHeader = true
        options.limits.maxFileByteCount = min(options.limits.maxFileByteCount, drop.settings.limits.maxFileByteCount)
        return try DataTable.read(path: drop.path(ofCompanion: name), textOptions: options)
    }

    /// What the settings say of columns. `name(low<mid<high)` gives an ordinal's words in their order.
    private static func tableOptions(_ settings: DropSettings.Complete, in text: DelimitedText) throws(Failure) -> DataTableOptions {
        var options = DataTableOptions()
        if let markers = settings.missing.given { options.missingMarkers.formUnion(list(markers)) }
        let plain: [(names: String?, choice: ColumnChoice)] = [
            (settings.numeric.given, .numeric), (settings.categorical.given, .categorical), (settings.date.given, .date),
            (settings.text.given, .text),
        ]
        for entry in plain { for name in list(entry.names ?? "") { options.choices[name] = entry.choice } }
        for entry in list(settings.ordinal.given ?? "") {
            guard !text.columnNames.contains(entry), entry.hasSuffix(")"), let open = entry.firstIndex(of: "(") else {
                options.choices[entry] = .ordinal(nil)
                continue
            }
            let levels = entry[entry.index(after: open)...].dropLast().split(separator: "<").map { trimmed($0) }
            guard levels.count > 1, Set(levels).count == levels.count else {
                throw Failure(
                    stage: .settings, code: "bad-levels", place: "complete.ordinal",
                    expected: "two or more different levels, as in grade(low<mid<high)", found: "\"\(entry.prefix(60))\"",
                    remedy: "Correct the setting and drop the table again.")
            }
            options.choices[trimmed(entry[..<open])] = .ordinal(levels)
        }
        return options
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty } }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
