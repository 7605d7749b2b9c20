internal import RealModule

/// ψ(z) = lim φ̌^(L)(z)/φ̌′(0)^L for a φ̌ with φ̌(0) = 0 < φ̌′(0) < 1: the kernel of the infinitely deep network, exactly.
///
/// ψ is the Koenigs function of φ̌ at 0, ψ(φ̌(z)) = φ̌′(0) ψ(z) with ψ′(0) = 1. [R23] Theorem 7 divides by φ̌′(0)^L (L + 1) for the tangent
/// kernel, by φ̌′(0)^L for that of the process, and both have this limit up to a factor that all pairs share. At z = 1 it is
/// (1 - z)^(-α/2) times a bounded function. As φ̌′(0)^L underflows, and ψ overflows, logarithms are carried along.
struct KoenigsFunction: Sendable {
    private let dual: UnitDual
    /// ln φ̌′(0).
    private let logarithmOfSlope: Double
    /// ψ(z)/z and z ψ′(z)/ψ(z) on [0, 1/2], where both are smooth.
    private let ratio: ChebyshevInterpolant
    private let exponent: ChebyshevInterpolant

    /// Where series end and z begins.
    private static let middle = 0.5

    init(_ dual: UnitDual, slopeAtZero: Double) {
        self.dual = dual
        logarithmOfSlope = Double.log(slopeAtZero)
        // The nearest singularity is z = 1, three half-widths from the middle of [0, 1/2]: 5.8^-40 is far below rounding.
        let nodes = ChebyshevInterpolant.nodes(count: 40, from: 0, to: Self.middle)
        let iteration = Iteration(dual: dual, slopeAtZero: slopeAtZero)
        let found = nodes.map { iteration.ratio($0) }
        ratio = ChebyshevInterpolant(from: 0, to: Self.middle, values: found.map(\.ratio))
        exponent = ChebyshevInterpolant(from: 0, to: Self.middle, values: found.map(\.exponent))
    }

    /// ln ψ(1 - u) and its derivative by u, for 0 < u < 1.
    ///
    /// - Complexity: ln(1/u)/ln φ̌′(1) steps, of which those with u > 2⁻¹⁷ evaluate φ̌.
    func logarithm(complement u: Double) -> (value: Double, slope: Double) {
        var (complement, steps, logarithmOfChain) = (u, 0.0, 0.0)
        while complement < Self.middle {
            let next = dual.state(complement: complement)
            logarithmOfChain += Double.log(next.slope)
            complement = next.complement
            steps += 1
        }
        let z = 1 - complement
        guard z > 0 else { return (-.infinity, 0) }
        // ψ(z_0) = ψ(z_L)/φ̌′(0)^L, and ψ′(z_0)/ψ(z_0) = ψ′(z_L)/ψ(z_L) Π φ̌′(z_k); d/du = -d/dz.
        let value = Double.log(z * ratio.value(at: z)) - steps * logarithmOfSlope
        return (value, -exponent.value(at: z) / z * Double.exp(logarithmOfChain))
    }

    /// ψ by iteration down to where it is its series.
    private struct Iteration {
        let dual: UnitDual
        let slopeAtZero: Double

        /// ψ(z)/z and z ψ′(z)/ψ(z) for 0 < z ≤ 1/2.
        func ratio(_ start: Double) -> (ratio: Double, exponent: Double) {
            // ψ(z) = z + quadratic·z² + O(z³).
            let quadratic = dual.curvatureAtZero / (2 * slopeAtZero * (1 - slopeAtZero))
            let bound = 1e-8 / max(1, abs(quadratic))
            var (z, logarithm, chain) = (start, 0.0, 1.0)
            while z > bound {
                let next = dual.state(correlation: z)
                logarithm += Double.log(next.value / (slopeAtZero * z))
                chain *= z * next.slope / next.value
                z = next.value
            }
            let tail = 1 + quadratic * z
            return (Double.exp(logarithm) * tail, chain * (1 + 2 * quadratic * z) / tail)
        }
    }
}

/// A polynomial through values at Chebyshev's points, by the barycentric formula.
struct ChebyshevInterpolant: Sendable {
    private let points: [Double]
    private let values: [Double]

    init(from start: Double, to end: Double, values: [Double]) {
        points = Self.nodes(count: values.count, from: start, to: end)
        self.values = values
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
            let sign = k % 2 == 0 ? 1.0 : -1.0
            let weight = sign * Double.sin(Self.angle(k, points.count)) / difference
            numerator += weight * values[k]
            denominator += weight
        }
        return numerator / denominator
    }
}
