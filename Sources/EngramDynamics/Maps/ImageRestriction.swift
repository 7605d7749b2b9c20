public import EngramNetworks
public import EngramNumerics

/// A map f: R^d → R^d seen on the affine subspace that holds all its outputs, as an ordinary network R^k → R^k.
///
/// The last layer is affine, so f(x) = b_L + W_L h lies in b_L + range(W_L). With an orthonormal basis Q of that range, x = b_L + Q s
/// and g(s) = Qᵀ(f(b_L + Q s) - b_L) is again a fully connected network, with first layer (W_1 Q, b_1 + W_1 b_L) and last layer
/// (Qᵀ W_L, 0). From its second step on, iterating f is iterating g; the nonzero eigenvalues of ∂f at a point of the subspace are those
/// of ∂g, distances agree because Q is orthonormal, and nothing of size d×d is ever formed.
public struct ImageRestriction: Sendable {
    /// g.
    public let network: FullyConnectedNetwork<Double>
    /// b_L, shape `[d]`.
    public let origin: [Double]
    /// Q, shape `[d, k]`, orthonormal columns.
    public let basis: Matrix<Double>
    /// ‖(I - QQᵀ) W_L‖_F / ‖W_L‖_F: the part of the outputs that the basis misses; rounding when the reduction is exact.
    public let relativeLeakage: Double

    /// Above this share, a proposed basis does not hold the outputs. Float32 weights are rounded by 6e-8 each.
    public static let leakageTolerance = 1e-6

    /// The restriction of `network` to its image.
    ///
    /// - Parameters:
    ///   - network: Maps R^d to R^d.
    ///   - proposedBasis: Orthonormal columns that may span the image in fewer dimensions than the last hidden layer has, e.g. the span
    ///     of the data; used when it misses no more than `leakageTolerance`, else the basis is that of W_L itself.
    /// - Throws: `NumericsError.nonFinite` for diverged weights; `.notConverged`.
    public init(of network: FullyConnectedNetwork<Double>, proposedBasis: Matrix<Double>? = nil) throws(NumericsError) {
        precondition(
            network.inputDimension == network.outputDimension,
            "Only a map of a space to itself can be iterated, got R^\(network.inputDimension) → R^\(network.outputDimension).")
        let last = network.layers.count - 1
        let outputWeights = network.layers[last].weights
        try outputWeights.requireFinite(in: "Restriction to the image")
        var chosen = proposedBasis
        var leakage = 0.0
        if let proposed = proposedBasis {
            let projected = proposed * proposed.multiplied(by: outputWeights, transposingSelf: true)
            leakage = (outputWeights - projected).frobeniusNorm / max(outputWeights.frobeniusNorm, .leastNormalMagnitude)
            if leakage > Self.leakageTolerance { chosen = nil }
        }
        if chosen == nil {
            leakage = 0
            let isTall = outputWeights.rowCount >= outputWeights.columnCount
            chosen = isTall ? try outputWeights.orthonormalizedColumns() : .identity(network.outputDimension)
        }
        let basis = chosen ?? .identity(network.outputDimension)
        let origin = network.layers[last].biases
        var restricted = network
        restricted.layers[last] = DenseLayer(
            weights: basis.multiplied(by: outputWeights, transposingSelf: true), biases: Array(repeating: 0, count: basis.columnCount))
        let first = restricted.layers[0]
        // A network without hidden layers has one layer that is both first and last.
        let shift = network.layers[0].weights * origin
        restricted.layers[0] = DenseLayer(
            weights: first.weights * basis,
            biases: last == 0
                ? basis.multiplied(by: Matrix(rowCount: shift.count, columnCount: 1, elements: shift), transposingSelf: true).elements
                : zip(first.biases, shift).map { $0 + $1 })
        self.network = restricted
        self.origin = origin
        self.basis = basis
        relativeLeakage = leakage
    }

    /// s of points of the subspace, shape `[n, d]` to `[n, k]`; what lies off the subspace is lost.
    public func coordinates(of points: Matrix<Double>) -> Matrix<Double> {
        var centred = points
        centred.addToRows(origin, scaledBy: -1)
        return centred * basis
    }

    /// x of coordinates, shape `[n, k]` to `[n, d]`.
    public func points(at coordinates: Matrix<Double>) -> Matrix<Double> {
        var result = coordinates.multiplied(by: basis, transposingOther: true)
        result.addToRows(origin)
        return result
    }

    /// The states that iterating the whole map visits, in coordinates: f(x), f(f(x)), …, shape `[count, k]`.
    ///
    /// - Parameters:
    ///   - fullNetwork: The map that this is the restriction of; its first step brings the start into the subspace.
    ///   - start: x, shape `[d]`.
    ///   - count: How many states, at least 1.
    public func trajectory(of fullNetwork: FullyConnectedNetwork<Double>, from start: [Double], count: Int) -> Matrix<Double> {
        var state = coordinates(of: fullNetwork.outputs(of: Matrix(rowCount: 1, columnCount: start.count, elements: start)))
        var visited: [Double] = state.elements
        for _ in 1..<max(count, 1) {
            state = network.outputs(of: state)
            visited += state.elements
        }
        return Matrix(rowCount: max(count, 1), columnCount: state.columnCount, elements: visited)
    }
}
