internal import RealModule

/// ψ(z) = lim φ̌^(L)(z)/φ̌′(0)^L for a φ̌ with φ̌(0) = 0 < φ̌′(0) < 1: the kernel of the infinitely deep network, exactly.
///
/// ψ is the Koenigs function of φ̌ at 0, ψ(φ̌(z)) = φ̌′(0) ψ(z) with ψ′(0) = 1. [R23] Theorem 7 divides by φ̌′(0)^L (L + 1) for the tangent
/// kernel, by φ̌′(0)^L for that of the process, and both have this limit up to a factor that all pairs share. At z = 1 it is
/// (1 - z)^(-α/2) times a bounded function. As φ̌′(0)^L underflows, and ψ overflows, logarithms are carried along.
struct KoenigsFunction: Sendable {
    private let dual: UnitDual
    private let inner: InnerDual
    /// ln φ̌′(0).
    private let logarithmOfSlope: Double
    /// φ̌″(0)/(2 (φ̌′(0) - φ̌′(0)²)): ψ(z) = z + this·z² + O(z³).
    private let quadratic: Double
    /// Where the series is as good as the function.
    private let seriesBound: Double

    init(_ dual: UnitDual, slopeAtZero: Double) {
        self.dual = dual
        inner = InnerDual(dual)
        logarithmOfSlope = Double.log(slopeAtZero)
        quadratic = dual.curvatureAtZero / (2 * slopeAtZero * (1 - slopeAtZero))
        seriesBound = 1e-8 / max(1, abs(quadratic))
    }

    /// ln ψ(1 - u) and its derivative by u, for 0 < u < 1.
    ///
    /// - Complexity: ln(1/u)/ln φ̌′(1) + ln(1e8)/ln(1/φ̌′(0)) evaluations of φ̌.
    func logarithm(complement u: Double) -> (value: Double, slope: Double) {
        var (complement, steps, logarithmOfChain) = (u, 0.0, 0.0)
        // Near 1 in u, then from 1/2 on in z, each with its own digits.
        while complement < 1 - InnerDual.bound {
            let next = dual.state(complement: complement)
            logarithmOfChain += Double.log(next.slope)
            complement = next.complement
            steps += 1
        }
        var z = 1 - complement
        while z > seriesBound {
            let next = inner.state(z)
            logarithmOfChain += Double.log(next.slope)
            z = next.value
            steps += 1
        }
        guard z > 0 else { return (-.infinity, 0) }
        let tail = 1 + quadratic * z
        let value = Double.log(z * tail) - steps * logarithmOfSlope
        // ψ′(z_0) = ψ′(z_L) Π φ̌′(z_k)/φ̌′(0)^L, and d/du = -d/dz.
        let slope = Double.log(1 + 2 * quadratic * z) + logarithmOfChain - steps * logarithmOfSlope
        return (value, -Double.exp(slope - value))
    }
}

/// φ̌ on [0, 1/2], by a polynomial where one is as good: tanh is a sum of 441 terms, and a table takes a million of its values.
private struct InnerDual: Sendable {
    /// Where it ends.
    static let bound = 0.5

    private let dual: UnitDual
    /// φ̌(z)/z and φ̌′(z); nil where they range too far for a polynomial.
    private let polynomials: (ratio: ChebyshevInterpolant, slope: ChebyshevInterpolant)?

    init(_ dual: UnitDual) {
        self.dual = dual
        // φ̌ is analytic in |z| < 1, three half-widths from the middle of [0, 1/2]: 5.8^-24 is far below rounding.
        let nodes = ChebyshevInterpolant.nodes(count: 24, from: 0, to: Self.bound)
        let values = nodes.map { dual.state(correlation: $0) }
        let ratio = ChebyshevInterpolant(from: 0, to: Self.bound, values: zip(values, nodes).map { $0.value / $1 })
        let slope = ChebyshevInterpolant(from: 0, to: Self.bound, values: values.map(\.slope))
        let isAccurate = [1e-6, 0.01, 0.1, 0.2, 0.3, 0.4, 0.49].allSatisfy { z in
            let expected = dual.state(correlation: z)
            return abs(ratio.value(at: z) * z - expected.value) <= 1e-14 * expected.value
                && abs(slope.value(at: z) - expected.slope) <= 1e-13 * expected.slope
        }
        polynomials = isAccurate ? (ratio, slope) : nil
    }

    /// φ̌(z) and φ̌′(z).
    func state(_ z: Double) -> (value: Double, slope: Double) {
        guard let polynomials else { return dual.state(correlation: z) }
        return (z * polynomials.ratio.value(at: z), polynomials.slope.value(at: z))
    }
}

/// A polynomial through values at Chebyshev's points, by the barycentric formula.
struct ChebyshevInterpolant: Sendable {
    private let points: [Double]
    private let values: [Double]
    private let weights: [Double]

    init(from start: Double, to end: Double, values: [Double]) {
        points = Self.nodes(count: values.count, from: start, to: end)
        self.values = values
        weights = values.indices.map { k in (k % 2 == 0 ? 1.0 : -1.0) * Double.sin(Self.angle(k, values.count)) }
    }

    /// Zeros of the Chebyshev polynomial of this degree, taken to an interval.
    static func nodes(count: Int, from start: Double, to end: Double) -> [Double] {
        let (center, radius) = ((start + end) / 2, (end - start) / 2)
        return (0..<count).map { center + radius * Double.cos(angle($0, count)) }
    }

    private static func angle(_ k: Int, _ count: Int) -> Double { Double(2 * k + 1) * .pi / Double(2 * count) }

    func value(at x: Double) -> Double {
        var (numerator, denominator) = (0.0, 0.0)
        for k in points.indices {
            let difference = x - points[k]
            guard difference != 0 else { return values[k] }
            let weight = weights[k] / difference
            numerator += weight * values[k]
            denominator += weight
        }
        return numerator / denominator
    }
}
