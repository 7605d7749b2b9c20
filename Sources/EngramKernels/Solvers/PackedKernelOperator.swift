public import EngramNumerics

/// One triangle of a kernel matrix in float32, tile by tile: a quarter of what the whole takes in float64, and read many times faster than it
/// is computed.
///
/// Entries have a relative error of 6e-8, so that solutions are of the kernel matrix up to that; sums are in float32 within a tile and in
/// float64 across tiles.
public struct PackedKernelOperator: KernelOperator, Sendable {
    /// n.
    public let count: Int
    private let diagonalValues: [Double]
    /// Tiles of rows r and columns c ≤ r, at r(r + 1)/2 + c.
    private let tiles: [Matrix<Float>]
    /// The entries of each, in the same memory.
    private let entries: [[Float]]
    private let ranges: [Range<Int>]

    /// Holds a kernel matrix.
    ///
    /// - Parameters:
    ///   - kernel: K.
    ///   - onTiles: Called before each row of tiles. What it throws ends the computation.
    /// - Complexity: n²/2 kernel values.
    public init(_ kernel: some KernelOperator, onTiles: () throws -> Void = {}) rethrows {
        count = kernel.count
        diagonalValues = kernel.diagonal()
        let ranges = KernelTile.ranges(of: kernel.count)
        var tiles: [Matrix<Float>] = []
        tiles.reserveCapacity(ranges.count * (ranges.count + 1) / 2)
        for (index, rows) in ranges.enumerated() {
            try onTiles()
            for columns in ranges[...index] { tiles.append(kernel.block(rows: rows, columns: columns).converted(to: Float.self)) }
        }
        self.ranges = ranges
        self.tiles = tiles
        entries = tiles.map(\.elements)
    }

    /// Bytes for n examples.
    public static func byteCount(count: Int) -> Int {
        let tileCount = (count + KernelTile.side - 1) / KernelTile.side
        return tileCount * (tileCount + 1) / 2 * KernelTile.side * KernelTile.side * MemoryLayout<Float>.stride
    }

    /// K_ii, as the kernel gave it.
    public func diagonal() -> [Double] { diagonalValues }

    /// The entries in these rows and columns.
    public func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> { block(at: Array(rows), columns: Array(columns)) }

    /// The entries where these rows and columns cross.
    public func block(at rows: [Int], columns: [Int]) -> Matrix<Double> {
        let side = KernelTile.side
        var values = [Double](repeating: 0, count: rows.count * columns.count)
        for (position, row) in rows.enumerated() {
            let base = position * columns.count
            for (place, column) in columns.enumerated() {
                let (i, j) = (max(row, column), min(row, column))
                let width = min(side, count - j / side * side)
                values[base + place] = Double(entries[Self.place(i / side, j / side)][i % side * width + j % side])
            }
        }
        return Matrix(rowCount: rows.count, columnCount: columns.count, elements: values)
    }

    /// Where the tile of these rows and columns stands.
    private static func place(_ row: Int, _ column: Int) -> Int { row * (row + 1) / 2 + column }

    /// Each tile beside the diagonal serves twice. The order of the sums is fixed.
    public func product(with right: Matrix<Double>, onTiles: () throws -> Void) throws -> Matrix<Double> {
        precondition(right.rowCount == count, "A kernel of \(count) examples does not multiply \(right.rowCount) rows.")
        var sums = [Double](repeating: 0, count: count * right.columnCount)
        let parts = ranges.map { right.rows(at: $0).converted(to: Float.self) }
        for (row, rows) in ranges.enumerated() {
            try onTiles()
            for (column, columns) in ranges[...row].enumerated() {
                let tile = tiles[Self.place(row, column)]
                Self.add(tile.multiplied(by: parts[column]), to: &sums, from: rows.lowerBound * right.columnCount)
                guard column != row else { continue }
                Self.add(
                    tile.multiplied(by: parts[row], transposingSelf: true), to: &sums, from: columns.lowerBound * right.columnCount)
            }
        }
        return Matrix(rowCount: count, columnCount: right.columnCount, elements: sums)
    }

    private static func add(_ part: Matrix<Float>, to sums: inout [Double], from start: Int) {
        for (place, value) in part.elements.enumerated() { sums[start + place] += Double(value) }
    }
}
