public import EngramDynamics
public import EngramNumerics

/// What a kernel sees of a state: an affine map u(x) = B x + c into features, which are then scaled to a common norm.
public protocol FeatureMap: Sendable {
    /// Length of x.
    var inputDimension: Int { get }
    /// Length of u.
    var featureCount: Int { get }
    /// u of each row of `batch`, shape `[n, inputDimension]` to `[n, featureCount]`.
    func features(of batch: Matrix<Double>) -> Matrix<Double>
    /// B t of each row t, shape `[n, inputDimension]` to `[n, featureCount]`.
    func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double>
    /// Bᵀ w of each row w, shape `[n, featureCount]` to `[n, inputDimension]`.
    func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double>
    /// ⟨t_i, t_j⟩ of some tangents from ⟨B t_i, B t_j⟩ and the mean entry of each, on and below the diagonal; nil where they do not follow.
    func products(_ pushed: Matrix<Double>, ofTangentsWithMeans means: [Double]) -> Matrix<Double>?
    /// Features of the coordinates of a subspace, with the inner products that u has there; few more than there are coordinates.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    func restricted(to subspace: AffineSubspace) throws(NumericsError) -> any FeatureMap
}

extension FeatureMap {
    /// None follow.
    public func products(_ pushed: Matrix<Double>, ofTangentsWithMeans means: [Double]) -> Matrix<Double>? { nil }

    /// In orthonormal coordinates of all the features that occur there, by an orthogonal factorization.
    public func restricted(to subspace: AffineSubspace) throws(NumericsError) -> any FeatureMap {
        try AffineFeatures(self, on: subspace.origin, subspace.basis)
    }
}

/// u(x) = (x - m·1, m - m₀, τ) with m the mean entry of x: contrast in d entries, brightness and a constant in one more each.
///
/// Without the last two, states that differ by brightness and contrast alone would have one direction, and a state without contrast none.
/// They weigh as much as one entry each, so that noise, which changes the mean entry little, is told apart by contrast.
public struct LiftedFeatures: FeatureMap {
    /// d.
    public let inputDimension: Int
    /// m₀, the mean entry of all examples.
    public let brightness: Double
    /// τ > 0: the root mean square of an entry of (x - m·1) and of m - m₀ together, over the examples.
    public let constant: Double

    /// Features from their parts; τ must be above 0.
    public init(inputDimension: Int, brightness: Double, constant: Double) {
        precondition(constant > 0 && constant.isFinite && brightness.isFinite, "A constant feature must be above 0, got \(constant).")
        self.inputDimension = inputDimension
        self.brightness = brightness
        self.constant = constant
    }

    /// Features fitted to examples, shape `[n, d]`, n ≥ 1.
    public init(fittedTo examples: Matrix<Double>) {
        let (n, d) = (Double(examples.rowCount), Double(examples.columnCount))
        let means = examples.rowMeans()
        let center = means.reduce(0, +) / n
        var energy = 0.0
        for (row, mean) in means.enumerated() {
            let contrast = examples.row(row).reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            energy += contrast / d + (mean - center) * (mean - center)
        }
        let constant = (energy / n).squareRoot()
        self.init(inputDimension: examples.columnCount, brightness: center, constant: constant > 0 ? constant : 1)
    }

    /// d + 2.
    public var featureCount: Int { inputDimension + 2 }

    /// u of each row.
    public func features(of batch: Matrix<Double>) -> Matrix<Double> { lifted(batch, brightness: brightness, constant: constant) }

    /// The linear part of u at each row.
    public func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double> { lifted(tangents, brightness: 0, constant: 0) }

    private func lifted(_ rows: Matrix<Double>, brightness: Double, constant: Double) -> Matrix<Double> {
        precondition(rows.columnCount == inputDimension, "States of \(rows.columnCount) entries, expected \(inputDimension).")
        let (source, d, means) = (rows.elements, inputDimension, rows.rowMeans())
        return Matrix(rowCount: rows.rowCount, columnCount: featureCount) { row, target in
            let (start, mean) = (row * d, means[row])
            for index in 0..<d { target[index] = source[start + index] - mean }
            target[d] = mean - brightness
            target[d + 1] = constant
        }
    }

