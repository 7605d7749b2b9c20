import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

@Suite struct ParametrizationTests {
    private func normal(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    /// ω and β written out, moved by the plain rule along their own gradients, and multiplied into weights at each step.
    @Test func stepsOnStoredWeightsAreThoseOfTheScaledParametersWrittenOut() {
        let biasScale = 0.3
        let rules: [Optimizer] = [
            .gradientDescent, .momentum(0.9), .momentum(0.5, weightDecay: 1e-2), .rmsProp(), .adam(),
            .adam(epsilon: 1e-3, weightDecay: 0.1),
        ]
        let (x, y) = (normal(5, 4, seed: 1), normal(5, 4, seed: 2))
        for rule in rules {
            var stored = FullyConnectedNetwork<Double>(widths: [4, 9, 6, 4], activation: .tanh)
            var generator = SplitMix64(seed: 3)
            Initializer.neuralTangent(biasScale: biasScale).initialize(&stored, using: &generator)
            var scaled = stored
            for index in scaled.layers.indices {
                scaled.layers[index].weights.scale(by: Double(stored.layers[index].inputCount).squareRoot())
                scaled.layers[index].biases = scaled.layers[index].biases.map { $0 / biasScale }
            }
            func multiplied(_ network: FullyConnectedNetwork<Double>) -> FullyConnectedNetwork<Double> {
                var result = network
                for index in result.layers.indices {
                    result.layers[index].weights.scale(by: 1 / Double(result.layers[index].inputCount).squareRoot())
                    result.layers[index].biases = result.layers[index].biases.map { $0 * biasScale }
                }
                return result
            }
            var folded = OptimizerState(rule, for: stored.layers, parametrization: .neuralTangent(biasScale: biasScale))
            var plain = OptimizerState(rule, for: scaled.layers)
            var backpropagation = Backpropagation(network: stored, sampleCount: 5)
            for step in 0..<20 {
                _ = backpropagation.evaluate(stored, inputs: x, targets: y)
                folded.step(&stored.layers, gradients: backpropagation.gradients, learningRate: 0.05)
                _ = backpropagation.evaluate(multiplied(scaled), inputs: x, targets: y)
                // The chain rule: ∂/∂ω = c·∂/∂W.
                var gradients = backpropagation.gradients
                for index in gradients.indices {
                    gradients[index].weights.scale(by: 1 / Double(gradients[index].inputCount).squareRoot())
                    gradients[index].biases = gradients[index].biases.map { $0 * biasScale }
                }
                plain.step(&scaled.layers, gradients: gradients, learningRate: 0.05)
                for (found, expected) in zip(stored.layers, multiplied(scaled).layers) {
                    // Rounding alone, which twenty steps of Adam from moments of 0 enlarge.
                    let error = max(worstRelativeError(found.weights, expected.weights), worstRelativeError(found.biases, expected.biases))
                    #expect(error < 1e-10, "\(rule), step \(step): \(error)")
                }
            }
        }
    }

    /// For ReLU a layer halves the variance: E[φ(u)²] = Var(u)/2, so Var f = Σ_l σ_b²/2^l + ‖x‖²/(n₀·2^L) for L hidden layers.
    @Test func outputsAtTheStartHaveTheVarianceOfTheClosedForm() {
        let (inputs, width, outputs, biasScale) = (30, 200, 800, 0.5)
        let x = normal(1, inputs, seed: 5)
        let squaredNorm = x.elements.reduce(0) { $0 + $1 * $1 }
        let b2 = biasScale * biasScale
        let expected = b2 + (b2 + (b2 + squaredNorm / Double(inputs)) / 2) / 2
        // The outputs share the last hidden layer, whose mean square varies by some 10 % at this width: so average over ten networks.
        var sum = 0.0
        for seed in 1...10 as ClosedRange<UInt64> {
            var network = FullyConnectedNetwork<Double>(widths: [inputs, width, width, outputs], activation: .relu)
            var generator = SplitMix64(seed: seed)
            Initializer.neuralTangent(biasScale: biasScale).initialize(&network, using: &generator)
            let values = network.outputs(of: x).elements
            sum += values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        }
        #expect(abs(sum / 10 / expected - 1) < 0.1, "\(sum / 10), expected \(expected)")
    }

    /// A step of size η on the squared error moves f(x) by -η Σ_i Θ(x, x_i)·∂loss/∂f(x_i). Without biases Θ of one hidden ReLU layer is
    /// (x·x'/n₀)·κ₀(u) + (‖x‖‖x'‖/n₀)·κ₁(u), κ₀ = (π - θ)/2π, κ₁ = (sin θ + (π - θ)cos θ)/2π, θ the angle between them.
    @Test func aSmallStepOfAWideNetworkMovesOutputsAsItsTangentKernelSays() {
        let (inputs, width) = (6, 4096)
        let x = normal(3, inputs, seed: 8)
        let y = normal(3, 1, seed: 9)
        var network = FullyConnectedNetwork<Double>(widths: [inputs, width, 1], activation: .relu)
        var generator = SplitMix64(seed: 10)
        Initializer.neuralTangent(biasScale: 0).initialize(&network, using: &generator)
        let before = network.outputs(of: x)
        var backpropagation = Backpropagation(network: network, sampleCount: 3)
        _ = backpropagation.evaluate(network, inputs: x, targets: y)
        var state = OptimizerState(.gradientDescent, for: network.layers, parametrization: .neuralTangent(biasScale: 0))
        let rate = 1e-4
        state.step(&network.layers, gradients: backpropagation.gradients, learningRate: rate)
        let after = network.outputs(of: x)
        #expect(network.layers.allSatisfy { $0.biases.allSatisfy { $0 == 0 } })
        for row in 0..<3 {
            var predicted = 0.0
            for other in 0..<3 {
                let (a, b) = (x.row(row), x.row(other))
                let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
                let norms = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
                let theta = arcCosine(min(dot / norms, 1))
                let derivativePart = dot * (.pi - theta) / (2 * .pi)
                let valuePart = norms * (sine(theta) + (.pi - theta) * dot / norms) / (2 * .pi)
                let kernel = (derivativePart + valuePart) / Double(inputs)
                predicted -= rate * kernel * 2 * (before[other, 0] - y[other, 0]) / 3
            }
            let moved = after[row, 0] - before[row, 0]
            // Sums over 4096 units deviate by some 2 %; predictions may cancel, so relative to the largest output's share.
            #expect(abs(moved - predicted) < 0.1 * rate, "\(row): moved \(moved), predicted \(predicted)")
            #expect(abs(predicted) > 0.15 * rate || row > 0)
        }
    }

    private func arcCosine(_ value: Double) -> Double {
        // Bisection on a decreasing function: enough for a test, and no other library.
        var (low, high) = (0.0, Double.pi)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if cosine(middle) > value { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private func sine(_ angle: Double) -> Double { cosine(angle - .pi / 2) }
}
