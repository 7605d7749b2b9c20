internal import EngramNetworks
internal import EngramNumerics
internal import RealModule

/// Matched filters as combinations of the items, P = R X, known through products of items alone.
///
/// Trying many kinds of filters on one drop then costs n³ each instead of n²·d, from one eigendecomposition of the Gram matrix X Xᵀ and
/// one of its centred form.
struct GramFilters {
    /// One kind of filters: P = R X and offsets q.
    struct Combination {
        /// R, shape `[n, n]`.
        let coefficients: Matrix<Double>
        /// q, shape `[n]`.
        let offsets: [Double]
    }

    /// X Xᵀ, shape `[n, n]`.
    let products: Matrix<Double>
    private let plain: (eigenvalues: [Double], eigenvectors: Matrix<Double>)
    private let centred: (eigenvalues: [Double], eigenvectors: Matrix<Double>)

    /// Number of items, n.
    var itemCount: Int { products.rowCount }

    /// - Parameter items: X, shape `[n, d]`, distinct rows.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    init(items: Matrix<Double>) throws(NumericsError) {
        products = items.multiplied(by: items, transposingOther: true)
        plain = try products.symmetricEigendecomposition()
        var centring = Matrix<Double>.identity(items.rowCount)
        centring.addToRows(Array(repeating: -1 / Double(items.rowCount), count: items.rowCount))
        centred = try (centring * products * centring).symmetricEigendecomposition()
    }

    /// The least λ that makes X Xᵀ + λI safely invertible: 0 where items are independent beyond rounding.
    var smallestRidge: Double {
        // A black image or silence has no filter whatever λ is; any λ says so without dividing by zero.
        guard let largest = plain.eigenvalues.last, largest > 0 else { return 1 }
        return (plain.eigenvalues.first ?? 0) > 1e-10 * largest ? 0 : 1e-6 * largest
    }

    /// R and q of the filters that `choice` names.
    /// - Throws: `NumericsError.notPositiveDefinite` where the items have no such filters.
    func combination(_ choice: ClosedFormMemory.Filters) throws(NumericsError) -> Combination {
        switch choice {
        case .inverse(let ridge):
            let inverses = plain.eigenvalues.map { 1 / ($0 + ridge) }
            guard inverses.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw .notPositiveDefinite(operation: "Matched filters", pivot: inverses.firstIndex { !($0.isFinite && $0 > 0) } ?? 0)
            }
            return Combination(
                coefficients: Self.spectralFunction(plain.eigenvectors, inverses), offsets: Array(repeating: 0, count: itemCount))
        case .whitened(let conditioning, let variance):
            // With X - 1 μᵀ = U S Vᵀ and T² = S² + n·v: z_i = U S T^(-p) row i and P = diag(1/‖z_i‖²) U T^(-2p) Uᵀ (I - 1 1ᵀ/n) X.
            let shift = Double(itemCount) * variance
            let largest = centred.eigenvalues.last ?? 0
            let isKept = centred.eigenvalues.map { $0 > Self.relativeRankTolerance * largest && $0 > 0 }
            let powers = zip(centred.eigenvalues, isKept).map { $1 ? Double.pow($0 + shift, -conditioning) : 0 }
            var encoded = centred.eigenvectors
            encoded.scaleColumns(
                by: zip(centred.eigenvalues, isKept).map { $1 ? ($0 * Double.pow($0 + shift, -conditioning)).squareRoot() : 0 })
            var coefficients = Self.spectralFunction(centred.eigenvectors, powers)
            coefficients.scaleRows(
                by: (0..<itemCount).map { row in
                    let norm = encoded.row(row).reduce(0) { $0 + $1 * $1 }
                    return norm > 0 ? 1 / norm : 0
                })
            // The kept eigenvectors are orthogonal to 1, which is what centring from the right would ask for.
            let means = products * [Double](repeating: 1 / Double(itemCount), count: itemCount)
            return Combination(coefficients: coefficients, offsets: (coefficients * means).map { -$0 })
        }
    }

    /// Scores of points from their products with the items, shape `[m, n]` to `[m, n]`.
    func scores(_ combination: Combination, products: Matrix<Double>) -> Matrix<Double> {
        var result = products.multiplied(by: combination.coefficients, transposingOther: true)
        result.addToRows(combination.offsets)
        return result
    }

    /// The square of the tolerance of `SpanCoordinates`, whose singular values are the roots of these eigenvalues.
    private static let relativeRankTolerance = 1e-12

    /// E diag(values) Eᵀ.
    private static func spectralFunction(_ vectors: Matrix<Double>, _ values: [Double]) -> Matrix<Double> {
        var scaled = vectors
        scaled.scaleColumns(by: values)
        return scaled.multiplied(by: vectors, transposingOther: true)
    }
}
