public import EngramNumerics
internal import RealModule

/// A nonlinearity φ as the theorems about one example see it: a function of one number, with what they ask of it.
///
/// `e^{rz}` and `z^m` are the examples that [RBU20] solves by hand; no layer of a network here has them.
public enum ScalarFunction: Sendable, Equatable {
    /// e^{rate·z}.
    case exponential(rate: Double)
    /// z^exponent, for z > 0.
    case power(Double)
    /// One that networks are trained with.
    case activation(Activation)

    /// φ(z).
    public func value(at z: Double) -> Double {
        switch self {
        case .exponential(let rate): Double.exp(rate * z)
        case .power(let exponent): Double.pow(z, exponent)
        case .activation(let activation): activation.values(of: [z])[0]
        }
    }

    /// φ'(z).
    public func derivative(at z: Double) -> Double {
        switch self {
        case .exponential(let rate): rate * Double.exp(rate * z)
        case .power(let exponent): exponent * Double.pow(z, exponent - 1)
        case .activation(let activation): activation.derivatives(of: [z])[0]
        }
    }

    /// φ'(z)·z/φ(z), the eigenvalue of [RBU20] Theorem 2.
    public func eigenvalue(at z: Double) -> Double { derivative(at: z) * z / value(at: z) }

    /// ∫ φ/φ' from `lower` to `upper`, the right side of [RBU20] Theorem 1; exact for the first two, else to rounding for smooth φ.
    public func ratioIntegral(from lower: Double, to upper: Double) -> Double {
        switch self {
        case .exponential(let rate): return (upper - lower) / rate
        case .power(let exponent): return (upper * upper - lower * lower) / (2 * exponent)
        case .activation:
            // Gauss-Legendre with five points on 64 panels: the error falls with the tenth power of a panel's length.
            let panelCount = 64
            let half = (upper - lower) / Double(2 * panelCount)
            return (0..<panelCount).reduce(0) { sum, panel in
                let middle = lower + half * Double(2 * panel + 1)
                return sum
                    + Self.rule.reduce(0) { part, point in
                        let z = middle + half * point.node
                        return part + half * point.weight * value(at: z) / derivative(at: z)
                    }
            }
        }
    }

    /// Five-point Gauss-Legendre on [-1, 1]; nodes ±⅓√(5 ∓ 2√(10/7)), weights (322 ± 13√70)/900 and 128/225.
    private static let rule: [(node: Double, weight: Double)] = {
        let root = (10.0 / 7).squareRoot()
        let (inner, outer) = ((5 - 2 * root).squareRoot() / 3, (5 + 2 * root).squareRoot() / 3)
        let (heavy, light) = ((322 + 13 * 70.0.squareRoot()) / 900, (322 - 13 * 70.0.squareRoot()) / 900)
        return [(-outer, light), (-inner, heavy), (0, 128.0 / 225), (inner, heavy), (outer, light)]
    }()
}
