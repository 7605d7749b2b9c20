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

    /// Columns that are factored between two steps: LAPACK's own choice, and a fraction of a second for the widest bands that fit memory.
    private static let blockSide = 64

    /// The X of A X = right, by a blocked Cholesky factorization of the band (LAPACK's `dpbtrf`, in steps) and `dpbtrs`; the matrix is used
    /// up.
    ///
    /// - Parameters:
    ///   - right: Shape `[count, m]`.
    ///   - onStep: Called between blocks with the number of columns done; what it throws ends the solution.
    /// - Throws: `NumericsError.notPositiveDefinite`; what `onStep` throws.
    /// - Complexity: count·bandwidth² operations.
    package consuming func solve(_ right: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> Matrix<Double> {
        precondition(right.rowCount == count, "A system of \(count) rows has no right side of \(right.rowCount).")
        guard count > 0, right.columnCount > 0 else { return right }
        let side = min(Self.blockSide, max(bandwidth, 1))
        var corner = [Double](repeating: 0, count: side * side)
        let (count, bandwidth) = (count, bandwidth)
        for start in stride(from: 0, to: count, by: side) {
            try onStep(start)
            let info = band.withUnsafeMutableBufferPointer { band in
                corner.withUnsafeMutableBufferPointer { corner in
                    BandBlock(band: band, corner: corner, count: count, bandwidth: bandwidth).factorize(
                        start: start, width: min(side, count - start))
                }
            }
            guard info == 0 else {
                throw NumericsError.notPositiveDefinite(operation: "Banded Cholesky", pivot: start + max(0, Int(info) - 1))
            }
        }
        try onStep(count)
        var columns = right.transposed()
        let (n, kd, m, stride) = (blasInt(count), blasInt(bandwidth), blasInt(right.columnCount), blasInt(bandwidth + 1))
        let info = columns.withUnsafeMutableElements {
            LAPACKE_dpbtrs(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), n, kd, m, band, stride, $0.baseAddress, n)
        }
        precondition(info == 0, "LAPACK refused argument \(-info) of dpbtrs.")
        return columns.transposed()
    }
}

/// A block of columns of a band.
///
/// Within the band a matrix is stored with a stride one below that of the band; the rows that reach below it form a triangle, which is worked
/// on in a square of its own.
private struct BandBlock {
    let band: UnsafeMutableBufferPointer<Double>
    let corner: UnsafeMutableBufferPointer<Double>
    let count: Int
    let bandwidth: Int

    /// Factors the columns and takes what they explain off those to their right.
    /// - Returns: LAPACK's info.
    func factorize(start: Int, width: Int) -> Int32 {
        guard let base = band.baseAddress, let square = corner.baseAddress else { return 0 }
        let stride = bandwidth + 1
        func entry(_ below: Int, _ column: Int) -> UnsafeMutablePointer<Double> { base + (column * stride + below) }
        let (leading, ib) = (blasInt(max(stride - 1, 1)), blasInt(width))
        let info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), ib, entry(0, start), leading)
        guard info == 0 else { return info }
        // Rows that are in the band of all columns of the block, and those that are only in the band of the later ones.
        let whole = max(0, min(bandwidth - width, count - start - width))
        let partial = max(0, min(width, count - start - bandwidth))
        let (i2, i3) = (blasInt(whole), blasInt(partial))
        if whole > 0 {
            cblas_dtrsm(
                CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, i2, ib, 1, entry(0, start), leading, entry(width, start),
                leading)
            cblas_dsyrk(
                CblasColMajor, CblasLower, CblasNoTrans, i2, ib, -1, entry(width, start), leading, 1, entry(0, start + width), leading)
        }
        guard partial > 0, bandwidth > 0 else { return 0 }
        for column in 0..<width {
            for row in 0..<partial {
                square[column * width + row] = row <= column ? entry(bandwidth + row - column, start + column).pointee : 0
            }
        }
        cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, i3, ib, 1, entry(0, start), leading, square, ib)
        if whole > 0 {
            cblas_dgemm(
                CblasColMajor, CblasNoTrans, CblasTrans, i3, i2, ib, -1, square, ib, entry(width, start), leading, 1,
                entry(bandwidth - width, start + width), leading)
        }
        cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, i3, ib, -1, square, ib, 1, entry(0, start + bandwidth), leading)
        for column in 0..<width {
            for row in 0..<min(partial, column + 1) {
                entry(bandwidth + row - column, start + column).pointee = square[column * width + row]
            }
        }
        return 0
    }
}
