public import EngramNumerics

/// A rule that turns gradients into steps, with PyTorch's semantics; the learning rate is given at each step.
public enum Optimizer: Sendable, Equatable {
    /// p ← p - η·g.
    case gradientDescent
    /// v ← μ·v + g + λ·p, p ← p - η·v. [RBU20] uses μ = 0.9 and 0.009, λ = 0 and 1e-4.
    case momentum(Double, weightDecay: Double = 0)
    /// s ← α·s + (1 - α)·g², p ← p - η·g / (√s + ε); α = 0.99 and ε = 1e-8 are PyTorch's defaults.
    case rmsProp(smoothing: Double = 0.99, epsilon: Double = 1e-8)
    /// Kingma & Ba 2015, bias-corrected, ε outside the root; the defaults are PyTorch's.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0)
}

/// An optimizer's memory for one network: what it needs besides the parameters to go on.
public struct OptimizerState<Scalar: NumericScalar>: Sendable, Equatable {
    /// The rule.
    public let optimizer: Optimizer
    /// Steps taken.
    public internal(set) var stepCount = 0
    /// First moments or velocities, and second moments, in the shape of the parameters; empty where the rule has none.
    var first: [DenseLayer<Scalar>]
    var second: [DenseLayer<Scalar>]

    /// A fresh state for `network`.
    public init(_ optimizer: Optimizer, for network: FullyConnectedNetwork<Scalar>) {
        self.optimizer = optimizer
        let zeros = network.layers.map { DenseLayer<Scalar>(inputCount: $0.inputCount, outputCount: $0.outputCount) }
        switch optimizer {
        case .gradientDescent, .momentum: (first, second) = (zeros, [])
        case .rmsProp: (first, second) = ([], zeros)
        case .adam: (first, second) = (zeros, zeros)
        }
    }
}

extension OptimizerState {
    /// Takes one step: changes the network's parameters by its gradients.
    ///
    /// - Parameters:
    ///   - gradients: One layer for each of the network's, as `Backpropagation` gives them.
    ///   - learningRate: η, above 0.
    public mutating func step(
        _ network: inout FullyConnectedNetwork<Scalar>, gradients: [DenseLayer<Scalar>], learningRate: Double
    ) {
        stepCount += 1
        for index in gradients.indices {
            step(&network.layers[index], gradients: gradients[index], index: index, learningRate: learningRate)
        }
    }

    private mutating func step(
        _ layer: inout DenseLayer<Scalar>, gradients: DenseLayer<Scalar>, index: Int, learningRate: Double
    ) {
        switch optimizer {
        case .gradientDescent:
            let settings = GradientDescentStep(learningRate: learningRate)
            layer.weights.gradientDescentStep(gradients: gradients.weights, velocities: &first[index].weights, settings: settings)
            layer.biases.gradientDescentStep(gradients: gradients.biases, velocities: &first[index].biases, settings: settings)
        case .momentum(let momentum, let weightDecay):
            let settings = GradientDescentStep(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
            layer.weights.gradientDescentStep(gradients: gradients.weights, velocities: &first[index].weights, settings: settings)
            layer.biases.gradientDescentStep(gradients: gradients.biases, velocities: &first[index].biases, settings: settings)
        case .rmsProp(let smoothing, let epsilon):
            let settings = RMSpropStep(learningRate: learningRate, smoothing: smoothing, epsilon: epsilon)
            layer.weights.rmspropStep(gradients: gradients.weights, meanSquares: &second[index].weights, settings: settings)
            layer.biases.rmspropStep(gradients: gradients.biases, meanSquares: &second[index].biases, settings: settings)
        case .adam(let beta1, let beta2, let epsilon, let weightDecay):
            let settings = AdamStep(
                learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, step: stepCount)
            layer.weights.adamStep(
                gradients: gradients.weights, firstMoments: &first[index].weights, secondMoments: &second[index].weights,
                settings: settings)
            layer.biases.adamStep(
                gradients: gradients.biases, firstMoments: &first[index].biases, secondMoments: &second[index].biases,
                settings: settings)
        }
    }
}
