internal import EngramKernels
internal import EngramNumerics

extension KernelRecipe {
    /// What some of the examples teach the machine of the others; nil for one example, and where the kernel matrix is singular to rounding.
    public func learnabilityStudy(
        of memory: Memory, for set: TrainingSet, onStep: (Int, Int) throws -> Void
    ) throws -> LearnabilityStudy? {
        let distinct = DistinctItems(of: set)
        let kept = distinct.kept
        guard let stored = memory.stored as? StoredKernelMap, kept.count == stored.items.rowCount, kept.count > 1 else { return nil }
        let found: ItemLearnability
        do {
            found = try ItemLearnability(
                of: stored, successors: distinct.successors, ridge: settings.network.ridge.given ?? 0,
                seed: UInt64(settings.seed) ^ 0x1EA_2AB1E, onStep: onStep)
        } catch is KernelSolverError {
            return nil
        }
        return LearnabilityStudy(
            eigenvalues: found.eigenvalues,
            levels: found.levels.map {
                LearnabilityStudy.Level(
                    exampleCount: $0.exampleCount, learnabilities: $0.learnabilities, sum: $0.sum,
                    predictedLearnability: $0.predictedLearnability, measuredLearnability: $0.measuredLearnability,
                    predictedError: $0.predictedError, measuredError: $0.measuredError)
            },
            items: found.items.map {
                LearnabilityStudy.Item(
                    example: kept[$0.index], independentShare: $0.independentShare, learnedShare: $0.learnedShare,
                    nearest: kept[$0.nearest], cosine: $0.cosine)
            }, ridge: found.ridge, effectiveDimension: found.effectiveDimension, condition: found.condition,
            exampleCount: found.itemCount, drawCount: found.drawCount)
    }
}
