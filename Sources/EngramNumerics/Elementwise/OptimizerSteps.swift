internal import CEngramKernels

/// Settings of one Adam step, PyTorch's conventions: bias-corrected moments, ε outside the square root, decay added to the gradient.
///
/// Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1.
public struct AdamStep: Equatable, Sendable {
    /// Step size, > 0.
    public var learningRate: Double
    /// Decay of the first moment, in [0, 1).
    public var beta1: Double
    /// Decay of the second moment, in [0, 1).
    public var beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// L2 coefficient; 0 for none.
    public var weightDecay: Double
    /// Number of this step, counted from 1; the bias corrections are 1 - βᵗ.
    public var step: Int

    /// Creates settings; the defaults are those of the paper.
    public init(
        learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0, step: Int
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.step = step
    }

    var kernelSettings: engram_adam {
        precondition(step >= 1, "Adam steps are counted from 1, found \(step)")
        return engram_adam(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
            correction1: 1 - Self.power(beta1, step), correction2: 1 - Self.power(beta2, step))
    }

    /// βᵗ by squaring: the same bytes everywhere, which the C library's `pow` does not promise.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}

/// Settings of one step of gradient descent, with momentum and L2 decay where not 0 (no dampening, no Nesterov).
public struct GradientDescentStep: Equatable, Sendable {
    /// Step size, > 0.
    public var learningRate: Double
    /// Factor of the kept velocity, in [0, 1).
    public var momentum: Double
    /// L2 coefficient; 0 for none.
    public var weightDecay: Double

    /// Creates settings of plain gradient descent unless told otherwise.
    public init(learningRate: Double, momentum: Double = 0, weightDecay: Double = 0) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

/// Settings of one RMSprop step, PyTorch's conventions: not centred, ε outside the square root.
public struct RMSpropStep: Equatable, Sendable {
    /// Step size, > 0.
    public var learningRate: Double
    /// Decay of the mean square, in [0, 1).
    public var smoothing: Double
    /// Added to the root of the mean square.
    public var epsilon: Double
    /// L2 coefficient; 0 for none.
    public var weightDecay: Double

    /// Creates settings; the defaults are PyTorch's.
    public init(learningRate: Double, smoothing: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0) {
        self.learningRate = learningRate
        self.smoothing = smoothing
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}
