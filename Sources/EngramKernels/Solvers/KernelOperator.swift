public import EngramNumerics

/// A symmetric positive semidefinite kernel matrix K that is known by its blocks, so that n² entries need never be held at once.
///
/// Two methods must be given: `diagonal` and one block of adjoining rows and columns. The rest follows from them. A kernel over samples
/// should also give `block(at:columns:)`, which the default puts together from runs of adjoining indices.
public protocol KernelOperator {
    /// n, the number of examples.
    var count: Int { get }

    /// K_ii, shape `[n]`.
    func diagonal() -> [Double]

    /// The entries in a range of rows and a range of columns, both inside `0..<n`; shape `[rows.count, columns.count]`.
    func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double>

    /// The entries where the rows and columns at these indices cross, in their order.
    func block(at rows: [Int], columns: [Int]) -> Matrix<Double>

    /// K·right, tile by tile.
    ///
    /// - Parameters:
    ///   - right: Shape `[n, m]`.
    ///   - onTiles: Called before each row of tiles. What it throws ends the product.
    /// - Returns: Shape `[n, m]`.
    /// - Throws: What `onTiles` throws.
    func product(with right: Matrix<Double>, onTiles: () throws -> Void) throws -> Matrix<Double>
}

/// How kernel matrices are cut.
public enum KernelTile {
    /// Rows and columns of one tile: 8 MiB of entries, large enough for products to run at their rate.
    public static let side = 1024

    /// Adjoining ranges of at most `side` that make up `0..<count`.
    static func ranges(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: side).map { $0..<min($0 + side, count) }
    }
}

extension KernelOperator {
    /// Put together from the blocks of adjoining indices; slow when the indices are scattered.
    public func block(at rows: [Int], columns: [Int]) -> Matrix<Double> {
        var entries = [Double](repeating: 0, count: rows.count * columns.count)
        let columnRuns = Self.runs(of: columns)
        for rowRun in Self.runs(of: rows) {
            for columnRun in columnRuns {
                let part = block(rows: rowRun.indices, columns: columnRun.indices).elements
                let width = columnRun.indices.count
                for i in 0..<rowRun.indices.count {
                    for j in 0..<width {
                        entries[(rowRun.position + i) * columns.count + columnRun.position + j] = part[i * width + j]
                    }
                }
            }
        }
        return Matrix(rowCount: rows.count, columnCount: columns.count, elements: entries)
    }

    /// Adjoining indices, and where they stand in the list.
    private static func runs(of indices: [Int]) -> [(position: Int, indices: Range<Int>)] {
        var runs: [(position: Int, indices: Range<Int>)] = []
        for (position, index) in indices.enumerated() {
            if let last = runs.last, last.indices.upperBound == index {
                runs[runs.count - 1].indices = last.indices.lowerBound..<index + 1
            } else {
                runs.append((position, index..<index + 1))
            }
        }
        return runs
    }

    /// K is symmetric, so each tile on one side of the diagonal serves twice: n²/2 kernel values, 2·n²·m operations. The order of the sums
    /// is fixed.
    public func product(with right: Matrix<Double>, onTiles: () throws -> Void = {}) throws -> Matrix<Double> {
        precondition(right.rowCount == count, "A kernel of \(count) examples does not multiply \(right.rowCount) rows.")
        var result = Matrix<Double>(rowCount: count, columnCount: right.columnCount)
        let ranges = KernelTile.ranges(of: count)
        for (index, rows) in ranges.enumerated() {
            try onTiles()
            for columns in ranges[...index] {
                let tile = block(rows: rows, columns: columns)
                result.addProduct(of: tile, withRowsOf: right, from: columns.lowerBound, toRow: rows.lowerBound)
                guard columns != rows else { continue }
                result.addProduct(of: tile, transposed: true, withRowsOf: right, from: rows.lowerBound, toRow: columns.lowerBound)
            }
        }
        return result
    }

    /// All of K, shape `[n, n]`; the caller has seen to it that n² entries fit.
    ///
    /// - Parameter onTiles: Called before each row of tiles. What it throws ends the computation.
    public func matrix(onTiles: () throws -> Void = {}) throws -> Matrix<Double> {
        var entries: [Double] = []
        entries.reserveCapacity(count * count)
        for rows in KernelTile.ranges(of: count) {
            try onTiles()
            entries.append(contentsOf: block(rows: rows, columns: 0..<count).elements)
        }
        return Matrix(rowCount: count, columnCount: count, elements: entries)
    }
}

