public import EngramDynamics
public import EngramNetworks
public import EngramNumerics

/// The preset `fast`: span coordinates, noise-augmented training, an output layer solved in closed form.
///
/// Rounds go on until every example is verified to be an attractor, or every cycle stable and recalled from noise. Where examples are
/// none yet, contractive output layers are tried; where rounds stop helping, a larger network.
public struct FastRecipe: DenseRecipe {
    /// `fast`.
    public static let name = "fast"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    let threadCount: Int

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        self.threadCount = threadCount
    }

    /// A training at its beginning.
    public func makeTraining(_ plan: TrainingPlan, for set: TrainingSet) throws -> FastTraining {
        try FastTraining(
            samples: set.trainingSamples, task: set.trainingTask,
            settings: .init(
                depth: plan.depth, width: plan.width, activation: plan.activation, conditioning: plan.conditioning,
                noiseVariance: plan.noiseFloor * set.squaredValueRange, maximumNoise: plan.maximumNoise,
                learningRate: plan.learningRate,
                schedule: plan.schedule,
                warmUpEpochCount: settings.training.warmUp, optimizer: plan.optimizer, batchSize: plan.batchSize,
                initializer: plan.initializer, startsFromMatchedFilters: plan.startsFromMatchedFilters,
                solvesOutputLayer: settings.training.exactOutputLayer,
                targetMeanSquaredError: settings.training.targetMSE, cueNoise: cueNoise(plan, set), seed: UInt64(settings.seed)))
    }

    /// The training that nothing went before, with the rate that its examples ask for.
    public func firstTraining(
        _ plan: inout TrainingPlan, for set: TrainingSet, onStep: (Double) throws -> Void
    ) throws -> FastTraining {
        var training = try makeTraining(plan, for: set)
        guard training.isCrowded, let rate = plan.crowdedLearningRate else { return training }
        plan.learningRate = min(plan.learningRate, rate)
        training.setLearningRate(plan.learningRate)
        return training
    }

    /// How training copies are damaged, where they are damaged as cues are.
    private func cueNoise(_ plan: TrainingPlan, _ set: TrainingSet) -> CueNoise? {
        guard plan.noiseKind == .cues, plan.maximumNoise > 0 else { return nil }
        let share = min(plan.maximumNoise, 1)
        // A rectangle hides what it covers whole: three quarters of the share do as much damage.
        let isPicture = set.raster.height > 1
        return CueNoise(
            range: set.valueRange, maximumFraction: share, maximumArea: isPicture ? 0.75 * share : 0, raster: isPicture ? set.raster : nil
        )
    }

    /// Later rounds are twice as long.
    public func roundEpochCount(_ plan: TrainingPlan, networkRound: Int) -> Int? { plan.roundEpochCount * (networkRound > 1 ? 2 : 1) }

    /// The span coordinates.
    public func coordinates(of training: FastTraining) -> SpanCoordinates? { training.coordinates }

    /// What the last step of a round is called.
    public var finishPhase: String { settings.training.exactOutputLayer ? "exact output layer" : "stored network" }

    /// Contractive output layers, for autoencoders whose examples an output layer can fit.
    public func improver(for set: TrainingSet, memory: Memory) -> (any MemoryImprover)? {
        // With more examples than an output layer can fit there is nothing to choose among.
        guard set.task.isAutoencoder, settings.training.exactOutputLayer, let width = memory.stored.facts.width,
            set.trainingTask.count <= width
        else { return nil }
        return ContractiveSolves(exampleCount: set.examples.rowCount)
    }

    /// The network with the contractive output layer for weights of all examples.
    public func improvedMap(
        _ training: FastTraining, for set: TrainingSet, weights: [Double], onStep: (Int) throws -> Void
    ) throws -> any StoredMap {
        try training.contractiveNetwork(exampleWeights: set.trainingExamples.map { weights[$0] }, onSample: onStep)
    }

    /// Twice the width, or one more hidden layer, as far as settings and memory allow.
    public func grown(_ plan: TrainingPlan, networkRound: Int, fits: (TrainingPlan) -> Bool) -> TrainingPlan? {
        guard networkRound >= Self.roundsBeforeGrowth, plan.narrowedWithin == nil else { return nil }
        var larger = plan
        if settings.network.width.given == nil { larger.width = min(2 * larger.width, Self.largestGrownWidth) }
        if larger.width == plan.width || !fits(larger) {
            larger.width = plan.width
            guard settings.network.depth.given == nil else { return nil }
            larger.depth += 1
            guard fits(larger) else { return nil }
        }
        return larger
    }

    /// A second round often does what the first did not.
    private static let roundsBeforeGrowth = 2
    /// Beyond this, an epoch takes longer than any budget has been seen to bear.
    private static let largestGrownWidth = 8192

    /// Once everything holds; without eigenvalues after one round.
    public func stopReason(after training: FastTraining, held: String?) -> String? {
        settings.analysis.eigenvalues ? held : "one round was trained; without eigenvalues there is nothing to verify"
    }

    /// The span of the examples.
    public var proposesBasis: Bool { true }
    /// The span of the examples, which holds what such a network puts out.
    public func proposedBasis(for examples: Matrix<Double>) throws(NumericsError) -> Matrix<Double>? {
        try SpanCoordinates(samples: examples, conditioning: 0).basis
    }

    /// How the network was trained.
    public func account(of memory: Memory, plan: TrainingPlan, for set: TrainingSet) -> RecipeAccount {
        var account = trainedAccount(plan, for: set)
        (account.conditioning, account.noise) = (plan.conditioning, plan.maximumNoise)
        let count = set.trainingTask.count
        if let width = memory.stored.facts.width, count > width + 1 {
            account.notes.append(
                "\(count) examples are more than the \(width + 1) that an output layer of this width "
                    + "can fit exactly; set network.width to at least \(count - 1) for exact recall.")
        }
        return account
    }

    /// Every choice of the plan.
    public func resolvedSettings(_ plan: TrainingPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = trainedSettings(plan, for: set)
        resolved.training.noiseKind = .value(plan.noiseKind)
        return resolved
    }
}
