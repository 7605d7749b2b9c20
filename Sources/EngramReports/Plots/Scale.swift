internal import EngramSystem
import Foundation

/// A linear map from data to a drawing coordinate, with ticks a person would choose.
///
/// A logarithmic axis is this scale over log10 of the data with `decadeTicks`: decades are then equally long by construction.
struct Scale: Equatable {
    /// Data values at the two ends; `lower < upper`.
    let lower: Double
    let upper: Double
    /// Drawing coordinates of `lower` and `upper`; may decrease, as y does in SVG.
    let start: Double
    let end: Double

    /// Makes the scale; an empty or reversed domain is widened to one unit so that a single value can be drawn.
    init(from lower: Double, to upper: Double, start: Double, end: Double) {
        self.lower = lower
        self.upper = upper > lower ? upper : lower + 1
        self.start = start
        self.end = end
    }

    /// The coordinate of `value`, clamped to the axis: a point off the plot is drawn at its edge, not outside.
    func position(of value: Double) -> Double {
        let fraction = min(max((value - lower) / (upper - lower), 0), 1)
        return start + fraction * (end - start)
    }

    /// Multiples of 1, 2 or 5 times a power of ten inside the domain, the smallest such step that gives at most `maxCount` of them.
    func niceTicks(maxCount: Int) -> [Double] {
        Self.multiples(of: Self.niceStep(span: upper - lower, maxCount: maxCount), from: lower, to: upper)
    }

    /// Whole exponents inside the domain, a step of 1, 2, 3, 5, 10, 20, 30, … decades apart.
    func decadeTicks(maxCount: Int) -> [Int] {
        let step = max(1, Self.niceStep(span: upper - lower, maxCount: maxCount, factors: [1, 2, 3, 5]))
        return Self.multiples(of: step, from: lower, to: upper).map { Int(saturating: $0.rounded()) }
    }

    /// The smallest of `factors` × 10^k for which `span` holds at most `maxCount` ticks.
    static func niceStep(span: Double, maxCount: Int, factors: [Double] = [1, 2, 5]) -> Double {
        guard span.isFinite, span > 0, maxCount > 1 else { return 1 }
        // n ticks need at least n - 1 steps inside the span.
        let least = span / Double(maxCount - 1)
        let power = pow(10, floor(log10(least)))
        // The slack keeps 0.2 from becoming 0.5 because 1 / 5 was rounded up in the last place.
        let factor = factors.first { $0 * power >= least * (1 - 1e-9) } ?? 10
        return factor * power
    }

    /// Computed as index × step: adding up steps would drift to 0.30000000000000004.
    private static func multiples(of step: Double, from lower: Double, to upper: Double) -> [Double] {
        let first = (lower / step - 1e-9).rounded(.up)
        let last = (upper / step + 1e-9).rounded(.down)
        guard first <= last, last - first < 1000 else { return [] }
        // Dividing by a whole number where the step is below 1 gives the decimal a person would write: 3 / 10, not 3 × 0.1.
        let inverse = (1 / step).rounded()
        return stride(from: first, through: last, by: 1).map { step < 1 ? $0 / inverse : $0 * step }
    }
}
