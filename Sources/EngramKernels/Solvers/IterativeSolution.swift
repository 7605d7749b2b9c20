public import EngramNumerics

/// What an iterative solver of (K + λI) X = Y came to. Ask `isConverged` or call `checked()` before `coefficients` are used.
public struct IterativeSolution: Sendable {
    /// X, shape `[n, m]`, as far as it came.
    public let coefficients: Matrix<Double>
    /// ‖y_j - (K + λI) x_j‖/‖y_j‖ for each column, computed from `coefficients` and not carried along; 0 for a column of zeros.
    public let relativeResiduals: [Double]
    /// The tolerance asked for.
    public let tolerance: Double
    /// Iterations of conjugate gradients, or epochs.
    public let iterationCount: Int
    /// The largest relative residual over the columns at each iteration, as the solver carried it along.
    public let history: [Double]

    /// The largest of `relativeResiduals`.
    public var largestResidual: Double { relativeResiduals.max() ?? 0 }

    /// Whether each column is within the tolerance.
    public var isConverged: Bool { largestResidual <= tolerance }

    /// The coefficients, if they are within the tolerance.
    /// - Throws: `KernelSolverError.notConverged`.
    public func checked() throws(KernelSolverError) -> Matrix<Double> {
        guard isConverged else {
            throw .notConverged(largestResidual: largestResidual, tolerance: tolerance, iterationCount: iterationCount)
        }
        return coefficients
    }
}
