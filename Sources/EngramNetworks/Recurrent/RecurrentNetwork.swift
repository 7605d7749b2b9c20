public import EngramNumerics

/// A vanilla recurrent network over tokens, [RBU20] App. F: h_t = s(x_t, h_{t-1}) with h_0 = 0, and what follows token t is named by the
/// largest of the logits o(h_t).
///
/// The next-state map s is layers of φ(W·z + b), of which the first reads token and state together; the output map o is such layers and a
/// last one without φ.
public struct RecurrentNetwork<Scalar: NumericScalar>: TrainableNetwork {
    /// See `SequenceGradients`.
    public typealias Gradients = SequenceGradients<Scalar>

    /// The layers of s, then those of o. The first has shape `[·, V + w]`, its first V columns for the token.
    public var layers: [DenseLayer<Scalar>]
    /// How many of the layers make s.
    public let stateLayerCount: Int
    /// φ.
    public let activation: Activation

    /// A network from its layers, which must fit each other.
    public init(stateLayers: [DenseLayer<Scalar>], outputLayers: [DenseLayer<Scalar>], activation: Activation) {
        precondition(!stateLayers.isEmpty && !outputLayers.isEmpty, "A recurrent network has layers for its state and for its output.")
        layers = stateLayers + outputLayers
        stateLayerCount = stateLayers.count
        self.activation = activation
        for (before, after) in zip(layers, layers.dropFirst()) where before.outputCount != after.inputCount {
            preconditionFailure("A layer of \(before.outputCount) outputs does not fit one of \(after.inputCount) inputs.")
        }
        precondition(
            stateLayers[0].inputCount == layers[layers.count - 1].outputCount + stateSize,
            "The first layer reads \(stateLayers[0].inputCount) values, and token and state have \(layers[layers.count - 1].outputCount + stateSize)."
        )
    }

    /// A network whose parameters are all zero.
    /// - Parameters:
    ///   - vocabularySize: V.
    ///   - width: w, of the state and of every hidden layer.
    ///   - depth: Layers of s, and hidden layers of o; [RBU20] has 31 of each.
    public init(vocabularySize: Int, width: Int, depth: Int, activation: Activation) {
        precondition(vocabularySize > 0 && width > 0 && depth > 0, "A network has tokens, units and layers.")
        let hidden = (1..<max(depth, 1)).map { _ in DenseLayer<Scalar>(inputCount: width, outputCount: width) }
        self.init(
            stateLayers: [DenseLayer(inputCount: vocabularySize + width, outputCount: width)] + hidden,
            outputLayers: [DenseLayer(inputCount: width, outputCount: width)] + hidden
                + [DenseLayer(inputCount: width, outputCount: vocabularySize)], activation: activation)
    }

    /// V.
    public var vocabularySize: Int { layers[layers.count - 1].outputCount }
    /// w.
    public var stateSize: Int { layers[stateLayerCount - 1].outputCount }
    /// V, a token one-hot.
    public var inputDimension: Int { vocabularySize }
    /// V, the logits of the next one.
    public var outputDimension: Int { vocabularySize }

    var stateLayers: ArraySlice<DenseLayer<Scalar>> { layers[..<stateLayerCount] }
    var outputLayers: ArraySlice<DenseLayer<Scalar>> { layers[stateLayerCount...] }

    /// Takes one step of `state` on `layers`.
    public mutating func step(_ state: inout OptimizerState<Scalar>, gradients: [DenseLayer<Scalar>], learningRate: Double) {
        state.step(&layers, gradients: gradients, learningRate: learningRate)
    }

    /// The same network in another precision, rounded to nearest.
    public func converted<Other: NumericScalar>(to type: Other.Type) -> RecurrentNetwork<Other> {
        RecurrentNetwork<Other>(
            stateLayers: stateLayers.map { $0.converted(to: type) }, outputLayers: outputLayers.map { $0.converted(to: type) },
            activation: activation)
    }

    // MARK: Evaluation

    /// s of each row.
    /// - Parameters:
    ///   - tokens: Numbers below V, one for each row.
    ///   - states: Shape `[n, w]`.
    /// - Returns: Shape `[n, w]`.
    public func nextStates(after tokens: [Int], from states: Matrix<Scalar>) -> Matrix<Scalar> {
        var values = joined(tokens, states)
        for layer in stateLayers {
            values = values.multiplied(by: layer.weights, transposingOther: true)
            values.activate(activation, addingBias: layer.biases)
        }
        return values
    }

    /// o of each row, shape `[n, w]` to `[n, V]`.
    public func logits(of states: Matrix<Scalar>) -> Matrix<Scalar> {
        var values = states
        for (index, layer) in outputLayers.enumerated() {
            values = values.multiplied(by: layer.weights, transposingOther: true)
            if index < outputLayers.count - 1 {
                values.activate(activation, addingBias: layer.biases)
            } else {
                values.addToRows(layer.biases)
            }
        }
        return values
    }

    /// Tokens one-hot beside states, shape `[n, V + w]`.
    func joined(_ tokens: [Int], _ states: Matrix<Scalar>) -> Matrix<Scalar> {
        precondition(tokens.count == states.rowCount, "\(tokens.count) tokens do not fit \(states.rowCount) states.")
        let size = vocabularySize
        var values = Matrix<Scalar>(rowCount: tokens.count, columnCount: size + states.columnCount)
        for (row, token) in tokens.enumerated() {
            values[row, token] = 1
            for column in 0..<states.columnCount { values[row, size + column] = states[row, column] }
        }
        return values
    }
}
