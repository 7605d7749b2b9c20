internal import EngramDynamics
public import EngramNumerics

/// u(x) = B x' with BᵀB ∝ M = (X'ᵀX'/n + v I)⁻¹: the contrast of a state, x' = x - mean(x)·1, in the metric in which noise of variance v
/// beside the items' own variation is white.
///
/// B = I - X'ᵀ Z X' with Z = U diag(z) Uᵀ, z_k = (1 - (1 + λ_k/(n v))^-½)/λ_k, for X'X'ᵀ = U diag(λ) Uᵀ; B² = v M. Without a lift, states that
/// differ by brightness and contrast alone have one direction; with one, brightness and a constant are two more features.
public struct WhitenedFeatures: FeatureMap {
    /// X', shape `[n, d]`.
    private let contrasts: Matrix<Double>
    /// Z, shape `[n, n]`.
    private let whitening: Matrix<Double>
    /// What tells items apart that have one contrast; nil where no two have.
    private let lift: LiftedFeatures?

    /// Features from their parts.
    ///
    /// - Parameters:
    ///   - contrasts: X', shape `[n, d]`.
    ///   - whitening: Z, shape `[n, n]`.
    ///   - lift: Of d entries; nil for contrast alone.
    public init(contrasts: Matrix<Double>, whitening: Matrix<Double>, lift: LiftedFeatures?) {
        precondition(
            whitening.rowCount == contrasts.rowCount && whitening.columnCount == contrasts.rowCount,
            "A whitening of \(whitening.rowCount)×\(whitening.columnCount) does not fit \(contrasts.rowCount) items.")
        self.contrasts = contrasts
        self.whitening = whitening
        self.lift = lift
    }

    /// Z of items for noise of variance v.
    ///
    /// - Parameters:
    ///   - products: X'X'ᵀ, shape `[n, n]`.
    ///   - noiseVariance: v, above 0.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: one eigendecomposition, O(n³).
    public static func whitening(products: Matrix<Double>, noiseVariance: Double) throws(NumericsError) -> Matrix<Double> {
        precondition(noiseVariance > 0, "A noise variance is above 0, got \(noiseVariance).")
        let (eigenvalues, vectors) = try products.symmetricEigendecomposition()
        let scale = Double(products.rowCount) * noiseVariance
        let factors = eigenvalues.map { eigenvalue in
            // (1 - 1/√(1 + t))/(t·scale) for t = λ/scale, in a form that does not cancel; rounding may leave λ below 0.
            let root = (1 + max(eigenvalue, 0) / scale).squareRoot()
            return 1 / (scale * root * (1 + root))
        }
        var scaled = vectors
        scaled.scaleColumns(by: factors)
        return scaled.multiplied(by: vectors, transposingOther: true)
    }

    /// d.
    public var inputDimension: Int { contrasts.columnCount }
    /// d, and two with a lift.
    public var featureCount: Int { contrasts.columnCount + (lift == nil ? 0 : 2) }

    /// u of each row.
    public func features(of batch: Matrix<Double>) -> Matrix<Double> {
        whitened(ContrastItems.contrasts(of: batch), beside: lift.map { $0.features(of: batch) })
    }

    /// The linear part of u at each row.
    public func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double> {
        whitened(ContrastItems.contrasts(of: tangents), beside: lift.map { $0.pushForward(rows: tangents) })
    }

    /// B c of each row c that has no brightness, with the last two features of `lifted` behind it.
    private func whitened(_ rows: Matrix<Double>, beside lifted: Matrix<Double>?) -> Matrix<Double> {
        let products = rows.multiplied(by: contrasts, transposingOther: true)
        let result = rows - (products * whitening) * contrasts
        guard let lifted else { return result }
        let d = inputDimension
        let (source, extra) = (result.elements, lifted.elements)
        return Matrix(rowCount: rows.rowCount, columnCount: d + 2) { row, target in
            for index in 0..<d { target[index] = source[row * d + index] }
            for index in d..<d + 2 { target[index] = extra[row * (d + 2) + index] }
        }
    }

    /// B w less its mean entry, and the brightness' part spread over all entries.
    public func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double> {
        let d = inputDimension
        guard let lift else { return whitened(ContrastItems.contrasts(of: cotangents), beside: nil) }
        let first = cotangents.columns(at: 0..<d)
        let whitened = whitened(ContrastItems.contrasts(of: first), beside: nil)
        var joined = whitened.elements
        joined.removeAll(keepingCapacity: true)
        for row in 0..<cotangents.rowCount { joined += whitened.row(row) + cotangents.row(row)[d..<d + 2] }
        return lift.pullBack(rows: Matrix(rowCount: cotangents.rowCount, columnCount: d + 2, elements: joined))
    }
}
