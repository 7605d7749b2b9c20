internal import EngramNumerics

/// The learning rate of each step.
public enum LearningRateSchedule: Sendable, Equatable {
    /// The same rate throughout, after a linear rise over `warmUpStepCount` steps.
    case constant(Double, warmUpStepCount: Int = 0)
    /// From `peak` down half a cosine to `floor`·peak at the last step, after a linear rise over `warmUpStepCount` steps.
    case cosine(peak: Double, floor: Double = 0.01, warmUpStepCount: Int = 0)

    /// A schedule without its numbers.
    public enum Shape: String, Sendable, Equatable, CaseIterable {
        /// The same rate throughout.
        case constant
        /// Half a cosine, from the peak nearly to 0.
        case cosine
    }

    /// A schedule of a shape, with its default floor.
    public init(_ shape: Shape, peak: Double, warmUpStepCount: Int = 0) {
        self =
            switch shape {
            case .constant: .constant(peak, warmUpStepCount: warmUpStepCount)
            case .cosine: .cosine(peak: peak, warmUpStepCount: warmUpStepCount)
            }
    }

    /// The rate of one step.
    /// - Parameters:
    ///   - step: From 0.
    ///   - stepCount: How many steps are planned in all, at least 1.
    public func rate(atStep step: Int, of stepCount: Int) -> Double {
        switch self {
        case .constant(let rate, let warmUpStepCount):
            return rate * Self.rise(step, warmUpStepCount)
        case .cosine(let peak, let floor, let warmUpStepCount):
            if step < warmUpStepCount { return peak * Self.rise(step, warmUpStepCount) }
            let progress = Double(step - warmUpStepCount) / Double(max(stepCount - warmUpStepCount - 1, 1))
            let descent = 0.5 * (1 + EngramNumerics.cosine(Double.pi * min(progress, 1)))
            return peak * (floor + (1 - floor) * descent)
        }
    }

    /// The share of the peak that a step of the rise has; 1 after it.
    private static func rise(_ step: Int, _ warmUpStepCount: Int) -> Double {
        step < warmUpStepCount ? Double(step + 1) / Double(warmUpStepCount + 1) : 1
    }
}
