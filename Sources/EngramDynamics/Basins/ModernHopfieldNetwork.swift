public import EngramNumerics
internal import RealModule

/// A modern Hopfield network: each step replaces a state ξ by the mean of the stored patterns weighted by their likeness to it.
///
/// ξ ← Xᵀ softmax(β s(ξ)), iterated until it stands still. [R21] takes s_i = x_iᵀξ; here s_i = x_iᵀξ - ‖x_i‖²/2, which is -‖ξ - x_i‖²/2 up to
/// what the softmax does not see. For patterns of equal norm the two are the same; for others this one stores every pattern, while with
/// the plain product a pattern of large norm swallows its neighbours. It needs no training and is the baseline beside trained memories.
public struct ModernHopfieldNetwork: Sendable {
    /// X, shape `[n, d]`.
    public let patterns: Matrix<Double>
    /// β.
    public let inverseTemperature: Double

    /// ‖x_i‖²/2.
    private let halfSquaredNorms: [Double]
    /// X Xᵀ where that is smaller than X: later steps stay in the patterns' convex hull and need nothing else.
    private let products: Matrix<Double>?

    /// How one cue ended.
    public struct Outcome: Sendable, Equatable {
        /// The weight of each pattern in the final state, shape `[n]`.
        public let weights: [Double]
        /// Steps made.
        public let iterationCount: Int
    }

    /// - Parameters:
    ///   - patterns: X, at least one row.
    ///   - inverseTemperature: β, above 0.
    public init(patterns: Matrix<Double>, inverseTemperature: Double) {
        precondition(patterns.rowCount >= 1 && inverseTemperature > 0, "A Hopfield network needs a pattern and a temperature.")
        self.patterns = patterns
        self.inverseTemperature = inverseTemperature
        halfSquaredNorms = NearestExample.squaredNorms(of: patterns).map { $0 / 2 }
        products =
            patterns.rowCount <= patterns.columnCount ? patterns.multiplied(by: patterns, transposingOther: true) : nil
    }

    /// The least β for which every pattern is retrieved from itself within `meanSquaredError`, by a bound.
    ///
    /// At x_i the weight of x_j is at most exp(-β‖x_i - x_j‖²/2), so the step misses x_i by at most (n - 1) exp(-β δ²/2) D, with δ the smallest
    /// and D the largest distance of two patterns. A smaller β blends neighbours; the larger β is, the more the network is the nearest
    /// pattern alone. Patterns that are equal count once; of one pattern every β is right, and 1 is given.
    public static func inverseTemperature(retrieving patterns: Matrix<Double>, within meanSquaredError: Double) -> Double {
        let norms = NearestExample.squaredNorms(of: patterns)
        var (smallest, largest) = (Double.infinity, 0.0)
        let block = 512
        for first in stride(from: 0, to: patterns.rowCount, by: block) {
            let rows = first..<min(first + block, patterns.rowCount)
            let products = patterns.rows(at: rows).multiplied(by: patterns, transposingOther: true)
            for (local, row) in rows.enumerated() {
                for (other, product) in products.row(local).enumerated() where other < row {
                    let square = norms[row] + norms[other] - 2 * product
                    // Below this share of the norms the difference is rounding: the patterns are equal.
                    guard square > 1e-12 * (norms[row] + norms[other]) else { continue }
                    smallest = min(smallest, square)
                    largest = max(largest, square)
                }
            }
        }
        guard smallest.isFinite, largest > 0 else { return 1 }
        let allowed = (meanSquaredError * Double(patterns.columnCount)).squareRoot()
        let ratio = Double(patterns.rowCount - 1) * largest.squareRoot() / allowed
        return 2 * Double.log(max(ratio, 2)) / smallest
    }

    /// Iterates each row of `cues`, shape `[m, d]`, until its weights change by no more than `tolerance`.
    public func outcomes(from cues: Matrix<Double>, maximumIterationCount: Int = 1000, tolerance: Double = 1e-9) -> [Outcome] {
        var outcomes = [Outcome?](repeating: nil, count: cues.rowCount)
        var active = Array(0..<cues.rowCount)
        var weights = likeness(cues.multiplied(by: patterns, transposingOther: true))
        for iteration in 1...max(maximumIterationCount, 1) {
            let scores = products.map { weights * $0 } ?? (weights * patterns).multiplied(by: patterns, transposingOther: true)
            let next = likeness(scores)
            var kept: [Int] = []
            for (row, cue) in active.enumerated() {
                let following = next.row(row)
                let change = zip(weights.row(row), following).reduce(0) { max($0, abs($1.0 - $1.1)) }
                if change <= tolerance || iteration == maximumIterationCount {
                    outcomes[cue] = Outcome(weights: following, iterationCount: iteration)
                } else {
                    kept.append(row)
                }
            }
            if kept.isEmpty { break }
            weights = next.rows(at: kept)
            active = kept.map { active[$0] }
        }
        return outcomes.compactMap { $0 }
    }

    /// The states of outcomes, shape `[m, d]`.
    public func states(of outcomes: [Outcome]) -> Matrix<Double> {
        guard !outcomes.isEmpty else { return Matrix(rowCount: 0, columnCount: patterns.columnCount) }
        return Matrix(rows: outcomes.map(\.weights)) * patterns
    }

    /// softmax(β (products - ‖x‖²/2)), row by row.
    private func likeness(_ products: Matrix<Double>) -> Matrix<Double> {
        var rows: [[Double]] = []
        rows.reserveCapacity(products.rowCount)
        for row in 0..<products.rowCount {
            var scores = products.row(row)
            for index in scores.indices { scores[index] = inverseTemperature * (scores[index] - halfSquaredNorms[index]) }
            let largest = scores.max() ?? 0
            var sum = 0.0
            for index in scores.indices {
                scores[index] = Double.exp(scores[index] - largest)
                sum += scores[index]
            }
            for index in scores.indices { scores[index] /= sum }
            rows.append(scores)
        }
        return Matrix(rowCount: products.rowCount, columnCount: products.columnCount, elements: Array(rows.joined()))
    }
}
