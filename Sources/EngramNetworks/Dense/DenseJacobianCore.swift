internal import EngramDynamics
internal import EngramNumerics

/// The core of a fully connected network's Jacobian: the network between orthonormal bases.
///
/// J = W_L D_{L-1} W_{L-1} … D_1 W_1 reads the row space of W_1 and writes the column space of W_L. With orthonormal bases of both, C(x) has
/// the widths of the network for sides and the singular values of J(x): for two factors, those of A·B are those of R_A·R_Bᵀ from
/// A = Q_A R_A and Bᵀ = Q_B R_B. Nothing of size d×d is formed.
struct DenseJacobianCore: JacobianCore {
    /// f, whose hidden derivatives at a point are those of C.
    private let whole: FullyConnectedNetwork<Double>
    /// Layers (W_1 Q_in, …, Q_outᵀ W_L): the Jacobian of this network is C, at the hidden derivatives of f. Its biases mean nothing.
    private let core: FullyConnectedNetwork<Double>
    let readsItsImage: Bool

    /// - Parameters:
    ///   - network: f, R^d → R^d.
    ///   - subspace: Holds the outputs of f; its basis is Q_out, and Q_in too where W_1 reads nothing else.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    init(of network: FullyConnectedNetwork<Double>, subspace: AffineSubspace) throws(NumericsError) {
        let first = network.layers[0].weights
        try first.requireFinite(in: "Jacobian core")
        var core = network.restricted(to: subspace)
        // ‖W_1‖² - ‖W_1 Q‖² is the square of what Q misses. The difference keeps 8 digits of the share, 2 more than are asked for.
        let (norm, kept) = (first.frobeniusNorm, core.layers[0].weights.frobeniusNorm)
        let missed = (max(norm * norm - kept * kept, 0)).squareRoot()
        readsItsImage = network.layers.count == 1 || missed <= ImageRestriction.leakageTolerance * norm
        if !readsItsImage {
            let isWide = first.columnCount > first.rowCount
            core.layers[0].weights = isWide ? first * (try first.transposed().orthonormalizedColumns()) : first
        }
        whole = network
        self.core = core
    }

    var inputDimension: Int { core.inputDimension }
    var outputDimension: Int { core.outputDimension }

    func linearized(at points: Matrix<Double>) -> any MapLinearization {
        DenseLinearization(network: core, derivatives: whole.hiddenDerivatives(of: points))
    }
}
