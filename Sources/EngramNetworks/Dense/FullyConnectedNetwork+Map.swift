public import EngramDynamics
public import EngramNumerics

extension FullyConnectedNetwork: DifferentiableMap, IterableMap where Scalar == Double {
    /// A multiplication and an addition for each weight.
    public var operationCount: Double { 2 * Double(parameterCount) }

    /// The slopes of the hidden units at each row of `points`.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization {
        DenseLinearization(network: self, derivatives: hiddenDerivatives(of: points))
    }

    /// b_L + range(W_L): the last layer is affine, so f(x) = b_L + W_L h.
    ///
    /// - Throws: `NumericsError.nonFinite` for diverged weights; `.notConverged`.
    public func imageSubspace() throws(NumericsError) -> AffineSubspace {
        let output = layers[layers.count - 1]
        try output.weights.requireFinite(in: "Restriction to the image")
        let isTall = output.outputCount >= output.inputCount
        return AffineSubspace(
            origin: output.biases, basis: isTall ? try output.weights.orthonormalizedColumns() : .identity(outputDimension))
    }

    /// An ordinary network R^k → R^k, with first layer (W_1 Q, b_1 + W_1 b_L) and last layer (Qᵀ W_L, 0).
    ///
    /// - Parameter proposedBasis: Used when it misses no more of W_L than `ImageRestriction.leakageTolerance`.
    /// - Throws: `NumericsError.nonFinite` for diverged weights; `.notConverged`.
    public func imageRestriction(proposedBasis: Matrix<Double>?) throws(NumericsError) -> ImageRestriction {
        let output = layers[layers.count - 1]
        try output.weights.requireFinite(in: "Restriction to the image")
        if let proposed = proposedBasis {
            let coefficients = proposed.multiplied(by: output.weights, transposingSelf: true)
            let subspace = AffineSubspace(origin: output.biases, basis: proposed)
            if holdsOutputs(subspace, coefficients) {
                return ImageRestriction(
                    map: restricted(to: subspace, outputCoefficients: coefficients), subspace: subspace, isProposed: true)
            }
        }
        let subspace = try imageSubspace()
        return ImageRestriction(map: restricted(to: subspace), subspace: subspace)
    }

    /// ‖W_L - Q Qᵀ W_L‖ / ‖W_L‖ in the Frobenius norm: the share of the output weights that a subspace misses.
    public func relativeLeakage(outside subspace: AffineSubspace) -> Double {
        let weights = layers[layers.count - 1].weights
        let projected = subspace.basis * subspace.basis.multiplied(by: weights, transposingSelf: true)
        return (weights - projected).frobeniusNorm / max(weights.frobeniusNorm, .leastNormalMagnitude)
    }

    /// Whether a subspace misses no more of W_L than `ImageRestriction.leakageTolerance`.
    ///
    /// Q has orthonormal columns, so what it misses of the square of the norm is the difference of two norms, which costs nothing beside the
    /// product that the exact share takes. Products and sums of d terms round by a few √d ulp (Higham and Mary 2019), which is below the
    /// square of the tolerance for every d that fits in memory; where that decides nothing, the exact share does.
    private func holdsOutputs(_ subspace: AffineSubspace, _ coefficients: Matrix<Double>) -> Bool {
        let weights = layers[layers.count - 1].weights
        let whole = max(weights.squaredFrobeniusNorm, .leastNormalMagnitude)
        let share = (whole - coefficients.squaredFrobeniusNorm) / whole
        let uncertainty = 8 * Double(max(weights.rowCount, weights.columnCount)).squareRoot() * Double.ulpOfOne
        let limit = ImageRestriction.leakageTolerance * ImageRestriction.leakageTolerance
        if share + uncertainty <= limit { return true }
        if share - uncertainty > limit { return false }
        return relativeLeakage(outside: subspace) <= ImageRestriction.leakageTolerance
    }

    /// Through the last layer of the restriction, which is Qᵀ W_L, in place of W_L: half of the work.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> {
        ending(in: restriction)?.outputs(of: batch) ?? restriction.coordinates(of: outputs(of: batch))
    }

    /// As `imageCoordinates`.
    public func imageLinearization(at points: Matrix<Double>, in restriction: ImageRestriction) -> any MapLinearization {
        ending(in: restriction)?.linearized(at: points)
            ?? ProjectedLinearization(whole: linearized(at: points), basis: restriction.basis)
    }

    /// This network with the last layer of its restriction; nil where it has but one.
    private func ending(in restriction: ImageRestriction) -> FullyConnectedNetwork<Double>? {
        guard let inner = restriction.map as? FullyConnectedNetwork<Double>, layers.count > 1, inner.layers.count == layers.count else {
            return nil
        }
        var short = self
        short.layers[layers.count - 1] = inner.layers[layers.count - 1]
        return short
    }

    /// The widths of the network for sides, whatever d is.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func jacobianCore(in restriction: ImageRestriction) throws(NumericsError) -> any JacobianCore {
        try DenseJacobianCore(of: self, subspace: restriction.subspace)
    }

    /// The network in the coordinates of a subspace that holds its outputs.
    /// - Parameter outputCoefficients: Qᵀ W_L, where it is known; it is the same product, so the same values.
    func restricted(to subspace: AffineSubspace, outputCoefficients: Matrix<Double>? = nil) -> FullyConnectedNetwork<Double> {
        let last = layers.count - 1
        let (origin, basis) = (subspace.origin, subspace.basis)
        var restricted = self
        restricted.layers[last] = DenseLayer(
            weights: outputCoefficients ?? basis.multiplied(by: layers[last].weights, transposingSelf: true),
            biases: Array(repeating: 0, count: basis.columnCount))
        let first = restricted.layers[0]
        // A network without hidden layers has one layer that is both first and last.
        let shift = layers[0].weights * origin
        restricted.layers[0] = DenseLayer(
            weights: first.weights * basis,
            biases: last == 0
                ? basis.multiplied(by: Matrix(rowCount: shift.count, columnCount: 1, elements: shift), transposingSelf: true).elements
                : zip(first.biases, shift).map { $0 + $1 })
        return restricted
    }
}

/// The Jacobians of a network at points where the slopes of its hidden units are known.
struct DenseLinearization: MapLinearization {
    let network: FullyConnectedNetwork<Double>
    /// φ' of every hidden layer, a row for each point.
    let derivatives: [Matrix<Double>]

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        network.pushForward(rows: tangents, derivatives: derivatives.map { $0.rows(at: points) })
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        network.pullBack(rows: cotangents, derivatives: derivatives.map { $0.rows(at: points) })
    }

    func pushForward(_ tangents: Matrix<Double>, at point: Int) -> Matrix<Double> {
        network.pushForward(tangents, derivatives: derivatives, row: point)
    }

    func jacobian(at point: Int) -> Matrix<Double> { network.jacobian(derivatives: derivatives, row: point) }
}
