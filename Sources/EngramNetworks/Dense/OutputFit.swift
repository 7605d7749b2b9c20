internal import EngramNumerics

/// Least-squares output layers for many residuals over the same features.
///
/// With fewer examples than features the pseudo-inverse, shape `[w, n]`, is made once. With more it would need the identity of n×n as
/// its right side, 29 GB for 60,000 examples; there the residual itself is the right side, as many of its columns at a time as there
/// are features, so that no array is larger than the features are.
struct OutputFit {
    /// Numerical rank of the features.
    let rank: Int
    private let features: Matrix<Double>
    private let inverse: Matrix<Double>?

    /// - Parameter features: H, shape `[n, w]`, bias column included where there is one.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    init(features: Matrix<Double>) throws(NumericsError) {
        self.features = features
        let count = features.rowCount
        if count <= features.columnCount {
            let (inverse, rank) = try features.minimumNormSolution(.identity(count))
            self.inverse = inverse
            self.rank = rank
        } else {
            inverse = nil
            rank = try features.minimumNormSolution(Matrix(rowCount: count, columnCount: 1)).rank
        }
    }

    /// The A of smallest norm among those that minimise ‖H Aᵀ - R‖_F.
    ///
    /// - Parameter residual: R, shape `[n, d]`.
    /// - Returns: Shape `[d, w]`.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: O(n·w·d).
    func weights(for residual: Matrix<Double>) throws(NumericsError) -> Matrix<Double> {
        if let inverse { return residual.multiplied(by: inverse, transposingSelf: true, transposingOther: true) }
        var result = Matrix<Double>(rowCount: residual.columnCount, columnCount: features.columnCount)
        for first in stride(from: 0, to: residual.columnCount, by: features.columnCount) {
            let columns = first..<min(first + features.columnCount, residual.columnCount)
            let part = try features.minimumNormSolution(residual.columns(at: columns)).solution
            result.copyElements(from: part.transposed(), toRow: first)
        }
        return result
    }
}
