internal import EngramNumerics

/// The learning rate of each step.
public enum LearningRateSchedule: Sendable, Equatable {
    /// The same rate throughout.
    case constant(Double)
    /// From `peak` down half a cosine to `floor`·peak at the last step, after a linear rise over `warmUpStepCount` steps.
    case cosine(peak: Double, floor: Double = 0.01, warmUpStepCount: Int = 0)

    /// The rate of one step.
    /// - Parameters:
    ///   - step: From 0.
    ///   - stepCount: How many steps are planned in all, at least 1.
    public func rate(atStep step: Int, of stepCount: Int) -> Double {
        switch self {
        case .constant(let rate): return rate
        case .cosine(let peak, let floor, let warmUpStepCount):
            if step < warmUpStepCount { return peak * Double(step + 1) / Double(warmUpStepCount + 1) }
            let progress = Double(step - warmUpStepCount) / Double(max(stepCount - warmUpStepCount - 1, 1))
            let descent = 0.5 * (1 + EngramNumerics.cosine(Double.pi * min(progress, 1)))
            return peak * (floor + (1 - floor) * descent)
        }
    }
}
