internal import EngramNumerics

/// One way of a batch through a U-Net and back, with the buffers that it takes.
struct UNetPass<Scalar: NumericScalar>: Sendable {
    private let graph: UNetGraph<Scalar>
    private let activation: Activation
    /// Pictures in the batch.
    let count: Int
    /// The graph's convolutions, each with its own buffers.
    private var convolutions: [Convolution<Scalar>]
    /// Every image, shape `[n·pixels, channels]`: values after the nonlinearity, and their derivatives; φ' of the output is left out.
    private(set) var values: [Matrix<Scalar>]
    private(set) var derivatives: [Matrix<Scalar>]
    /// What a unit makes before it is added to its image, or reads in place of its source: see `Unit`.
    private var between: [Matrix<Scalar>]
    private var deltas: [Matrix<Scalar>]
    private var betweenDeltas: [Matrix<Scalar>]

    init(_ network: UNet<Scalar>, count: Int) {
        graph = network.graph
        activation = network.shape.activation
        self.count = count
        convolutions = graph.units.map(\.convolution)
        values = graph.images.map { Matrix(rowCount: count * $0.pixelCount, columnCount: $0.channelCount) }
        between = graph.units.map { unit in
            let convolution = unit.convolution
            if let interpolation = unit.interpolation {
                return Matrix(rowCount: count * interpolation.placeCount, columnCount: convolution.input.channelCount)
            }
            guard unit.shuffle != nil else { return Matrix(rowCount: 0, columnCount: 0) }
            return Matrix(rowCount: count * convolution.pixelCount, columnCount: convolution.channelCount)
        }
        derivatives = []
        deltas = []
        betweenDeltas = []
    }

    /// f of each row of `pictures`, shape `[n, d]` to `[n, d]`.
    /// - Parameter needsDerivatives: Whether `derivatives` are computed too.
    mutating func evaluate(_ network: UNet<Scalar>, _ pictures: Matrix<Scalar>, needsDerivatives: Bool) -> Matrix<Scalar> {
        if needsDerivatives, derivatives.isEmpty {
            derivatives = values.dropFirst().dropLast().map { Matrix(rowCount: $0.rowCount, columnCount: $0.columnCount) }
        }
        values[0] = reshaped(pictures, as: 0)
        for (index, unit) in graph.units.enumerated() {
            apply(index, unit, network.layers[index].weights, biases: network.layers[index].biases)
            guard unit.isLast, unit.target < values.count - 1 else { continue }
            let zeros = [Scalar](repeating: 0, count: values[unit.target].columnCount)
            if needsDerivatives {
                values[unit.target].activate(activation, addingBias: zeros, derivatives: &derivatives[unit.target - 1])
            } else {
                values[unit.target].activate(activation, addingBias: zeros)
            }
        }
        return output
    }

    /// J(x_i)·t_i for each row t_i of `tangents`, after `evaluate` or with derivatives put in by `setDerivatives`. Overwrites the values.
    mutating func pushForward(_ network: UNet<Scalar>, _ tangents: Matrix<Scalar>) -> Matrix<Scalar> {
        values[0] = reshaped(tangents, as: 0)
        for (index, unit) in graph.units.enumerated() {
            apply(index, unit, network.layers[index].weights, biases: nil)
            guard unit.isLast, unit.target < values.count - 1 else { continue }
            values[unit.target].multiplyEntries(by: derivatives[unit.target - 1])
        }
        return output
    }

    /// Derivatives of other points, as `derivatives` gives them.
    mutating func setDerivatives(_ derivatives: [Matrix<Scalar>]) { self.derivatives = derivatives }

    /// J(x_i)ᵀ·t_i for each row t_i of `cotangents`.
    mutating func pullBack(_ network: UNet<Scalar>, _ cotangents: Matrix<Scalar>) -> Matrix<Scalar> {
        backpropagate(network, cotangents, pullsToPicture: true) { _, _, _, _ in }
        let dimension = graph.images[0].pixelCount * graph.images[0].channelCount
        return Matrix(rowCount: count, columnCount: dimension, elements: deltas[0].elements)
    }

    /// Adds the gradients for ∂loss/∂output to `gradients`, after `evaluate`.
    mutating func addGradients(_ network: UNet<Scalar>, _ delta: Matrix<Scalar>, to gradients: inout [DenseLayer<Scalar>]) {
        backpropagate(network, delta, pullsToPicture: false) { index, convolution, source, delta in
            convolution.addGradient(of: source, delta: delta, to: &gradients[index].weights)
            var sums = [Scalar](repeating: 0, count: delta.columnCount)
            delta.sumColumns(into: &sums)
            for (place, sum) in sums.enumerated() { gradients[index].biases[place] += sum }
        }
    }

