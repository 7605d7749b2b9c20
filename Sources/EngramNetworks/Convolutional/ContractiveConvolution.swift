internal import EngramNumerics

/// The last convolution of a U-Net in closed form: of all that give back the examples, the one that passes on least of what changes them.
///
/// The last layer is linear in its patches, y = W p + b, and all pixels of all examples share W. Where there are no more patches than
/// weights to a channel, many W fit exactly. Among them the one is taken that makes Σ ‖W M_i v‖² smallest, over perturbations v of each example
/// and M_i the Jacobian of its patches: G = Σ M_i v vᵀ M_iᵀ + λI, W = Yᵀ (P G⁻¹ Pᵀ)⁻¹ P G⁻¹. This is the contractive output layer of fully
/// connected memories (Documentation/Training.md) with a patch for each cell in place of the hidden layer. Where patches are more than
/// weights, W is the least-squares fit with G as its ridge.
struct ContractiveConvolution {
    /// P with a last column of ones, shape `[n·cells, w + 1]`.
    private let patches: Matrix<Double>
    /// What each row of P is to give, shape `[n·cells, channels]`.
    private let targets: Matrix<Double>
    /// Σ M v vᵀ Mᵀ, shape `[w + 1, w + 1]`; the column of the biases is 0.
    private var sensitivity: Matrix<Double>

    init(patches: Matrix<Double>, targets: Matrix<Double>) {
        self.patches = patches.appendingColumn(repeating: 1)
        self.targets = targets
        sensitivity = Matrix(rowCount: self.patches.columnCount, columnCount: self.patches.columnCount)
    }

    /// Takes up perturbed patches M v, shape `[any, w]`.
    mutating func add(_ perturbed: Matrix<Double>, weight: Double) {
        let rows = perturbed.appendingColumn(repeating: 0)
        sensitivity.setToProduct(rows, rows, transposingFirst: true, scaledBy: weight, adding: 1)
    }

    /// [W b], shape `[channels, w + 1]`.
    /// - Throws: `NumericsError.nonFinite`; `.notPositiveDefinite` where the patches are numerically dependent.
    func solved() throws -> Matrix<Double> {
        let width = sensitivity.rowCount
        let trace = (0..<width).reduce(0) { $0 + sensitivity[$1, $1] }
        let ridge = max(1e-6 * trace / Double(width), .leastNormalMagnitude)
        return patches.rowCount <= width ? try exact(ridge) : try leastSquares(ridge)
    }

    private func exact(_ ridge: Double) throws -> Matrix<Double> {
        var factor = sensitivity
        for index in 0..<factor.rowCount { factor[index, index] += ridge }
        try factor.requirePositive()
        // B = L⁻¹ Pᵀ, so that P G⁻¹ Pᵀ = BᵀB.
        var reduced = patches.transposed()
        reduced.solveTriangular(factor, transposed: false, columns: 0..<reduced.columnCount)
        var gram = reduced.multiplied(by: reduced, transposingSelf: true)
        let scale = (0..<gram.rowCount).map { gram[$0, $0] }.max() ?? 1
        for index in 0..<gram.rowCount { gram[index, index] += 1e-14 * scale }
        try gram.requirePositive()
        var lifted = reduced
        lifted.solveTriangular(factor, transposed: true, columns: 0..<lifted.columnCount)
        var result = Matrix<Double>(rowCount: targets.columnCount, columnCount: patches.columnCount)
        // Later passes remove what rounding and the little that was added to the Gram matrix left of the residual.
        for _ in 0..<3 {
            var residual = targets - patches.multiplied(by: result, transposingOther: true)
            residual.solveTriangular(gram, transposed: false, columns: 0..<residual.columnCount)
            residual.solveTriangular(gram, transposed: true, columns: 0..<residual.columnCount)
            result.setToProduct(residual, lifted, transposingFirst: true, transposingSecond: true, adding: 1)
        }
        return result
    }

    /// The fit of least squares, with so little of G that it decides only what the patches leave open.
    private func leastSquares(_ ridge: Double) throws -> Matrix<Double> {
        var normal = patches.multiplied(by: patches, transposingSelf: true)
        let width = normal.rowCount
        let (own, other) = ((0..<width).reduce(0) { $0 + normal[$1, $1] }, (0..<width).reduce(0) { $0 + sensitivity[$1, $1] })
        normal = normal + (1e-8 * own / max(other, .leastNormalMagnitude)) * sensitivity
        for index in 0..<width { normal[index, index] += 1e-12 * own / Double(width) }
        try normal.requirePositive()
        var right = patches.multiplied(by: targets, transposingSelf: true)
        right.solveTriangular(normal, transposed: false, columns: 0..<right.columnCount)
        right.solveTriangular(normal, transposed: true, columns: 0..<right.columnCount)
        return right.transposed()
    }
}

extension Matrix<Double> {
    /// Replaces a symmetric matrix by its Cholesky factor.
    /// - Throws: `NumericsError.nonFinite`; `.notPositiveDefinite` where a pivot is not positive.
    fileprivate mutating func requirePositive() throws {
        if let pivot = try factorizeCholesky() {
            throw NumericsError.notPositiveDefinite(operation: "Last convolution", pivot: pivot)
        }
    }
}
