public import EngramNumerics

/// A fully connected network f(x) = W_L φ(W_{L-1} φ(… φ(W_1 x + b_1) …) + b_{L-1}) + b_L, the map of [RBU20] Eq. (1).
///
/// Its depth is the number of hidden layers, L - 1. The last layer is affine.
public struct FullyConnectedNetwork<Scalar: NumericScalar>: TrainableNetwork {
    /// Computes loss and gradients.
    public typealias Gradients = Backpropagation<Scalar>

    /// The affine maps from input to output, at least one; each takes as many values as the one before gives.
    public var layers: [DenseLayer<Scalar>]
    /// φ, applied after every layer but the last.
    public var activation: Activation

    /// A network from its layers.
    public init(layers: [DenseLayer<Scalar>], activation: Activation) {
        precondition(!layers.isEmpty, "A network needs at least one layer.")
        for (before, after) in zip(layers, layers.dropFirst()) {
            precondition(
                before.outputCount == after.inputCount,
                "A layer that takes \(after.inputCount) values cannot follow one that gives \(before.outputCount).")
        }
        self.layers = layers
        self.activation = activation
    }

    /// A network of the given widths, from input to output, with all parameters zero.
    public init(widths: [Int], activation: Activation) {
        precondition(widths.count >= 2, "A network needs an input and an output width, got \(widths).")
        self.init(
            layers: zip(widths, widths.dropFirst()).map { DenseLayer(inputCount: $0, outputCount: $1) }, activation: activation)
    }

    /// Length of x.
    public var inputDimension: Int { layers[0].inputCount }
    /// Length of f(x).
    public var outputDimension: Int { layers[layers.count - 1].outputCount }
    /// Number of hidden layers.
    public var depth: Int { layers.count - 1 }
    /// Width of the widest hidden layer; 0 without one.
    public var width: Int { layers.dropLast().map(\.outputCount).max() ?? 0 }

    /// Takes one step of `state`.
    public mutating func step(_ state: inout OptimizerState<Scalar>, gradients: [DenseLayer<Scalar>], learningRate: Double) {
        state.step(&layers, gradients: gradients, learningRate: learningRate)
    }

    /// f of each row of `batch`.
    /// - Parameter batch: Shape `[n, inputDimension]`.
    /// - Returns: Shape `[n, outputDimension]`.
    public func outputs(of batch: Matrix<Scalar>) -> Matrix<Scalar> {
        guard batch.rowCount > Self.longestBlock else { return layers[layers.count - 1].applied(to: hiddenFeatures(of: batch)) }
        // Hidden features of a long batch may take many times the memory of its outputs.
        var result = Matrix<Scalar>(rowCount: batch.rowCount, columnCount: outputDimension)
        for first in stride(from: 0, to: batch.rowCount, by: Self.longestBlock) {
            let rows = first..<min(first + Self.longestBlock, batch.rowCount)
            result.copyElements(from: outputs(of: batch.rows(at: rows)), toRow: first)
        }
        return result
    }

    /// Samples whose hidden features are held at once; the products of 4096 rows are as fast as those of more.
    static var longestBlock: Int { 4096 }

    /// The values of the last hidden layer for each row of `batch`; the batch itself when there is no hidden layer.
    /// - Parameter batch: Shape `[n, inputDimension]`.
    /// - Returns: Shape `[n, width of the last hidden layer]`.
    public func hiddenFeatures(of batch: Matrix<Scalar>) -> Matrix<Scalar> {
        precondition(
            batch.columnCount == inputDimension, "The network takes \(inputDimension) values a sample, got \(batch.columnCount).")
        var features = batch
        for layer in layers.dropLast() {
            var next = features.multiplied(by: layer.weights, transposingOther: true)
            next.activate(activation, addingBias: layer.biases)
            features = next
        }
        return features
    }

    /// The same network in another precision, rounded to nearest.
    public func converted<Other: NumericScalar>(to type: Other.Type) -> FullyConnectedNetwork<Other> {
        FullyConnectedNetwork<Other>(layers: layers.map { $0.converted(to: type) }, activation: activation)
    }
}

extension DenseLayer {
    /// W·h + b for each row h of `batch`.
    /// - Parameter batch: Shape `[n, inputCount]`.
    /// - Returns: Shape `[n, outputCount]`.
    public func applied(to batch: Matrix<Scalar>) -> Matrix<Scalar> {
        var result = batch.multiplied(by: weights, transposingOther: true)
        result.addToRows(biases)
        return result
    }
}

/// What the family says of its size to those who plan for it.
package enum DenseSizes {
    /// Samples whose hidden features are held at once.
    package static var longestBlock: Int { FullyConnectedNetwork<Double>.longestBlock }

    /// Entries of the weight matrices of a network of `depth` hidden layers of one width, of `dimension` values in and out.
    package static func weightCount(dimension: Int, width: Int, depth: Int) -> Double {
        let (d, w) = (Double(dimension), Double(width))
        return 2 * d * w + Double(depth - 1) * w * w
    }
}
