/// The variances from which the weights and biases of an infinitely wide network are drawn, as its kernel sees them.
public struct NetworkPrior: Sendable, Equatable {
    /// κ in Σ⁰ = κ x·z: 1 in [R23], 1/n₀ (n₀ inputs) in [JP20].
    public var inputScale: Double
    /// c, by which each layer's E φ(u)φ(v) and E φ′(u)φ′(v) is multiplied. In [R23] 1/E φ(u)² for u of variance 1, which is 2 for ReLU; 1 in
    /// [JP20].
    public var weightVariance: Double
    /// b, added to every layer's Σ; 0 in both.
    public var biasVariance: Double

    /// Creates a prior; all must be finite, and none negative.
    public init(inputScale: Double = 1, weightVariance: Double = 1, biasVariance: Double = 0) {
        precondition(
            [inputScale, weightVariance, biasVariance].allSatisfy { $0.isFinite && $0 >= 0 },
            "Variances must be finite and not negative, got \(inputScale), \(weightVariance), \(biasVariance).")
        self.inputScale = inputScale
        self.weightVariance = weightVariance
        self.biasVariance = biasVariance
    }
}
