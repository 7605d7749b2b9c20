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
    /// What the rule moves.
    public let parametrization: Parametrization
    /// Steps taken.
    public internal(set) var stepCount = 0
    /// First moments or velocities, and second moments, in the shape of the parameters; empty where the rule has none.
    var first: [DenseLayer<Scalar>]
    var second: [DenseLayer<Scalar>]

    /// A fresh state for parameters shaped like `layers`.
    public init(_ optimizer: Optimizer, for layers: [DenseLayer<Scalar>], parametrization: Parametrization = .standard) {
        self.optimizer = optimizer
        self.parametrization = parametrization
        let zeros = layers.map { DenseLayer<Scalar>(inputCount: $0.inputCount, outputCount: $0.outputCount) }
        switch optimizer {
        case .gradientDescent, .momentum: (first, second) = (zeros, [])
        case .rmsProp: (first, second) = ([], zeros)
        case .adam: (first, second) = (zeros, zeros)
        }
    }
}

extension OptimizerState {
    /// Takes one step: changes parameters by their gradients.
    ///
    /// - Parameters:
    ///   - layers: The parameters, changed in place.
    ///   - gradients: By the stored weights and biases; one block for each of `layers`, as `LossGradients` gives them.
    ///   - learningRate: η, above 0.
    public mutating func step(
        _ layers: inout [DenseLayer<Scalar>], gradients: [DenseLayer<Scalar>], learningRate: Double
    ) {
        stepCount += 1
        let biasStep = optimizer.acting(throughFactor: parametrization.biasFactor)
        for index in gradients.indices {
            let factor = parametrization.weightFactor(inputCount: gradients[index].inputCount)
            if let (rule, rateFactor) = optimizer.acting(throughFactor: factor) {
                stepWeights(
                    &layers[index].weights, gradients[index].weights, index, rule, learningRate: rateFactor * learningRate)
            }
            if let (rule, rateFactor) = biasStep {
                stepBiases(&layers[index].biases, gradients[index].biases, index, rule, learningRate: rateFactor * learningRate)
            }
        }
    }

    private mutating func stepWeights(
        _ weights: inout Matrix<Scalar>, _ gradients: Matrix<Scalar>, _ index: Int, _ rule: Optimizer, learningRate: Double
    ) {
        switch rule {
        case .gradientDescent, .momentum:
            weights.gradientDescentStep(
                gradients: gradients, velocities: &first[index].weights, settings: rule.descent(learningRate: learningRate))
        case .rmsProp(let smoothing, let epsilon):
            weights.rmspropStep(
                gradients: gradients, meanSquares: &second[index].weights,
                settings: RMSpropStep(learningRate: learningRate, smoothing: smoothing, epsilon: epsilon))
        case .adam:
            weights.adamStep(
                gradients: gradients, firstMoments: &first[index].weights, secondMoments: &second[index].weights,
                settings: rule.adam(learningRate: learningRate, step: stepCount))
        }
    }

    private mutating func stepBiases(
        _ biases: inout [Scalar], _ gradients: [Scalar], _ index: Int, _ rule: Optimizer, learningRate: Double
    ) {
        switch rule {
        case .gradientDescent, .momentum:
            biases.gradientDescentStep(
                gradients: gradients, velocities: &first[index].biases, settings: rule.descent(learningRate: learningRate))
        case .rmsProp(let smoothing, let epsilon):
            biases.rmspropStep(
                gradients: gradients, meanSquares: &second[index].biases,
                settings: RMSpropStep(learningRate: learningRate, smoothing: smoothing, epsilon: epsilon))
        case .adam:
            biases.adamStep(
                gradients: gradients, firstMoments: &first[index].biases, secondMoments: &second[index].biases,
                settings: rule.adam(learningRate: learningRate, step: stepCount))
        }
    }
}

extension Optimizer {
    /// The settings of one step of descent, with momentum where the rule has it.
    fileprivate func descent(learningRate: Double) -> GradientDescentStep {
        guard case .momentum(let momentum, let weightDecay) = self else { return GradientDescentStep(learningRate: learningRate) }
        return GradientDescentStep(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
    }

    /// The settings of one step of Adam.
    fileprivate func adam(learningRate: Double, step: Int) -> AdamStep {
        guard case .adam(let beta1, let beta2, let epsilon, let weightDecay) = self else {
            preconditionFailure("Only Adam takes Adam's steps.")
        }
        return AdamStep(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, step: step)
    }
}
