public import EngramNumerics

/// A map f: R^d → R^d that can be iterated, and that knows the affine subspace which holds all its outputs.
///
/// From its second step on, iteration stays in that subspace, so spectra and recall work in its coordinates: often a few hundred in
/// place of tens of thousands.
public protocol IterableMap: DifferentiableMap {
    /// An affine subspace that holds f(x) for every x.
    ///
    /// - Throws: `NumericsError.nonFinite` for parameters that are not finite; `.notConverged`.
    func imageSubspace() throws(NumericsError) -> AffineSubspace

    /// f seen on the subspace that holds its outputs.
    ///
    /// - Parameter proposedBasis: Orthonormal columns, shape `[d, k]`, that may span the image in fewer dimensions than f knows of, such
    ///   as the span of the data. A family may use them where they miss no more than `ImageRestriction.leakageTolerance`.
    /// - Throws: `NumericsError.nonFinite` for parameters that are not finite; `.notConverged`.
    func imageRestriction(proposedBasis: Matrix<Double>?) throws(NumericsError) -> ImageRestriction

    /// The share of the outputs that a subspace misses, in the Frobenius norm of what spans them; 0 where it holds them by construction.
    /// - Parameter subspace: That of a restriction of this map.
    func relativeLeakage(outside subspace: AffineSubspace) -> Double

    /// The Jacobians of f in orthonormal coordinates of what it reads and of where it writes.
    ///
    /// - Parameter restriction: Of this map.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    func jacobianCore(in restriction: ImageRestriction) throws(NumericsError) -> any JacobianCore

    /// The coordinates of f(x) for each row x of `batch`, shape `[n, d]` to `[n, k]`: the first step of an iteration.
    ///
    /// - Parameters:
    ///   - batch: Points anywhere in R^d.
    ///   - restriction: Of this map.
    func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double>

    /// The Jacobians of what `imageCoordinates` computes, R^d → R^k, at each row of `points`.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`.
    ///   - restriction: Of this map.
    func imageLinearization(at points: Matrix<Double>, in restriction: ImageRestriction) -> any MapLinearization

    /// Whether nearly every state leads exactly to one of few, as many as are stored: then starts that have met go on as one.
    var mergesStates: Bool { get }

    /// For each row of `points`, shape `[n, d]`, a distance within which every state has exactly the output that this point has; nil where
    /// the family knows none.
    func certifiedRadii(at points: Matrix<Double>) -> [Double]?

    /// Where examples lie in the coordinates of the image.
    ///
    /// - Parameters:
    ///   - examples: Shape `[n, d]`.
    ///   - restriction: Of this map.
    func places(of examples: Matrix<Double>, in restriction: ImageRestriction) -> ProjectedExamples

    // MARK: State

    /// Entries at the end of a point that are no part of a sample: what the map remembers of the samples before it. 0 for a map that
    /// remembers nothing.
    var stateEntryCount: Int { get }

    /// What the map remembers as it meets each sample of a cycle that it reads round and round, shape `[n, stateEntryCount]`.
    /// - Parameter cycle: Samples without a state, shape `[n, d - stateEntryCount]`.
    func carriedStates(along cycle: Matrix<Double>) -> Matrix<Double>

    /// The point at which the map stands once it has read all samples but the last, which it is about to read; shape `[d]`.
    ///
    /// - Parameter samples: Shape `[d - stateEntryCount]` each, in the order in which they are read, at least one; nil where one is missing.
    func point(reading samples: [[Double]?]) -> [Double]

    /// The same from each of some states, in which the map knows where it is and supplies what is missing; shape `[n, d]`.
    ///
    /// - Parameters:
    ///   - samples: As for one.
    ///   - states: What the map remembers before the first sample, shape `[n, stateEntryCount]`.
    func points(reading samples: [[Double]?], from states: Matrix<Double>) -> Matrix<Double>

    /// By how much the sample that each point leads to is preferred to the second best; nil where the map does not choose among samples.
    /// - Parameter points: Shape `[n, d]`.
    func choiceMargins(at points: Matrix<Double>) -> [Double]?
}

