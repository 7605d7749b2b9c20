internal import COpenBLAS

extension Matrix where Scalar == Double {
    /// Eigenvalues, ascending, and orthonormal eigenvectors (as columns) of a symmetric matrix; the lower triangle is read.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: O(n³); LAPACK `dsyevd`.
    public func symmetricEigendecomposition() throws(NumericsError) -> (eigenvalues: [Double], eigenvectors: Matrix) {
        precondition(rowCount == columnCount, "Eigenvalues need a square matrix, got \(shapeText).")
        try requireFinite(in: "Symmetric eigendecomposition")
        guard rowCount > 0 else { return ([], self) }
        var vectors = self
        var values = [Double](repeating: 0, count: rowCount)
        let n = blasInt(rowCount)
        let info = vectors.withUnsafeMutableElements {
            LAPACKE_dsyevd(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), n, $0.baseAddress, n, &values)
        }
        guard info == 0 else { throw .notConverged(operation: "Symmetric eigendecomposition", info: Int(info)) }
        return (values, vectors)
    }

    /// The solution X of self·X = right for a symmetric positive definite self, by Cholesky.
    ///
    /// - Parameter right: Shape `[rowCount, k]`.
    /// - Throws: `NumericsError.notPositiveDefinite`; `.nonFinite`.
    public func choleskySolve(_ right: Matrix) throws(NumericsError) -> Matrix {
        precondition(rowCount == columnCount && right.rowCount == rowCount, "\(shapeText) cannot be solved for \(right.shapeText).")
        try requireFinite(in: "Cholesky solve")
        guard rowCount > 0 && right.columnCount > 0 else { return right }
        var factor = self
        var solution = right
        let n = blasInt(rowCount)
        let k = blasInt(right.columnCount)
        let info = factor.withUnsafeMutableElements { a in
            solution.withUnsafeMutableElements { b in
                LAPACKE_dposv(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), n, k, a.baseAddress, n, b.baseAddress, k)
            }
        }
        guard info == 0 else { throw .notPositiveDefinite(operation: "Cholesky solve", pivot: Int(info) - 1) }
        return solution
    }

    /// The X of smallest norm among those that minimise ‖self·X - right‖_F, by complete orthogonal factorization.
    ///
    /// - Parameters:
    ///   - right: Shape `[rowCount, k]`.
    ///   - reciprocalCondition: Directions weaker than this, relative to the strongest, count as zero. The default is the
    ///     rounding of float64 times the larger side, below which a direction holds no information.
    /// - Returns: X, shape `[columnCount, k]`, and the numerical rank of self.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func minimumNormSolution(
        _ right: Matrix, reciprocalCondition: Double? = nil
    ) throws(NumericsError) -> (solution: Matrix, rank: Int) {
        precondition(right.rowCount == rowCount, "\(shapeText) cannot be solved for \(right.shapeText).")
        try requireFinite(in: "Minimum-norm solution")
        try right.requireFinite(in: "Minimum-norm solution, right side")
        let larger = max(rowCount, columnCount)
        guard rowCount > 0 && columnCount > 0 && right.columnCount > 0 else {
            return (Matrix(rowCount: columnCount, columnCount: right.columnCount), 0)
        }
        var coefficients = self
        // LAPACK returns X in the place of the right side, which must therefore be tall enough for both.
        var target = Matrix(rowCount: larger, columnCount: right.columnCount)
        target.copyElements(from: right)
        var pivots = [Int32](repeating: 0, count: columnCount)
        var rank: Int32 = 0
        let (m, n, k) = (blasInt(rowCount), blasInt(columnCount), blasInt(right.columnCount))
        let threshold = reciprocalCondition ?? Double(larger) * Double.ulpOfOne
        let info = coefficients.withUnsafeMutableElements { a in
            target.withUnsafeMutableElements { b in
                LAPACKE_dgelsy(LAPACK_ROW_MAJOR, m, n, k, a.baseAddress, n, b.baseAddress, k, &pivots, threshold, &rank)
            }
        }
        guard info == 0 else { throw .notConverged(operation: "Minimum-norm solution", info: Int(info)) }
        return (target.rows(at: 0..<columnCount), Int(rank))
    }

    /// An orthonormal basis of the column space, shape `[rowCount, columnCount]`, by Householder QR; needs rowCount ≥ columnCount.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func orthonormalizedColumns() throws(NumericsError) -> Matrix {
        precondition(rowCount >= columnCount, "QR of \(shapeText) needs at least as many rows as columns.")
        try requireFinite(in: "QR factorization")
        guard columnCount > 0 else { return self }
        var basis = self
        var reflectors = [Double](repeating: 0, count: columnCount)
        let (m, n) = (blasInt(rowCount), blasInt(columnCount))
        let info = basis.withUnsafeMutableElements { a -> Int32 in
            let first = LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, m, n, a.baseAddress, n, &reflectors)
            return first != 0 ? first : LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, n, n, a.baseAddress, n, reflectors)
        }
        guard info == 0 else { throw .notConverged(operation: "QR factorization", info: Int(info)) }
        return basis
    }

    /// Q C = self up to `relativeTolerance`, with as few columns in Q as that takes, by QR with column pivoting (LAPACK `dgeqp3`).
    ///
    /// - Parameter relativeTolerance: Columns of Q whose share of self is below this, relative to the strongest, are left out.
    /// - Returns: Q, orthonormal columns, shape `[rowCount, r]`, and C, shape `[r, columnCount]`; r is 0 for zero.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func rankRevealingFactors(
        relativeTolerance: Double
    ) throws(NumericsError) -> (basis: Matrix, coefficients: Matrix) {
        try requireFinite(in: "QR factorization with pivoting")
        let count = min(rowCount, columnCount)
        guard count > 0 else { return (Matrix(rowCount: rowCount, columnCount: 0), Matrix(rowCount: 0, columnCount: columnCount)) }
        var factored = self
        var pivots = [Int32](repeating: 0, count: columnCount)
        var reflectors = [Double](repeating: 0, count: count)
        let (m, n) = (blasInt(rowCount), blasInt(columnCount))
        let info = factored.withUnsafeMutableElements {
            LAPACKE_dgeqp3(LAPACK_ROW_MAJOR, m, n, $0.baseAddress, n, &pivots, &reflectors)
        }
        guard info == 0 else { throw .notConverged(operation: "QR factorization with pivoting", info: Int(info)) }
        // The diagonal of R falls, so that what is kept comes first.
        let least = relativeTolerance * abs(factored[0, 0])
        let rank = (0..<count).prefix { abs(factored[$0, $0]) > least }.count
        var coefficients = Matrix(rowCount: rank, columnCount: columnCount)
        for row in 0..<rank {
            for column in row..<columnCount { coefficients[row, Int(pivots[column]) - 1] = factored[row, column] }
        }
        var basis = factored.leadingColumns(rank)
        guard rank > 0 else { return (basis, coefficients) }
        let r = blasInt(rank)
        let made = basis.withUnsafeMutableElements { LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, r, r, $0.baseAddress, r, reflectors) }
        guard made == 0 else { throw .notConverged(operation: "QR factorization with pivoting", info: Int(made)) }
        return (basis, coefficients)
    }

    /// The singular values, descending.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func singularValues() throws(NumericsError) -> [Double] {
        try requireFinite(in: "Singular values")
        let count = min(rowCount, columnCount)
        guard count > 0 else { return [] }
        var work = self
        var values = [Double](repeating: 0, count: count)
        let (m, n) = (blasInt(rowCount), blasInt(columnCount))
        let info = work.withUnsafeMutableElements {
            LAPACKE_dgesdd(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "N")), m, n, $0.baseAddress, n, &values, nil, 1, nil, n)
        }
        guard info == 0 else { throw .notConverged(operation: "Singular values", info: Int(info)) }
        return values
    }
}
