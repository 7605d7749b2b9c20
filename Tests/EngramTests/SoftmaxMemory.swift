import Engram
import Glibc

/// A family that is added from outside, as the article "Add a family" shows it: a modern Hopfield network as a map [R21].
///
/// f(x) = Xᵀ softmax(β s(x)) with s_i = x_iᵀx - ‖x_i‖²/2 and the stored patterns x_i as rows of X, shape `[n, d]`.
struct SoftmaxMemory: IterableMap {
    let patterns: Matrix<Double>
    /// β.
    let inverseTemperature: Double

    var inputDimension: Int { patterns.columnCount }
    var outputDimension: Int { patterns.columnCount }
    var operationCount: Double { 4 * Double(patterns.rowCount * patterns.columnCount) }

    func outputs(of batch: Matrix<Double>) -> Matrix<Double> { weights(at: batch) * patterns }

    func linearized(at points: Matrix<Double>) -> any MapLinearization {
        SoftmaxLinearization(memory: self, weights: weights(at: points))
    }

    /// Outputs are weighted means of the patterns, so they lie in the affine hull of the patterns.
    func imageSubspace() throws(NumericsError) -> AffineSubspace {
        var differences = patterns.rows(at: Array(1..<patterns.rowCount))
        differences.addToRows(patterns.row(0), scaledBy: -1)
        let basis = try differences.transposed().rankRevealingFactors(relativeTolerance: 1e-12).basis
        return AffineSubspace(origin: patterns.row(0), basis: basis)
    }

    /// softmax(β s(x)) of each row x, shape `[m, d]` to `[m, n]`.
    private func weights(at points: Matrix<Double>) -> Matrix<Double> {
        let norms = patterns.rowSums { $0 * $0 }
        var scores = points.multiplied(by: patterns, transposingOther: true)
        for row in 0..<scores.rowCount {
            let exponents = zip(scores.row(row), norms).map { inverseTemperature * ($0 - $1 / 2) }
            // exp of a difference of at most 0 cannot overflow.
            let powers = exponents.map { exp($0 - (exponents.max() ?? 0)) }
            let sum = powers.reduce(0, +)
            scores.setRow(row, to: powers.map { $0 / sum })
        }
        return scores
    }
}

/// J = β Xᵀ (diag p - p pᵀ) X at each point, p its weights. J is symmetric.
private struct SoftmaxLinearization: MapLinearization {
    let memory: SoftmaxMemory
    /// p, a row for each point.
    let weights: Matrix<Double>

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        var products = tangents.multiplied(by: memory.patterns, transposingOther: true)
        for (row, point) in points.enumerated() {
            let p = weights.row(point)
            let weighted = zip(p, products.row(row)).map { $0 * $1 }
            let mean = weighted.reduce(0, +)
            products.setRow(row, to: zip(p, weighted).map { memory.inverseTemperature * ($1 - $0 * mean) })
        }
        return products * memory.patterns
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> { pushForward(rows: cotangents, at: points) }

    func jacobian(at point: Int) -> Matrix<Double> {
        let dimension = memory.inputDimension
        return pushForward(rows: .identity(dimension), at: Array(repeating: point, count: dimension))
    }
}

extension Matrix<Double> {
    /// The sum of `transform` over the entries of each row.
    fileprivate func rowSums(_ transform: (Double) -> Double) -> [Double] {
        (0..<rowCount).map { row($0).reduce(0) { $0 + transform($1) } }
    }
}
