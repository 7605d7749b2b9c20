internal import RealModule

/// φ(u) = sin(ωu) or cos(ωu).
///
/// E sin(ωu) sin(ωv) = (e^(-ω²(p + q - 2s)/2) - e^(-ω²(p + q + 2s)/2))/2, and the sum in place of the difference for cosines. Source: [R23]
/// Corollary 2, there at unit variances and divided by its value at s = 1.
public struct SineDual: DualActivation {
    /// ω.
    public let frequency: Double
    /// Whether φ is the cosine.
    public let isCosine: Bool

    /// Creates a sine or a cosine.
    /// - Parameters:
    ///   - frequency: ω, finite.
    ///   - isCosine: Whether φ is the cosine.
    public init(frequency: Double, isCosine: Bool = false) {
        precondition(frequency.isFinite, "The frequency of a sine must be finite, got \(frequency).")
        self.frequency = frequency
        self.isCosine = isCosine
    }

    /// `sine` or `cosine`.
    public var name: String { isCosine ? "cosine" : "sine" }
    /// `frequency`.
    public var parameters: [String: String] { ["frequency": "\(frequency)"] }
    /// Smooth everywhere.
    public var hasSmoothDerivative: Bool { true }

    /// E sin sin, E cos cos, and e^(-ω²(p + q + 2s)/2) ≤ 1, which is their difference.
    @inline(__always)
    private func means(_ pair: PairCovariance) -> (sine: Double, cosine: Double, far: Double) {
        let w = frequency * frequency
        // p + q - 2s from the differences that keep its digits.
        let near = Double.exp(-w / 2 * (pair.firstExcess + pair.secondExcess))
        let far = Double.exp(-w / 2 * (pair.first + pair.second + 2 * pair.cross))
        // For small ω²s the two exponentials are nearly equal, and the hyperbolic sine keeps the digits of their difference.
        let sine =
            abs(w * pair.cross) < 1
            ? Double.exp(-w / 2 * (pair.first + pair.second)) * Double.sinh(w * pair.cross) : (near - far) / 2
        return (sine, (near + far) / 2, far)
    }

    @inline(__always)
    private func moments(
        _ means: (sine: Double, cosine: Double, far: Double), _ firstVariance: Double, _ secondVariance: Double
    ) -> DualMoments {
        let (value, slope) = isCosine ? (means.cosine, means.sine) : (means.sine, means.cosine)
        return DualMoments(
            image: PairCovariance(first: firstVariance, second: secondVariance, cross: value),
            derivative: frequency * frequency * slope)
    }

    /// Closed form, O(1).
    @inline(__always)
    public func moments(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualMoments {
        moments(means(pair), firstVariance, secondVariance)
    }

    /// Closed form, O(1).
    @inline(__always)
    public func derivatives(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualDerivatives {
        let means = means(pair)
        let moments = moments(means, firstVariance, secondVariance)
        // ∂s E sin sin = w E cos cos and 2 ∂p E sin sin = -w E sin sin, and with sines and cosines exchanged; the sums leave ±far.
        let w = frequency * frequency
        let sign = isCosine ? -1.0 : 1.0
        return DualDerivatives(
            moments: moments, valueRadial: sign * w * means.far, derivativeByCross: w * w * moments.image.cross,
            derivativeRadial: -sign * w * w * means.far)
    }
}
