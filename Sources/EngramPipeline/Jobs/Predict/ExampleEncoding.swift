internal import EngramNumerics

/// How examples become rows of numbers: fitted on the examples that are learned from, and stored with the model.
struct ExampleEncoding: Codable, Equatable, Sendable {
    /// One column of a table.
    struct Column: Codable, Equatable, Sendable {
        var signature: RawColumn.Signature
        /// Subtracted from numbers, and put where one is missing.
        var mean = 0.0
        /// Numbers are divided by it.
        var scale = 1.0
        /// Whether numbers were all the same, or none was known: nothing was learned from them, and other ones say nothing.
        var isConstant = false
        /// Words in order, one column of 0 and 1 each; the empty word is a missing cell.
        var levels: [String] = []
    }

    /// Columns of a table; nil for pictures.
    var columns: [Column]?
    /// Values of a picture, subtracted as they are; nil for a table.
    var means: [Double]?
    /// The pictures' shape, where they have one.
    var shape: PictureShape?

    /// Farther away nothing is near, and squares are still numbers.
    private static let largest = 1e100

    /// Fits the encoding.
    /// - Parameter rows: The examples that are learned from.
    init(_ examples: RawExamples, rows: [Int]) {
        switch examples {
        case .table(let raw): columns = raw.map { Self.column($0, rows) }
        case .pictures(let matrix, let shape):
            means = matrix.rows(at: rows).columnMeans()
            self.shape = shape
        }
    }

    private static func column(_ raw: RawColumn, _ rows: [Int]) -> Column {
        var result = Column(signature: raw.signature)
        switch raw {
        case .words(_, let words): result.levels = Set(rows.map { words[$0] }).sorted()
        case .numbers(_, _, let values, _):
            result.isConstant = true
            let known = rows.map { values[$0] }.filter { !$0.isNaN }
            guard !known.isEmpty else { break }
            // Missing cells become the mean, and count as such.
            let spread = ValueSpread(of: known, count: rows.count)
            result.mean = spread.mean
            guard spread.deviation > 1e-12 * abs(spread.mean) else { break }
            (result.scale, result.isConstant) = (spread.deviation, false)
        }
        return result
    }

    /// Names of the encoded columns: `colour`, or `colour = red` for a level.
    var names: [String] {
        if let columns {
            return columns.flatMap { column in
                column.signature.kind == .word
                    ? column.levels.map { "\(column.signature.name) = \($0.isEmpty ? "(missing)" : $0)" } : [column.signature.name]
            }
        }
        guard let shape else { return (means ?? []).indices.map { "value \($0 + 1)" } }
        return (0..<shape.height * shape.width * shape.channels).map { index in
            let pixel = index / shape.channels
            let place = "row \(pixel / shape.width + 1), column \(pixel % shape.width + 1)"
            return shape.channels > 1 ? "\(place), channel \(index % shape.channels + 1)" : place
        }
    }

    /// What is wrong with an encoding that was read from a file; nil where it can be used.
    var problem: String? {
        guard (columns == nil) != (means == nil) else { return "an encoding of both a table and pictures, or of neither" }
        if let means {
            return means.isEmpty || !means.allSatisfy(\.isFinite) ? "means of pictures that are none" : nil
        }
        let all = columns ?? []
        guard Set(all.map(\.signature.name)).count == all.count else { return "two columns of one name" }
        for column in all {
            guard column.mean.isFinite, column.scale.isFinite, column.scale > 0 else {
                return "mean \(column.mean) and scale \(column.scale) of column \(column.signature.name)"
            }
            guard Set(column.levels).count == column.levels.count else { return "a word twice in column \(column.signature.name)" }
        }
        return nil
    }

    /// Number of encoded columns.
    var width: Int { columns?.reduce(0) { $0 + ($1.signature.kind == .word ? $1.levels.count : 1) } ?? means?.count ?? 0 }

    /// The rows of numbers, shape `[rows.count, width]`.
    ///
    /// - Parameters:
    ///   - examples: With the columns or the size that this was fitted to.
    ///   - rows: Which of them.
    func encoded(_ examples: RawExamples, rows: [Int]) -> Matrix<Double> {
        switch examples {
        case .pictures(let matrix, _):
            var result = matrix.rows(at: rows)
            result.addToRows(means ?? [], scaledBy: -1)
            return result
        case .table(let raw):
            var result = Matrix<Double>(rowCount: rows.count, columnCount: width)
            var first = 0
            for (column, code) in zip(raw, columns ?? []) {
                switch column {
                case .numbers(_, _, let values, _):
                    for (row, source) in rows.enumerated() where !code.isConstant && !values[source].isNaN {
                        let value = (values[source] - code.mean) / code.scale
                        result[row, first] = min(max(value, -Self.largest), Self.largest)
                    }
                    first += 1
                case .words(_, let words):
                    let places = Dictionary(uniqueKeysWithValues: code.levels.enumerated().map { ($1, $0) })
                    for (row, source) in rows.enumerated() {
                        if let place = places[words[source]] { result[row, first + place] = 1 }
                    }
                    first += code.levels.count
                }
            }
            return result
        }
    }

    /// Words that were not among those learned from, by column: they say nothing, and users are told.
    func unseen(_ examples: RawExamples) -> [String] {
        guard case .table(let raw) = examples, let columns else { return [] }
        return zip(raw, columns).compactMap { column, code in
            if case .numbers(let name, _, let values, _) = column, code.isConstant {
                let others = values.count { abs($0 - code.mean) > 1e-9 * abs(code.mean) }
                return others == 0
                    ? nil : "Column \(name) says nothing: it had one value or none in the examples, and has others in \(others) rows."
            }
            guard case .words(let name, let words) = column else { return nil }
            let new = Set(words).subtracting(code.levels).subtracting([""]).sorted()
            return new.isEmpty
                ? nil : "Column \(name): \(LabelledDecoder.listed(new)) was not among the examples and counts as none of their words."
        }
    }
}
