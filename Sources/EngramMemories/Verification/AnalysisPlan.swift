internal import EngramDynamics
internal import EngramNumerics

/// The parts of an analysis, in the order in which they are done: those of verification, then those of the study of basins.
enum AnalysisPart: Int, CaseIterable {
    case images, eigenvalues, recall, exactness
    case operatorNorms, theory, recovery, census

    /// How many of them verification has.
    static let verificationCount = 4
}

/// About how much each part of an analysis costs, in operations, for the share that is told while it runs.
///
/// Nothing but progress depends on it. Whatever is not a product of large matrices has a factor, as measured on films and sets of pictures.
struct AnalysisPlan {
    /// By part.
    let costs: [Double]
    /// Iterations that a recall takes as a rule.
    let recallIterationCount: Double
    /// Iterations that a start of the census takes as a rule.
    let censusIterationCount: Double

    /// - Parameter isWhole: Whether the study of basins follows the verification.
    init(_ settings: MemorySettings, memory: Memory, set: TrainingSet, isWhole: Bool) {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let k = min(n, d)
        let (map, isAutoencoder) = (memory.map, set.task.isAutoencoder)
        let whole = map.operationCount
        let step = max(whole * k / d, 2 * k)
        let length = Double(set.longestCycle)
        // A round of a cycle to come into it, and one to see that it repeats. States that meet have settled at once.
        let recall = isAutoencoder ? (map.mergesStates ? 3 : Self.usualIterationCount) : length + 2
        // An anchor is set at each power of 2, and the first at or above the length is met again a length later.
        var anchor = 1.0
        while anchor < length { anchor *= 2 }
        let census = isAutoencoder ? (map.mergesStates ? 4 : Self.usualIterationCount) : anchor + length
        (recallIterationCount, censusIterationCount) = (recall, census)
        let cueCount = isAutoencoder ? Double(set.distinctExamples.count) : Double(set.task.cycles.count)
        let starts = 2 * Double(settings.recall.starts) + cueCount
        var costs: [AnalysisPart: Double] = [:]
        costs[.images] = n * whole + 6 * n * d * k
        if settings.analysis.eigenvalues {
            costs[.eigenvalues] = map.hasJacobianFactors ? n * step : n * (2 * k * step + (isAutoencoder ? 25 : 4) * k * k * k)
        }
        // A sequence is compared with all examples at every step.
        costs[.recall] = starts * (whole + recall * (step + (isAutoencoder ? 0 : 2 * n * k)))
        costs[.exactness] = Self.liftFactor * (isAutoencoder ? min(starts, n) : n) * 2 * d * k
        if isWhole {
            costs[.operatorNorms] = settings.analysis.eigenvalues ? n * (map.hasJacobianFactors ? 2 * whole : 40 * whole) : 0
            let plan = BasinPlan(settings, memory: memory, set: set, operationCountPerStep: step)
            costs[.theory] = isAutoencoder && set.examples.rowCount == 1 ? Self.theoryOperationCount : 0
            let damages = BasinPlan.damages(
                settings.analysis.recovery, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
            let cues = Double(plan.sourceCount(settings.analysis.recovery, damageCount: damages.count) * damages.count)
            let played = map.mergesStates ? Self.mergedShare : 1
            costs[.recovery] = cues * (Self.cueFactor * (whole + 10 * n * d) + played * (isAutoencoder ? recall : length) * step)
            let kinds = 2 * Double(plan.startCount(settings.analysis.census, kindCount: 2))
            costs[.census] = kinds * (whole + census * step)
        }
        self.costs = AnalysisPart.allCases.map { costs[$0] ?? 0 }
    }

    /// Applications of the map until a start of an autoencoder settles.
    private static let usualIterationCount = 100.0
    /// Lifting a state, and looking at its codes, takes passes over memory.
    private static let liftFactor = 4.0
    /// Drawing damage and looking for the nearest take passes over memory.
    private static let cueFactor = 3.0
    /// Of many cues that meet, few states are left.
    private static let mergedShare = 0.1
    /// A second or so.
    private static let theoryOperationCount = 5e9
}
