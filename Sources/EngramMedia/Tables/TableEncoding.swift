/// A table as a matrix of numbers: one column for numbers, ordinals and dates, one for each level of a category (one-hot).
///
/// Columns that are not used (text, identifiers, empty ones) have no part in it.
public struct TableEncoding: Equatable, Sendable {
    /// The matrix's columns of one column of the table.
    public struct Block: Equatable, Sendable {
        /// The table's column.
        public let column: Int
        /// The matrix's columns.
        public let range: Range<Int>
        /// Whether they are indicators of levels.
        public let isOneHot: Bool
    }

    /// Number of rows.
    public let rowCount: Int
    /// Number of the matrix's columns.
    public let columnCount: Int
    /// One for each used column of the table, in its order.
    public let blocks: [Block]
    /// Row by row, shape `[rowCount, columnCount]`; NaN where a cell is missing. Neither centred nor scaled.
    public let values: [Double]

    /// How many columns the matrix of a table has, before it is made.
    public static func width(of columns: [DataColumn]) -> Int {
        columns.reduce(0) { sum, column in
            guard column.kind.isUsed else { return sum }
            guard case .categorical(let words) = column.kind else { return sum + 1 }
            return sum + words.count
        }
    }

    /// - Parameter columns: Of equal length.
    public init(_ columns: [DataColumn]) {
        var (blocks, width): ([Block], Int) = ([], 0)
        for (index, column) in columns.enumerated() where column.kind.isUsed {
            var levelCount = 1
            var isOneHot = false
            if case .categorical(let words) = column.kind { (levelCount, isOneHot) = (words.count, true) }
            blocks.append(Block(column: index, range: width..<width + levelCount, isOneHot: isOneHot))
            width += levelCount
        }
        rowCount = columns.first?.values.count ?? 0
        columnCount = width
        self.blocks = blocks
        var values = [Double](repeating: .nan, count: rowCount * width)
        for block in blocks {
            for (row, value) in columns[block.column].values.enumerated() where !value.isNaN {
                let start = row * width
                guard block.isOneHot else {
                    values[start + block.range.lowerBound] = value
                    continue
                }
                for place in block.range { values[start + place] = Double(place - block.range.lowerBound) == value ? 1 : 0 }
            }
        }
        self.values = values
    }

    /// One cell of the table from a row of the matrix, in the sense of its column's `values`: the most likely level of a category (the first
    /// where several tie), the number itself otherwise.
    public func value(of block: Block, in row: some RandomAccessCollection<Double>) -> Double {
        let start = row.index(row.startIndex, offsetBy: block.range.lowerBound)
        guard block.isOneHot else { return row[start] }
        let levels = row[start..<row.index(start, offsetBy: block.range.count)]
        var (best, bestPlace) = (-Double.infinity, 0)
        for (place, value) in levels.enumerated() where value > best { (best, bestPlace) = (value, place) }
        return Double(bestPlace)
    }
}
