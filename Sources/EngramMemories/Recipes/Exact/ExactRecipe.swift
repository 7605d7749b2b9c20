internal import EngramNumerics
internal import EngramSystem

/// What the recipes have in common that begin with scores of the items: one kind of plan, and the choice of the scores.
protocol ExactRecipe: Recipe where Plan == ExactPlan {
    /// As a note names the map: "a tournament".
    static var mapName: String { get }
}

extension ExactRecipe {
    /// - Throws: `Failure` of code `memory` where the set does not fit.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> ExactPlan {
        let plan = ExactPlan(mapName: Self.mapName, memoryLimit: settings.maxMemoryByteCount.given.map(Double.init) ?? byteCount)
        try requireFit(plan, set)
        return plan
    }

    /// The plan with its scores.
    public func decided(_ plan: ExactPlan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> ExactPlan {
        var decided = plan
        decided.choice = try ScoreSelection(
            items: DistinctItems(of: set).items.converted(to: Double.self), set: set, settings: settings
        ).best(onStep: onStep)
        return decided
    }

    /// Choosing the scores, and writing the memory down.
    public func trainingCosts(of plan: ExactPlan, for set: TrainingSet) -> TrainingCosts {
        TrainingCosts(deciding: 3, making: 1, epochs: 0)
    }

    /// - Throws: `Failure` of code `memory` where a set takes more memory than the plan may.
    func requireFit(_ plan: ExactPlan, _ set: TrainingSet) throws(Failure) {
        let needed = byteCount(of: plan, for: set)
        guard let limit = plan.memoryLimit, needed > limit else { return }
        throw Failure(
            stage: .train, code: "memory",
            message: "\(plan.mapName.prefix(1).uppercased() + plan.mapName.dropFirst()) of \(set.examples.rowCount) examples of "
                + "\(set.examples.columnCount) values would take about \(byteText(needed)) of memory; \(byteText(limit)) are "
                + "\(settings.maxMemoryByteCount.given == nil ? "available" : "allowed by limits.max_memory").",
            expected: "at most \(byteText(limit))", found: "about \(byteText(needed))",
            remedy: "\(set.sizeAdvice); or choose another preset, which trains a network in less memory")
    }
}
