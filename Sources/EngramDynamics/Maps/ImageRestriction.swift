public import EngramNumerics

/// A map f: R^d → R^d seen on the affine subspace that holds all its outputs, as a map g: R^k → R^k.
///
/// With x = o + Q s, Q orthonormal, g(s) = Qᵀ(f(o + Q s) - o). From its second step on, iterating f is iterating g; the nonzero
/// eigenvalues of ∂f at a point of the subspace are those of ∂g, distances agree because Q is orthonormal, and nothing of size d×d is
/// ever formed.
public struct ImageRestriction: Sendable {
    /// g.
    public let map: any DifferentiableMap
    /// o and Q.
    public let subspace: AffineSubspace
    /// Whether the subspace is the proposed one, which may miss a little of the outputs: `IterableMap.relativeLeakage` says how much.
    public let isProposed: Bool

    /// Above this share, a proposed basis does not hold the outputs. Float32 weights are rounded by 6e-8 each.
    public static let leakageTolerance = 1e-6

    /// A restriction from its parts: `map` is g on the coordinates of `subspace`.
    public init(map: any DifferentiableMap, subspace: AffineSubspace, isProposed: Bool = false) {
        precondition(
            map.inputDimension == subspace.dimension && map.outputDimension == subspace.dimension,
            "A map R^\(map.inputDimension) → R^\(map.outputDimension) is none of \(subspace.dimension) coordinates.")
        self.map = map
        self.subspace = subspace
        self.isProposed = isProposed
    }

    /// The restriction of `map` to its image; see `IterableMap.imageRestriction`.
    ///
    /// - Throws: `NumericsError.nonFinite` for parameters that are not finite; `.notConverged`.
    public init(of map: any IterableMap, proposedBasis: Matrix<Double>? = nil) throws(NumericsError) {
        precondition(
            map.inputDimension == map.outputDimension,
            "Only a map of a space to itself can be iterated, got R^\(map.inputDimension) → R^\(map.outputDimension).")
        self = try map.imageRestriction(proposedBasis: proposedBasis)
    }

    /// o, shape `[d]`.
    public var origin: [Double] { subspace.origin }
    /// Q, shape `[d, k]`, orthonormal columns.
    public var basis: Matrix<Double> { subspace.basis }

    /// s of points of the subspace, shape `[n, d]` to `[n, k]`; what lies off the subspace is lost.
    public func coordinates(of points: Matrix<Double>) -> Matrix<Double> { subspace.coordinates(of: points) }

    /// x of coordinates, shape `[n, k]` to `[n, d]`.
    public func points(at coordinates: Matrix<Double>) -> Matrix<Double> { subspace.points(at: coordinates) }

    /// The states that iterating the whole map visits, in coordinates: f(x), f(f(x)), …, shape `[count, k]`.
    ///
    /// - Parameters:
    ///   - fullMap: The map that this is the restriction of; its first step brings the start into the subspace.
    ///   - start: x, shape `[d]`.
    ///   - count: How many states, at least 1.
    public func trajectory(of fullMap: any DifferentiableMap, from start: [Double], count: Int) -> Matrix<Double> {
        var state = coordinates(of: fullMap.outputs(of: Matrix(rowCount: 1, columnCount: start.count, elements: start)))
        var visited: [Double] = state.elements
        for _ in 1..<max(count, 1) {
            state = map.outputs(of: state)
            visited += state.elements
        }
        return Matrix(rowCount: max(count, 1), columnCount: state.columnCount, elements: visited)
    }
}

/// g(s) = Qᵀ(f(o + Q s) - o) by its definition, for families without a shorter way.
public struct RestrictedMap: DifferentiableMap {
    private let whole: any DifferentiableMap
    private let subspace: AffineSubspace

    /// The restriction of `whole`, R^d → R^d, to a subspace that holds its outputs.
    public init(of whole: any DifferentiableMap, to subspace: AffineSubspace) {
        self.whole = whole
        self.subspace = subspace
    }

    /// k.
    public var inputDimension: Int { subspace.dimension }
    /// k.
    public var outputDimension: Int { subspace.dimension }
    /// That of f, and of the way into the whole space and back.
    public var operationCount: Double { whole.operationCount + 4 * Double(subspace.origin.count * subspace.dimension) }

    /// g of each row of `batch`.
    public func outputs(of batch: Matrix<Double>) -> Matrix<Double> {
        subspace.coordinates(of: whole.outputs(of: subspace.points(at: batch)))
    }

    /// Qᵀ J Q at each row of `points`.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization {
        RestrictedLinearization(whole: whole.linearized(at: subspace.points(at: points)), basis: subspace.basis)
    }
}

private struct RestrictedLinearization: MapLinearization {
    let whole: any MapLinearization
    /// Q.
    let basis: Matrix<Double>

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        whole.pushForward(rows: tangents.multiplied(by: basis, transposingOther: true), at: points) * basis
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        whole.pullBack(rows: cotangents.multiplied(by: basis, transposingOther: true), at: points) * basis
    }

    func jacobian(at point: Int) -> Matrix<Double> { pushForward(.identity(basis.columnCount), at: point) }
}
