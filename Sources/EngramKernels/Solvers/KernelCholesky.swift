public import EngramNumerics
internal import RealModule

/// The Cholesky factor of K + λI in float64: made once, used for any number of right sides.
///
/// The memory of the kernel matrix is reused if the caller gives it away. Its entries above the diagonal stay in place beside the factor, so
/// that a solution can be checked against the matrix itself.
public struct KernelCholesky: Sendable {
    /// λ.
    public let ridge: Double
    /// L on and below the diagonal, K above it.
    private let factor: Matrix<Double>
    /// K_ii + λ.
    private let shiftedDiagonal: [Double]
    /// ‖K + λI‖₁.
    private let oneNorm: Double

    /// Columns that are solved between two looks at the caller's wish to stop.
    private static let columnBlock = 1024
    /// Two examples count as one if their cosine under the kernel is this near to 1: what rounding of K leaves of it.
    private static let twinTolerance = 1e-12

    /// Factors K + λI.
    ///
    /// - Parameters:
    ///   - kernel: K, symmetric, shape `[n, n]`; the lower triangle is factored.
    ///   - ridge: λ ≥ 0.
    ///   - onStep: Called with the number of rows that are done. What it throws ends the factorization.
    /// - Throws: `KernelSolverError.notPositiveDefinite`; `.numerics`; what `onStep` throws.
    /// - Complexity: n³/3 operations; no memory beyond K, if K is not used elsewhere.
    public init(_ kernel: consuming Matrix<Double>, ridge: Double = 0, onStep: (Int) throws -> Void = { _ in }) throws {
        precondition(kernel.rowCount == kernel.columnCount, "A kernel matrix is square, got \(kernel.rowCount)×\(kernel.columnCount).")
        precondition(ridge >= 0 && ridge.isFinite, "A ridge is finite and not negative, got \(ridge).")
        var work = consume kernel
        let n = work.rowCount
        for i in 0..<n { work[i, i] += ridge }
        let diagonal = (0..<n).map { work[$0, $0] }
        let norm = work.symmetricOneNorm()
        let failedPivot: Int?
        do {
            failedPivot = try work.factorizeCholesky(onRow: onStep)
        } catch let error as NumericsError {
            throw KernelSolverError.numerics(error)
        }
        if let failedPivot {
            throw KernelSolverError.notPositiveDefinite(
                pivot: failedPivot, count: n, ridge: ridge,
                twin: Self.twin(of: failedPivot, above: work, diagonal: diagonal.map { $0 - ridge }),
                suggestedRidge: Self.suggestedRidge(diagonal: diagonal, ridge: ridge))
        }
        self.ridge = ridge
        oneNorm = norm
        shiftedDiagonal = diagonal
        factor = work
    }

    /// n.
    public var count: Int { factor.rowCount }

    /// An estimate of 1/(‖A‖₁ ‖A⁻¹‖₁), A = K + λI: a solution loses about as many digits as this has zeros. Rarely three times too large,
    /// never too small but for rounding; 0 if ‖A‖₁ overflows.
    ///
    /// - Complexity: a few solves with one right side, O(n²).
    public func reciprocalCondition() -> Double {
        // LAPACK refuses only a norm that is not finite.
        (try? factor.choleskyReciprocalCondition(oneNorm: oneNorm)) ?? 0
    }

    /// log det(K + λI).
    public var logDeterminant: Double { (0..<count).reduce(0) { $0 + 2 * Double.log(factor[$1, $1]) } }

