internal import EngramNumerics

/// One row of a fully connected kernel to be computed.
public struct KernelRow: Sendable {
    /// i, the point's index.
    let index: Int
    /// The products of the point with the first centres, one an entry to append.
    let products: ArraySlice<Double>
    /// Whether coefficients of gradients are appended too.
    let wantsGradients: Bool
}

/// The recursion over the layers of an infinitely wide network, with what depends on one point or centre alone computed once.
///
/// Σ⁰ = Θ⁰ = κ x·z + b; Σˡ = c E φ(u)φ(v) + b and Θˡ = Σˡ + c E φ′(u)φ′(v) Θˡ⁻¹, (u, v) of covariance Σˡ⁻¹. Source: [R23] Theorem 5, without its
/// restriction to unit norms; κ, c, b are `NetworkPrior`.
public struct LayerRecursion: Sendable {
    let geometry: PairGeometry
    let depth: Int
    let isTangent: Bool
    let prior: NetworkPrior
    /// E φ(u)² for each point before each layer's weights, depth entries a point.
    private let pointVariances: [Double]
    /// The same for centres.
    private let centerVariances: [Double]
    /// The centres' variances before and after each layer's nonlinearity, layer by layer.
    let centerLayers: [PairRow.Variances]
    /// Half the derivative of Σˡ(x, x) by x·x, l = 0 … depth - 1, times 2/κ, depth entries a point; empty where none is needed.
    private let pointSlopes: [Double]

    init(
        geometry: PairGeometry, depth: Int, isTangent: Bool, prior: NetworkPrior, dual: any DualActivation, wantsGradients: Bool
    ) {
        self.geometry = geometry
        self.depth = depth
        self.isTangent = isTangent
        self.prior = prior
        centerVariances = Self.variances(geometry.centerNorms, depth, prior, dual)
        pointVariances = geometry.products.isSymmetric ? centerVariances : Self.variances(geometry.pointNorms, depth, prior, dual)
        centerLayers = wantsGradients ? [] : Self.layers(geometry.centerNorms, centerVariances, depth, prior)
        pointSlopes = wantsGradients ? Self.slopes(geometry.pointNorms, depth, prior, dual) : []
    }

