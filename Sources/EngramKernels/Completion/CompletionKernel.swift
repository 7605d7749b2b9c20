public import EngramNumerics

/// The kernel of matrix completion between two positions of a row, from the columns of the feature prior: [R23] Theorem 5.
///
/// K(M_ij, M_i'j') = 1[i = i'] κ(⟨z_j, z_j'⟩) for columns z of norm 1 and a fully connected network whose nonlinearity keeps norms: each row of
/// the matrix is a regression of its own, and all rows share one kernel over positions. κ here is the tangent kernel after `depth`
/// nonlinearities: κ(1) = depth + 1, and for ReLU at depth 1 κ(0) = 1/π.
///
/// A tail t appends t·I to the prior, one coordinate to a position, before it is normalised ([R23] SI C has t = 1.5): positions with equal
/// features stay apart, and the kernel matrix is positive definite. The coordinates are not stored; they shrink the inner product of
/// different positions to ⟨z, z'⟩/(1 + t²).
public struct CompletionKernel: Sendable {
    /// The nonlinearity, homogeneous so that norms are kept.
    public let activation: RectifierDual
    /// Number of nonlinearities, at least 1.
    public let depth: Int
    /// t ≥ 0.
    public let tail: Double

    /// A kernel; the default is the one of [R23] section 3.3 without its tail.
    public init(activation: RectifierDual = RectifierDual(slope: 0), depth: Int = 1, tail: Double = 0) {
        precondition(depth >= 1 && tail >= 0 && tail.isFinite, "A completion kernel has a depth of 1 or more and a tail of 0 or more.")
        self.activation = activation
        self.depth = depth
        self.tail = tail
    }

    private var network: FullyConnectedKernel {
        FullyConnectedKernel(
            kind: .ntk, activation: activation, depth: depth, prior: NetworkPrior(weightVariance: activation.unitGain))
    }

    /// K of all positions, shape `[n, n]`.
    ///
    /// - Parameter features: Z with a position to a row, shape `[n, p]`. Rows are normalised here; a row of zeros stays one and has
    ///   the kernel 0 with all others.
    /// - Complexity: 2·n²·p operations and n² kernel values, twice as many with a tail.
    public func matrix(of features: Matrix<Double>) -> Matrix<Double> {
        let unit = features.rowsOfUnitNorm()
        guard tail > 0 else { return network.values(at: unit, centers: unit) }
        var kernel = values(at: unit, centers: unit)
        let diagonal = network.diagonal(at: Matrix(rowCount: 1, columnCount: 1, repeating: 1))[0]
        for index in 0..<features.rowCount { kernel[index, index] = diagonal }
        return kernel
    }

    /// K between positions and others that are none of them, shape `[m, n]`.
    ///
    /// - Parameters:
    ///   - positions: Shape `[m, p]`.
    ///   - centers: Shape `[n, p]`.
    public func values(at positions: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double> {
        let (left, right) = (positions.rowsOfUnitNorm(), centers.rowsOfUnitNorm())
        guard tail > 0 else { return network.values(at: left, centers: right) }
        // √c z and the rest of the norm in a coordinate of its own on either side: all norms stay 1, and inner products become c⟨z, z'⟩.
        let c = 1 / (1 + tail * tail)
        let (shrunk, rest) = (c.squareRoot(), (1 - c).squareRoot())
        let first = (shrunk * left).appendingColumn(repeating: rest).appendingColumn(repeating: 0)
        let second = (shrunk * right).appendingColumn(repeating: 0).appendingColumn(repeating: rest)
        return network.values(at: first, centers: second)
    }
}

extension Matrix where Scalar == Double {
    /// Each row divided by its norm; rows of zeros stay.
    func rowsOfUnitNorm() -> Matrix {
        var result = self
        result.scaleRows(
            by: (0..<rowCount).map { index in
                let norm = row(index).reduce(0) { $0 + $1 * $1 }.squareRoot()
                return norm > 0 ? 1 / norm : 0
            })
        return result
    }
}
