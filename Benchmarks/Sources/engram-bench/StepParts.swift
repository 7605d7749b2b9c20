import EngramNetworks
import EngramNumerics

/// The matrix products of one training step and nothing else, in the order and the shapes of `Backpropagation`.
struct StepProducts {
    private let network: FullyConnectedNetwork<Float>
    private let batch: Matrix<Float>
    private var values: [Matrix<Float>]
    private var gradients: [Matrix<Float>]

    init(_ problem: Problem) {
        network = problem.network
        var generator = CounterBasedGenerator(seed: 2)
        func random(_ columnCount: Int) -> Matrix<Float> {
            Matrix(
                rowCount: problem.batchCount, columnCount: columnCount,
                elements: generator.normals(count: problem.batchCount * columnCount))
        }
        batch = random(problem.samples.columnCount)
        values = network.layers.map { random($0.outputCount) }
        gradients = network.layers.map { Matrix(rowCount: $0.outputCount, columnCount: $0.inputCount) }
    }

    mutating func run() {
        for (index, layer) in network.layers.enumerated() {
            values[index].setToProduct(index == 0 ? batch : values[index - 1], layer.weights, transposingSecond: true)
        }
        for index in network.layers.indices.reversed() {
            gradients[index].setToProduct(values[index], index == 0 ? batch : values[index - 1], transposingFirst: true)
            if index > 0 { values[index - 1].setToProduct(values[index], network.layers[index].weights) }
        }
    }
}

/// What a training step does besides its products, one kind of pass at a time.
struct StepPasses {
    /// The passes.
    enum Kind: String, CaseIterable {
        /// Drawing noise and adding it to copies of the samples.
        case noise
        /// φ and φ' of every hidden layer.
        case activations
        /// The residual with its loss, φ' times the deltas, and the sums for the biases.
        case deltas
        /// Adam on every parameter.
        case adam
    }

    private var network: FullyConnectedNetwork<Float>
    private var optimizer: OptimizerState<Float>
    private let gradients: [DenseLayer<Float>]
    private let samples: Matrix<Float>
    private var batch: Matrix<Float>
    private let targets: Matrix<Float>
    private var residual: Matrix<Float>
    private var values: [Matrix<Float>]
    private var derivatives: [Matrix<Float>]
    private var deltas: [Matrix<Float>]
    private let ones: [Matrix<Float>]
    private var sums: [[Float]]
    private let biases: [[Float]]
    private var noise: [Float]
    private let strengths: [Float]
    private var generator = CounterBasedGenerator(seed: 3)

    init(_ problem: Problem) {
        network = problem.network
        optimizer = OptimizerState(.adam(), for: problem.network.layers)
        gradients = problem.network.layers.map { layer in
            // Steps of the size that training takes: with zeros, moments would decay into slow subnormal numbers.
            DenseLayer(
                weights: Matrix(rowCount: layer.outputCount, columnCount: layer.inputCount, repeating: 1e-3),
                biases: Array(repeating: 1e-3, count: layer.outputCount))
        }
        samples = problem.samples
        batch = Matrix(rowCount: problem.batchCount, columnCount: samples.columnCount, repeating: 0.5)
        targets = batch
        residual = batch
        let hidden = problem.network.layers.dropLast()
        values = hidden.map { Matrix(rowCount: problem.batchCount, columnCount: $0.outputCount, repeating: 0.5) }
        derivatives = values
        deltas = values
        ones = hidden.map { Matrix(rowCount: problem.batchCount, columnCount: $0.outputCount, repeating: 1) }
        sums = problem.network.layers.map(\.biases)
        // Far enough below 0 that φ, applied to its own values again and again, settles.
        biases = sums.map { $0.map { _ in -1 } }
        noise = Array(repeating: 0, count: problem.maximumNoise > 0 ? samples.elements.count : 0)
        strengths = Array(repeating: 0.5, count: noise.isEmpty ? 0 : samples.rowCount)
    }

    mutating func run(_ kind: Kind) {
        switch kind {
        case .noise:
            guard !noise.isEmpty else { return }
            generator.fillNormal(&noise)
            batch.copyElements(from: samples)
            batch.addToRows(noise: noise, scaledBy: strengths)
        case .activations:
            for index in values.indices {
                values[index].activate(network.activation, addingBias: biases[index], derivatives: &derivatives[index])
            }
        case .deltas:
            _ = residual.setToScaledResidual(against: targets, scale: 1)
            residual.addToRows(biases[network.depth])
            residual.sumColumns(into: &sums[network.depth])
            for index in deltas.indices {
                // Times 1, so that repeated calls leave ordinary numbers.
                deltas[index].multiplyEntries(by: ones[index], columnSums: &sums[index])
            }
        case .adam: optimizer.step(&network.layers, gradients: gradients, learningRate: 1e-6)
        }
    }
}
