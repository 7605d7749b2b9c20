internal import RealModule

/// Which classifier a fully connected network becomes when its width and then its depth grow without bound, by its activation alone.
///
/// With u standard normal, A = E φ(u), A′ = E φ′(u), B′ = E φ′(u)² and φ divided by √(E φ²): φ̌(0) = A², φ̌′(0) = A′² and φ̌′(1) = B′.
/// Data lie on the part of the unit sphere without negative entries. Source: [R23] Theorems 7 to 9 and Proposition 4.
public struct DepthTaxonomy: Sendable, Equatable {
    /// What the limit does.
    public enum Limit: String, Sendable, CaseIterable {
        /// A = 0, A′ ≠ 0: a sum over examples, weighted by R(δ)/δ^α of the distance δ ([R23] Theorem 7).
        case singular
        /// A = A′ = 0: the label of the nearest example ([R23] Theorem 9).
        case nearest
        /// A ≠ 0: the most frequent label ([R23] Proposition 4).
        case majority
        /// φ is a multiple of the identity: depth changes nothing, and the limit is the linear kernel.
        case linear
    }

    /// A² = φ̌(0).
    public let squaredMean: Double
    /// A′² = φ̌′(0).
    public let squaredMeanSlope: Double
    /// B′ = φ̌′(1).
    public let meanSquaredSlope: Double
    /// Which classifier the limit is.
    public let limit: Limit
    /// α = -2 ln A′²/ln B′, the order of the singularity in the distance; nil where the limit is not singular.
    ///
    /// Table C-2 of [R23] lists half of it, the order in 1 - x·z.
    public let order: Double?

    /// A squared mean below this share of E φ² is 0: what rounding leaves of those that vanish, with room.
    private static let rounding = 1e-13

    /// The limit of networks with this activation.
    ///
    /// - Parameter activation: φ, of any scale: only its direction counts.
    /// - Throws: `DeepClassifierError.badActivation` if E φ² is 0 or not finite.
    public init(_ activation: any DualActivation) throws(DeepClassifierError) {
        guard let dual = UnitDual(activation) else {
            throw .badActivation(name: activation.name, norm: activation.variance(1))
        }
        let (value, slope) = dual.state(correlation: 0)
        self.init(squaredMean: value, squaredMeanSlope: slope, meanSquaredSlope: dual.slopeAtOne)
    }

    /// The limit for these moments of a φ with E φ² = 1.
    public init(squaredMean: Double, squaredMeanSlope: Double, meanSquaredSlope: Double) {
        // Sines of high frequency have a mean slope far below rounding, and it counts: this one is compared with 0 itself.
        let slope = squaredMeanSlope
        let mean = abs(squaredMean) <= Self.rounding ? 0 : squaredMean
        self.squaredMean = mean
        self.squaredMeanSlope = slope
        self.meanSquaredSlope = meanSquaredSlope
        // φ̌′(1) = Σ q a_q² ≥ Σ a_q² = 1 without a constant part, and equal only if all of φ is its linear part.
        if mean > 0 {
            limit = .majority
        } else if slope == 0 {
            limit = .nearest
        } else if meanSquaredSlope - 1 <= Self.rounding {
            limit = .linear
        } else {
            limit = .singular
        }
        order = limit == .singular ? -2 * Double.log(slope) / Double.log(meanSquaredSlope) : nil
    }

    /// Whether the limit is Bayes optimal for data of this dimension: α = d ([R23] Theorem 8).
    ///
    /// - Parameters:
    ///   - dimension: d of the set on which the data lie, not of the space around it.
    ///   - tolerance: Of α; the default allows for the digits to which frequencies are printed.
    public func isConsistent(dimension: Double, tolerance: Double = 1e-3) -> Bool {
        order.map { abs($0 - dimension) <= tolerance } ?? false
    }
}
