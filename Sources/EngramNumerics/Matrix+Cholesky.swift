internal import COpenBLAS

// LAPACK's and CBLAS's column-major upper triangle is our row-major lower one. Naming it so saves the transposed copies that
// LAPACKE's row-major calls make: 200 MB at n = 5,000.

extension Matrix where Scalar == Double {
    /// Rows of one step of the factorization: large enough for BLAS to run at its rate, small enough to hear a cancellation soon.
    private static var choleskyBlockSide: Int { 512 }

    /// Overwrites the lower triangle of a symmetric matrix, diagonal included, with L, L Lᵀ = self.
    ///
    /// Only the lower triangle is read, and the entries above the diagonal are left as they are. Blocked: LAPACK `dpotrf` on the
    /// diagonal blocks, `dtrsm` and `dsyrk` for the rest.
    /// - Parameter onRow: Called before each block of rows with the number of rows done. What it throws ends the factorization.
    /// - Returns: nil, or the first pivot (0-based) that is not positive; the rows before it are then factored.
    /// - Throws: `NumericsError.nonFinite`; what `onRow` throws.
    /// - Complexity: n³/3 operations, no copy.
    package mutating func factorizeCholesky(onRow: (Int) throws -> Void = { _ in }) throws -> Int? {
        precondition(rowCount == columnCount, "A Cholesky factorization needs a square matrix, got \(shapeText).")
        try requireFinite(in: "Cholesky factorization")
        let n = rowCount
        for start in stride(from: 0, to: n, by: Self.choleskyBlockSide) {
            try onRow(start)
            let count = min(Self.choleskyBlockSide, n - start)
            let info = withUnsafeMutableElements { Self.factorizeBlock(of: $0, count: n, start: start, blockCount: count) }
            if info > 0 { return start + Int(info) - 1 }
        }
        return nil
    }

