internal import RealModule

/// The kernels of a network with L hidden layers on points of norm 1, as functions of u = 1 - x·z, in logarithms and so at any depth.
///
/// Φ^(0)(z) = z, Φ^(l) = φ̌(Φ^(l-1)) for the process; Θ^(0)(z) = z, Θ^(l) = Φ^(l) + Θ^(l-1) φ̌′(Φ^(l-1)) for the tangent kernel. Where φ̌(0) = 0,
/// both are divided by φ̌′(0)^L and the tangent kernel by L + 1: they tend to the Koenigs function ([R23] Theorem 7).
struct FiniteDepth: Sendable {
    let dual: UnitDual
    /// φ̌′(0) where φ̌(0) = 0, else nil: nothing is divided out.
    let slopeAtZero: Double?
    /// L ≥ 0.
    let depth: Int
    let kind: FullyConnectedKernel.Kind

    /// Below this, φ̌ is its linear part, to rounding where that part is not tiny.
    private static let linearBound = 1e-150

    /// ln k(1 - u) and its derivative by u, for 0 < u < 1.
    /// - Complexity: L evaluations of φ̌ with derivatives.
    func logarithm(complement u: Double) -> (value: Double, slope: Double) {
        // Φ as u near 1 and as z near 0, dΦ/dz, and Θ and dΘ/dz divided by φ̌′(0)^l.
        var (complement, z, chain) = (u, 1 - u, 1.0)
        var (tangent, tangentSlope) = (1 - u, 1.0)
        let divisor = slopeAtZero ?? 1
        // Φ itself is carried undivided until it is small, then divided in one step.
        for layer in 0..<depth {
            if slopeAtZero != nil, z < Self.linearBound {
                return linear(z, chain, tangent, tangentSlope, layer)
            }
            let inner = complement < 0.5
            let state = inner ? dual.derivatives(complement: complement) : dual.derivatives(correlation: z)
            // Θ/φ̌′(0)^l: the summand Φ^(l) is undivided yet.
            let next = state.value
            let scale = slopeAtZero == nil ? 1 : Double.pow(divisor, -Double(layer + 1))
            let nextChain = chain * state.slope
            tangentSlope = (tangentSlope * state.slope + tangent * state.curvature * chain) / divisor + nextChain * scale
            tangent = tangent * state.slope / divisor + next * scale
            (complement, z, chain) = (state.complement, next, nextChain)
        }
        return result(z, chain, tangent, tangentSlope, remaining: 0)
    }

    /// The rest of the layers, in which φ̌ multiplies by φ̌′(0): Θ/φ̌′(0)^l gains the same summand each time.
    private func linear(
        _ z: Double, _ chain: Double, _ tangent: Double, _ tangentSlope: Double, _ layer: Int
    ) -> (value: Double, slope: Double) {
        let remaining = depth - layer
        let scale = Double.pow(slopeAtZero ?? 1, -Double(layer))
        return result(
            z, chain, tangent + Double(remaining) * z * scale, tangentSlope + Double(remaining) * chain * scale, remaining: remaining)
    }

    /// ln k(1): 0 for Φ, and Σ_l φ̌′(1)^l/(L + 1) for Θ, both divided by φ̌′(0)^L where off-diagonal values are.
    var logarithmOfDiagonal: Double {
        let divided = slopeAtZero.map { -Double(depth) * Double.log($0) } ?? 0
        guard kind == .ntk else { return divided }
        let b = dual.slopeAtOne
        // The geometric sum, from its largest term so that it does not overflow.
        let sum = b == 1 ? Double(depth + 1) : abs(1 - Double.pow(b, b > 1 ? -Double(depth + 1) : Double(depth + 1))) / abs(1 - 1 / b)
        let top = b > 1 ? Double(depth) * Double.log(b) : 0
        return divided + top + Double.log(b > 1 || b == 1 ? sum : sum / b) - Double.log(Double(depth + 1))
    }

    private func result(
        _ z: Double, _ chain: Double, _ tangent: Double, _ tangentSlope: Double, remaining: Int
    ) -> (value: Double, slope: Double) {
        if kind == .ntk {
            guard tangent > 0, tangent.isFinite else { return (-.infinity, 0) }
            return (Double.log(tangent) - Double.log(Double(depth + 1)), -tangentSlope / tangent)
        }
        guard z > 0 else { return (-.infinity, 0) }
        let divided = slopeAtZero.map { Double(depth - remaining) * Double.log($0) } ?? 0
        return (Double.log(z) - divided, -chain / z)
    }
}
