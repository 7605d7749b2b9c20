internal import ComplexModule
public import EngramNumerics

/// Gradient descent on one example with full weight matrices: what the theory of `RankOneFlow` is compared with.
///
/// f(z) = W_d φ(W_{d-1} … φ(W_1 z)), no biases, loss ½‖y - f(x)‖², [RBU20] Eq. (3) and (4). Nothing here knows of rank one.
public struct OneExampleDescent: Sendable {
    /// φ.
    public let function: ScalarFunction
    /// W_1 … W_d.
    public private(set) var weights: [Matrix<Double>]
    private let input: [Double]
    private let target: [Double]

    /// A network with the start of [RBU20] Invariants 1 to 4.
    ///
    /// - Parameters:
    ///   - flow: φ, the widths and the start.
    ///   - input: x, norm 1.
    ///   - target: y, norm 1; x itself for an autoencoder.
    public init(_ flow: RankOneFlow, input: [Double], target: [Double]) {
        function = flow.function
        self.input = input
        self.target = target
        let last = flow.widths.count
        weights = []
        for layer in 0...last {
            let rows = layer == last ? target : [Double](repeating: 1, count: flow.widths[layer])
            let columns = layer == 0 ? input : [Double](repeating: 1, count: flow.widths[layer - 1])
            weights.append(
                Matrix(
                    rowCount: rows.count, columnCount: columns.count,
                    elements: rows.flatMap { row in columns.map { flow.start[layer] * row * $0 } }))
        }
    }

    /// A network from given weights.
    public init(function: ScalarFunction, weights: [Matrix<Double>], input: [Double], target: [Double]) {
        self.function = function
        self.weights = weights
        self.input = input
        self.target = target
    }

    /// Trains until ‖y - f(x)‖ ≤ `tolerance`.
    ///
    /// - Parameters:
    ///   - learningRate: γ.
    ///   - tolerance: Euclidean norm of the residual at which training ends.
    ///   - stepLimit: Most steps.
    ///   - onStep: Told after each step; may throw to cancel.
    /// - Returns: The steps made and the residual reached; the residual is above `tolerance` when all `stepLimit` were made.
    public mutating func train(
        learningRate: Double, tolerance: Double, stepLimit: Int, onStep: (Int) throws -> Void
    ) rethrows -> (stepCount: Int, residual: Double) {
        for step in 0... {
            let (values, slopes) = states()
            let residual = zip(target, values[values.count - 1]).map { $0 - $1 }
            let norm = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard norm > tolerance, norm.isFinite, step < stepLimit else { return (step, norm) }
            var delta = residual
            for layer in stride(from: weights.count - 1, through: 0, by: -1) {
                let before = layer == 0 ? input : values[layer - 1]
                let change = Matrix(rowCount: delta.count, columnCount: 1, elements: delta)
                if layer > 0 {
                    let carried = weights[layer].transposed() * delta
                    delta = zip(carried, slopes[layer - 1]).map { $0 * $1 }
                }
                weights[layer].setToProduct(
                    change, Matrix(rowCount: 1, columnCount: before.count, elements: before), scaledBy: learningRate, adding: 1)
            }
            try onStep(step + 1)
        }
        return (0, 0)
    }

    /// The eigenvalue of largest modulus of ∂f/∂z at x, of which the imaginary part is dropped: rank one has one real eigenvalue.
    ///
    /// Taken from the core (D_H W_H … D_1 W_1)·W_d, which has the nonzero eigenvalues of the Jacobian.
    /// - Throws: `NumericsError`.
    public func largestEigenvalue() throws(NumericsError) -> Double {
        try core().multiplied(by: weights[weights.count - 1]).eigenvalues().first?.real ?? 0
    }

    /// J·t for the Jacobian J at x and a tangent t, shape `[d]`.
    public func jacobianProduct(_ tangent: [Double]) -> [Double] { weights[weights.count - 1] * (core() * tangent) }

    /// The Jacobian at x, shape `[d, d]`.
    public func jacobian() -> Matrix<Double> { weights[weights.count - 1] * core() }

    private func core() -> Matrix<Double> {
        let (_, slopes) = states()
        var product = weights[0]
        product.scaleRows(by: slopes[0])
        for layer in 1..<slopes.count {
            product = weights[layer] * product
            product.scaleRows(by: slopes[layer])
        }
        return product
    }

    /// Values after each layer, the output last, and φ' of each hidden layer.
    private func states() -> (values: [[Double]], slopes: [[Double]]) {
        var values: [[Double]] = []
        var slopes: [[Double]] = []
        var state = input
        for (layer, matrix) in weights.enumerated() {
            let z = matrix * state
            guard layer < weights.count - 1 else {
                values.append(z)
                break
            }
            state = z.map { function.value(at: $0) }
            values.append(state)
            slopes.append(z.map { function.derivative(at: $0) })
        }
        return (values, slopes)
    }
}
