internal import COpenBLAS

/// A symmetric positive definite matrix whose entries lie near its diagonal: the lower band, column by column.
package struct BandedSystem: Sendable {
    /// n.
    package let count: Int
    /// Entries below the diagonal are 0 beyond this distance.
    package let bandwidth: Int
    /// Entry (j + k, j) at j·(bandwidth + 1) + k.
    private var band: [Double]

    /// A matrix of zeros.
    package init(count: Int, bandwidth: Int) {
        precondition(count >= 0 && bandwidth >= 0, "A band of \(bandwidth) in \(count) rows is none.")
        (self.count, self.bandwidth) = (count, bandwidth)
        band = [Double](repeating: 0, count: count * (bandwidth + 1))
    }

    /// Sets the entry at (row, column) and its mirror; row ≥ column ≥ row - bandwidth.
    package mutating func set(_ row: Int, _ column: Int, to value: Double) {
        precondition(row >= column && row - column <= bandwidth && row < count, "(\(row), \(column)) is outside the band.")
        band[column * (bandwidth + 1) + row - column] = value
    }

    /// The X of A X = right, by LAPACK `dpbsv`; the matrix is used up.
    ///
    /// - Parameter right: Shape `[count, m]`.
    /// - Throws: `NumericsError.notPositiveDefinite`.
    /// - Complexity: count·bandwidth² operations.
    package consuming func solve(_ right: Matrix<Double>) throws(NumericsError) -> Matrix<Double> {
        precondition(right.rowCount == count, "A system of \(count) rows has no right side of \(right.rowCount).")
        guard count > 0, right.columnCount > 0 else { return right }
        var columns = right.transposed()
        let (n, kd, m, stride) = (blasInt(count), blasInt(bandwidth), blasInt(right.columnCount), blasInt(bandwidth + 1))
        let info = columns.withUnsafeMutableElements {
            LAPACKE_dpbsv(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), n, kd, m, &band, stride, $0.baseAddress, n)
        }
        guard info == 0 else { throw .notPositiveDefinite(operation: "Banded Cholesky", pivot: max(0, Int(info) - 1)) }
        return columns.transposed()
    }
}
