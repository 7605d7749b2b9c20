public import EngramNumerics

/// K = V Λ Vᵀ: one eigendecomposition that serves every ridge and every training time.
public struct KernelSpectrum: Sendable {
    /// λ_1 ≤ … ≤ λ_n, those that rounding left below 0 set to 0.
    public let eigenvalues: [Double]
    /// Orthonormal, as columns, shape `[n, n]`.
    public let eigenvectors: Matrix<Double>

    /// Decomposes a kernel matrix.
    ///
    /// - Parameter kernel: K, symmetric positive semidefinite, shape `[n, n]`; the lower triangle is read.
    /// - Throws: `KernelSolverError.negativeEigenvalue` if an eigenvalue is below -10·n·ε·λ_n; `.numerics`.
    /// - Complexity: about 14/3·n³ operations, 5·n² numbers while it runs and n² afterwards; LAPACK `dsyevd`.
    public init(_ kernel: Matrix<Double>) throws(KernelSolverError) {
        precondition(kernel.rowCount == kernel.columnCount, "A kernel matrix is square, got \(kernel.rowCount)×\(kernel.columnCount).")
        let decomposition: (eigenvalues: [Double], eigenvectors: Matrix<Double>)
        do {
            decomposition = try kernel.symmetricEigendecomposition()
        } catch {
            throw .numerics(error)
        }
        let values = decomposition.eigenvalues
        // The backward error of LAPACK is a small multiple of ε·λ_n, and n·ε·λ_n at worst.
        if let smallest = values.first, let largest = values.last, smallest < -10 * Double(values.count) * .ulpOfOne * abs(largest) {
            throw .negativeEigenvalue(smallest: smallest, largest: largest, count: values.count)
        }
        eigenvalues = values.map { max($0, 0) }
        eigenvectors = decomposition.eigenvectors
    }

    /// n.
    public var count: Int { eigenvalues.count }

    /// Eigenvalues up to this are zero as far as float64 can tell: n·ε·λ_n.
    public var tolerance: Double { Double(count) * .ulpOfOne * (eigenvalues.last ?? 0) }

    /// The number of eigenvalues above `tolerance`.
    public var rank: Int { eigenvalues.count { $0 > tolerance } }

    /// Vᵀ·matrix, shape `[n, m]`.
    /// - Parameter matrix: Shape `[n, m]`.
    public func coordinates(of matrix: Matrix<Double>) -> Matrix<Double> {
        precondition(matrix.rowCount == count, "A spectrum of \(count) examples has no coordinates for \(matrix.rowCount) rows.")
        return eigenvectors.multiplied(by: matrix, transposingSelf: true)
    }

    /// V·diag(factors)·coordinates, shape `[n, m]`.
    ///
    /// - Parameters:
    ///   - coordinates: As from `coordinates(of:)`, shape `[n, m]`.
    ///   - factors: One for each eigenvalue.
    public func synthesis(_ coordinates: Matrix<Double>, scaledBy factors: [Double]) -> Matrix<Double> {
        precondition(
            coordinates.rowCount == count && factors.count == count,
            "\(coordinates.rowCount) coordinates and \(factors.count) factors do not fit a spectrum of \(count) examples.")
        var scaled = coordinates
        scaled.scaleRows(by: factors)
        return eigenvectors * scaled
    }

    /// (K + λI)⁻¹ Y; at λ = 0 the solution of smallest norm, directions up to `tolerance` left out.
    ///
    /// - Parameters:
    ///   - right: Y, shape `[n, m]`.
    ///   - ridge: λ ≥ 0.
    /// - Complexity: 4·n²·m operations.
    public func solve(_ right: Matrix<Double>, ridge: Double) -> Matrix<Double> {
        synthesis(coordinates(of: right), scaledBy: inverses(ridge: ridge))
    }

    /// 1/(λ_k + λ), or 0 where that has no meaning.
    func inverses(ridge: Double) -> [Double] {
        precondition(ridge >= 0, "A ridge is not negative, got \(ridge).")
        let least = ridge > 0 ? 0 : tolerance
        return eigenvalues.map { $0 + ridge > least ? 1 / ($0 + ridge) : 0 }
    }
}
