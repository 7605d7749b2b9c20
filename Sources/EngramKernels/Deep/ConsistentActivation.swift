internal import RealModule

/// Activations whose infinitely deep networks are Bayes optimal for data of a given dimension. Source: [R23] Corollaries 1 and 2.
public enum ConsistentActivation {
    /// Beyond this the linear share of the activation, 2^(-d/2), is of no use in float64.
    private static let largestDimension = 80.0

    /// A polynomial: (h_7 + h_1)/√2 for d = 1, and √c h_3 + √(1 - 2c) h_2 + √c h_1 with c = 2^(-d/2) for d ≥ 2.
    ///
    /// - Parameter dimension: d: 1, or any number from 2 to 80.
    /// - Throws: `DeepClassifierError.noConsistentActivation`.
    public static func polynomial(dimension: Double) throws(DeepClassifierError) -> HermiteDual {
        if dimension == 1 {
            let half = 0.5.squareRoot()
            return HermiteDual(coefficients: [0, half, 0, 0, 0, 0, 0, half])
        }
        guard dimension >= 2, dimension <= largestDimension else { throw .noConsistentActivation(dimension: dimension) }
        let share = Double.pow(2, -dimension / 2)
        return HermiteDual(coefficients: [0, share.squareRoot(), (1 - 2 * share).squareRoot(), share.squareRoot()])
    }

    /// sin(au) with the a that makes α = d.
    ///
    /// α rises from 1 with a, so that every dimension above 1 has one a; [R23] prints a² = 2.676, 6.135 and 13.826 for d = 2, 4 and 8.
    /// - Parameter dimension: d, above 1.05 (nearer to 1, a² is lost in rounding) and at most 80.
    /// - Throws: `DeepClassifierError.noConsistentActivation`.
    public static func sine(dimension: Double) throws(DeepClassifierError) -> SineDual {
        guard dimension >= 1.05, dimension <= largestDimension else { throw .noConsistentActivation(dimension: dimension) }
        // α(w) with w = a²; ln sinh w = w + ln(1 - e^(-2w)) - ln 2 does not overflow.
        func order(_ w: Double) -> Double {
            let lost = Double.log(-Double.expMinusOne(-2 * w)) - Double.log(2)
            return -2 * (Double.log(w) - w - lost) / Double.log(w / Double.tanh(w))
        }
        var (low, high) = (0.05, 1.0)
        while order(high) < dimension { high *= 2 }
        // 60 halvings leave nothing to find in float64.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if order(middle) < dimension { low = middle } else { high = middle }
        }
        return SineDual(frequency: ((low + high) / 2).squareRoot())
    }
}
