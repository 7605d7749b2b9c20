public import EngramNumerics

/// Loss and gradients of a network on one batch, with every buffer kept between calls.
///
/// The loss is the mean over all n·d entries of (f(x) - y)², [RBU20] Eq. (2). Gradients follow by the chain rule, layer by layer
/// from the output. After the first call nothing is allocated.
public struct Backpropagation<Scalar: NumericScalar>: LossGradients {
    /// ∂loss/∂W and ∂loss/∂b of each layer, as of the last call.
    public private(set) var gradients: [DenseLayer<Scalar>]
    private var values: [Matrix<Scalar>]
    private var derivatives: [Matrix<Scalar>]
    private var deltas: [Matrix<Scalar>]
    private var residual: Matrix<Scalar>
    private let largestSampleCount: Int

    /// Buffers for batches of up to `sampleCount` rows through networks shaped like `network`.
    public init(network: FullyConnectedNetwork<Scalar>, sampleCount: Int) {
        gradients = network.layers.map { DenseLayer(inputCount: $0.inputCount, outputCount: $0.outputCount) }
        let hidden = network.layers.dropLast().map { Matrix<Scalar>(rowCount: sampleCount, columnCount: $0.outputCount) }
        values = hidden
        derivatives = hidden
        deltas = hidden
        residual = Matrix(rowCount: sampleCount, columnCount: network.outputDimension)
        largestSampleCount = sampleCount
    }

    /// Computes loss and gradients at the network's present parameters.
    ///
    /// - Parameters:
    ///   - network: Of the shape that the buffers were made for.
    ///   - inputs: Shape `[n, inputDimension]`, n at most the sample count of the buffers.
    ///   - targets: Shape `[n, outputDimension]`.
    /// - Returns: The loss.
    public mutating func evaluate(
        _ network: FullyConnectedNetwork<Scalar>, inputs: Matrix<Scalar>, targets: Matrix<Scalar>
    ) -> Double {
        precondition(
            inputs.rowCount == targets.rowCount && inputs.rowCount <= largestSampleCount,
            "Buffers are for up to \(largestSampleCount) samples, got \(inputs.rowCount) inputs and \(targets.rowCount) targets.")
        if inputs.rowCount != residual.rowCount { setRowCounts(inputs.rowCount) }
        let last = network.layers.count - 1
        for index in 0..<last {
            let layer = network.layers[index]
            values[index].setToProduct(index == 0 ? inputs : values[index - 1], layer.weights, transposingSecond: true)
            values[index].activate(network.activation, addingBias: layer.biases, derivatives: &derivatives[index])
        }
        residual.setToProduct(last == 0 ? inputs : values[last - 1], network.layers[last].weights, transposingSecond: true)
        residual.addToRows(network.layers[last].biases)
        // The loss is a mean, so its derivative carries 2 / (n·d).
        let entryCount = Double(targets.rowCount * targets.columnCount)
        let sumOfSquares = residual.setToScaledResidual(against: targets, scale: Scalar(2 / max(entryCount, 1)))

        for index in stride(from: last, through: 0, by: -1) {
            backpropagate(through: index, of: network, inputs: inputs)
        }
        return entryCount > 0 ? sumOfSquares / entryCount : 0
    }

    /// Cuts the buffers to a smaller batch, or back.
    private mutating func setRowCounts(_ count: Int) {
        for index in values.indices {
            values[index].setRowCount(count)
            derivatives[index].setRowCount(count)
            deltas[index].setRowCount(count)
        }
        residual.setRowCount(count)
    }

    /// The weight gradient of layer `index` from its delta, and the delta and bias gradient of the layer before.
    private mutating func backpropagate(
        through index: Int, of network: FullyConnectedNetwork<Scalar>, inputs: Matrix<Scalar>
    ) {
        let last = network.layers.count - 1
        if index == last { residual.sumColumns(into: &gradients[index].biases) }
        gradients[index].weights.setToProduct(
            index == last ? residual : deltas[index], index == 0 ? inputs : values[index - 1], transposingFirst: true)
        guard index > 0 else { return }
        deltas[index - 1].setToProduct(index == last ? residual : deltas[index], network.layers[index].weights)
        // The sums of the new delta's columns are the gradient of that layer's biases.
        deltas[index - 1].multiplyEntries(by: derivatives[index - 1], columnSums: &gradients[index - 1].biases)
    }
}