    /// The X of (K + λI) X = Y.
    ///
    /// - Parameters:
    ///   - right: Y, shape `[n, m]`; its memory is reused if the caller gives it away.
    ///   - onStep: Called with the number of columns that are done. What it throws ends the solution.
    /// - Throws: `KernelSolverError.numerics` for a right side that is not finite; what `onStep` throws.
    /// - Complexity: 2·n²·m operations.
    public func solve(_ right: consuming Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> Matrix<Double> {
        precondition(right.rowCount == count, "A system of \(count) rows has no right side of \(right.rowCount).")
        var solution = consume right
        do {
            try solution.requireFinite(in: "Right side of a kernel system")
        } catch {
            throw KernelSolverError.numerics(error)
        }
        for start in stride(from: 0, to: solution.columnCount, by: Self.columnBlock) {
            try onStep(start)
            let columns = start..<min(start + Self.columnBlock, solution.columnCount)
            solution.solveTriangular(factor, transposed: false, columns: columns)
            solution.solveTriangular(factor, transposed: true, columns: columns)
        }
        return solution
    }

    /// ((K + λI)⁻¹)_ii, shape `[n]`. For a Gaussian process, its inverse is the variance of y_i given all other y.
    ///
    /// - Complexity: n³/3 operations.
    public func inverseDiagonal() -> [Double] { factor.choleskyInverseDiagonal() }

    /// y_i minus what a fit without example i predicts for it: α_i/((K + λI)⁻¹)_ii, in closed form.
    ///
    /// - Parameter coefficients: α = (K + λI)⁻¹ Y, shape `[n, m]`, as from `solve`.
    /// - Returns: Shape `[n, m]`.
    public func leaveOneOutResiduals(coefficients: Matrix<Double>) -> Matrix<Double> {
        precondition(coefficients.rowCount == count, "\(count) examples do not have \(coefficients.rowCount) coefficients.")
        var residuals = coefficients
        residuals.scaleRows(by: inverseDiagonal().map { 1 / $0 })
        return residuals
    }

    /// ‖Y - (K + λI) X‖/‖Y‖ for each column, from the matrix and not from its factor; 0 where both are zero.
    ///
    /// - Parameters:
    ///   - solution: X, shape `[n, m]`.
    ///   - right: Y, likewise.
    /// - Complexity: 2·n²·m operations.
    public func relativeResiduals(of solution: Matrix<Double>, right: Matrix<Double>) -> [Double] {
        var product = factor.upperSymmetricProduct(with: solution)
        // The diagonal in memory is the factor's.
        var correction = solution
        correction.scaleRows(by: (0..<count).map { shiftedDiagonal[$0] - factor[$0, $0] })
        let ones = Array(repeating: 1.0, count: solution.columnCount)
        product.addColumns(of: correction, scaledBy: ones)
        return ResidualNorm.relative(right - product, to: right)
    }

    /// The earlier example that is most nearly parallel to example `pivot` under the kernel, if it is so up to rounding.
    private static func twin(of pivot: Int, above kernel: Matrix<Double>, diagonal: [Double]) -> Int? {
        let cosines = (0..<pivot).map { j in
            let scale = (diagonal[j] * diagonal[pivot]).squareRoot()
            return scale > 0 ? abs(kernel[j, pivot]) / scale : 0
        }
        guard let best = cosines.indices.max(by: { cosines[$0] < cosines[$1] }), cosines[best] >= 1 - twinTolerance else { return nil }
        return best
    }

    /// Well above the rounding of the factorization, n·ε of the diagonal, and above the ridge that did not do.
    private static func suggestedRidge(diagonal: [Double], ridge: Double) -> Double {
        let mean = diagonal.reduce(0) { $0 + abs($1) } / Double(max(diagonal.count, 1))
        return max(100 * Double(diagonal.count) * .ulpOfOne * mean, 10 * ridge)
    }
}

/// Norms of residuals, column by column.
enum ResidualNorm {
    /// ‖residual_j‖/‖right_j‖; 0 where both are zero, infinite where only the right side is.
    static func relative(_ residual: Matrix<Double>, to right: Matrix<Double>) -> [Double] {
        zip(norms(residual), norms(right)).map { $0 == 0 ? 0 : $0 / $1 }
    }

    /// ‖column_j‖.
    static func norms(_ matrix: Matrix<Double>) -> [Double] { matrix.columnDots(with: matrix).map { $0.squareRoot() } }
}
