public import EngramNetworks
public import EngramNumerics
import Foundation

/// Golden values that PyTorch and closed forms gave; `Fixtures/make_oracles.py` writes them and says how.
public enum Oracle {
    /// A network as the oracle files write it.
    public struct Layer: Decodable {
        /// Weights, shape `[out, in]`.
        public let W: [[Double]]
        /// Biases, shape `[out]`.
        public let b: [Double]
    }

    private struct File<Case: Decodable>: Decodable {
        let cases: [Case]
    }

    /// The cases of `Fixtures/TOPIC.json`.
    public static func cases<Case: Decodable>(_ topic: String, as type: Case.Type) throws -> [Case] {
        guard let url = Bundle.module.url(forResource: topic, withExtension: "json", subdirectory: "Fixtures") else {
            throw CocoaError(.fileNoSuchFile)
        }
        return try JSONDecoder().decode(File<Case>.self, from: Data(contentsOf: url)).cases
    }

    /// A network from oracle layers.
    public static func network(_ layers: [Layer], activation: String) throws -> FullyConnectedNetwork<Double> {
        guard let activation = Activation(rawValue: activation) else { throw CocoaError(.coderInvalidValue) }
        return FullyConnectedNetwork(layers: dense(layers), activation: activation)
    }

    /// Layers of our own type.
    public static func dense(_ layers: [Layer]) -> [DenseLayer<Double>] {
        layers.map { DenseLayer(weights: Matrix(rows: $0.W), biases: $0.b) }
    }
}

/// The largest |difference| over the largest |entry| of `expected`.
public func worstRelativeError<Scalar: NumericScalar>(_ found: Matrix<Scalar>, _ expected: Matrix<Double>) -> Double {
    worstRelativeError(found.elements, expected.elements)
}

/// The largest |difference| over the largest |entry| of `expected`.
public func worstRelativeError<Scalar: NumericScalar>(_ found: [Scalar], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = max(expected.map { abs($0) }.max() ?? 0, .leastNormalMagnitude)
    return zip(found, expected).map { abs(Double($0) - $1) }.max().map { $0 / scale } ?? 0
}
