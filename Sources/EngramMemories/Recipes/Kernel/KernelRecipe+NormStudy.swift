internal import EngramDynamics
internal import EngramKernels
internal import EngramNumerics
internal import RealModule

extension KernelRecipe {
    /// The norm transition of a machine whose kernel is that of an infinitely wide network; nil for radial kernels, which have no norm of
    /// their own.
    public func normStudy(of memory: Memory, onStep: (Int, Int) throws -> Void) throws -> NormStudy? {
        guard let stored = memory.stored as? StoredKernelMap, let kernel = stored.kernel as? FullyConnectedKernel else { return nil }
        guard case .centred(let mean) = stored.features else { return nil }
        var examples = stored.items.converted(to: Double.self)
        examples.addToRows(mean, scaledBy: -1)
        // Decades about the own norm, and the norm itself; below, the kernel is constant to rounding.
        let norms = [-3.0, -2, -1.5, -1, -0.5, 0, 0.5, 1, 2].map { stored.norm * Double.exp10($0) }
        var points: [NormStudy.Point] = []
        var found: NormTransition?
        for (index, norm) in norms.enumerated() {
            try onStep(index, norms.count)
            do {
                let transition = try NormTransition(of: kernel, examples: examples, norms: [norm])
                points += transition.points.map {
                    NormStudy.Point(
                        norm: $0.norm, spectralRadius: $0.spectralRadius, operatorNorm: $0.operatorNorm, countNearOne: $0.countNearOne,
                        region: $0.region.rawValue)
                }
                found = transition
            } catch is KernelSolverError {
                // At the smallest norms the kernel matrix of many examples is singular to rounding: there is nothing to show.
                continue
            }
        }
        guard let found else { return nil }
        return NormStudy(
            points: points, ownNorm: stored.norm, exampleCount: found.exampleCount, evaluatedCount: found.evaluatedCount,
            linearCount: found.linearCount, limit: NormTransition.saturatedNorm)
    }
}
