public import EngramDynamics
public import EngramNumerics

/// Training of a fully connected autoencoder on noisy copies of its examples, drawn anew in every epoch, with the clean example as the target
/// [NOAE25]. No closed-form step, and no end but the number of epochs.
public struct DenoisingTraining: Sendable {
    /// The network and its noise.
    public struct Settings: Sendable, Equatable {
        /// Number of hidden layers, at least 1.
        public var depth: Int
        /// Width of each hidden layer.
        public var width: Int
        /// φ.
        public var activation = Activation.tanh
        /// Probability that an entry of a copy is disturbed.
        public var share: Double
        /// Standard deviation of what is added to it.
        public var deviation: Double
        /// Of Adam.
        public var learningRate = 1e-4
        /// Of initialisation and noise.
        public var seed: UInt64

        /// Settings with the published activation and rate.
        public init(depth: Int, width: Int, share: Double, deviation: Double, seed: UInt64) {
            (self.depth, self.width, self.share, self.deviation, self.seed) = (depth, width, share, deviation, seed)
        }
    }

    private let settings: Settings
    private let samples: Matrix<Float>
    private var network: FullyConnectedNetwork<Float>
    private var loss: FullyConnectedNetwork<Float>.Gradients
    private var optimizer: OptimizerState<Float>
    private var generator: CounterBasedGenerator

    /// - Parameters:
    ///   - samples: Shape `[n, d]`, finite.
    ///   - settings: The network and its noise.
    public init(samples: Matrix<Float>, settings: Settings) {
        let dimension = samples.columnCount
        var network = FullyConnectedNetwork<Float>(
            widths: [dimension] + Array(repeating: settings.width, count: settings.depth) + [dimension], activation: settings.activation)
        var seeds = SplitMix64(seed: settings.seed)
        Initializer.standard.initialize(&network, using: &seeds)
        generator = CounterBasedGenerator(seed: seeds.next())
        optimizer = OptimizerState(.adam(), for: network.layers, parametrization: .standard)
        loss = .init(network: network, sampleCount: samples.rowCount)
        (self.samples, self.settings, self.network) = (samples, settings, network)
    }

    /// Runs one epoch.
    /// - Returns: The mean squared error of the noisy copies before the step; not finite once training has diverged.
    public mutating func runEpoch() -> Double {
        var elements = samples.elements
        for index in elements.indices where generator.nextUniform() < settings.share {
            elements[index] += Float(settings.deviation * generator.nextNormal())
        }
        let copies = Matrix(rowCount: samples.rowCount, columnCount: samples.columnCount, elements: elements)
        let error = loss.evaluate(network, inputs: copies, targets: samples)
        if error.isFinite { network.step(&optimizer, gradients: loss.gradients, learningRate: settings.learningRate) }
        return error
    }

    /// The network as it stands.
    public func storedMap() -> any StoredMap { network }
}