    /// w_P - mean(w_P)·1 + (w_b/d)·1 of each row (w_P, w_b, w_τ).
    public func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double> {
        let d = inputDimension
        let source = cotangents.elements
        var result: [Double] = []
        result.reserveCapacity(cotangents.rowCount * d)
        for row in 0..<cotangents.rowCount {
            let base = row * featureCount
            var sum = 0.0
            for index in base..<base + d { sum += source[index] }
            let shift = (source[base + d] - sum) / Double(d)
            for index in base..<base + d { result.append(source[index] + shift) }
        }
        return Matrix(rowCount: cotangents.rowCount, columnCount: d, elements: result)
    }

    /// ⟨B t, B t'⟩ = ⟨t, t'⟩ - (d - 1) m m', m the mean entry, solved for the first.
    public func products(_ pushed: Matrix<Double>, ofTangentsWithMeans means: [Double]) -> Matrix<Double>? {
        var result = pushed
        result.addToLowerTriangle(productsOf: means, scaledBy: Double(inputDimension - 1))
        return result
    }

    /// In closed form.
    public func restricted(to subspace: AffineSubspace) -> any FeatureMap { SubspaceFeatures(self, subspace) }
}

/// u(x) = x - μ, the centring of [JP20].
public struct CentredFeatures: FeatureMap {
    /// μ, shape `[d]`.
    public let mean: [Double]

    /// Features about `mean`.
    public init(mean: [Double]) { self.mean = mean }

    /// d.
    public var inputDimension: Int { mean.count }
    /// d.
    public var featureCount: Int { mean.count }

    /// x - μ of each row.
    public func features(of batch: Matrix<Double>) -> Matrix<Double> {
        var result = batch
        result.addToRows(mean, scaledBy: -1)
        return result
    }

    /// The rows themselves.
    public func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double> { tangents }
    /// The rows themselves.
    public func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double> { cotangents }
    /// The same.
    public func products(_ pushed: Matrix<Double>, ofTangentsWithMeans means: [Double]) -> Matrix<Double>? { pushed }
    /// In closed form.
    public func restricted(to subspace: AffineSubspace) -> any FeatureMap { SubspaceFeatures(centredOn: mean, subspace) }
}

/// u(s) = c + M s, given by its matrix: other features in the coordinates of a subspace.
struct AffineFeatures: FeatureMap {
    /// c, shape `[f]`.
    let origin: [Double]
    /// M, shape `[f, k]`.
    let matrix: Matrix<Double>

    /// `whole` on a subspace, in orthonormal coordinates of all the features that occur there: k + 1 at most.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    init(_ whole: any FeatureMap, on origin: [Double], _ basis: Matrix<Double>) throws(NumericsError) {
        let first = whole.features(of: Matrix(rowCount: 1, columnCount: origin.count, elements: origin))
        let directions = whole.pushForward(rows: basis.transposed())
        let spanning = Matrix(
            rowCount: directions.rowCount + 1, columnCount: whole.featureCount, elements: first.elements + directions.elements)
        // More directions than features: the features themselves are the coordinates.
        guard spanning.rowCount <= whole.featureCount else {
            self.origin = first.elements
            matrix = directions.transposed()
            return
        }
        let coordinates = try spanning.transposed().orthonormalizedColumns()
        self.origin = (first * coordinates).elements
        matrix = coordinates.multiplied(by: directions, transposingSelf: true, transposingOther: true)
    }

    var inputDimension: Int { matrix.columnCount }
    var featureCount: Int { matrix.rowCount }

    func features(of batch: Matrix<Double>) -> Matrix<Double> {
        var result = pushForward(rows: batch)
        result.addToRows(origin)
        return result
    }

    func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double> { tangents.multiplied(by: matrix, transposingOther: true) }
    func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double> { cotangents * matrix }
}

extension Matrix<Double> {
    /// The mean entry of each row.
    func rowMeans() -> [Double] {
        let (source, width) = (elements, columnCount)
        return Matrix(rowCount: rowCount, columnCount: 1) { row, target in
            var sum = 0.0
            for index in row * width..<(row + 1) * width { sum += source[index] }
            target[0] = sum / Double(width)
        }.elements
    }
}