    private static func variances(_ norms: [Double], _ depth: Int, _ prior: NetworkPrior, _ dual: any DualActivation) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(norms.count * depth)
        for norm in norms {
            var p = prior.inputScale * (norm * norm) + prior.biasVariance
            for _ in 0..<depth {
                let image = dual.variance(p)
                result.append(image)
                p = prior.weightVariance * image + prior.biasVariance
            }
        }
        return result
    }

    private static func layers(
        _ norms: [Double], _ variances: [Double], _ depth: Int, _ prior: NetworkPrior
    ) -> [PairRow.Variances] {
        var before = norms.map { prior.inputScale * ($0 * $0) + prior.biasVariance }
        return (0..<depth).map { layer in
            let after = norms.indices.map { variances[$0 * depth + layer] }
            defer { before = after.map { prior.weightVariance * $0 + prior.biasVariance } }
            return PairRow.Variances(before: before, after: after)
        }
    }

    /// Variances of the point of a row before and after the nonlinearity of a layer.
    func pointVariance(_ row: KernelRow, layer: Int) -> (before: Double, after: Double) {
        let start = row.index * depth
        let norm = geometry.pointNorms[row.index]
        let before = layer == 0 ? prior.inputScale * (norm * norm) : prior.weightVariance * pointVariances[start + layer - 1]
        return (before + prior.biasVariance, pointVariances[start + layer])
    }

    /// The covariances of a row before the first nonlinearity, and which centres equal the point.
    private func pairs(_ row: KernelRow) -> (pairs: PairRow, equal: [Int]) {
        let i = row.index
        var near: [Int] = []
        var pairs = PairRow(
            PairRow.Geometry(
                norm: geometry.pointNorms[i], square: geometry.products.leftSquares[i], scale: prior.inputScale, offset: prior.biasVariance),
            products: row.products, norms: geometry.centerNorms, squares: geometry.products.rightSquares, near: &near)
        var equal: [Int] = []
        for j in near {
            let pair = geometry.covariance(i, j, product: row.products[row.products.startIndex + j])
                .scaled(by: prior.inputScale, adding: prior.biasVariance)
            pairs.replace(
                at: j, cross: pair.cross, determinant: pair.determinant, firstExcess: pair.firstExcess, secondExcess: pair.secondExcess)
            if pair.determinant == 0 && pair.firstExcess == 0 && pair.secondExcess == 0 { equal.append(j) }
        }
        return (pairs, equal)
    }

    /// Appends one row of values, layer by layer for all pairs. Equal points get the bytes of `diagonal`.
    func appendValues(
        _ row: KernelRow, _ dual: some DualActivation, to outputs: inout RowOutputs, layer apply: (inout PairRow, Int) -> Void
    ) {
        var (pairs, equal) = pairs(row)
        for layer in 0..<depth { apply(&pairs, layer) }
        let start = outputs.values.count
        outputs.values.append(contentsOf: isTangent ? pairs.tangent : pairs.cross)
        for j in equal {
            outputs.values[start + j] = Self.diagonal(
                norm: geometry.pointNorms[row.index], depth: depth, isTangent: isTangent, prior: prior, dual: dual)
        }
    }

    private static func slopes(_ norms: [Double], _ depth: Int, _ prior: NetworkPrior, _ dual: any DualActivation) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(norms.count * depth)
        for norm in norms {
            var (p, slope) = (prior.inputScale * (norm * norm) + prior.biasVariance, 1.0)
            for _ in 0..<depth {
                result.append(slope)
                slope *= prior.weightVariance * dual.varianceSlope(p)
                p = prior.weightVariance * dual.variance(p) + prior.biasVariance
            }
        }
        return result
    }

    /// k(x, x) for a point of this norm.
    static func diagonal(norm: Double, depth: Int, isTangent: Bool, prior: NetworkPrior, dual: any DualActivation) -> Double {
        var pair = PairCovariance(variance: norm * norm).scaled(by: prior.inputScale, adding: prior.biasVariance)
        var tangent = pair.cross
        for _ in 0..<depth {
            let moments = dual.moments(of: pair, firstVariance: 0, secondVariance: 0)
            pair = PairCovariance(variance: prior.weightVariance * moments.image.cross + prior.biasVariance)
            tangent = pair.cross + prior.weightVariance * moments.derivative * tangent
        }
        return isTangent ? tangent : pair.cross
    }

    /// Appends one row; specialised for each nonlinearity by its `appendRow`.
    @inline(__always)
    func append<Dual: DualActivation>(_ row: KernelRow, _ dual: Dual, to outputs: inout RowOutputs) {
        row.wantsGradients ? appendGradients(row, dual, to: &outputs) : appendValues(row, dual, to: &outputs)
    }

    @inline(__always)
    private func appendValues<Dual: DualActivation>(_ row: KernelRow, _ dual: Dual, to outputs: inout RowOutputs) {
        let (i, weight, bias) = (row.index, prior.weightVariance, prior.biasVariance)
        var j = 0
        for product in row.products {
            var pair = geometry.covariance(i, j, product: product).scaled(by: prior.inputScale, adding: bias)
            var tangent = pair.cross
            for layer in 0..<depth {
                let moments = dual.moments(
                    of: pair, firstVariance: pointVariances[i * depth + layer], secondVariance: centerVariances[j * depth + layer])
                pair = moments.image.scaled(by: weight, adding: bias)
                tangent = pair.cross + weight * moments.derivative * tangent
            }
            outputs.values.append(isTangent ? tangent : pair.cross)
            j += 1
        }
    }

    /// Forward mode: each quantity f of x carries (a, t), its gradient being a (z - x) + t x; that of p is 2π x.
    @inline(__always)
    private func appendGradients<Dual: DualActivation>(_ row: KernelRow, _ dual: Dual, to outputs: inout RowOutputs) {
        let (i, weight, bias) = (row.index, prior.weightVariance, prior.biasVariance)
        var j = 0
        for product in row.products {
            var pair = geometry.covariance(i, j, product: product).scaled(by: prior.inputScale, adding: bias)
            var (across, radial) = (1.0, 1.0)
            var (tangent, tangentAcross, tangentRadial) = (pair.cross, 1.0, 1.0)
            for layer in 0..<depth {
                let slope = pointSlopes[i * depth + layer]
                let derivatives = dual.derivatives(
                    of: pair, firstVariance: pointVariances[i * depth + layer], secondVariance: centerVariances[j * depth + layer])
                let derivative = derivatives.moments.derivative
                // ∇S(p, s) = S_s ∇s + S_p ∇p, with 2 S_p = S_radial - S_s; radial - slope is 0 where x = z.
                let lag = radial - slope
                let derivativeAcross = derivatives.derivativeByCross * across
                let derivativeRadial = derivatives.derivativeRadial * slope + derivatives.derivativeByCross * lag
                across *= weight * derivative
                radial = weight * (derivatives.valueRadial * slope + derivative * lag)
                tangentAcross = across + weight * (derivative * tangentAcross + derivativeAcross * tangent)
                tangentRadial = radial + weight * (derivative * tangentRadial + derivativeRadial * tangent)
                pair = derivatives.moments.image.scaled(by: weight, adding: bias)
                tangent = pair.cross + weight * derivative * tangent
            }
            outputs.values.append(isTangent ? tangent : pair.cross)
            outputs.alongDifferences.append(prior.inputScale * (isTangent ? tangentAcross : across))
            outputs.alongPoints.append(prior.inputScale * (isTangent ? tangentRadial : radial))
            j += 1
        }
    }
}

extension DualActivation {
    /// The recursion's own loop.
    public func appendRow(_ row: KernelRow, of layers: LayerRecursion, to outputs: inout RowOutputs) {
        layers.append(row, self, to: &outputs)
    }
}
