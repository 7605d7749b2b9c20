internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// What the recipes of fully connected networks have in common: one kind of plan, one estimate, one way to tell of it.
protocol DenseRecipe: Recipe where Plan == TrainingPlan {
    var threadCount: Int { get }
}

extension DenseRecipe {
    func planner(_ set: TrainingSet) -> DensePlanner { DensePlanner(settings, threadCount: threadCount, set: set) }

    /// A network and training that fit.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> TrainingPlan {
        try planner(set).plan(within: byteCount)
    }

    /// Bytes at the peak of training or analysis.
    public func byteCount(of plan: TrainingPlan, for set: TrainingSet) -> Double { planner(set).estimate(plan).byteCount }

    /// The account of a network that was trained.
    func trainedAccount(_ plan: TrainingPlan, for set: TrainingSet) -> RecipeAccount {
        var optimizer = "\(settings.training.optimizer.rawValue) \(plan.learningRate) \(plan.schedule.rawValue)"
        if let size = plan.batchSize, size < set.examples.rowCount { optimizer += ", batches of \(size)" }
        return RecipeAccount(recipe: Self.name, optimizer: optimizer, initializer: plan.initializerName.rawValue)
    }

    /// The settings of a network that was trained.
    func trainedSettings(_ plan: TrainingPlan, for set: TrainingSet) -> MemorySettings {
        var resolved = sharedSettings(plan)
        resolved.training.batchSize = .value(plan.batchSize ?? set.trainingTask.count)
        resolved.training.learningRate = .value(plan.learningRate)
        resolved.training.initializer = .value(plan.initializerName)
        if let limit = plan.narrowedWithin {
            // The width follows from the limit, and is given back as that: given as a width it would be too narrow for the examples.
            (resolved.network.width, resolved.training.batchSize) = (settings.network.width, settings.training.batchSize)
            resolved.maxMemoryByteCount = .value(Int(saturating: limit))
        }
        return resolved
    }

    /// What every plan decides.
    func sharedSettings(_ plan: TrainingPlan) -> MemorySettings {
        var resolved = settings
        resolved.network.depth = .value(plan.depth)
        resolved.network.width = .value(plan.width)
        if let name = MemorySettings.ActivationName(rawValue: plan.activation.rawValue) { resolved.network.activation = .value(name) }
        resolved.training.conditioning = .value(plan.conditioning)
        resolved.training.noiseFloor = .value(plan.noiseFloor)
        resolved.training.noise = .value(plan.maximumNoise)
        return resolved
    }
}
