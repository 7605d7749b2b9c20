/// How much of each eigenmode of its kernel a kernel machine learns from n random examples, on average, and the error that leaves.
///
/// On a domain of M points let λ_i and φ_i be eigenvalues and eigenmodes of the kernel with (1/M) Σ_x φ_i(x) φ_j(x) = δ_ij. Regression of f =
/// Σ v_i φ_i on n different examples with the ridge δ learns L_i = λ_i/(λ_i + C) of mode i, where C is the root of Σ_i L_i + δ/C·(1 - Σ_i L_i/M)
/// = n. Without a ridge the learnabilities add up to n. The mean squared error over the domain is E(f) = a/(a - b) · Σ (1 - L_i)² v_i² with
/// b = (1 - δ/(C M)) Σ L_i² and a - b = Σ L_i (1 - L_i) + δ/(C M) Σ (1 - L_i)²; without a ridge a = n.
///
/// Source: [S21], for M → ∞, where the terms of 1/M vanish. This form is the coherent-potential approximation of an unknown set of examples: an
/// example is a point of infinite precision, or 1/δ, the others have none, and 1/(C M) is the precision of the uniform medium in which a point
/// scatters nothing on average. It is exact for n = M. L_i holds for modes that look independent at the examples: on the hypercube within a percent;
/// on a circle, where the gaps between examples vary much, the measured L_i are lower by up to a tenth. `PairedLearning` has the next term, and
/// `DomainSpectrum` measures.
public struct Eigenlearning: Sendable, Equatable {
    /// λ_i ≥ 0, in the order given.
    public let eigenvalues: [Double]
    /// n.
    public let exampleCount: Int
    /// δ, added to the diagonal of the kernel matrix of the examples.
    public let ridge: Double
    /// C; infinite for n = 0, and 0 where every mode of positive eigenvalue is learned.
    public let constant: Double
    /// L_i in [0, 1], one an eigenvalue.
    public let learnabilities: [Double]
    /// a - b = Σ L_i (1 - L_i) + δ/(C M) Σ (1 - L_i)², without cancellation.
    private let slack: Double
    /// a/(a - b), by which the error of every target is larger than Σ (1 - L_i)² v_i²; n/(n - Σ L_i²) without a ridge, and 1 for n = 0.
    public let overfittingFactor: Double

    /// Solves for C.
    ///
    /// - Parameters:
    ///   - eigenvalues: λ_i of the kernel over the whole domain, divided by M. Finite, none negative.
    ///   - exampleCount: n in 0...M.
    ///   - ridge: δ ≥ 0.
    /// - Complexity: about ten sums over the eigenvalues.
    public init(eigenvalues: [Double], exampleCount: Int, ridge: Double = 0) {
        precondition(
            eigenvalues.allSatisfy { $0.isFinite && $0 >= 0 }, "Eigenvalues of a kernel must be finite and not negative.")
        precondition(
            (0...eigenvalues.count).contains(exampleCount),
            "A domain of \(eigenvalues.count) points has no \(exampleCount) different examples.")
        precondition(ridge >= 0 && ridge.isFinite, "A ridge is finite and not negative, got \(ridge).")
        self.eigenvalues = eigenvalues
        self.exampleCount = exampleCount
        self.ridge = ridge
        let c = Self.root(eigenvalues, count: Double(exampleCount), ridge: ridge)
        constant = c
        let shares = eigenvalues.map { $0 == 0 ? 0 : c.isInfinite ? 0 : $0 / ($0 + c) }
        learnabilities = shares
        guard c > 0 && c.isFinite else {
            slack = Double(exampleCount) - shares.reduce(0, +)
            overfittingFactor = exampleCount == 0 ? 1 : Double(exampleCount) / slack
            return
        }
        // 1 - L_i = C/(λ_i + C) keeps its digits where L_i is near 1.
        let kept = ridge / (c * Double(eigenvalues.count))
        slack = zip(eigenvalues, shares).reduce(0) { sum, mode in
            let left = c / (mode.0 + c)
            return sum + mode.1 * left + kept * left * left
        }
        overfittingFactor = (slack + (1 - kept) * shares.reduce(0) { $0 + $1 * $1 }) / slack
    }

    /// E(f) of each target φ_i.
    public var modeErrors: [Double] {
        eigenvalues.map { value in
            let left = remainder(value)
            return left == 0 ? 0 : overfittingFactor * left * left
        }
    }

    /// E(f), the mean over the domain of the squared error.
    /// - Parameter coefficients: v_i, one an eigenvalue.
    public func expectedError(coefficients: [Double]) -> Double {
        precondition(coefficients.count == eigenvalues.count, "\(eigenvalues.count) modes do not have \(coefficients.count) coefficients.")
        return zip(modeErrors, coefficients).reduce(0) { $0 + ($1.1 == 0 ? 0 : $1.0 * $1.1 * $1.1) }
    }

    /// L(f) = Σ L_i v_i²/Σ v_i², the share of f that is learned; [S21].
    /// - Parameter coefficients: v_i, one an eigenvalue, not all 0.
    public func learnability(coefficients: [Double]) -> Double {
        precondition(coefficients.count == eigenvalues.count, "\(eigenvalues.count) modes do not have \(coefficients.count) coefficients.")
        let (learned, all) = zip(learnabilities, coefficients).reduce((0.0, 0.0)) { ($0.0 + $1.0 * $1.1 * $1.1, $0.1 + $1.1 * $1.1) }
        return learned / all
    }

    /// 1 - L for an eigenvalue.
    private func remainder(_ value: Double) -> Double {
        value == 0 || constant.isInfinite ? 1 : constant / (value + constant)
    }

    /// The C of Σ L_i + δ/C·(1 - Σ L_i/M) = n.
    private static func root(_ eigenvalues: [Double], count: Double, ridge: Double) -> Double {
        guard count > 0 else { return .infinity }
        let sum = eigenvalues.reduce(0, +)
        // For C → 0 the sum tends to the number of positive eigenvalues: what is asked for may not be below it.
        if ridge == 0, Double(eigenvalues.count(where: { $0 > 0 })) <= count { return 0 }
        guard ridge == 0 else { return rootWithRidge(eigenvalues, count: count, ridge: ridge, upTo: (sum + ridge) / count) }
        func excess(_ c: Double) -> Double { eigenvalues.reduce(-count) { $0 + $1 / ($1 + c) } }
        // λ/(λ + C) ≤ λ/C gives an upper bound. The excess falls and is convex, so that Newton's steps from below the root climb to it.
        var c = sum / count
        while excess(c) < 0, c > .leastNormalMagnitude { c /= 2 }
        for _ in 0..<100 {
            let slope = eigenvalues.reduce(0) { $0 + $1 / (($1 + c) * ($1 + c)) }
            let next = c + excess(c) / slope
            guard next > 0, next.isFinite, abs(next - c) > 1e-15 * c else { break }
            c = next
        }
        return c
    }

    /// Between δ/M, where the sum is M, and where it is below n; it falls on the way. Halving the interval loses no digit.
    private static func rootWithRidge(_ eigenvalues: [Double], count: Double, ridge: Double, upTo upper: Double) -> Double {
        let size = Double(eigenvalues.count)
        var (low, high) = (ridge / size, max(upper, ridge / size))
        while true {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { return middle }
            let learned = eigenvalues.reduce(0) { $0 + $1 / ($1 + middle) }
            if learned + ridge / middle * (1 - learned / size) > count { low = middle } else { high = middle }
        }
    }
}
