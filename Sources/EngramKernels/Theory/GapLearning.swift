internal import EngramNumerics

/// How much a kernel machine learns on a ring of points from n random ones, by the gaps between neighbouring examples.
///
/// Independent modes ([S21], `Eigenlearning`) miss the error on a circle by a fifth: nearly all of it is made in wide gaps, and how wide gaps are is no
/// matter of modes. In a gap the prediction is taken from its two ends alone, f̂(x) = w_a f(a) + w_b f(b). That is exact for a process without memory,
/// such as one with the covariance cosh(π - |θ|), and for up to two examples; kernels with a cusp are near to it. A gap of g steps is as frequent as C(M - g - 1,
/// n - 2)/C(M - 1, n - 1), and all rotations are alike, so that E and L of a function are sums over its autocorrelation c(t) = (1/M) Σ_x f(x) f(x + t).
///
/// Measured for the tangent kernel of four hidden ReLU layers on 256 points: errors within 4 %, learnabilities too. There is no form for a ridge, with which
/// many neighbours count, and `Eigenlearning` does.
public struct GapLearning: Sendable, Equatable {
    /// M.
    public let pointCount: Int
    /// n.
    public let exampleCount: Int
    /// E = Σ_t errorWeights[t]·c(t).
    private let errorWeights: [Double]
    /// ⟨f, f̂⟩/M = Σ_t learnedWeights[t]·c(t).
    private let learnedWeights: [Double]

    /// The theory of a kernel that depends on the difference of two places alone.
    ///
    /// - Parameters:
    ///   - row: k of place 0 with each of the M places of a ring; positive definite, `row[t] == row[M - t]` but for rounding.
    ///   - exampleCount: n in 1...M, without repetition.
    /// - Complexity: O(M²).
    public init(row: [Double], exampleCount: Int) {
        let m = row.count
        precondition(m >= 1 && (1...m).contains(exampleCount), "A ring of \(m) points has no \(exampleCount) different examples.")
        pointCount = m
        self.exampleCount = exampleCount
        var (errors, learned) = ([Double](repeating: 0, count: m), [Double](repeating: 0, count: m))
        for (gap, share) in Self.gapShares(pointCount: m, exampleCount: exampleCount) {
            // Of a single example both ends are the same.
            let isSingle = gap == m
            let (own, across) = (row[0], isSingle ? 0 : row[gap])
            let determinant = own * own - across * across
            for x in 0..<gap {
                let (left, right) = (row[x], isSingle ? 0 : row[gap - x])
                // At an example nothing is left to predict; elsewhere the two coefficients of kriging.
                let first = x == 0 ? 1 : (own * left - across * right) / determinant
                let second = x == 0 || isSingle ? 0 : (own * right - across * left) / determinant
                errors[0] += share * (1 + first * first + second * second)
                errors[x] -= 2 * share * first
                learned[x] += share * first
                guard !isSingle else { continue }
                errors[gap - x] -= 2 * share * second
                errors[gap] += 2 * share * first * second
                learned[gap - x] += share * second
            }
        }
        (errorWeights, learnedWeights) = (errors, learned)
    }

    /// For each gap that occurs the expected number of it, over M.
    private static func gapShares(pointCount m: Int, exampleCount n: Int) -> [(gap: Int, share: Double)] {
        guard n > 1 else { return [(m, 1 / Double(m))] }
        // n/M·C(M - g - 1, n - 2)/C(M - 1, n - 1), each from the one before.
        var share = Double(n) / Double(m) * Double(n - 1) / Double(m - 1)
        var result: [(gap: Int, share: Double)] = []
        for gap in 1...(m - n + 1) {
            result.append((gap, share))
            if gap <= m - n { share *= Double(m - gap - n + 1) / Double(m - gap - 1) }
        }
        return result
    }

    /// c(t) of a function on the ring.
    private func autocorrelation(of values: [Double]) -> [Double] {
        precondition(values.count == pointCount, "A ring of \(pointCount) points has no function of \(values.count) values.")
        let m = pointCount
        return (0..<m).map { t in
            var sum = 0.0
            for x in 0..<m { sum += values[x] * values[x + t < m ? x + t : x + t - m] }
            return sum / Double(m)
        }
    }

    /// The mean over the ring, and over all sets of n examples, of the squared error for a function.
    public func expectedError(of values: [Double]) -> Double {
        zip(autocorrelation(of: values), errorWeights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// ⟨f, f̂⟩/⟨f, f⟩ for a function that is not 0, on average over all sets of n examples.
    public func learnability(of values: [Double]) -> Double {
        let correlations = autocorrelation(of: values)
        return zip(correlations, learnedWeights).reduce(0) { $0 + $1.0 * $1.1 } / correlations[0]
    }

    /// L of each mode of the ring; they add up to n.
    public func learnabilities(of domain: DomainSpectrum) -> [Double] { columns(domain).map { learnability(of: $0) } }

    /// E for each mode of the ring as the target.
    public func modeErrors(of domain: DomainSpectrum) -> [Double] { columns(domain).map { expectedError(of: $0) } }

    private func columns(_ domain: DomainSpectrum) -> [[Double]] {
        let rows = domain.modes.transposed()
        return (0..<rows.rowCount).map { rows.row($0) }
    }
}
