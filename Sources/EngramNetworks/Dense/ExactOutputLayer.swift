public import EngramNumerics

/// Output layers in closed form, float64.
public enum ExactOutputLayer {
    /// The smallest change of an output layer that makes it fit, ΔWᵀ = H₁⁺ (Y - f(X)) with H₁ = [H 1].
    ///
    /// Smallest in the Frobenius norm of [ΔW Δb]. With n ≤ w + 1 and independent features the fit is exact; otherwise it is the
    /// least-squares fit. The pseudo-inverse comes from an orthogonal factorization, so digits are lost with the condition number
    /// of H₁ and not with its square.
    ///
    /// - Parameters:
    ///   - layer: The output layer before, w inputs and d outputs.
    ///   - features: H, the last hidden layer at the n examples, shape `[n, w]`.
    ///   - targets: Y, shape `[n, d]`.
    /// - Returns: The changed layer and the numerical rank of H₁; a rank below n says that the fit is not exact.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: O(n·w·(min(n, w) + d)) time; O(n·w + n·d + w·d) memory.
    public static func solve(
        _ layer: DenseLayer<Double>, features: Matrix<Double>, targets: Matrix<Double>
    ) throws(NumericsError) -> (layer: DenseLayer<Double>, rank: Int) {
        precondition(
            features.columnCount == layer.inputCount && targets.columnCount == layer.outputCount
                && features.rowCount == targets.rowCount,
            "Features and targets do not fit an output layer from \(layer.inputCount) to \(layer.outputCount).")
        let fit = try OutputFit(features: features.appendingColumn(repeating: 1))
        var result = layer
        // The second pass removes what rounding left of the residual in the first.
        for _ in 0..<2 {
            let residual = targets - result.applied(to: features)
            let change = try fit.weights(for: residual)
            let width = features.columnCount
            result.weights = result.weights + change.leadingColumns(width)
            for output in 0..<layer.outputCount { result.biases[output] += change[output, width] }
        }
        return (result, fit.rank)
    }
}
