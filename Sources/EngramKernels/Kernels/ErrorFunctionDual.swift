internal import EngramNumerics
internal import RealModule

/// φ(u) = offset + Σ_k g_k erf(α_k u): the error function, the sigmoid made of it, and to rounding tanh and the logistic sigmoid.
///
/// With β = 2α², P = 1 + β_k p, Q = 1 + β_l q and D = PQ - β_kβ_l s², E φ(u)φ(v) = offset² + (2/π) Σ_kl g_k g_l atan(√(β_kβ_l) s/√D) and
/// E φ′(u)φ′(v) = (2/π) Σ_kl g_k g_l √(β_kβ_l)/√D. Source: [JP20] Eq. (6) for one term, there with p = x·x/n₀.
///
/// Digits: D = 1 + β_k p + β_l q + β_kβ_l (pq - s²), a sum of positive terms, and the arc tangent in place of the arc sine. All derivatives
/// follow from D_s = -2β_kβ_l s and D_s + 2D_p = 2β_k (1 + β_l (q - s)).
public struct ErrorFunctionDual: DualActivation {
    /// One term, g erf(αu).
    struct Term: Sendable {
        let gain: Double
        /// 2α².
        let beta: Double
        /// √(2)·α, the root of β with its sign.
        let root: Double

        init(gain: Double, scale: Double) {
            self.gain = gain
            beta = 2 * scale * scale
            root = 2.0.squareRoot() * scale
        }
    }

    /// The name in files.
    public let name: String
    private let offset: Double
    private let terms: [Term]
    private let single: Term?

    init(name: String, offset: Double, terms: [Term]) {
        self.name = name
        self.offset = offset
        self.terms = terms
        single = terms.count == 1 ? terms.first : nil
    }

    /// erf(u).
    public static let erf = ErrorFunctionDual(name: "erf", offset: 0, terms: [Term(gain: 1, scale: 1)])

    /// (1 + erf(u/2))/2, the nonlinearity behind [JP20] Eq. (6).
    public static let sigmoidOfErf = ErrorFunctionDual(name: "sigmoid_erf", offset: 0.5, terms: [Term(gain: 0.5, scale: 0.5)])

    /// No parameters.
    public var parameters: [String: String] { [:] }
    /// Smooth everywhere.
    public var hasSmoothDerivative: Bool { true }

    private struct Sums {
        var angle = 0.0
        var density = 0.0
        var angleRadial = 0.0
        var densityByCross = 0.0
        var densityRadial = 0.0
    }

    @inline(__always)
    private static func add(_ a: Term, _ b: Term, _ pair: PairCovariance, withSlopes: Bool, to sums: inout Sums) {
        let ab = a.beta * b.beta
        let d = 1 + a.beta * pair.first + b.beta * pair.second + ab * pair.determinant
        let factor = a.root * b.root / d.squareRoot()
        let gain = a.gain * b.gain
        sums.angle += gain * Double.atan(factor * pair.cross)
        sums.density += gain * factor
        guard withSlopes else { return }
        // ∂ atan/∂s = factor; ∂ atan/∂p = -factor·β s/(2P).
        sums.angleRadial += gain * factor * (1 + a.beta * pair.firstExcess) / (1 + a.beta * pair.first)
        let share = gain * factor / d
        sums.densityByCross += share * ab * pair.cross
        sums.densityRadial -= share * a.beta * (1 + b.beta * pair.secondExcess)
    }

    @inline(__always)
    private func sums(_ pair: PairCovariance, withSlopes: Bool) -> Sums {
        var sums = Sums()
        if let single {
            Self.add(single, single, pair, withSlopes: withSlopes, to: &sums)
            return sums
        }
        for a in terms { for b in terms { Self.add(a, b, pair, withSlopes: withSlopes, to: &sums) } }
        return sums
    }

    @inline(__always)
    private func moments(_ sums: Sums, _ firstVariance: Double, _ secondVariance: Double) -> DualMoments {
        // φ is bounded: differences of second moments need no care, as the largest is of order 1.
        DualMoments(
            image: PairCovariance(first: firstVariance, second: secondVariance, cross: offset * offset + 2 / .pi * sums.angle),
            derivative: 2 / .pi * sums.density)
    }

    /// Closed form: O(1), or the square of the number of terms.
    @inline(__always)
    public func moments(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualMoments {
        moments(sums(pair, withSlopes: false), firstVariance, secondVariance)
    }

    /// Closed form: O(1), or the square of the number of terms.
    @inline(__always)
    public func derivatives(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualDerivatives {
        let sums = sums(pair, withSlopes: true)
        return DualDerivatives(
            moments: moments(sums, firstVariance, secondVariance), valueRadial: 2 / .pi * sums.angleRadial,
            derivativeByCross: 2 / .pi * sums.densityByCross, derivativeRadial: 2 / .pi * sums.densityRadial)
    }

    /// Values by compiled loops; gradients by the recursion's own.
    public func appendRow(_ row: KernelRow, of layers: LayerRecursion, to outputs: inout RowOutputs) {
        guard !row.wantsGradients else { return layers.append(row, self, to: &outputs) }
        let functions = PairRow.ErrorFunctions(gains: terms.map(\.gain), roots: terms.map(\.root), offset: offset)
        let prior = layers.prior
        layers.appendValues(row, self, to: &outputs) { pairs, layer in
            pairs.apply(
                functions, first: layers.pointVariance(row, layer: layer), seconds: layers.centerLayers[layer],
                weight: prior.weightVariance, bias: prior.biasVariance)
        }
    }
}
