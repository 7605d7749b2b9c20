internal import EngramNumerics
internal import RealModule

/// φ(u) = u for u > 0, else slope·u: ReLU (slope 0) and leaky ReLU.
///
/// With θ = acos(s/√(pq)), h = (1 + slope²)/2 and λ = (1 - slope)²/(1 + slope²), E φ(u)φ(v) = h (s + λ (√(pq - s²) - sθ)/π) and
/// E φ′(u)φ′(v) = h (1 - λθ/π). Source: [R23] Theorem 5 and section 3.4, there at unit variances and times 1/h: a weight variance of 1/h
/// (`unitGain`) keeps E φ(u)² = p.
///
/// θ is taken from √(pq - s²) and s by the arc tangent, which has no cusp at θ = 0, and √(pq - s²) - sθ there from its series: both keep
/// their relative digits. At θ = 0 the slope of E φ′(u)φ′(v) by s is infinite; it is returned as 0, the mean from opposite sides.
public struct RectifierDual: DualActivation {
    /// φ′ below 0.
    public let slope: Double
    private let half: Double
    private let share: Double

    /// Creates a rectifier.
    /// - Parameter slope: φ′ below 0; 0 is ReLU, 1 the identity. Finite.
    public init(slope: Double) {
        precondition(slope.isFinite, "The slope of a leaky ReLU must be finite, got \(slope).")
        self.slope = slope
        half = (1 + slope * slope) / 2
        share = (1 - slope) * (1 - slope) / (1 + slope * slope)
    }

    /// The weight variance at which layers keep the norm: 2 for ReLU.
    public var unitGain: Double { 1 / half }

    /// `relu`, or `leaky_relu` for another slope than 0.
    public var name: String { slope == 0 ? "relu" : "leaky_relu" }
    /// `slope`, except for ReLU.
    public var parameters: [String: String] { slope == 0 ? [:] : ["slope": "\(slope)"] }
    /// Only the identity has no kink.
    public var hasSmoothDerivative: Bool { slope == 1 }

    /// θ and √(pq - s²) - sθ.
    @inline(__always)
    private func angle(_ pair: PairCovariance, root: Double) -> (theta: Double, lift: Double) {
        guard root > 0 else { return pair.cross < 0 ? (.pi, -pair.cross * .pi) : (0, 0) }
        let acute = Double.atan(root / abs(pair.cross))
        let theta = pair.cross < 0 ? .pi - acute : acute
        guard pair.cross > 0 && acute < 0.3 else { return (theta, root - pair.cross * theta) }
        // root - sθ = s (tan θ - θ), and with r = tan θ, tan θ - θ = r³ (1/3 - r²/5 + …): twelve terms at r < 0.31 leave 1e-13 of it.
        let r = root / pair.cross
        let r2 = r * r
        var series = 0.0
        for k in stride(from: 25, through: 3, by: -2) { series = 1 / Double(k) - r2 * series }
        return (theta, root * r2 * series)
    }

    @inline(__always)
    private func moments(
        _ pair: PairCovariance, _ theta: Double, _ lift: Double, _ firstVariance: Double, _ secondVariance: Double
    ) -> DualMoments {
        // E φ(u)φ(v) = h (s + v); then pq - (s + v)² = (pq - s²) - v (2s + v), and p - (s + v) = (p - s) - v.
        let v = share * lift / .pi
        let image = PairCovariance(
            first: firstVariance, second: secondVariance, cross: half * (pair.cross + v),
            determinant: half * half * max(0, pair.determinant - v * (2 * pair.cross + v)),
            firstExcess: half * (pair.firstExcess - v), secondExcess: half * (pair.secondExcess - v))
        return DualMoments(image: image, derivative: half * (1 - share * theta / .pi))
    }

    /// Closed form, O(1).
    @inline(__always)
    public func moments(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualMoments {
        let (theta, lift) = angle(pair, root: pair.determinant.squareRoot())
        return moments(pair, theta, lift, firstVariance, secondVariance)
    }

    /// Closed form, O(1); a variance of 0, where the kernel is a cone's tip, gives no radial part from the angle.
    @inline(__always)
    public func derivatives(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualDerivatives {
        let root = pair.determinant.squareRoot()
        let (theta, lift) = angle(pair, root: root)
        let moments = moments(pair, theta, lift, firstVariance, secondVariance)
        // S is homogeneous: 2p S_p + s S_s = S. The derivative depends on s/√(pq) alone: 2p S_p + s S_s = 0 for it.
        let isCusp = root == 0 || pair.first == 0
        let slope = isCusp ? 0 : half * share / (.pi * root)
        return DualDerivatives(
            moments: moments, valueRadial: moments.derivative + (isCusp ? 0 : half * share * root / (.pi * pair.first)),
            derivativeByCross: slope, derivativeRadial: isCusp ? 0 : slope * pair.firstExcess / pair.first)
    }

    /// Values by compiled loops; gradients by the recursion's own.
    public func appendRow(_ row: KernelRow, of layers: LayerRecursion, to outputs: inout RowOutputs) {
        guard !row.wantsGradients else { return layers.append(row, self, to: &outputs) }
        let prior = layers.prior
        layers.appendValues(row, self, to: &outputs) { pairs, _ in
            pairs.applyRectifiers(half: half, share: share, weight: prior.weightVariance, bias: prior.biasVariance)
        }
    }
}
