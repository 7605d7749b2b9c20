/// φ = Σ_q a_q h_q with the normalised probabilists' Hermite polynomials h_q = He_q/√(q!).
///
/// With B_k(p) = E φ⁽ᵏ⁾(u) for u of variance p, a polynomial in p - 1, E φ(u)φ(v) = Σ_k B_k(p) B_k(q) sᵏ/k!. At unit variances that is
/// Σ a_q² s^q, as in [R23] Corollary 1. Derivatives follow from B_k′ = B_{k+2}/2.
public struct HermiteDual: DualActivation {
    /// a_0, a_1, …
    public let coefficients: [Double]
    /// Coefficients of B_k, ascending in p - 1; two empty ones follow the last.
    private let means: [[Double]]

    /// Creates a polynomial.
    /// - Parameter coefficients: a_0, a_1, …, finite; at least one.
    public init(coefficients: [Double]) {
        precondition(
            !coefficients.isEmpty && coefficients.allSatisfy(\.isFinite), "A polynomial needs finite coefficients, got \(coefficients).")
        self.coefficients = coefficients
        var rootOfFactorial = [1.0]
        for q in coefficients.indices.dropFirst() { rootOfFactorial.append(rootOfFactorial[q - 1] * Double(q).squareRoot()) }
        // h_q⁽ᵏ⁾ = √(q!)/(q-k)! He_{q-k}, and E He_{2i}(u) = (2i)!/(2ⁱ i!) (p - 1)ⁱ; odd ones have mean 0.
        means =
            coefficients.indices.map { k in
                var doubleFactorial = 1.0
                return stride(from: k, to: coefficients.count, by: 2).enumerated().map { i, q in
                    if i > 0 { doubleFactorial *= 2 * Double(i) }
                    return coefficients[q] * rootOfFactorial[q] / doubleFactorial
                }
            } + [[], []]
    }

    /// h_q itself.
    /// - Parameter degree: q ≥ 0.
    public init(degree: Int) {
        precondition(degree >= 0, "The degree of a polynomial is 0 or more, got \(degree).")
        self.init(coefficients: (0...degree).map { $0 == degree ? 1 : 0 })
    }

    /// `hermite`.
    public var name: String { "hermite" }
    /// `coefficients`, parted by spaces.
    public var parameters: [String: String] { ["coefficients": coefficients.map { "\($0)" }.joined(separator: " ")] }
    /// Smooth everywhere.
    public var hasSmoothDerivative: Bool { true }

    /// B_k(p).
    @inline(__always)
    private func mean(_ k: Int, _ p: Double) -> Double {
        var result = 0.0
        for coefficient in means[k].reversed() { result = result * (p - 1) + coefficient }
        return result
    }

    /// O(degree²).
    public func moments(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualMoments {
        derivatives(of: pair, firstVariance: firstVariance, secondVariance: secondVariance).moments
    }

    /// O(degree²).
    public func derivatives(of pair: PairCovariance, firstVariance: Double, secondVariance: Double) -> DualDerivatives {
        var (value, derivative, valueByFirst, derivativeByCross, derivativeByFirst) = (0.0, 0.0, 0.0, 0.0, 0.0)
        // s^(k-2)/(k-2)!, s^(k-1)/(k-1)! and sᵏ/k!.
        var (before, last, power) = (0.0, 0.0, 1.0)
        for k in coefficients.indices {
            let second = mean(k, pair.second)
            let product = mean(k, pair.first) * second
            let risen = mean(k + 2, pair.first) * second / 2
            value += product * power
            derivative += product * last
            derivativeByCross += product * before
            valueByFirst += risen * power
            derivativeByFirst += risen * last
            (before, last, power) = (last, power, power * pair.cross / Double(k + 1))
        }
        return DualDerivatives(
            moments: DualMoments(
                image: PairCovariance(first: firstVariance, second: secondVariance, cross: value), derivative: derivative),
            valueRadial: derivative + 2 * valueByFirst, derivativeByCross: derivativeByCross,
            derivativeRadial: derivativeByCross + 2 * derivativeByFirst)
    }
}
