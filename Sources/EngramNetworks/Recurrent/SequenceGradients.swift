public import EngramNumerics
internal import RealModule

/// Loss and gradients of a recurrent network along one sequence, by backpropagation through all its steps.
///
/// The rows of a batch are the tokens in order, from the zero state on, or from where the last evaluation ended
/// (`RecurrentNetwork.trainsRoundAndRound`; gradients do not go back beyond that). The loss is the mean over the rows of the cross-entropy, in natural
/// logarithms, of the softmax of the logits with the targets.
public struct SequenceGradients<Scalar: NumericScalar>: LossGradients {
    /// ∂loss/∂W and ∂loss/∂b of each layer, as of the last evaluation.
    public private(set) var gradients: [DenseLayer<Scalar>]
    /// h_t after each row of the last evaluation, shape `[T, w]`.
    public private(set) var states = Matrix<Scalar>(rowCount: 0, columnCount: 0)
    /// o(h_t) of each row of the last evaluation, shape `[T, V]`.
    public private(set) var logits = Matrix<Scalar>(rowCount: 0, columnCount: 0)
    /// The state in which the last evaluation ended, of a network that is trained round and round; empty for others.
    public var carried: [Scalar]

    /// Gradients for networks shaped like `network`; sequences may be of any length.
    public init(network: RecurrentNetwork<Scalar>, sampleCount: Int) {
        precondition(network.unitTokens == nil, "A network with several units for a token is written down, not trained.")
        gradients = network.layers.map { DenseLayer(inputCount: $0.inputCount, outputCount: $0.outputCount) }
        carried = [Scalar](repeating: 0, count: network.trainsRoundAndRound ? network.stateSize : 0)
    }

    /// What one layer read and gave along the sequence: inputs, φ' and, on the way back, ∂loss/∂z; shape `[T, ·]` each.
    private struct Pass {
        var inputs: Matrix<Scalar>
        var derivatives: Matrix<Scalar>
        var deltas: Matrix<Scalar>

        init(_ layer: DenseLayer<Scalar>, rowCount: Int) {
            inputs = Matrix(rowCount: rowCount, columnCount: layer.inputCount)
            derivatives = Matrix(rowCount: rowCount, columnCount: layer.outputCount)
            deltas = derivatives
        }
    }

    /// Computes loss and gradients at the network's present parameters.
    ///
    /// - Parameters:
    ///   - network: Of the shape that these gradients were made for.
    ///   - inputs: Shape `[T, V]`, tokens one-hot, in order.
    ///   - targets: Shape `[T, V]`, the tokens that follow, one-hot.
    /// - Returns: The loss.
    /// - Complexity: O(T·P) for P parameters; the steps of the state are one after another.
    public mutating func evaluate(_ network: RecurrentNetwork<Scalar>, inputs: Matrix<Scalar>, targets: Matrix<Scalar>) -> Double {
        let (count, size) = (inputs.rowCount, network.vocabularySize)
        var passes = network.stateLayers.map { Pass($0, rowCount: count) }
        var state = Matrix<Scalar>(rowCount: 1, columnCount: network.stateSize)
        if network.trainsRoundAndRound { state.setRow(0, to: carried) }
        states = Matrix(rowCount: count, columnCount: network.stateSize)
        for step in 0..<count {
            var values = Matrix<Scalar>(rowCount: 1, columnCount: size + network.stateSize)
            for column in 0..<size { values[0, column] = inputs[step, column] }
            for column in 0..<network.stateSize { values[0, size + column] = state[0, column] }
            for (index, layer) in network.stateLayers.enumerated() {
                passes[index].inputs.setRow(step, to: values.elements)
                values = values.multiplied(by: layer.weights, transposingOther: true)
                var derivatives = values
                values.activate(network.activation, addingBias: layer.biases, derivatives: &derivatives)
                passes[index].derivatives.setRow(step, to: derivatives.elements)
            }
            state = values
            states.setRow(step, to: state.elements)
        }
        if network.trainsRoundAndRound { carried = state.elements }
        let (loss, pull) = output(network, targets: targets)
        pullBack(network, &passes, pull)
        for index in passes.indices { setGradient(index, passes[index].deltas, passes[index].inputs) }
        return loss
    }

