/// The covariance [[p, s], [s, q]] of a pair (u, v) of normal variables of mean 0, and three differences that rounding would take from it.
///
/// Two near points have s ≈ p ≈ q: pq - s² and p - s formed from these three lose all their digits. So they are carried along.
public struct PairCovariance: Sendable, Equatable {
    /// p, the variance of u.
    public let first: Double
    /// q, the variance of v.
    public let second: Double
    /// s, the covariance.
    public let cross: Double
    /// pq - s² ≥ 0.
    public let determinant: Double
    /// p - s.
    public let firstExcess: Double
    /// q - s.
    public let secondExcess: Double

    /// Creates a covariance from all its parts, which must agree.
    @inline(__always)
    public init(first: Double, second: Double, cross: Double, determinant: Double, firstExcess: Double, secondExcess: Double) {
        self.first = first
        self.second = second
        self.cross = cross
        self.determinant = determinant
        self.firstExcess = firstExcess
        self.secondExcess = secondExcess
    }

    /// Creates a covariance from its entries alone: the differences have an absolute error of the rounding of p and q.
    @inline(__always)
    public init(first: Double, second: Double, cross: Double) {
        self.init(
            first: first, second: second, cross: cross, determinant: max(0, first * second - cross * cross),
            firstExcess: first - cross, secondExcess: second - cross)
    }

    /// The covariance of (u, u), u of this variance.
    @inline(__always)
    public init(variance: Double) {
        self.init(first: variance, second: variance, cross: variance, determinant: 0, firstExcess: 0, secondExcess: 0)
    }

    /// The covariance of (√scale·u + w, √scale·v + w), w of variance `offset` and independent of both: a layer's weights and its bias.
    @inline(__always)
    public func scaled(by scale: Double, adding offset: Double) -> PairCovariance {
        let (firstExcess, secondExcess) = (scale * firstExcess, scale * secondExcess)
        // (p + b)(q + b) - (s + b)² = pq - s² + b(p + q - 2s)
        return PairCovariance(
            first: scale * first + offset, second: scale * second + offset, cross: scale * cross + offset,
            determinant: scale * scale * determinant + offset * (firstExcess + secondExcess), firstExcess: firstExcess,
            secondExcess: secondExcess)
    }
}
