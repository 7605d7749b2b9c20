public import EngramNumerics

/// The kernel of an infinitely wide fully connected network: of its outputs at random weights, or of its training.
///
/// Accuracy, tested: values within 1e-12 of √(k(x, x) k(z, z)), for `tanh` and `sigmoid` 1e-11; gradients within 1e-11 of their largest entry, for
/// `sigmoid` 1e-9, also at norms of 1e5 and at x = z. Near a diagonal that is not smooth, a gradient has the rounding over the angle of x and z.
///
/// Cost an entry and layer: a square root, a quotient and an arc tangent or two exponentials; `tanh` and `sigmoid` 441 times that.
public struct FullyConnectedKernel: Kernel {
    /// Which kernel of the network.
    public enum Kind: String, CaseIterable, Sendable {
        /// Σ, the covariance of the outputs over random weights (neural network Gaussian process).
        case nngp
        /// Θ, the neural tangent kernel: inner products of the outputs' gradients by all weights.
        case ntk
    }

    /// Which kernel of the network.
    public let kind: Kind
    /// The nonlinearity.
    public let activation: any DualActivation
    /// Number of hidden layers, that is of nonlinearities: one less than that of weight matrices.
    public let depth: Int
    /// The variances of weights and biases.
    public let prior: NetworkPrior

    /// Creates a kernel.
    ///
    /// - Parameters:
    ///   - kind: NNGP or NTK.
    ///   - activation: The nonlinearity, the same in all hidden layers.
    ///   - depth: Number of hidden layers, at least 1.
    ///   - prior: The variances; the default has all 1 and no biases.
    public init(kind: Kind, activation: some DualActivation, depth: Int, prior: NetworkPrior = NetworkPrior()) {
        precondition(depth >= 1, "A network kernel needs a hidden layer, got \(depth).")
        self.kind = kind
        self.activation = activation
        self.depth = depth
        self.prior = prior
    }

    /// The tangent kernel of [JP20] Eq. (6): one hidden layer, the sigmoid (1 + erf(u/2))/2, inputs scaled by 1/√n₀.
    /// - Parameter inputCount: n₀ ≥ 1.
    public static func erfSigmoid(inputCount: Int) -> FullyConnectedKernel {
        precondition(inputCount >= 1, "A network needs an input, got \(inputCount).")
        return FullyConnectedKernel(
            kind: .ntk, activation: ErrorFunctionDual.sigmoidOfErf, depth: 1, prior: NetworkPrior(inputScale: 1 / Double(inputCount)))
    }

    /// The values; see `Kernel`.
    public func values(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double> {
        let layers = recursion(points, centers, wantsGradients: false)
        return layers.geometry.products.valueMatrix { row, products, outputs in
            activation.appendRow(KernelRow(index: row, products: products, wantsGradients: false), of: layers, to: &outputs)
        }
    }

    /// The values with their gradients; see `Kernel`.
    public func gradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients {
        let layers = recursion(points, centers, wantsGradients: true)
        let outputs = layers.geometry.products.collectRows(.alongBoth) { row, products, outputs in
            activation.appendRow(KernelRow(index: row, products: products, wantsGradients: true), of: layers, to: &outputs)
        }
        let (m, n) = (points.rowCount, centers.rowCount)
        return KernelGradients(
            values: Matrix(rowCount: m, columnCount: n, elements: outputs.values),
            alongDifferences: Matrix(rowCount: m, columnCount: n, elements: outputs.alongDifferences),
            alongPoints: Matrix(rowCount: m, columnCount: n, elements: outputs.alongPoints))
    }

    /// k(x_i, x_i), from the norms alone.
    public func diagonal(at points: Matrix<Double>) -> [Double] {
        PairGeometry.norms(points).map {
            LayerRecursion.diagonal(norm: $0, depth: depth, isTangent: kind == .ntk, prior: prior, dual: activation)
        }
    }

    /// The NNGP is, and the NTK of a nonlinearity without kinks.
    public var isSmoothOnDiagonal: Bool { kind == .nngp || activation.hasSmoothDerivative }

    private func recursion(_ points: Matrix<Double>, _ centers: Matrix<Double>, wantsGradients: Bool) -> LayerRecursion {
        LayerRecursion(
            geometry: PairGeometry(points: points, centers: centers), depth: depth, isTangent: kind == .ntk, prior: prior,
            dual: activation, wantsGradients: wantsGradients)
    }
}
