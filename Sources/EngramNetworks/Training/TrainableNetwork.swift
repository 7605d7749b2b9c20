public import EngramNumerics

/// A network that an optimizer can train: parameters in blocks of weights and biases, and gradients by them.
///
/// A family conforms in its own folder. A convolution's kernel of shape `[out, in, height, width]` is a block of weights
/// `[out, in·height·width]`; a recurrent cell's two matrices are two blocks.
public protocol TrainableNetwork<Scalar>: Sendable, Equatable {
    /// What values are computed in.
    associatedtype Scalar: NumericScalar
    /// Computes loss and gradients, with buffers of its own.
    associatedtype Gradients: LossGradients where Gradients.Network == Self

    /// All that is trained, in an order that does not change. New values must keep every block's shape.
    var layers: [DenseLayer<Scalar>] { get set }
    /// Length of x.
    var inputDimension: Int { get }
    /// Length of f(x).
    var outputDimension: Int { get }
    /// Number of weights and biases.
    var parameterCount: Int { get }

    /// Takes one step of `state` on `layers`.
    ///
    /// Each family has this line of its own: a change in place that goes through the protocol takes memory in every step.
    mutating func step(_ state: inout OptimizerState<Scalar>, gradients: [DenseLayer<Scalar>], learningRate: Double)
}

/// The loss of a network on a batch with its gradients: the mean squared error, [RBU20] Eq. (2), where a family says nothing else.
public protocol LossGradients<Network>: Sendable {
    /// The family.
    associatedtype Network: TrainableNetwork

    /// Buffers for batches of up to `sampleCount` rows through networks shaped like `network`.
    init(network: Network, sampleCount: Int)

    /// ∂loss/∂W and ∂loss/∂b of each block, as of the last evaluation.
    var gradients: [DenseLayer<Network.Scalar>] { get }

    /// What an evaluation leaves for the next one, as a recurrent network's state; a checkpoint holds it. Empty for most.
    var carried: [Network.Scalar] { get set }

    /// Computes loss and gradients at the network's present parameters.
    ///
    /// - Parameters:
    ///   - network: Of the shape that the buffers were made for.
    ///   - inputs: Shape `[n, inputDimension]`, n at most the sample count of the buffers.
    ///   - targets: Shape `[n, outputDimension]`.
    /// - Returns: The loss.
    mutating func evaluate(_ network: Network, inputs: Matrix<Network.Scalar>, targets: Matrix<Network.Scalar>) -> Double
}

extension LossGradients {
    /// Nothing.
    public var carried: [Network.Scalar] {
        get { [] }
        set {}
    }
}

extension TrainableNetwork {
    /// Number of weights and biases of all blocks.
    public var parameterCount: Int { layers.reduce(0) { $0 + $1.outputCount * ($1.inputCount + 1) } }
}
