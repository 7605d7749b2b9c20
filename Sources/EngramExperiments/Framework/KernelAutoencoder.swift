internal import ComplexModule
internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// An autoencoder in the parametrization of the neural tangent kernel, trained by plain gradient descent, as in [JP20] Section 3.1.
///
/// f(x) = n_L^{-½} W_L σ(… σ(n_0^{-½} W_0 x)), entries of every W from N(0, 1), no biases, loss 1/(2n) Σ ‖f(x_i) - x_i‖². Kept as an
/// ordinary network with V = n^{-½} W: a step of η on W is a step of η/n on V.
struct KernelAutoencoder {
    /// The same map as a network with zero biases.
    private(set) var network: FullyConnectedNetwork<Double>
    /// Epochs trained.
    private(set) var epochCount = 0
    /// 1/(2n) Σ ‖f(x_i) - x_i‖² before the last step.
    private(set) var loss = Double.infinity
    private var backpropagation: Backpropagation<Double>
    private let examples: Matrix<Double>
    /// The last gradients; the step keeps them and without momentum does not use them.
    private var velocities: [Matrix<Double>]

    /// - Parameters:
    ///   - examples: Shape `[n, d]`.
    ///   - hiddenWidths: n_1 … n_L.
    init(examples: Matrix<Double>, hiddenWidths: [Int], activation: Activation, using generator: inout some RandomNumberGenerator) {
        self.examples = examples
        let widths = [examples.columnCount] + hiddenWidths + [examples.columnCount]
        network = FullyConnectedNetwork(widths: widths, activation: activation)
        for (index, layer) in network.layers.enumerated() {
            let deviation = 1 / Double(layer.inputCount).squareRoot()
            network.layers[index].weights = Matrix(
                rowCount: layer.outputCount, columnCount: layer.inputCount,
                elements: (0..<layer.outputCount * layer.inputCount).map { _ in deviation * generator.nextNormal() })
        }
        velocities = network.layers.map { Matrix(rowCount: $0.outputCount, columnCount: $0.inputCount) }
        backpropagation = Backpropagation(network: network, sampleCount: examples.rowCount)
    }

    /// Trains until the loss is at most `target`.
    ///
    /// - Returns: Whether it is; false after `limit` epochs, or when the loss is no longer finite.
    mutating func train(
        to target: Double, limit: Int, learningRate: Double = 1, onEpoch: (Int, Double) throws -> Void
    ) rethrows -> Bool {
        // Backpropagation's loss is the mean over all entries, ours is d/2 times that.
        let factor = Double(examples.columnCount) / 2
        while epochCount < limit {
            loss = factor * backpropagation.evaluate(network, inputs: examples, targets: examples)
            if loss <= target { return true }
            guard loss.isFinite else { return false }
            for index in network.layers.indices {
                let rate = learningRate * factor / Double(network.layers[index].inputCount)
                network.layers[index].weights.gradientDescentStep(
                    gradients: backpropagation.gradients[index].weights, velocities: &velocities[index],
                    settings: GradientDescentStep(learningRate: rate))
            }
            epochCount += 1
            try onEpoch(epochCount, loss)
        }
        return false
    }

    /// The largest modulus of an eigenvalue and the largest singular value of the Jacobian, the largest of each over the examples.
    /// - Throws: `NumericsError`.
    func largestEigenvalue() throws -> (radius: Double, norm: Double) {
        var (radius, norm) = (0.0, 0.0)
        for row in 0..<examples.rowCount {
            let jacobian = network.jacobian(at: examples.row(row))
            radius = max(radius, try jacobian.eigenvalues().first?.length ?? 0)
            norm = max(norm, try jacobian.singularValues().first ?? 0)
        }
        return (radius, norm)
    }

    /// Moduli of all eigenvalues at every example, largest first at each.
    /// - Throws: `NumericsError`.
    func moduli() throws -> [[Double]] {
        try (0..<examples.rowCount).map { row in try network.jacobian(at: examples.row(row)).eigenvalues().map(\.length) }
    }
}

/// Examples for it.
enum NormedExamples {
    /// Directions drawn uniformly, all of norm `radius`, shape `[count, dimension]`.
    static func random(_ count: Int, dimension: Int, radius: Double, using generator: inout some RandomNumberGenerator) -> Matrix<Double> {
        rescaled(
            Matrix(rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in generator.nextNormal() }),
            to: radius)
    }

    /// The rows scaled to norm `radius`; a zero row stays.
    static func rescaled(_ rows: Matrix<Double>, to radius: Double) -> Matrix<Double> {
        var result = rows
        result.scaleRows(
            by: (0..<rows.rowCount).map { row in
                let norm = rows.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
                return norm > 0 ? radius / norm : 1
            })
        return result
    }
}
