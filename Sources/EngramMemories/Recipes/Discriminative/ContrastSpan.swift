internal import EngramDynamics
internal import EngramNumerics

/// Orthonormal coordinates of the span of some items' contrasts, along its principal axes: x' = Vᵀ a.
struct ContrastSpan {
    /// V, shape `[r, d]`.
    let basis: Matrix<Double>
    /// a of each item, shape `[n, r]`.
    let coordinates: Matrix<Double>
    /// λ_k/n, the mean square of each coordinate over the items, shape `[r]`.
    let variances: [Double]

    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: an eigendecomposition of the smaller of n and d, and products of n²·d.
    init(of contrast: ContrastItems) throws(NumericsError) {
        let (n, d) = (contrast.items.rowCount, contrast.items.columnCount)
        let isWide = n <= d
        let square = isWide ? contrast.products : contrast.contrasts.multiplied(by: contrast.contrasts, transposingSelf: true)
        let (eigenvalues, vectors) = try square.symmetricEigendecomposition()
        let floor = Self.relativeRankTolerance * (eigenvalues.last ?? 0)
        let kept = eigenvalues.indices.filter { eigenvalues[$0] > floor && eigenvalues[$0] > 0 }.reversed()
        // Of items that are all blank one direction is kept, along which nothing differs.
        let axes = kept.isEmpty ? [eigenvalues.count - 1] : Array(kept)
        let leading = vectors.transposed().rows(at: axes)
        if isWide {
            var rows = leading * contrast.contrasts
            rows.scaleRows(by: axes.map { eigenvalues[$0] > 0 ? 1 / eigenvalues[$0].squareRoot() : 0 })
            basis = rows
        } else {
            basis = leading
        }
        coordinates = contrast.contrasts.multiplied(by: basis, transposingOther: true)
        variances = axes.map { max(eigenvalues[$0], 0) / Double(n) }
    }

    /// Squares of singular values below this share of the largest are rounding.
    private static let relativeRankTolerance = 1e-12

    /// Matched filters for noise of variance v in these coordinates, shape `[n, r]`, in units of the median score; see `ItemScores`.
    func filters(noiseVariance: Double) -> Matrix<Double> {
        var rows = coordinates
        rows.scaleColumns(by: variances.map { 1 / ($0 + noiseVariance) })
        let energies = (0..<rows.rowCount).map { zip(rows.row($0), coordinates.row($0)).reduce(0) { $0 + $1.0 * $1.1 } }
        let responses = energies.filter { $0 > 0 }.map { $0.squareRoot() }.sorted()
        let median = responses.isEmpty ? 1 : responses[responses.count / 2]
        rows.scaleRows(by: energies.map { $0 > 0 ? 1 / ($0.squareRoot() * median) : 0 })
        return rows
    }
}
