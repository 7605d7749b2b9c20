/// What a nonlinearity φ makes of a pair (u, v) of normal variables: E φ(u)φ(v), E φ′(u)φ′(v), and their derivatives.
///
/// Source: [R23] chapters 3 and 4 for unit variances, where E φ(u)φ(v) is the dual activation φ̌; here for any variances p, q and covariance
/// s. ∂/∂s of E φ(u)φ(v) is E φ′(u)φ′(v), by Price's theorem.
///
/// Derivatives by x of a function of p(x) = x·x and s(x) = x·z come in two parts. `ByCross` is ∂/∂s. `Radial` is ∂/∂s + 2 ∂/∂p. The gradient
/// is then ByCross·(z - x) + Radial·x. Radial is what is left when the parts along z and along x cancel, so it has a form of its own.
public protocol DualActivation: Sendable {
    /// The name in files.
    var name: String { get }
    /// The parameters in files, each as text that reads back to the same value; empty where there are none.
    var parameters: [String: String] { get }
    /// Whether E φ′(u)φ′(v) is differentiable where u = v; not so if φ has a kink.
    var hasSmoothDerivative: Bool { get }

    /// Returns the moments of a pair.
    ///
    /// - Parameters:
    ///   - pair: The covariance of (u, v).
    ///   - firstVariance: E φ(u)², `variance(_:)` of `pair.first`, which callers have already.
    ///   - secondVariance: E φ(v)².
    func moments(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualMoments

    /// Returns the moments of a pair with their derivatives; arguments as in `moments(of:firstVariance:secondVariance:)`.
    func derivatives(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualDerivatives

    /// Appends one row of a kernel of this nonlinearity to `outputs`: plumbing of `FullyConnectedKernel`.
    ///
    /// A requirement, not an extension's method alone, so that its loop is compiled for each nonlinearity.
    func appendRow(_ row: KernelRow, of layers: LayerRecursion, to outputs: inout RowOutputs)
}

/// Moments of (φ(u), φ(v)).
public struct DualMoments: Sendable, Equatable {
    /// Second moments of (φ(u), φ(v)), about 0: E φ(u)φ(v) is its `cross`.
    public let image: PairCovariance
    /// E φ′(u)φ′(v).
    public let derivative: Double

    /// Creates moments.
    @inline(__always)
    public init(image: PairCovariance, derivative: Double) {
        self.image = image
        self.derivative = derivative
    }
}

/// Moments of (φ(u), φ(v)) and their derivatives. That of E φ(u)φ(v) by s is `moments.derivative`.
public struct DualDerivatives: Sendable, Equatable {
    /// The moments themselves.
    public let moments: DualMoments
    /// (∂/∂s + 2 ∂/∂p) E φ(u)φ(v).
    public let valueRadial: Double
    /// ∂/∂s E φ′(u)φ′(v).
    public let derivativeByCross: Double
    /// (∂/∂s + 2 ∂/∂p) E φ′(u)φ′(v).
    public let derivativeRadial: Double

    /// Creates derivatives.
    @inline(__always)
    public init(moments: DualMoments, valueRadial: Double, derivativeByCross: Double, derivativeRadial: Double) {
        self.moments = moments
        self.valueRadial = valueRadial
        self.derivativeByCross = derivativeByCross
        self.derivativeRadial = derivativeRadial
    }
}

extension DualActivation {
    /// E φ(u)² for u of variance p: the moments' own formula at u = v, so that equal points give equal bytes.
    public func variance(_ p: Double) -> Double {
        moments(of: PairCovariance(variance: p), firstVariance: 0, secondVariance: 0).image.cross
    }

    /// d/dp of `variance(_:)`.
    public func varianceSlope(_ p: Double) -> Double {
        // d/dp S(p, p, p) = S_s + S_p + S_q, and S_p = S_q there.
        derivatives(of: PairCovariance(variance: p), firstVariance: 0, secondVariance: 0).valueRadial
    }

    /// Returns E φ(u)φ(v) and E φ′(u)φ′(v) for (u, v) ~ N(0, [[p, s], [s, q]]).
    public func dual(first p: Double, cross s: Double, second q: Double) -> (value: Double, derivative: Double) {
        let result = moments(
            of: PairCovariance(first: p, second: q, cross: s), firstVariance: variance(p), secondVariance: variance(q))
        return (result.image.cross, result.derivative)
    }
}
