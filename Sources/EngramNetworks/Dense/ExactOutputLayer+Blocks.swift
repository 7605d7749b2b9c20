public import EngramNumerics

extension ExactOutputLayer {
    /// The least-squares output layer for more examples than the layer can fit, whose features need not be in memory at once.
    ///
    /// The smallest change of [W b] that minimises ‖f(X) - Y‖, from the normal equations H₁ᵀH₁ ΔWᵀ = H₁ᵀ(Y - f(X)), which are summed
    /// block by block. Directions weaker than the rounding of H₁ᵀH₁ are left as they are. There is no exact fit to lose digits of; where
    /// there is one, with n ≤ w + 1, `solve` is the function to take.
    ///
    /// - Parameters:
    ///   - layer: The output layer before, w inputs and d outputs.
    ///   - exampleCount: n.
    ///   - blockSize: Examples in each block.
    ///   - block: The features `[rows, w]` and targets `[rows, d]` of a range of examples; asked twice for each.
    /// - Returns: The changed layer and the numerical rank of H₁.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; whatever `block` throws.
    /// - Complexity: O(n·w·(w + d) + w³) time; O(blockSize·(w + d) + w² + w·d) memory.
    public static func leastSquares(
        _ layer: DenseLayer<Double>, exampleCount: Int, blockSize: Int = 4096,
        block: (Range<Int>) throws(NumericsError) -> (features: Matrix<Double>, targets: Matrix<Double>)
    ) throws(NumericsError) -> (layer: DenseLayer<Double>, rank: Int) {
        precondition(blockSize >= 1, "A block has at least one example, got \(blockSize).")
        let width = layer.inputCount
        var normal = Matrix<Double>(rowCount: width + 1, columnCount: width + 1)
        var result = layer
        var inverse: Matrix<Double>?
        var rank = 0
        // The second pass removes what the squared condition number left of the residual in the first.
        for _ in 0..<2 {
            var right = Matrix<Double>(rowCount: width + 1, columnCount: layer.outputCount)
            for first in stride(from: 0, to: exampleCount, by: blockSize) {
                let (features, targets) = try block(first..<min(first + blockSize, exampleCount))
                precondition(
                    features.columnCount == width && targets.columnCount == layer.outputCount && features.rowCount == targets.rowCount,
                    "A block of features and targets does not fit an output layer from \(width) to \(layer.outputCount).")
                let augmented = features.appendingColumn(repeating: 1)
                if inverse == nil { normal.setToProduct(augmented, augmented, transposingFirst: true, adding: 1) }
                right.setToProduct(augmented, targets - result.applied(to: features), transposingFirst: true, adding: 1)
            }
            if inverse == nil { (inverse, rank) = try pseudoInverse(of: normal) }
            guard let inverse else { break }
            let change = right.multiplied(by: inverse, transposingSelf: true)
            result.weights = result.weights + change.leadingColumns(width)
            for output in 0..<layer.outputCount { result.biases[output] += change[output, width] }
        }
        return (result, rank)
    }

    /// The pseudo-inverse of a symmetric positive semidefinite matrix, and its numerical rank.
    private static func pseudoInverse(of matrix: Matrix<Double>) throws(NumericsError) -> (Matrix<Double>, Int) {
        let (values, vectors) = try matrix.symmetricEigendecomposition()
        let threshold = (values.last ?? 0) * Double(matrix.rowCount) * Double.ulpOfOne
        let kept = values.indices.filter { values[$0] > threshold }
        var scaled = vectors.transposed().rows(at: kept)
        let directions = scaled
        scaled.scaleRows(by: kept.map { 1 / values[$0] })
        return (directions.multiplied(by: scaled, transposingSelf: true), kept.count)
    }
}
