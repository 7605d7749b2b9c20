internal import EngramNumerics

/// How the parameters of a network are drawn before training.
public enum Initializer: Sendable, Equatable {
    /// PyTorch's default of `nn.Linear`: weights and biases U[-1/√fan_in, 1/√fan_in]. [RBU20] trains from it.
    case standard
    /// Weights and biases U[-range, range], as in [RBU20] Fig. 5 and 16.
    case uniform(range: Double)
    /// Glorot & Bengio 2010: weights U[-a, a], a = √(6 / (fan_in + fan_out)); biases 0.
    case xavier
    /// He et al. 2015: weights N(0, 2 / fan_in); biases 0.
    case kaiming
    /// LeCun normal, what SELU's self-normalisation assumes: weights N(0, 1 / fan_in); biases 0.
    case leCun
    /// What `Parametrization.neuralTangent` starts from, [L19] Eq. (1): ω and β from N(0, 1), so weights N(0, 1 / fan_in) and biases
    /// N(0, σ_b²). Training from it moves ω and β.
    case neuralTangent(biasScale: Double)

    /// Draws all parameters of `network`, layer by layer from the input: weights row by row, then biases.
    public func initialize<Network: TrainableNetwork>(_ network: inout Network, using generator: inout some RandomNumberGenerator) {
        for index in network.layers.indices {
            let layer = network.layers[index]
            let fanIn = Double(max(layer.inputCount, 1))
            let fanOut = Double(layer.outputCount)
            let weights: Distribution
            switch self {
            case .standard: weights = .uniform(1 / fanIn.squareRoot())
            case .uniform(let range): weights = .uniform(range)
            case .xavier: weights = .uniform((6 / (fanIn + fanOut)).squareRoot())
            case .kaiming: weights = .normal((2 / fanIn).squareRoot())
            case .leCun, .neuralTangent: weights = .normal((1 / fanIn).squareRoot())
            }
            let elements = (0..<layer.inputCount * layer.outputCount).map { _ in Network.Scalar(weights.draw(using: &generator)) }
            let bias = biasDistribution(weights)
            let biases = (0..<layer.outputCount).map { _ in Network.Scalar(bias?.draw(using: &generator) ?? 0) }
            network.layers[index] = DenseLayer(
                weights: Matrix(rowCount: layer.outputCount, columnCount: layer.inputCount, elements: elements), biases: biases)
        }
    }
}

extension Initializer {
    /// What the optimizer moves when training starts from these parameters.
    public var parametrization: Parametrization {
        if case .neuralTangent(let biasScale) = self { return .neuralTangent(biasScale: biasScale) }
        return .standard
    }

    /// What biases are drawn from; nil where they are 0.
    private func biasDistribution(_ weights: Distribution) -> Distribution? {
        switch self {
        case .standard, .uniform: weights
        case .xavier, .kaiming, .leCun: nil
        case .neuralTangent(let biasScale): .normal(biasScale)
        }
    }

    private enum Distribution {
        case uniform(Double)
        case normal(Double)

        func draw(using generator: inout some RandomNumberGenerator) -> Double {
            switch self {
            case .uniform(let bound): bound * (2 * generator.nextUniform() - 1)
            case .normal(let deviation): deviation * generator.nextNormal()
            }
        }
    }
}