extension IterableMap {
    /// The restriction to `imageSubspace()`, each point lifted before f and projected after it.
    public func imageRestriction(proposedBasis: Matrix<Double>? = nil) throws(NumericsError) -> ImageRestriction {
        let subspace = try imageSubspace()
        return ImageRestriction(map: RestrictedMap(of: self, to: subspace), subspace: subspace)
    }

    /// 0: the subspace is the map's own.
    public func relativeLeakage(outside subspace: AffineSubspace) -> Double { 0 }

    /// Rows of the Jacobian in coordinates of the image, over the whole input space.
    public func jacobianCore(in restriction: ImageRestriction) throws(NumericsError) -> any JacobianCore {
        WholeJacobianCore(of: self, restriction: restriction)
    }

    /// The outputs, projected.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> {
        restriction.coordinates(of: outputs(of: batch))
    }

    /// Qᵀ J of the whole map.
    public func imageLinearization(at points: Matrix<Double>, in restriction: ImageRestriction) -> any MapLinearization {
        ProjectedLinearization(whole: linearized(at: points), basis: restriction.basis)
    }

    /// False.
    public var mergesStates: Bool { false }

    /// None is known.
    public func certifiedRadii(at points: Matrix<Double>) -> [Double]? { nil }

    /// None.
    public var stateEntryCount: Int { 0 }

    /// Nothing.
    public func carriedStates(along cycle: Matrix<Double>) -> Matrix<Double> { Matrix(rowCount: cycle.rowCount, columnCount: 0) }

    /// The last sample; zeros where it is missing.
    public func point(reading samples: [[Double]?]) -> [Double] {
        samples.last.flatMap { $0 } ?? [Double](repeating: 0, count: inputDimension)
    }

    /// The same for every state, of which there is none.
    public func points(reading samples: [[Double]?], from states: Matrix<Double>) -> Matrix<Double> {
        let one = point(reading: samples)
        return Matrix(rows: (0..<states.rowCount).map { _ in one })
    }

    /// None.
    public func choiceMargins(at points: Matrix<Double>) -> [Double]? { nil }

    /// By projecting each and looking how far off it is.
    public func places(of examples: Matrix<Double>, in restriction: ImageRestriction) -> ProjectedExamples {
        ProjectedExamples(of: examples, in: restriction)
    }
}

/// The points o + Q s of R^d, Q with orthonormal columns.
public struct AffineSubspace: Sendable, Equatable {
    /// o, shape `[d]`.
    public let origin: [Double]
    /// Q, shape `[d, k]`, orthonormal columns; of the whole space made anew at each call, since d² numbers are many.
    public var basis: Matrix<Double> { columns ?? .identity(origin.count) }
    /// Q; nil for the identity.
    private let columns: Matrix<Double>?

    /// A subspace through `origin` along the columns of `basis`.
    public init(origin: [Double], basis: Matrix<Double>) {
        precondition(
            origin.count == basis.rowCount, "An origin of \(origin.count) values does not fit a basis of \(basis.rowCount).")
        self.origin = origin
        columns = basis
    }

    private init(dimension: Int) {
        origin = Array(repeating: 0, count: dimension)
        columns = nil
    }

    /// R^d itself, whose points are their own coordinates.
    public static func whole(dimension: Int) -> AffineSubspace { AffineSubspace(dimension: dimension) }

    /// k.
    public var dimension: Int { columns?.columnCount ?? origin.count }

    /// s of points of the subspace, shape `[n, d]` to `[n, k]`; what lies off the subspace is lost.
    public func coordinates(of points: Matrix<Double>) -> Matrix<Double> {
        guard let columns else { return points }
        var centred = points
        centred.addToRows(origin, scaledBy: -1)
        return centred * columns
    }

    /// x of coordinates, shape `[n, k]` to `[n, d]`.
    public func points(at coordinates: Matrix<Double>) -> Matrix<Double> {
        guard let columns else { return coordinates }
        var result = coordinates.multiplied(by: columns, transposingOther: true)
        result.addToRows(origin)
        return result
    }
}
