public import EngramNumerics

/// Coordinates on the affine span of a data set, z = c·(S² + n·v)^(-p/2) Vᵀ (x - μ), with X - μ = U S Vᵀ the thin singular value
/// decomposition.
///
/// p = 0 keeps the geometry of the data, p = 1 whitens it; c makes the standard deviation of all n·r coordinates 1. v is the variance of
/// noise in each entry that cues are expected to have: directions in which examples differ by less than it tell nothing in such a cue,
/// and plain whitening (v = 0) would stretch the noise there beyond everything else. At p = 1 the product of two points is then that of
/// the matched filter for noise of covariance XᵀX/n + v·I. A network on z
/// is a full-space network in other parameters (`fullSpaceNetwork(from:)` of the family), so training here costs nothing in generality while the
/// cost of an epoch no longer depends on the dimension d. Trained networks put their outputs in the span anyway: [RBU20],
/// Invariant 5.
public struct SpanCoordinates: Sendable, Equatable {
    /// μ, shape `[d]`.
    public let mean: [Double]
    /// V, shape `[d, r]`, orthonormal columns.
    public let basis: Matrix<Double>
    /// The diagonal of S, descending, shape `[r]`, all positive.
    public let singularValues: [Double]
    /// p, from 0 (plain) to 1 (whitened).
    public let conditioning: Double
    /// c.
    public let scale: Double
    /// n·v.
    private let noiseEnergy: Double

    /// Number of coordinates, r.
    public var rank: Int { basis.columnCount }
    /// Length of x, d.
    public var dimension: Int { basis.rowCount }

    /// Singular values below this share of the largest are dropped. They come from a Gram matrix, where values beneath the root of
    /// float64's rounding (1.5e-8) are noise; two digits of slack remain.
    static let relativeRankTolerance = 1e-6

    /// The span of the rows of `samples`.
    ///
    /// Works on the smaller of the n×n and d×d Gram matrices. One sample alone has no spread about its mean, so it is not centred.
    /// - Parameters:
    ///   - samples: Shape `[n, d]`, n ≥ 1, finite.
    ///   - conditioning: p in [0, 1].
    ///   - noiseVariance: v ≥ 0, in squared units of the samples.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: O(n·d·min(n, d)).
    public init(samples: Matrix<Double>, conditioning: Double, noiseVariance: Double = 0) throws(NumericsError) {
        precondition(samples.rowCount >= 1 && samples.columnCount >= 1, "A span needs at least one sample of one dimension.")
        precondition((0...1).contains(conditioning), "The conditioning p lies in [0, 1], got \(conditioning).")
        precondition(noiseVariance >= 0, "A variance is not negative, got \(noiseVariance).")
        let sampleCount = samples.rowCount
        let noiseEnergy = Double(sampleCount) * noiseVariance
        self.noiseEnergy = noiseEnergy
        let mean = sampleCount > 1 ? samples.columnMeans() : [Double](repeating: 0, count: samples.columnCount)
        var centred = samples
        centred.addToRows(mean, scaledBy: -1)

        let usesSampleGram = sampleCount <= samples.columnCount
        let gram = centred.multiplied(by: centred, transposingSelf: !usesSampleGram, transposingOther: usesSampleGram)
        let (ascending, vectors) = try gram.symmetricEigendecomposition()
        let largest = max(ascending.last ?? 0, 0).squareRoot()
        let kept = ascending.indices.reversed().filter {
            largest > 0 && max(ascending[$0], 0).squareRoot() > Self.relativeRankTolerance * largest
        }
        self.mean = mean
        self.conditioning = conditioning
        guard !kept.isEmpty else {
            // All samples are the same point at the origin of the coordinates: any one direction serves.
            let entry = 1 / Double(samples.columnCount).squareRoot()
            basis = Matrix(rowCount: samples.columnCount, columnCount: 1, repeating: entry)
            singularValues = [1]
            scale = 1
            return
        }
        singularValues = kept.map { max(ascending[$0], 0).squareRoot() }
        let directions = vectors.transposed().rows(at: kept)
        if usesSampleGram {
            var basisRows = directions * centred
            basisRows.scaleRows(by: singularValues.map { 1 / $0 })
            basis = basisRows.transposed()
        } else {
            basis = directions.transposed()
        }
        // Σ over samples of z² is c²·Σ S²·(S² + n·v)^(-p), and the coordinates have mean zero (or there is one sample).
        let energy = singularValues.reduce(0) { $0 + $1 * $1 * power($1 * $1 + noiseEnergy, -conditioning) }
        scale = (Double(sampleCount * kept.count) / energy).squareRoot()
    }

    /// Coordinates from given parts, e.g. of another tool.
    public init(mean: [Double], basis: Matrix<Double>, singularValues: [Double], conditioning: Double, scale: Double) {
        precondition(
            mean.count == basis.rowCount && singularValues.count == basis.columnCount, "The parts of span coordinates differ in size.")
        self.mean = mean
        self.basis = basis
        self.singularValues = singularValues
        self.conditioning = conditioning
        self.scale = scale
        noiseEnergy = 0
    }

    /// z of each row of `samples`, shape `[n, d]` to `[n, r]`. What lies off the span is lost.
    public func coordinates(of samples: Matrix<Double>) -> Matrix<Double> {
        var centred = samples
        centred.addToRows(mean, scaledBy: -1)
        var result = centred * basis
        result.scaleColumns(by: encodingScales)
        return result
    }

    /// x of each row of coordinates, shape `[n, r]` to `[n, d]`.
    public func samples(at coordinates: Matrix<Double>) -> Matrix<Double> {
        var scaled = coordinates
        scaled.scaleColumns(by: encodingScales.map { 1 / $0 })
        var result = scaled.multiplied(by: basis, transposingOther: true)
        result.addToRows(mean)
        return result
    }

    /// c·(S² + n·v)^(-p/2), the factor of each coordinate.
    package var encodingScales: [Double] { singularValues.map { scale * power($0 * $0 + noiseEnergy, -conditioning / 2) } }

    /// E and o of z = x E - o, shapes `[d, r]` and `[r]`.
    package var encoder: (weights: Matrix<Double>, offset: [Double]) {
        var weights = basis
        weights.scaleColumns(by: encodingScales)
        let offset = Matrix(rowCount: 1, columnCount: dimension, elements: mean) * weights
        return (weights, offset.elements)
    }
}
