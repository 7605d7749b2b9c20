public import EngramDynamics
public import EngramNumerics

extension SpanCoordinates {
    /// The network on R^d that acts as `network` does on z: W_1 := W̃_1 c T^(-p) Vᵀ with T² = S² + n·v,
    /// b_1 := b̃_1 - W_1 μ, and the output layer mapped back by V T^p / c and + μ.
    /// - Parameter network: A network R^r → R^r with at least one hidden layer.
    public func fullSpaceNetwork(from network: FullyConnectedNetwork<Double>) -> FullyConnectedNetwork<Double> {
        precondition(
            network.inputDimension == rank && network.outputDimension == rank && network.depth >= 1,
            "A network on these coordinates maps R^\(rank) to R^\(rank) with a hidden layer.")
        var result = network
        var first = network.layers[0].weights
        first.scaleColumns(by: encodingScales)
        let firstWeights = first.multiplied(by: basis, transposingOther: true)
        let shift = firstWeights * mean
        result.layers[0] = DenseLayer(weights: firstWeights, biases: zip(network.layers[0].biases, shift).map { $0 - $1 })

        let last = network.layers.count - 1
        let decodingScales = encodingScales.map { 1 / $0 }
        var outputWeights = network.layers[last].weights
        outputWeights.scaleRows(by: decodingScales)
        let outputBiases = basis * zip(network.layers[last].biases, decodingScales).map { $0 * $1 }
        result.layers[last] = DenseLayer(weights: basis * outputWeights, biases: zip(outputBiases, mean).map { $0 + $1 })
        return result
    }

    /// A network on z whose hidden layers act as those of the full-space `network` do on the span, and whose output layer is zero.
    /// - Parameter network: Takes R^d, with at least one hidden layer.
    func network(withHiddenLayersOf network: FullyConnectedNetwork<Double>) -> FullyConnectedNetwork<Double> {
        precondition(
            network.inputDimension == dimension && network.depth >= 1, "The network takes other inputs, or has no hidden layer.")
        var result = network
        let first = network.layers[0]
        let shift = first.weights * mean
        var weights = first.weights * basis
        weights.scaleColumns(by: encodingScales.map { 1 / $0 })
        result.layers[0] = DenseLayer(weights: weights, biases: zip(first.biases, shift).map { $0 + $1 })
        result.layers[network.depth] = DenseLayer(inputCount: network.layers[network.depth].inputCount, outputCount: rank)
        return result
    }
}
