internal import EngramDynamics
package import EngramNumerics

/// An autoencoder in the parametrization of the neural tangent kernel, trained by plain gradient descent, as in [JP20] Section 3.1.
///
/// f(x) = n_L^{-½} W_L σ(… σ(n_0^{-½} W_0 x)), entries of every W from N(0, 1), no biases, loss 1/(2n) Σ ‖f(x_i) - x_i‖². Kept as an
/// ordinary network with V = n^{-½} W: a step of η on W is a step of η/n on V.
package struct KernelAutoencoder: Sendable {
    /// The same map as a network with zero biases.
    package private(set) var network: FullyConnectedNetwork<Double>
    /// Epochs trained.
    package private(set) var epochCount = 0
    /// 1/(2n) Σ ‖f(x_i) - x_i‖² before the last step.
    package private(set) var loss = Double.infinity
    private var backpropagation: Backpropagation<Double>
    /// Shape `[n, d]`.
    package let examples: Matrix<Double>
    /// The last gradients; the step keeps them and without momentum does not use them.
    private var velocities: [Matrix<Double>]

    /// An autoencoder at its random start.
    /// - Parameters:
    ///   - examples: Shape `[n, d]`.
    ///   - hiddenWidths: n_1 … n_L.
    package init(
        examples: Matrix<Double>, hiddenWidths: [Int], activation: Activation, using generator: inout some RandomNumberGenerator
    ) {
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
    package mutating func train(
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

    /// The tangent kernel of all outputs at `points` with those at the first `count` of them, by all weights of a network of one hidden layer.
    ///
    /// Θ̂[(i, a), (j, b)] = δ_ab φ(x_i)·φ(x_j)/n₁ + x_i·x_j/n₀ Σ_k V_ak V_bk φ′_ik φ′_jk with V = W/√n₁: inner products of gradients by both weight
    /// matrices.
    /// - Parameters:
    ///   - points: Shape `[m, d]`.
    ///   - count: In 1...m.
    /// - Returns: Shape `[m·d, count·d]`.
    package func tangentKernel(at points: Matrix<Double>, withFirst count: Int) -> Matrix<Double> {
        precondition(network.depth == 1, "The tangent kernel is that of one hidden layer; this network has \(network.depth).")
        let (m, d) = (points.rowCount, points.columnCount)
        let derivatives = network.hiddenDerivatives(of: points)[0]
        let output = network.layers[1].weights
        let width = Double(output.columnCount)
        let features = network.hiddenFeatures(of: points)
        let values = features.multiplied(by: features, transposingOther: true)
        let inputs = points.multiplied(by: points, transposingOther: true)
        var rows: [Double] = []
        rows.reserveCapacity(m * d * output.columnCount)
        for i in 0..<m {
            let slope = derivatives.row(i)
            for a in 0..<d { rows += zip(slope, output.row(a)).map(*) }
        }
        let paths = Matrix(rowCount: m * d, columnCount: output.columnCount, elements: rows)
        var kernel = paths.multiplied(by: paths.rows(at: 0..<count * d), transposingOther: true)
        for i in 0..<m {
            for j in 0..<count {
                for a in 0..<d {
                    for b in 0..<d { kernel[i * d + a, j * d + b] *= inputs[i, j] / Double(d) }
                    kernel[i * d + a, j * d + a] += values[i, j] / width
                }
            }
        }
        return kernel
    }
}
