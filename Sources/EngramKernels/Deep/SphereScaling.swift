public import EngramNumerics
internal import RealModule

/// Columns to [0, 1] by their smallest and largest values, then each row to length 1: the data of [R23] chapter 4, whatever their signs and
/// norms were.
///
/// A row of zeros has no direction; it gets that of equal entries. Values beyond those of the examples are taken to the nearest of them, so that
/// no entry is negative.
public struct SphereScaling: Sendable, Equatable {
    /// Smallest values, one a column.
    public let lower: [Double]
    /// Largest values, one a column.
    public let upper: [Double]
    /// Whether rows get an entry of 1 before they are brought to length 1, so that rows of one direction and different lengths stay apart.
    public let keepsLength: Bool

    /// A scaling with these bounds; a column whose bounds are equal becomes 0.
    public init(lower: [Double], upper: [Double], keepsLength: Bool = false) {
        precondition(lower.count == upper.count, "\(lower.count) lower bounds do not fit \(upper.count) upper ones.")
        self.lower = lower
        self.upper = upper
        self.keepsLength = keepsLength
    }

    /// The scaling that puts these points on the sphere.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`, n ≥ 1, finite.
    ///   - keepsLength: Whether rows get an entry of 1; not so in [R23].
    public init(of points: Matrix<Double>, keepsLength: Bool = false) {
        var (lower, upper) = (points.row(0), points.row(0))
        for row in 1..<max(points.rowCount, 1) where row < points.rowCount {
            for (column, value) in points.row(row).enumerated() {
                lower[column] = min(lower[column], value)
                upper[column] = max(upper[column], value)
            }
        }
        self.init(lower: lower, upper: upper, keepsLength: keepsLength)
    }

    /// The points on the sphere.
    ///
    /// - Parameter points: Shape `[m, d]`.
    /// - Returns: Shape `[m, d]`, or with the entry of 1 `[m, d + 1]`.
    /// - Throws: `DeepClassifierError.columnCount`; `.nonFinite`.
    public func scaled(_ points: Matrix<Double>) throws(DeepClassifierError) -> Matrix<Double> {
        guard points.columnCount == lower.count else {
            throw .columnCount(expected: lower.count, found: points.columnCount)
        }
        if let (row, column) = points.firstNonFiniteEntry { throw .nonFinite(row: row, column: column) }
        let width = lower.count
        let source = points.elements
        let (lower, upper, keepsLength) = (lower, upper, keepsLength)
        let count = keepsLength ? width + 1 : width
        return Matrix(rowCount: points.rowCount, columnCount: count) { row, target in
            var square = 0.0
            if keepsLength {
                target[width] = 1
                square = 1
            }
            for k in 0..<width {
                let range = upper[k] - lower[k]
                let value = range > 0 ? min(max((source[row * width + k] - lower[k]) / range, 0), 1) : 0
                target[k] = value
                square += value * value
            }
            let length = square.squareRoot()
            for k in 0..<count { target[k] = length > 0 ? target[k] / length : 1 / Double(width).squareRoot() }
        }
    }
}
