internal import EngramKernels
internal import EngramMedia
internal import EngramNumerics
internal import EngramSystem

/// What a table beside the drop says of its rows, columns or items, as features of mean 0 and standard deviation 1; what is not known is 0.
struct MetadataFeatures {
    /// Shape `[lines, features]`.
    let matrix: Matrix<Double>
    /// Features that are indicators of words in a list such as `Comedy|Drama` have the list's mark between them.
    private static let listMarks: [Character] = ["|", ";"]
    /// Most different words of such lists: beyond them each is too rare to say anything.
    private static let largestWordCount = 256

    /// Features of the columns of a table beside the drop, those left out that are its key or mere text.
    /// - Parameter skipped: Columns that name lines.
    init?(_ table: DataTable, skipped: Set<Int>) {
        let used = table.columns.indices.filter { !skipped.contains($0) }
        let encoding = TableEncoding(used.map { table.columns[$0] })
        var features: [[Double]] = []
        for block in encoding.blocks {
            // The levels of a category count as much as one column of numbers.
            let weight = 1 / Double(block.range.count).squareRoot()
            features += block.range.map { column in
                Self.standardised((0..<table.rowCount).map { encoding.values[$0 * encoding.columnCount + column] }).map { weight * $0 }
            }
        }
        for index in used where table.columns[index].kind == .text {
            features += Self.words((0..<table.rowCount).map { table.text.cell(row: $0, column: index) }).map(Self.standardised)
        }
        features = features.filter { $0.contains { $0 != 0 } }
        guard !features.isEmpty else { return nil }
        var matrix = Matrix<Double>(rowCount: table.rowCount, columnCount: features.count)
        for (column, values) in features.enumerated() { for (row, value) in values.enumerated() { matrix[row, column] = value } }
        self.matrix = matrix
    }

    /// Indicators of the words of lists; none where cells are no lists.
    private static func words(_ cells: [String]) -> [[Double]] {
        for mark in listMarks where 4 * cells.count(where: { $0.contains(mark) }) >= cells.count {
            let lists = cells.map { Set($0.split(separator: mark).map(String.init)) }
            let all = Set(lists.joined()).sorted()
            guard all.count <= largestWordCount else { return [] }
            return all.map { word in lists.map { $0.contains(word) ? 1 : 0 } }
        }
        return []
    }

    private static func standardised(_ values: [Double]) -> [Double] {
        let moments = ColumnMoments(values)
        return values.map { $0.isNaN ? 0 : moments.standardised($0) }
    }

    /// The features in another order; lines without features get zeros.
    /// - Parameter lines: For each result row the line, or nil.
    func rows(_ lines: [Int?]) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: lines.count, columnCount: matrix.columnCount)
        for (row, line) in lines.enumerated() { if let line { result.setRow(row, to: matrix.row(line)) } }
        return result
    }

    /// For each key the line of a table whose cell in `column` says it.
    static func lines(of keys: [String], in table: DataTable, column: Int) -> [Int?] {
        var places: [String: Int] = [:]
        for row in 0..<table.rowCount {
            places[table.text.cell(row: row, column: column), default: row] = places[table.text.cell(row: row, column: column)] ?? row
        }
        return keys.map { places[$0] }
    }
}

extension TableDrop {
    /// Features of the rows: by a column that both tables have under the name of the first one beside the drop, else line by line.
    func rowFeatures() throws(Failure) -> Matrix<Double>? {
        guard let rows else { return nil }
        let key = rows.text.columnNames[0]
        if let own = table.text.columnNames.firstIndex(of: key) {
            let keys = (0..<table.rowCount).map { table.text.cell(row: $0, column: own) }
            let lines = MetadataFeatures.lines(of: keys, in: rows, column: 0)
            if lines.contains(where: { $0 != nil }) { return MetadataFeatures(rows, skipped: [0])?.rows(lines) }
        }
        guard rows.rowCount == table.rowCount else {
            throw Failure(
                stage: .decode, code: "unfit-metadata", file: rows.text.name,
                expected: "a row for each of the table's \(table.rowCount) rows, or a first column that the table has too",
                found: "\(rows.rowCount) rows", remedy: "Add or remove rows, or give both tables the column that names them.")
        }
        return MetadataFeatures(rows, skipped: [])?.matrix
    }

    /// Features of the used columns, each named in the first column beside the drop; nil where nothing is known of them.
    func columnFeatures() throws(Failure) -> Matrix<Double>? {
        guard let columns else { return nil }
        let names = table.columns.filter(\.kind.isUsed).map(\.name)
        let lines = MetadataFeatures.lines(of: names, in: columns, column: 0)
        guard lines.contains(where: { $0 != nil }) else {
            throw Failure(
                stage: .decode, code: "unfit-metadata", file: columns.text.name,
                expected: "names of the table's columns in the first column", found: "none of them",
                remedy: "Write one line for each column of the table, its name first.")
        }
        return MetadataFeatures(columns, skipped: [0])?.rows(lines)
    }
}
