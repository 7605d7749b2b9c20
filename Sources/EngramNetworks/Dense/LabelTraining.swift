public import EngramNumerics

/// A fully connected network that is trained to give targets, by gradient descent in mini-batches on the mean squared error: the networks in
/// which [R23] looks for the features that they learn (SI B, "Validating the Deep Neural Feature Ansatz").
///
/// The first layer starts near 0, so that what it has learned can be told from what it started with; later ones start as PyTorch's do.
public struct LabelTraining: Sendable {
    /// How it is trained.
    public struct Settings: Sendable, Equatable {
        /// Hidden layers, ≥ 1.
        public var depth = 5
        /// Units in each.
        public var width = 64
        /// φ.
        public var activation = Activation.relu
        /// η.
        public var learningRate = 0.1
        /// Examples in each step.
        public var batchSize = 128
        /// Most passes over the examples.
        public var epochCount = 500
        /// Standard deviation of the first layer's weights.
        public var firstLayerDeviation = 1e-4
        /// Training ends at this mean squared error.
        public var targetError = 1e-3
        /// Of weights and of the order of examples.
        public var seed: UInt64 = 0

        /// As published for networks of 64 units.
        public init() {}

        /// Passes over n examples that make at least 5,000 steps, and the published 500 or more: a few hundred steps from weights near 0 leave a
        /// deep network on the plateau where it starts.
        public static func epochCount(exampleCount: Int, batchSize: Int) -> Int {
            let steps = max(1, (exampleCount + batchSize - 1) / max(batchSize, 1))
            return max(500, (5000 + steps - 1) / steps)
        }
    }

    /// Before training.
    public let initial: FullyConnectedNetwork<Float>
    /// After training.
    public let network: FullyConnectedNetwork<Float>
    /// The mean squared error of each epoch.
    public let losses: [Double]

    /// Trains a network.
    ///
    /// - Parameters:
    ///   - examples: x, shape `[n, d]`.
    ///   - targets: y, shape `[n, c]`.
    ///   - settings: How.
    ///   - onEpoch: Called with the number of epochs that are done; what it throws ends the training.
    /// - Throws: `TrainingError.diverged`; what `onEpoch` throws.
    public init(
        examples: Matrix<Double>, targets: Matrix<Double>, settings: Settings, onEpoch: (Int) throws -> Void = { _ in }
    ) throws {
        let initial = Self.initial(inputs: examples.columnCount, outputs: targets.columnCount, settings)
        var trainer = EpochTrainer(
            network: initial, samples: examples.converted(to: Float.self), targets: targets.converted(to: Float.self), maximumNoise: 0,
            optimizer: .gradientDescent, batchSize: settings.batchSize, seed: settings.seed)
        var losses: [Double] = []
        try trainer.run(epochs: settings.epochCount, schedule: .constant(settings.learningRate)) { progress in
            losses.append(progress.loss)
            try onEpoch(progress.epoch)
            return progress.loss <= settings.targetError ? .stop : .proceed
        }
        self.initial = initial
        network = trainer.network
        self.losses = losses
    }

    private static func initial(inputs: Int, outputs: Int, _ settings: Settings) -> FullyConnectedNetwork<Float> {
        precondition(settings.depth > 0 && settings.width > 0, "A network has hidden layers with units.")
        let widths = [inputs] + Array(repeating: settings.width, count: settings.depth) + [outputs]
        var network = FullyConnectedNetwork<Float>(widths: widths, activation: settings.activation)
        var generator = CounterBasedGenerator(seed: settings.seed)
        Initializer.standard.initialize(&network, using: &generator)
        let count = network.layers[0].inputCount * network.layers[0].outputCount
        network.layers[0].weights = Matrix(
            rowCount: settings.width, columnCount: inputs,
            elements: (0..<count).map { _ in Float(settings.firstLayerDeviation * generator.nextNormal()) })
        // The source's networks have no biases; these start from none.
        for index in network.layers.indices { network.layers[index].biases = Array(repeating: 0, count: network.layers[index].outputCount) }
        return network
    }
}
