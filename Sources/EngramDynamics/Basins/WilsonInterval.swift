/// Wilson's score interval at 95 % for the probability behind `count` successes in `total` trials.
///
/// Unlike the normal approximation it stays inside [0, 1] and does not shrink to a point at 0 or n of n. Source: E. B. Wilson, Probable
/// inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
public struct WilsonInterval: Sendable, Equatable {
    /// Lower end, in [0, 1].
    public let lower: Double
    /// Upper end, in [0, 1].
    public let upper: Double

    /// - Parameters:
    ///   - count: In `0...total`.
    ///   - total: At least 1.
    public init(count: Int, total: Int) {
        precondition(total >= 1 && (0...total).contains(count), "\(count) of \(total) is no number of successes.")
        let z = 1.959963984540054  // 97.5 % quantile of the normal distribution
        let n = Double(total)
        let share = Double(count) / n
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        // Rounding must not take the ends of 0 of n and n of n inside.
        lower = count == 0 ? 0 : max(0, middle - half)
        upper = count == total ? 1 : min(1, middle + half)
    }
}
