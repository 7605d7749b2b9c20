public import EngramDynamics
public import EngramNumerics

extension TournamentMap {
    /// The span of the targets.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func imageSubspace() throws(NumericsError) -> AffineSubspace { try span().subspace }

    /// The span of the targets, with the targets in its coordinates, shape `[n, k]`.
    private func span() throws(NumericsError) -> (subspace: AffineSubspace, targets: Matrix<Double>) {
        let (n, d) = (targets.rowCount, targets.columnCount)
        let origin = [Double](repeating: 0, count: d)
        guard n < d else { return (AffineSubspace(origin: origin, basis: .identity(d)), targets) }
        if let (coefficients, rows) = try targets.orthonormalizedRows() {
            return (AffineSubspace(origin: origin, basis: rows.transposed()), coefficients)
        }
        let subspace = AffineSubspace(origin: origin, basis: try targets.transposed().orthonormalizedColumns())
        return (subspace, subspace.coordinates(of: targets))
    }

    /// A tournament of the same items on the coordinates of their targets' span.
    ///
    /// - Parameter proposedBasis: Not used: the span is known.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func imageRestriction(proposedBasis: Matrix<Double>?) throws(NumericsError) -> ImageRestriction {
        let (subspace, targets) = try span()
        let reduced = TournamentMap(
            weights: weights * subspace.basis, offsets: offsets,
            shortlist: shortlist.map { Shortlist(weights: $0.weights * subspace.basis, window: $0.window, penalty: $0.penalty) },
            margin: margin, targets: targets)
        return ImageRestriction(map: reduced, subspace: subspace)
    }

    /// An example that is a target lies where that target lies, and the span holds it; any other is projected.
    public func places(of examples: Matrix<Double>, in restriction: ImageRestriction) -> ProjectedExamples {
        guard let reduced = restriction.map as? TournamentMap, reduced.targets.rowCount == targets.rowCount else {
            return ProjectedExamples(of: examples, in: restriction)
        }
        let known = examples.indicesOfEqualRows(in: targets)
        let others = known.indices.filter { known[$0] == nil }
        let projected = ProjectedExamples(of: examples.rows(at: others), in: restriction)
        var (elements, offsets): ([Double], [Double]) = ([], [])
        var next = 0
        for index in known {
            if let index {
                elements += reduced.targets.row(index)
                offsets.append(0)
            } else {
                elements += projected.coordinates.row(next)
                offsets.append(projected.squaredOffsets[next])
                next += 1
            }
        }
        return ProjectedExamples(
            coordinates: Matrix(rowCount: known.count, columnCount: reduced.targets.columnCount, elements: elements),
            squaredOffsets: offsets)
    }

    /// The coordinates of the targets that lead, without the targets themselves.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> {
        guard let reduced = restriction.map as? TournamentMap else { return restriction.coordinates(of: outputs(of: batch)) }
        return Self.combined(leaders(of: batch), reduced.targets)
    }
}