    /// The output map at all steps together: the loss, and its derivative by the states, shape `[T, w]`.
    private mutating func output(_ network: RecurrentNetwork<Scalar>, targets: Matrix<Scalar>) -> (Double, Matrix<Scalar>) {
        let (first, last) = (network.stateLayerCount, network.layers.count - 1)
        var inputs = [states]
        var derivatives: [Matrix<Scalar>] = []
        for index in first..<last {
            var values = inputs[index - first].multiplied(by: network.layers[index].weights, transposingOther: true)
            var derivative = values
            values.activate(network.activation, addingBias: network.layers[index].biases, derivatives: &derivative)
            inputs.append(values)
            derivatives.append(derivative)
        }
        logits = inputs[last - first].multiplied(by: network.layers[last].weights, transposingOther: true)
        logits.addToRows(network.layers[last].biases)
        var (loss, delta) = Self.crossEntropy(logits, targets)
        for index in stride(from: last, through: first, by: -1) {
            setGradient(index, delta, inputs[index - first])
            delta = delta * network.layers[index].weights
            if index > first { delta = delta.multipliedEntries(derivatives[index - first - 1]) }
        }
        return (loss, delta)
    }

    /// The mean cross-entropy and its derivative by the logits, (softmax - target) / T.
    private static func crossEntropy(_ logits: Matrix<Scalar>, _ targets: Matrix<Scalar>) -> (Double, Matrix<Scalar>) {
        let count = Double(max(logits.rowCount, 1))
        var (loss, delta) = (0.0, logits)
        for row in 0..<logits.rowCount {
            let values = logits.row(row).map { Double($0) }
            let largest = values.max() ?? 0
            let weights = values.map { Double.exp($0 - largest) }
            let sum = weights.reduce(0, +)
            let logarithm = Double.log(sum) + largest
            for column in 0..<logits.columnCount {
                let target = Double(targets[row, column])
                if target > 0 { loss += target * (logarithm - values[column]) / count }
                delta[row, column] = Scalar((weights[column] / sum - target) / count)
            }
        }
        return (loss, delta)
    }

    /// From the last step to the first: each state is read by the output and by the next step.
    private func pullBack(_ network: RecurrentNetwork<Scalar>, _ passes: inout [Pass], _ pull: Matrix<Scalar>) {
        let size = network.vocabularySize
        var carried = [Scalar](repeating: 0, count: network.stateSize)
        for step in stride(from: pull.rowCount - 1, through: 0, by: -1) {
            var delta = Matrix<Scalar>(rowCount: 1, columnCount: carried.count, elements: zip(pull.row(step), carried).map { $0 + $1 })
            for index in stride(from: passes.count - 1, through: 0, by: -1) {
                let derivatives = passes[index].derivatives.row(step)
                for column in derivatives.indices { delta[0, column] *= derivatives[column] }
                passes[index].deltas.setRow(step, to: delta.elements)
                delta = delta * network.layers[index].weights
            }
            carried = Array(delta.elements[size...])
        }
    }

    private mutating func setGradient(_ index: Int, _ deltas: Matrix<Scalar>, _ inputs: Matrix<Scalar>) {
        gradients[index].weights.setToProduct(deltas, inputs, transposingFirst: true)
        deltas.sumColumns(into: &gradients[index].biases)
    }
}

extension Matrix {
    /// The product entry by entry.
    fileprivate func multipliedEntries(_ other: Matrix) -> Matrix {
        Matrix(rowCount: rowCount, columnCount: columnCount, elements: zip(elements, other.elements).map { $0 * $1 })
    }
}