    /// The source of the last convolution as it is read, and its patches: f = P·Wᵀ + b, as far as the cells of the picture go.
    func lastPatches() -> Matrix<Scalar> {
        let last = graph.units.count - 1
        let unit = graph.units[last]
        return unit.convolution.patches(of: unit.interpolation == nil ? values[unit.source] : between[last])
    }

    private var output: Matrix<Scalar> {
        let last = values[values.count - 1]
        return Matrix(rowCount: count, columnCount: last.rowCount * last.columnCount / max(count, 1), elements: last.elements)
    }

    private func reshaped(_ rows: Matrix<Scalar>, as image: Int) -> Matrix<Scalar> {
        let (pixels, channels) = graph.images[image]
        precondition(
            rows.rowCount == count && rows.columnCount == pixels * channels,
            "A pass of \(count) pictures of \(pixels * channels) values got \(rows.rowCount) of \(rows.columnCount).")
        return Matrix(rowCount: count * pixels, columnCount: channels, elements: rows.elements)
    }

    /// One convolution, added to its image.
    private mutating func apply(_ index: Int, _ unit: UNetGraph<Scalar>.Unit, _ weights: Matrix<Scalar>, biases: [Scalar]?) {
        if let shuffle = unit.shuffle {
            convolutions[index].apply(to: values[unit.source], weights: weights, into: &between[index], adding: false)
            if let biases { between[index].addToRows(biases) }
            shuffle.apply(to: between[index], into: &values[unit.target])
            return
        }
        if let interpolation = unit.interpolation {
            interpolation.apply(to: values[unit.source], into: &between[index])
            convolutions[index].apply(to: between[index], weights: weights, into: &values[unit.target], adding: !unit.isFirst)
        } else {
            convolutions[index].apply(to: values[unit.source], weights: weights, into: &values[unit.target], adding: !unit.isFirst)
        }
        if let biases { values[unit.target].addToRows(biases) }
    }

    /// From ∂loss/∂output to ∂loss/∂image of every image.
    ///
    /// - Parameters:
    ///   - pullsToPicture: Whether the picture's is wanted.
    ///   - visit: Told of each convolution, what it read, and ∂loss by what it gave.
    private mutating func backpropagate(
        _ network: UNet<Scalar>, _ outputDelta: Matrix<Scalar>, pullsToPicture: Bool,
        visit: (Int, inout Convolution<Scalar>, Matrix<Scalar>, Matrix<Scalar>) -> Void
    ) {
        if deltas.isEmpty {
            deltas = values.map { Matrix(rowCount: $0.rowCount, columnCount: $0.columnCount) }
            betweenDeltas = between.map { Matrix(rowCount: $0.rowCount, columnCount: $0.columnCount) }
        } else {
            for index in deltas.indices { deltas[index].setToZero() }
            for index in betweenDeltas.indices { betweenDeltas[index].setToZero() }
        }
        let last = deltas.count - 1
        deltas[last] = reshaped(outputDelta, as: last)
        for (index, unit) in graph.units.enumerated().reversed() {
            let weights = network.layers[index].weights
            if unit.isLast, unit.target < last { deltas[unit.target].multiplyEntries(by: derivatives[unit.target - 1]) }
            let pulls = pullsToPicture || unit.source > 0
            if let shuffle = unit.shuffle {
                shuffle.addPullBack(of: deltas[unit.target], into: &betweenDeltas[index])
                visit(index, &convolutions[index], values[unit.source], betweenDeltas[index])
                if pulls { convolutions[index].addPullBack(of: betweenDeltas[index], weights: weights, into: &deltas[unit.source]) }
            } else if let interpolation = unit.interpolation {
                visit(index, &convolutions[index], between[index], deltas[unit.target])
                convolutions[index].addPullBack(of: deltas[unit.target], weights: weights, into: &betweenDeltas[index])
                interpolation.addPullBack(of: betweenDeltas[index], into: &deltas[unit.source])
            } else {
                visit(index, &convolutions[index], values[unit.source], deltas[unit.target])
                if pulls { convolutions[index].addPullBack(of: deltas[unit.target], weights: weights, into: &deltas[unit.source]) }
            }
        }
    }
}
