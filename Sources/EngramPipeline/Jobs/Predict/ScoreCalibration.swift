internal import EngramNumerics
internal import RealModule

/// Scores of classes as probabilities: p_c is in proportion to exp(factor·score_c), with the factor under which labels of held-out examples
/// are likeliest. One number can hardly be overfitted, and the class with the largest score stays the likeliest.
struct ScoreCalibration: Equatable, Sendable {
    /// ≥ 0; 0 where scores say nothing about labels.
    let factor: Double
    /// Mean of -ln p of the labels, for the examples it was fitted to.
    let logLoss: Double

    /// Beyond this a probability is 0 or 1 in every digit that anyone reads.
    private static let largestFactor = 1e6

    /// - Parameters:
    ///   - scores: Of held-out examples, one row each, finite.
    ///   - labels: Their classes.
    init?(scores: [[Double]], labels: [Int]) {
        guard !scores.isEmpty, scores.count == labels.count else { return nil }
        // As if one more example had any of the classes: where all is right, no factor would be the last otherwise.
        let share = 1 / Double(scores.count + 1)
        /// The derivative of the mean of -ln p by the factor.
        func slope(_ factor: Double) -> Double {
            var sum = 0.0
            for (row, label) in zip(scores, labels) {
                let probabilities = Self.probabilities(row, factor: factor)
                let expected = zip(probabilities, row).reduce(0) { $0 + $1.0 * $1.1 }
                let mean = row.reduce(0, +) / Double(row.count)
                sum += expected - (1 - share) * row[label] - share * mean
            }
            return sum / Double(scores.count)
        }
        var (low, high) = (0.0, 1.0)
        while slope(high) < 0, high < Self.largestFactor { (low, high) = (high, 2 * high) }
        if low == 0, slope(0) >= 0 { high = 0 }
        // The slope rises with the factor; 50 halvings leave nothing to find.
        for _ in 0..<50 where high > low {
            let middle = (low + high) / 2
            if slope(middle) < 0 { low = middle } else { high = middle }
        }
        let found = (low + high) / 2
        factor = found
        logLoss =
            zip(scores, labels).reduce(0) { $0 - Double.log(max(Self.probabilities($1.0, factor: found)[$1.1], 1e-300)) }
            / Double(scores.count)
    }

    /// Probabilities of all classes, with sum 1.
    static func probabilities(_ scores: [Double], factor: Double) -> [Double] {
        let top = scores.max() ?? 0
        let weights = scores.map { Double.exp(factor * ($0 - top)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
