/// How the parameters that an optimizer moves relate to the weights and biases that are stored.
///
/// A network under another parametrization computes the same values from the same stored weights; only gradients and steps differ. Both
/// are folded into the steps here, so that what is stored stays an ordinary network.
public enum Parametrization: Sendable, Equatable {
    /// The optimizer moves weights and biases themselves.
    case standard
    /// W = ω/√n, b = σ_b·β for a layer of n inputs, and the optimizer moves ω and β: [L19] Eq. (1) with σ_ω = 1.
    ///
    /// [JP20] leave biases out, which is σ_b = 0: biases then stay as they are.
    case neuralTangent(biasScale: Double)

    /// c in W = c·ω for a layer of `inputCount` inputs.
    public func weightFactor(inputCount: Int) -> Double {
        switch self {
        case .standard: 1
        case .neuralTangent: 1 / Double(max(inputCount, 1)).squareRoot()
        }
    }

    /// c in b = c·β.
    public var biasFactor: Double {
        switch self {
        case .standard: 1
        case .neuralTangent(let biasScale): biasScale
        }
    }
}

extension Optimizer {
    /// The step on p = c·q that this rule's step on q amounts to, as a rule and a factor of the learning rate; nil where p cannot move.
    ///
    /// The gradient by q is c times that by p. Momentum's velocity therefore acts on p by c², and a decay of λ·q is one of λ/c²·p. Adam
    /// and RMSprop divide by the gradient's size: their step on q does not change with c but for ε, which the gradient by p meets as ε/c.
    func acting(throughFactor c: Double) -> (rule: Optimizer, rateFactor: Double)? {
        guard c != 0 else { return nil }
        guard c != 1 else { return (self, 1) }
        return switch self {
        case .gradientDescent: (self, c * c)
        case .momentum(let momentum, let weightDecay): (.momentum(momentum, weightDecay: weightDecay / (c * c)), c * c)
        case .rmsProp(let smoothing, let epsilon): (.rmsProp(smoothing: smoothing, epsilon: epsilon / c), c)
        case .adam(let beta1, let beta2, let epsilon, let weightDecay):
            (.adam(beta1: beta1, beta2: beta2, epsilon: epsilon / c, weightDecay: weightDecay / (c * c)), c)
        }
    }
}
