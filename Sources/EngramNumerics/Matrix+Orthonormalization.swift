internal import COpenBLAS

extension Matrix where Scalar == Double {
    /// The inner products of the rows, on and below the diagonal; zeros above it. BLAS `dsyrk`.
    ///
    /// - Complexity: rowCount²·columnCount operations, half of a product with the transpose.
    package func rowProducts() -> Matrix {
        var result = Matrix(rowCount: rowCount, columnCount: rowCount)
        guard rowCount > 0, columnCount > 0 else { return result }
        let (n, k) = (blasInt(rowCount), blasInt(columnCount))
        result.withUnsafeMutableElements { target in
            cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, n, k, 1, elements, k, 0, target.baseAddress, n)
        }
        return result
    }

    /// L and U with self = L U, L lower triangular and the rows of U orthonormal to rounding, by Cholesky factors of the inner products.
    ///
    /// Once leaves U orthonormal to the rounding times the square of the condition number of self. A second time, on U, mends that: where the
    /// first result is within 1/2 of orthonormal, as is checked, the second is to rounding. It is all products of large matrices, several
    /// times as fast as reflections.
    /// - Parameter products: `rowProducts()`, where they are known already.
    /// - Returns: nil where rows are too nearly dependent for that, as from a condition number of about 1e7 on.
    /// - Throws: `NumericsError.nonFinite`.
    /// - Complexity: 4·rowCount²·columnCount operations, 3 where the products are known; self's memory is reused if the caller gives it away.
    package consuming func orthonormalizedRows(products: consuming Matrix? = nil) throws(NumericsError) -> (
        coefficients: Matrix, rows: Matrix
    )? {
        try requireFinite(in: "Orthonormalization of rows")
        var rows = consume self
        guard let first = rows.orthonormalizeOnce(products ?? rows.rowProducts(), within: nil),
            let second = rows.orthonormalizeOnce(rows.rowProducts(), within: 0.5)
        else { return nil }
        var coefficients = first
        guard coefficients.rowCount > 0 else { return (coefficients, rows) }
        let n = blasInt(coefficients.rowCount)
        coefficients.withUnsafeMutableElements { target in
            cblas_dtrmm(
                CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1, second.elements, n, target.baseAddress, n)
        }
        return (coefficients, rows)
    }

    /// Replaces the rows by L⁻¹ times them, L L^T their inner products, and returns L.
    ///
    /// - Parameters:
    ///   - products: The inner products.
    ///   - distance: How far the inner products may be from those of orthonormal rows, in the Frobenius norm; nil for any.
    /// - Returns: nil where the inner products are not positive definite, or farther off.
    private mutating func orthonormalizeOnce(_ products: consuming Matrix, within distance: Double?) -> Matrix? {
        var factor = consume products
        if let distance {
            var squared = 0.0
            for row in 0..<factor.rowCount {
                var below = 0.0
                for value in factor.elements[row * factor.rowCount..<row * factor.rowCount + row] { below += value * value }
                let excess = factor[row, row] - 1
                squared += 2 * below + excess * excess
            }
            guard squared <= distance * distance else { return nil }
        }
        do {
            guard try factor.factorizeCholesky() == nil else { return nil }
        } catch {
            // Products of huge entries overflow; that, too, is for reflections.
            return nil
        }
        solveTriangular(factor, transposed: false, columns: 0..<columnCount)
        return factor
    }

    /// Whether all entries above the diagonal of the first columnCount rows are 0.
    package var leadingSquareIsLowerTriangular: Bool {
        guard rowCount >= columnCount else { return false }
        return (0..<columnCount).allSatisfy { row in
            elements[row * columnCount + row + 1..<(row + 1) * columnCount].allSatisfy { $0 == 0 }
        }
    }

    /// Replaces self by self·L, L the lower triangle of the first columnCount rows of `factor`. BLAS `dtrmm`, half the operations of a product.
    package mutating func multiply(byLowerTriangleOf factor: Matrix) {
        precondition(
            factor.columnCount == columnCount && factor.rowCount >= columnCount, "\(factor.shapeText) has no triangle for \(shapeText).")
        let (m, n) = (blasInt(rowCount), blasInt(columnCount))
        guard m > 0, n > 0 else { return }
        withUnsafeMutableElements { target in
            cblas_dtrmm(
                CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, m, n, 1, factor.elements, n, target.baseAddress, n)
        }
    }

    /// Adds left_i·right_j to each entry. BLAS `dger`.
    package mutating func addProduct(of left: [Double], and right: [Double]) {
        precondition(left.count == rowCount && right.count == columnCount, "\(left.count) and \(right.count) do not fit \(shapeText).")
        let (m, n) = (blasInt(rowCount), blasInt(columnCount))
        guard m > 0, n > 0 else { return }
        withUnsafeMutableElements { target in
            cblas_dger(CblasRowMajor, m, n, 1, left, 1, right, 1, target.baseAddress, n)
        }
    }

    /// Σ_i factors[i]·row(indices[i]), shape `[columnCount]`, in this order.
    package func combination(ofRows indices: [Int], factors: [Double]) -> [Double] {
        precondition(
            indices.count == factors.count && indices.allSatisfy { $0 >= 0 && $0 < rowCount },
            "\(factors.count) factors do not fit \(indices.count) rows of \(shapeText).")
        var sum = [Double](repeating: 0, count: columnCount)
        let width = columnCount
        sum.withUnsafeMutableBufferPointer { target in
            elements.withUnsafeBufferPointer { source in
                for (index, factor) in zip(indices, factors) {
                    let start = index * width
                    for column in 0..<width { target[column] += factor * source[start + column] }
                }
            }
        }
        return sum
    }
}
