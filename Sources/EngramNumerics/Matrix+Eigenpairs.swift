internal import COpenBLAS
public import ComplexModule
public import RealModule

/// An eigenvalue of a real matrix with its unit eigenvectors.
public struct Eigenpair: Sendable, Equatable {
    /// λ.
    public let value: Complex<Double>
    /// y with A y = λ y, ‖y‖ = 1.
    public let right: [Complex<Double>]
    /// z with zᴴ A = λ zᴴ, ‖z‖ = 1.
    public let left: [Complex<Double>]

    /// 1/|zᴴ y|: to first order, a change E of the matrix moves λ by at most this times ‖E‖. Infinite for a defective eigenvalue.
    public var condition: Double {
        let product = zip(left, right).reduce(Complex<Double>.zero) { $0 + $1.0.conjugate * $1.1 }.length
        return product > 0 ? 1 / product : .infinity
    }
}

extension Matrix where Scalar == Double {
    /// All eigenvalues with right and left eigenvectors, by modulus descending; LAPACK `dgeev`.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: about 25·n³ operations.
    public func eigenpairs() throws(NumericsError) -> [Eigenpair] {
        precondition(rowCount == columnCount, "Eigenpairs need a square matrix, got \(shapeText).")
        try requireFinite(in: "Eigenpairs")
        guard rowCount > 0 else { return [] }
        var work = self
        var left = Matrix(rowCount: rowCount, columnCount: rowCount)
        var right = left
        var real = [Double](repeating: 0, count: rowCount)
        var imaginary = real
        let n = blasInt(rowCount)
        let info = work.withUnsafeMutableElements { a in
            left.withUnsafeMutableElements { l in
                right.withUnsafeMutableElements { r in
                    LAPACKE_dgeev(
                        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "V")), n, a.baseAddress, n, &real, &imaginary,
                        l.baseAddress, n, r.baseAddress, n)
                }
            }
        }
        guard info == 0 else { throw .notConverged(operation: "Eigenpairs", info: Int(info)) }
        return (0..<rowCount).map { index in
            Eigenpair(
                value: Complex(real[index], imaginary[index]), right: Self.vector(index, of: right, imaginary),
                left: Self.vector(index, of: left, imaginary))
        }.sorted { $0.value.length > $1.value.length }
    }

    /// Eigenvector `index` from LAPACK's packing: a conjugate pair shares two columns, real part first, positive imaginary part first.
    private static func vector(_ index: Int, of packed: Matrix, _ imaginary: [Double]) -> [Complex<Double>] {
        if imaginary[index] == 0 { return packed.column(index).map { Complex($0, 0) } }
        let isSecond = imaginary[index] < 0
        let first = isSecond ? index - 1 : index
        return zip(packed.column(first), packed.column(first + 1)).map { Complex($0, isSecond ? -$1 : $1) }
    }

    /// The real Schur form self = Q T Qᵀ with the eigenvalues of largest modulus leading on T's diagonal; LAPACK `dgees`, `dtrsen`.
    ///
    /// - Parameter leadingCount: How many are to lead, at most `rowCount`; a conjugate pair is never parted, so there may be one more.
    /// - Returns: Q and T, each n×n, and how many eigenvalues lead.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func orderedSchurForm(leadingCount: Int) throws(NumericsError) -> (vectors: Matrix, form: Matrix, leadingCount: Int) {
        precondition(
            rowCount == columnCount && leadingCount <= rowCount,
            "\(leadingCount) eigenvalues cannot lead in the Schur form of \(shapeText).")
        try requireFinite(in: "Schur form")
        guard rowCount > 0 else { return (self, self, 0) }
        var form = self
        var vectors = Matrix(rowCount: rowCount, columnCount: rowCount)
        var real = [Double](repeating: 0, count: rowCount)
        var imaginary = real
        let n = blasInt(rowCount)
        var sortedCount: Int32 = 0
        let schurInfo = form.withUnsafeMutableElements { t in
            vectors.withUnsafeMutableElements { q in
                LAPACKE_dgees(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "N")), nil, n, t.baseAddress, n, &sortedCount, &real,
                    &imaginary, q.baseAddress, n)
            }
        }
        guard schurInfo == 0 else { throw .notConverged(operation: "Schur form", info: Int(schurInfo)) }
        let moduli = zip(real, imaginary).map { Complex($0, $1).length }
        var isWanted = [Int32](repeating: 0, count: rowCount)
        for index in moduli.indices.sorted(by: { moduli[$0] > moduli[$1] }).prefix(leadingCount) {
            isWanted[index] = 1
            // Both of a pair have one modulus, and LAPACK moves them as one block.
            if imaginary[index] > 0 { isWanted[index + 1] = 1 }
            if imaginary[index] < 0 { isWanted[index - 1] = 1 }
        }
        var leading: Int32 = 0
        var (clusterCondition, separation) = (0.0, 0.0)
        let orderInfo = form.withUnsafeMutableElements { t in
            vectors.withUnsafeMutableElements { q in
                // Job N would do, but LAPACKE then passes no integer workspace, to which LAPACK writes its size all the same.
                LAPACKE_dtrsen(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "V")), isWanted, n, t.baseAddress, n, q.baseAddress, n,
                    &real, &imaginary, &leading, &clusterCondition, &separation)
            }
        }
        guard orderInfo == 0 else { throw .notConverged(operation: "Ordering of a Schur form", info: Int(orderInfo)) }
        return (vectors, form, Int(leading))
    }
}
