public import EngramNetworks
public import EngramNumerics

/// The Jacobian of f: R^d → R^d in orthonormal coordinates of what it reads and of where it writes: J(x) = Q_out C(x) Q_inᵀ.
///
/// J = W_L D_{L-1} W_{L-1} … D_1 W_1 reads the row space of W_1 and writes the column space of W_L. With orthonormal bases of both, C(x) has
/// the widths of the network for sides and the singular values of J(x): for two factors, those of A·B are those of R_A·R_Bᵀ from
/// A = Q_A R_A and Bᵀ = Q_B R_B. Nothing of size d×d is formed.
public struct JacobianCore: Sendable {
    /// Layers (W_1 Q_in, …, Q_outᵀ W_L): the Jacobian of this network is C, at the hidden derivatives of f. Its biases mean nothing.
    private let network: FullyConnectedNetwork<Double>
    /// Whether Q_in is the basis of the image: then the core of a product of Jacobians is the product of their cores.
    public let readsItsImage: Bool

    /// - Parameters:
    ///   - network: f, R^d → R^d.
    ///   - restriction: Of that network to its image; its basis is Q_out, and Q_in too where W_1 reads nothing else.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public init(of network: FullyConnectedNetwork<Double>, restriction: ImageRestriction) throws(NumericsError) {
        let first = network.layers[0].weights
        try first.requireFinite(in: "Jacobian core")
        var core = restriction.network
        // ‖W_1‖² - ‖W_1 Q‖² is the square of what Q misses. The difference keeps 8 digits of the share, 2 more than are asked for.
        let (whole, kept) = (first.frobeniusNorm, core.layers[0].weights.frobeniusNorm)
        let missed = (max(whole * whole - kept * kept, 0)).squareRoot()
        readsItsImage = network.layers.count == 1 || missed <= ImageRestriction.leakageTolerance * whole
        if !readsItsImage {
            let isWide = first.columnCount > first.rowCount
            core.layers[0].weights = isWide ? first * (try first.transposed().orthonormalizedColumns()) : first
        }
        self.network = core
    }

    /// C at one point, shape `[dimensions written, dimensions read]`; its singular values are the nonzero ones of J.
    ///
    /// - Parameters:
    ///   - derivatives: `hiddenDerivatives(of:)` of f.
    ///   - row: Which row of them is the point.
    public func matrix(derivatives: [Matrix<Double>], row: Int) -> Matrix<Double> {
        network.jacobian(derivatives: derivatives, row: row)
    }

    /// ‖J‖₂ at each point, all points together: one product with each layer serves them all.
    ///
    /// - Parameters:
    ///   - derivatives: `hiddenDerivatives(of:)` of f at the points; empty for a network without hidden layers.
    ///   - count: Number of points.
    ///   - onPoints: Told how many points are done; may throw to cancel.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; whatever `onPoints` throws.
    public func operatorNorms(
        derivatives: [Matrix<Double>], count: Int, onPoints: (Int) throws -> Void = { _ in }
    ) throws -> [OperatorNorm] {
        let widest = max(network.inputDimension, network.outputDimension)
        let batchCount = max(1, Self.workingByteCount / (16 * LanczosBidiagonalization.maximumStepCount * widest))
        var norms: [OperatorNorm] = []
        for first in stride(from: 0, to: count, by: batchCount) {
            let rows = first..<min(first + batchCount, count)
            let own = derivatives.map { $0.rows(at: rows) }
            norms += try LanczosBidiagonalization.operatorNorms(
                count: rows.count, inputDimension: network.inputDimension,
                apply: { tangents, points in
                    network.pushForward(rows: tangents, derivatives: own.map { $0.rows(at: points) })
                },
                applyTransposed: { cotangents, points in
                    network.pullBack(rows: cotangents, derivatives: own.map { $0.rows(at: points) })
                })
            try onPoints(norms.count)
        }
        return norms
    }

    /// Bases of so many points are held at a time.
    private static let workingByteCount = 128 << 20
}

extension FullyConnectedNetwork {
    /// J(x_i)·t_i for each row t_i of `tangents`, shape `[n, inputDimension]` to `[n, outputDimension]`.
    ///
    /// - Parameter derivatives: `hiddenDerivatives(of:)` of the n points x_i.
    public func pushForward(rows tangents: Matrix<Scalar>, derivatives: [Matrix<Scalar>]) -> Matrix<Scalar> {
        var result = tangents
        for (index, layer) in layers.enumerated() {
            result = result.multiplied(by: layer.weights, transposingOther: true)
            if index < derivatives.count { result.multiplyEntries(by: derivatives[index]) }
        }
        return result
    }

    /// J(x_i)ᵀ·t_i for each row t_i of `cotangents`, shape `[n, outputDimension]` to `[n, inputDimension]`.
    public func pullBack(rows cotangents: Matrix<Scalar>, derivatives: [Matrix<Scalar>]) -> Matrix<Scalar> {
        var result = cotangents
        for (index, layer) in layers.enumerated().reversed() {
            if index < derivatives.count { result.multiplyEntries(by: derivatives[index]) }
            result = result * layer.weights
        }
        return result
    }

    /// ‖f(x_i) - y_i‖, Euclidean, of each row x_i of `examples` and its target y_i.
    ///
    /// - Parameter examples: Shape `[task.count, inputDimension]`.
    public func residualNorms(at examples: Matrix<Scalar>, task: MemoryTask) -> [Double] {
        let outputs = outputs(of: examples)
        return (0..<examples.rowCount).map { squaredDistance(outputs.row($0), examples.row(task.successors[$0])).squareRoot() }
    }
}

extension Matrix {
    /// Multiplies every entry by the one of `other` at its place.
    fileprivate mutating func multiplyEntries(by other: Matrix) {
        var sums = [Scalar](repeating: 0, count: columnCount)
        multiplyEntries(by: other, columnSums: &sums)
    }
}