    /// Factors the diagonal block, solves the panel below it and updates what is right of the panel.
    /// - Returns: LAPACK's info.
    private static func factorizeBlock(
        of elements: UnsafeMutableBufferPointer<Double>, count n: Int, start: Int, blockCount: Int
    ) -> Int32 {
        guard let base = elements.baseAddress else { return 0 }
        let side = blasInt(n)
        let diagonal = base + (start * n + start)
        let info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), blasInt(blockCount), diagonal, side)
        let rest = n - start - blockCount
        guard info == 0, rest > 0 else { return info }
        let panel = diagonal + blockCount * n
        cblas_dtrsm(
            CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasInt(rest), blasInt(blockCount), 1, diagonal, side, panel,
            side)
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasNoTrans, blasInt(rest), blasInt(blockCount), -1, panel, side, 1, panel + blockCount, side)
        return 0
    }

    /// Some columns of self replaced by L⁻¹ or L⁻ᵀ times them; BLAS `dtrsm`.
    ///
    /// - Parameters:
    ///   - factor: L, shape `[rowCount, rowCount]`; its lower triangle is read.
    ///   - transposed: Whether to solve with Lᵀ.
    ///   - columns: Which columns of self.
    /// - Complexity: rowCount²·columns.count operations.
    package mutating func solveTriangular(_ factor: Matrix, transposed: Bool, columns: Range<Int>) {
        precondition(
            factor.rowCount == rowCount && factor.columnCount == rowCount && columns.lowerBound >= 0 && columns.upperBound <= columnCount,
            "Columns \(columns) of \(shapeText) cannot be solved with \(factor.shapeText).")
        guard rowCount > 0, !columns.isEmpty else { return }
        let (n, width) = (blasInt(rowCount), blasInt(columnCount))
        withUnsafeMutableElements { target in
            factor.elements.withUnsafeBufferPointer { triangle in
                guard let b = target.baseAddress, let a = triangle.baseAddress else { return }
                cblas_dtrsm(
                    CblasRowMajor, CblasLeft, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, n, blasInt(columns.count),
                    1, a, n, b + columns.lowerBound, width)
            }
        }
    }

    /// The diagonal of (L Lᵀ)⁻¹ for the L in the lower triangle of self: the sums of squares of the columns of L⁻¹.
    ///
    /// - Complexity: n³/3 operations; columns of L⁻¹ are made and dropped some at a time, so that no second n² is held.
    package func choleskyInverseDiagonal() -> [Double] {
        precondition(rowCount == columnCount, "A Cholesky factor is square, got \(shapeText).")
        let n = rowCount
        var diagonal = [Double](repeating: 0, count: n)
        for start in stride(from: 0, to: n, by: Self.choleskyBlockSide) {
            let count = min(Self.choleskyBlockSide, n - start)
            let height = n - start
            // Columns `start…` of L⁻¹ are zero above row `start`.
            var columns = Matrix(rowCount: height, columnCount: count)
            columns.withUnsafeMutableElements { target in
                for j in 0..<count { target[j * count + j] = 1 }
                elements.withUnsafeBufferPointer { triangle in
                    guard let b = target.baseAddress, let a = triangle.baseAddress else { return }
                    cblas_dtrsm(
                        CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, blasInt(height), blasInt(count), 1,
                        a + (start * n + start), blasInt(n), b, blasInt(count))
                }
                for i in 0..<height { for j in 0..<count { diagonal[start + j] += target[i * count + j] * target[i * count + j] } }
            }
        }
        return diagonal
    }

    /// The largest column sum of absolute values of a symmetric matrix, from its lower triangle; LAPACK `dlansy`.
    package func symmetricOneNorm() -> Double {
        precondition(rowCount == columnCount, "A symmetric matrix is square, got \(shapeText).")
        guard rowCount > 0 else { return 0 }
        let n = blasInt(rowCount)
        return LAPACKE_dlansy(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "1")), CChar(UInt8(ascii: "U")), n, elements, n)
    }

    /// An estimate of 1/(‖A‖₁ ‖A⁻¹‖₁), A = L Lᵀ, for the L in the lower triangle of self; LAPACK `dpocon`. It is rarely more than three
    /// times too large, and never too small but for rounding.
    ///
    /// - Parameter oneNorm: ‖A‖₁.
    /// - Throws: `NumericsError.notConverged` if LAPACK refuses the norm, such as NaN.
    /// - Complexity: a few solves, O(n²).
    package func choleskyReciprocalCondition(oneNorm: Double) throws(NumericsError) -> Double {
        precondition(rowCount == columnCount, "A Cholesky factor is square, got \(shapeText).")
        guard rowCount > 0 else { return 1 }
        let n = blasInt(rowCount)
        var reciprocal = 0.0
        let info = LAPACKE_dpocon(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), n, elements, n, oneNorm, &reciprocal)
        guard info == 0 else { throw .notConverged(operation: "Condition estimate", info: Int(info)) }
        return reciprocal
    }

    /// S·right for the symmetric S whose upper triangle, diagonal included, is that of self; BLAS `dsymm`.
    /// - Parameter right: Shape `[rowCount, k]`.
    package func upperSymmetricProduct(with right: Matrix) -> Matrix {
        precondition(rowCount == columnCount && right.rowCount == rowCount, "\(shapeText) does not multiply \(right.shapeText).")
        var result = Matrix(rowCount: rowCount, columnCount: right.columnCount)
        guard rowCount > 0, right.columnCount > 0 else { return result }
        let (n, k) = (blasInt(rowCount), blasInt(right.columnCount))
        result.withUnsafeMutableElements { target in
            cblas_dsymm(CblasRowMajor, CblasLeft, CblasUpper, n, k, 1, elements, n, right.elements, k, 0, target.baseAddress, k)
        }
        return result
    }

    /// The `count` largest eigenvalues, descending, and orthonormal eigenvectors (as columns) of a symmetric matrix; the lower triangle is
    /// read.
    ///
    /// - Parameter count: From 0 to rowCount.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: 4/3·n³ operations and O(n²·count); LAPACK `dsyevr`.
    public func leadingSymmetricEigenpairs(
        count: Int
    ) throws(NumericsError) -> (eigenvalues: [Double], eigenvectors: Matrix) {
        precondition(
            rowCount == columnCount && count >= 0 && count <= rowCount, "\(shapeText) does not have \(count) symmetric eigenpairs.")
        try requireFinite(in: "Leading symmetric eigenpairs")
        guard count > 0 else { return ([], Matrix(rowCount: rowCount, columnCount: 0)) }
        var work = self
        let n = blasInt(rowCount)
        var values = [Double](repeating: 0, count: rowCount)
        // LAPACK's columns are our rows, ascending.
        var rows = Matrix(rowCount: count, columnCount: rowCount)
        var support = [Int32](repeating: 0, count: 2 * count)
        var found: Int32 = 0
        let info = work.withUnsafeMutableElements { a in
            rows.withUnsafeMutableElements { z in
                LAPACKE_dsyevr(
                    LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "U")), n, a.baseAddress, n, 0,
                    0, blasInt(rowCount - count + 1), n, 0, &found, &values, z.baseAddress, n, &support)
            }
        }
        guard info == 0, Int(found) == count else { throw .notConverged(operation: "Leading symmetric eigenpairs", info: Int(info)) }
        return (values.prefix(count).reversed(), rows.rows(at: (0..<count).reversed()).transposed())
    }
}
