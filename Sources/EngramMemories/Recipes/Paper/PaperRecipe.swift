internal import EngramDynamics
public import EngramNetworks

/// The preset `paper`: training exactly as published, in the examples' own space, to the published error.
public struct PaperRecipe: DenseRecipe {
    /// `paper`.
    public static let name = "paper"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    let threadCount: Int

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        self.threadCount = threadCount
    }

    /// A training at its beginning.
    public func makeTraining(_ plan: TrainingPlan, for set: TrainingSet) -> PaperTraining {
        PaperTraining(
            samples: set.trainingSamples, task: set.trainingTask,
            settings: .init(
                depth: plan.depth, width: plan.width, activation: plan.activation, initializer: plan.initializer,
                optimizer: plan.optimizer, learningRate: plan.learningRate, schedule: plan.schedule,
                warmUpEpochCount: settings.training.warmUp, batchSize: plan.batchSize,
                startsFromMatchedFilters: plan.startsFromMatchedFilters,
                targetMeanSquaredError: settings.training.targetMSE, seed: UInt64(settings.seed)))
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "stored network" }

    /// At the published error, whether the memory holds or not.
    public func stopReason(after training: PaperTraining, held: String?) -> String? {
        training.hasReachedTarget ? "the mean squared error reached the published \(settings.training.targetMSE)" : nil
    }

    /// How the network was trained.
    public func account(of memory: Memory, plan: TrainingPlan, for set: TrainingSet) -> RecipeAccount { trainedAccount(plan, for: set) }

    /// Every choice of the plan.
    public func resolvedSettings(_ plan: TrainingPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        trainedSettings(plan, for: set)
    }
}