/// A kernel matrix that is held whole.
public struct DenseKernelOperator: KernelOperator, Sendable {
    /// K.
    public let matrix: Matrix<Double>

    /// - Parameter matrix: K, symmetric, shape `[n, n]`.
    public init(_ matrix: Matrix<Double>) {
        precondition(matrix.rowCount == matrix.columnCount, "A kernel matrix is square, got \(matrix.rowCount)×\(matrix.columnCount).")
        self.matrix = matrix
    }

    /// n.
    public var count: Int { matrix.rowCount }

    /// K_ii.
    public func diagonal() -> [Double] { (0..<count).map { matrix[$0, $0] } }

    /// The entries in these rows and columns.
    public func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> {
        matrix.submatrix(rows: Array(rows), columns: Array(columns))
    }

    /// The entries where these rows and columns cross.
    public func block(at rows: [Int], columns: [Int]) -> Matrix<Double> { matrix.submatrix(rows: rows, columns: columns) }

    /// One product; `onTiles` is called once.
    public func product(with right: Matrix<Double>, onTiles: () throws -> Void) throws -> Matrix<Double> {
        try onTiles()
        return matrix * right
    }
}

/// The kernel matrix of a set of points under a function that gives kernel values; points are held, entries are not.
public struct SampleKernelOperator: KernelOperator, Sendable {
    /// The points, one per row, shape `[n, d]`.
    public let points: Matrix<Double>
    private let diagonalValues: @Sendable (Matrix<Double>) -> [Double]
    private let values: @Sendable (Matrix<Double>, Matrix<Double>) -> Matrix<Double>

    /// - Parameters:
    ///   - points: One per row, shape `[n, d]`.
    ///   - diagonal: k(x, x) for each row x, shape `[n]`.
    ///   - values: k(x, z) for each row x of the first matrix and each row z of the second. Symmetric, positive semidefinite.
    public init(
        points: Matrix<Double>, diagonal: @escaping @Sendable (Matrix<Double>) -> [Double],
        values: @escaping @Sendable (_ points: Matrix<Double>, _ centers: Matrix<Double>) -> Matrix<Double>
    ) {
        self.points = points
        diagonalValues = diagonal
        self.values = values
    }

    /// n.
    public var count: Int { points.rowCount }

    /// k(x_i, x_i).
    public func diagonal() -> [Double] { diagonalValues(points) }

    /// k(x_i, x_j) for these rows and columns.
    public func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> {
        values(points.rows(at: rows), points.rows(at: columns))
    }

    /// k(x_i, x_j) where these rows and columns cross.
    public func block(at rows: [Int], columns: [Int]) -> Matrix<Double> { values(points.rows(at: rows), points.rows(at: columns)) }
}

/// K + λI, the matrix of the kernel k(x, x') + λ·1[x and x' are the same example].
struct ShiftedKernelOperator<Base: KernelOperator>: KernelOperator {
    let base: Base
    let ridge: Double

    var count: Int { base.count }

    func diagonal() -> [Double] { base.diagonal().map { $0 + ridge } }

    func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> {
        var part = base.block(rows: rows, columns: columns)
        guard ridge != 0 else { return part }
        for index in rows.clamped(to: columns) { part[index - rows.lowerBound, index - columns.lowerBound] += ridge }
        return part
    }

    func block(at rows: [Int], columns: [Int]) -> Matrix<Double> {
        var part = base.block(at: rows, columns: columns)
        guard ridge != 0 else { return part }
        var places: [Int: [Int]] = [:]
        for (position, index) in columns.enumerated() { places[index, default: []].append(position) }
        for (row, index) in rows.enumerated() { for column in places[index] ?? [] { part[row, column] += ridge } }
        return part
    }

    func product(with right: Matrix<Double>, onTiles: () throws -> Void) throws -> Matrix<Double> {
        var result = try base.product(with: right, onTiles: onTiles)
        result.addColumns(of: right, scaledBy: Array(repeating: ridge, count: right.columnCount))
        return result
    }
}
