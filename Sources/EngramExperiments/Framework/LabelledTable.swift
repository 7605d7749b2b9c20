internal import EngramMedia
internal import EngramNumerics
internal import Foundation

/// A table with classes in its last column and given folds, as examples of numbers.
///
/// A column is a number where every filled cell is one, else words. Everything is fitted on the examples that are learned from: numbers are
/// standardised and a missing one is the mean, words become one column of 0 and 1 each, a missing word one of its own.
struct LabelledTable {
    /// The file's name without its ending.
    let name: String
    /// Classes from 0, one a row.
    let labels: [Int]
    /// Number of classes.
    let classCount: Int
    /// The fold of each row, from 0.
    let folds: [Int]

    private enum Column {
        /// NaN where the cell is empty.
        case numbers([Double])
        case words([String])
    }

    private let columns: [Column]

    /// Tables of a folder that have folds, in order of their names: `classification/NAME.csv` and `folds/NAME.folds.csv`.
    /// - Parameter rowLimit: Larger tables are left out.
    static func all(in folder: String, rowLimit: Int) throws -> [LabelledTable] {
        let path = folder + "/tabular/classification"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasSuffix(".csv") }.sorted()
        guard !names.isEmpty else {
            throw ExperimentError.missingData(
                what: "tables with classes and folds", lookedFor: ["tabular/classification/*.csv", "tabular/folds/*.folds.csv"],
                folder: folder)
        }
        do {
            return try names.compactMap { name in
                let table = try LabelledTable(
                    path: path + "/" + name, folds: folder + "/tabular/folds/" + name.dropLast(4) + ".folds.csv",
                    name: String(name.dropLast(4)))
                return table.labels.count <= rowLimit ? table : nil
            }
        } catch {
            throw ExperimentError.unusableData(path: path, reason: "\(error)")
        }
    }

    private init(path: String, folds foldPath: String, name: String) throws(MediaError) {
        self.name = name
        let text = try DelimitedText.read(path: path)
        let rows = 0..<text.rowCount
        let last = text.columnNames.count - 1
        let words = rows.map { text.cell(row: $0, column: last) }
        let places = Dictionary(uniqueKeysWithValues: Set(words).sorted().enumerated().map { ($1, $0) })
        labels = words.map { places[$0] ?? 0 }
        classCount = places.count
        columns = (0..<last).map { index in
            let cells = rows.map { text.cell(row: $0, column: index) }
            let numbers = cells.map { $0.isEmpty ? Double.nan : Double($0) }
            return numbers.contains(nil) ? .words(cells) : .numbers(numbers.map { $0 ?? .nan })
        }
        let given = try DelimitedText.read(path: foldPath)
        folds = rows.map { row in row < given.rowCount ? Int(given.cell(row: row, column: 0)) ?? 0 : 0 }
    }

    /// Rows of numbers, fitted on some rows.
    /// - Returns: Shape `[rows.count, width]`.
    func encoded(_ rows: [Int], fittedOn train: [Int]) -> Matrix<Double> {
        var parts: [[Double]] = []
        for column in columns {
            switch column {
            case .numbers(let values):
                let known = train.map { values[$0] }.filter { !$0.isNaN }
                let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
                let filled = train.map { values[$0].isNaN ? 0 : values[$0] - mean }
                let deviation = (filled.reduce(0) { $0 + $1 * $1 } / Double(max(filled.count, 1))).squareRoot()
                parts.append(rows.map { values[$0].isNaN || deviation <= 1e-12 * abs(mean) ? 0 : (values[$0] - mean) / deviation })
            case .words(let words):
                for level in Set(train.map { words[$0] }).sorted() { parts.append(rows.map { words[$0] == level ? 1 : 0 }) }
            }
        }
        let width = parts.count
        var elements = [Double](repeating: 0, count: rows.count * width)
        for (column, values) in parts.enumerated() {
            for (row, value) in values.enumerated() { elements[row * width + column] = value }
        }
        return Matrix(rowCount: rows.count, columnCount: width, elements: elements)
    }

    /// One-hot rows.
    func targets(_ rows: [Int]) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: rows.count, columnCount: classCount)
        for (position, row) in rows.enumerated() { result[position, labels[row]] = 1 }
        return result
    }

    /// The share of rows whose largest score is at their class.
    func accuracy(_ scores: Matrix<Double>, _ rows: [Int]) -> Double {
        let found = scores.largestEntryOfEachRow()
        return Double(zip(found, rows).count { $0 == labels[$1] }) / Double(max(rows.count, 1))
    }
}
