internal import EngramSystem

/// One column of a table: its kind, and a number for each known cell.
public struct DataColumn: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// What its cells are.
    public let kind: ColumnKind
    /// Shape `[rows]`: the number itself, a level's value, a category's place in the list, days since 1970-01-01; NaN where the cell is missing
    /// and in columns that are not used.
    public let values: [Double]
    /// Shape `[rows]`: whether the cell is empty or a marker.
    public let isMissing: [Bool]
    /// Whether most known cells stand in quotes.
    public let isQuoted: Bool
    /// What was decided rather than plain, in a sentence.
    public let note: String?

    /// Number of missing cells.
    public var missingCount: Int { isMissing.count { $0 } }
    /// Whether all known cells are the same.
    public var isConstant: Bool {
        let known = values.filter { !$0.isNaN }
        return known.allSatisfy { $0 == known[0] }
    }

    /// A number in the sense of `values` as the column spells it: ordinals and categories by the nearest level. Empty for columns that are
    /// not used.
    public func text(of value: Double) -> String {
        switch kind {
        case .numeric(let style): style.text(of: value)
        case .date(let style): style.text(of: value)
        case .ordinal(let spellings, let levels):
            levels.indices.min { (levels[$0] - value).magnitude < (levels[$1] - value).magnitude }.map { spellings[$0] } ?? ""
        case .categorical(let words):
            words[min(max(Int(saturating: value.rounded()), 0), words.count - 1)]
        case .text, .identifier, .empty: ""
        }
    }

    init(_ text: DelimitedText, index: Int, options: DataTableOptions) throws(MediaError) {
        let name = text.columnNames[index]
        let cells = (0..<text.rowCount).map { text.cell(row: $0, column: index).trimmedOfSpaces }
        let isMissing = cells.map { $0.isEmpty || options.missingMarkers.contains($0) }
        let reading = ColumnReading(cells: cells, isMissing: isMissing, options: options)
        let choice = options.choices[name]
        guard let found = choice.map(reading.asked) ?? reading.found() else {
            let place = reading.firstMisfit(of: choice)
            throw .malformed(
                Failure(
                    stage: .decode, code: "cell-contradicts-column", file: text.name,
                    place: place.map { "line \(text.line(ofRow: $0)), column \(name)" } ?? "column \(name)",
                    expected: reading.expectation(of: choice),
                    found: place.map { "\"\(cells[$0].prefix(40))\"" } ?? reading.finding(against: choice),
                    remedy: "Correct the cell, or what is said about the column."))
        }
        // A level may be filled in that no cell has yet.
        if case .ordinal(let levels?)? = choice, let odd = levels.first(where: { text.encoding.bytes(of: $0) == nil }) {
            throw .malformed(
                Failure(
                    stage: .decode, code: "level-not-in-encoding", file: text.name, place: "column \(name)",
                    expected: "levels that the file's encoding, \(text.encoding.rawValue), has characters for",
                    found: "\"\(odd.prefix(40))\"", remedy: "Save the table as UTF-8, or spell the level otherwise."))
        }
        let quotedCount = cells.indices.count { !isMissing[$0] && text.isQuoted(row: $0, column: index) }
        self.name = name
        kind = found.kind
        values = found.values
        note = found.note.map { "column \(name): \($0)" }
        self.isMissing = isMissing
        isQuoted = 2 * quotedCount > cells.count - isMissing.count { $0 }
    }
}
