public import EngramNumerics

/// A vanilla recurrent network over tokens, [RBU20] App. F: h_t = s(x_t, h_{t-1}) with h_0 = 0, and what follows token t is named by the
/// largest of the logits o(h_t).
///
/// The next-state map s is layers of φ(W·z + b), of which the first reads token and state together; the output map o is such layers and a
/// last one without φ. The last layer may have several units for a token: its logit is then the largest of theirs (maxout: Goodfellow et al.
/// 2013).
public struct RecurrentNetwork<Scalar: NumericScalar>: TrainableNetwork {
    /// See `SequenceGradients`.
    public typealias Gradients = SequenceGradients<Scalar>

    /// The layers of s, then those of o. The first has shape `[·, V + w]`, its first V columns for the token.
    public var layers: [DenseLayer<Scalar>]
    /// How many of the layers make s.
    public let stateLayerCount: Int
    /// φ; nil where layers are linear.
    public let activation: Activation?
    /// The token that each unit of the last layer speaks for; nil where unit v speaks for token v.
    public let unitTokens: [Int]?
    /// Whether training goes round: each pass over the text begins in the state that the last one ended in, and not in the zero state.
    ///
    /// A network that was trained from the zero state alone says the text once, and meets a state it does not know when it begins again.
    public var trainsRoundAndRound = false

    /// A network from its layers, which must fit each other.
    ///
    /// - Parameters:
    ///   - stateLayers: Those of s, the first reads V + w values.
    ///   - outputLayers: Those of o.
    ///   - activation: φ; nil where layers are linear.
    ///   - unitTokens: The token, below V, of each unit of the last layer; nil where unit v speaks for token v.
    public init(
        stateLayers: [DenseLayer<Scalar>], outputLayers: [DenseLayer<Scalar>], activation: Activation?, unitTokens: [Int]? = nil
    ) {
        precondition(!stateLayers.isEmpty && !outputLayers.isEmpty, "A recurrent network has layers for its state and for its output.")
        layers = stateLayers + outputLayers
        stateLayerCount = stateLayers.count
        self.activation = activation
        self.unitTokens = unitTokens
        for (before, after) in zip(layers, layers.dropFirst()) where before.outputCount != after.inputCount {
            preconditionFailure("A layer of \(before.outputCount) outputs does not fit one of \(after.inputCount) inputs.")
        }
        let unitCount = layers[layers.count - 1].outputCount
        precondition(
            vocabularySize > 0 && (unitTokens.map { $0.count == unitCount && $0.allSatisfy((0..<vocabularySize).contains) } ?? true),
            "\(unitCount) units of the last layer do not speak for tokens of \(vocabularySize).")
        precondition(
            unitTokens != nil || unitCount == vocabularySize,
            "The first layer reads \(stateLayers[0].inputCount) values, and token and state have \(unitCount + stateSize).")
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
    public var vocabularySize: Int { layers[0].inputCount - stateSize }
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
            activation: activation, unitTokens: unitTokens)
    }

    // MARK: Evaluation

    /// s of each row.
    /// - Parameters:
    ///   - tokens: Numbers below V, one for each row.
    ///   - states: Shape `[n, w]`.
    /// - Returns: Shape `[n, w]`.
    public func nextStates(after tokens: [Int], from states: Matrix<Scalar>) -> Matrix<Scalar> { nextStates(joined(tokens, states)) }

    /// s of states to which no token is given, shape `[n, w]`: the token's entries are 0.
    public func nextStates(unread states: Matrix<Scalar>) -> Matrix<Scalar> {
        let blank = [Scalar](repeating: 0, count: vocabularySize)
        return nextStates(Matrix(rows: (0..<states.rowCount).map { blank + states.row($0) }))
    }

    /// s of tokens beside states, shape `[n, V + w]`.
    private func nextStates(_ joined: Matrix<Scalar>) -> Matrix<Scalar> {
        var values = joined
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
        return unitTokens.map { largestOfEachToken(values, $0) } ?? values
    }

    /// The largest value of the units of each token, shape `[n, units]` to `[n, V]`; -∞ for a token that no unit speaks for.
    private func largestOfEachToken(_ values: Matrix<Scalar>, _ tokens: [Int]) -> Matrix<Scalar> {
        let (source, size) = (values.elements, vocabularySize)
        var result = [Scalar](repeating: -Scalar.infinity, count: values.rowCount * size)
        for row in 0..<values.rowCount {
            let (from, to) = (row * tokens.count, row * size)
            for (unit, token) in tokens.enumerated() where !(source[from + unit] <= result[to + token]) {
                result[to + token] = source[from + unit]
            }
        }
        return Matrix(rowCount: values.rowCount, columnCount: size, elements: result)
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

extension Matrix {
    /// φ(z + b) in the place of z; z + b without φ.
    mutating func activate(_ activation: Activation?, addingBias biases: [Scalar]) {
        if let activation { activate(activation, addingBias: biases) } else { addToRows(biases) }
    }

    /// The same with φ' at each entry; 1 without φ.
    mutating func activate(_ activation: Activation?, addingBias biases: [Scalar], derivatives: inout Matrix) {
        if let activation {
            activate(activation, addingBias: biases, derivatives: &derivatives)
        } else {
            addToRows(biases)
            derivatives = Matrix(rowCount: rowCount, columnCount: columnCount, repeating: 1)
        }
    }
}
