internal import EngramDynamics
public import EngramNetworks
internal import EngramNumerics
public import EngramSystem

/// The preset `paper` of the family `recurrent`: [RBU20] App. F, a next-state map and an output map of 31 layers of 128 SELU units, trained by
/// Adam at 1e-4 on the cross-entropy of each next token.
///
/// Two things differ from what is printed, and both are needed. PyTorch's default initialisation divides a signal by √3 in every layer: after 31
/// layers of s, tokens differ by 1e-8, and the loss stays at ln V, that of guessing. Weights are therefore drawn from N(0, 1/n), which SELU is made
/// for (Klambauer et al. 2017). And the text is read round and round, each pass from where the last one ended: trained from the zero state alone,
/// a network says the text once or twice and loses it.
public struct TrainedRecurrentRecipe: Recipe {
    /// `recurrent, trained`.
    public static let name = "recurrent, trained"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) { self.settings = settings }

    /// Epochs after which the network is verified.
    private static let verifiedEpochCount = 250
    /// The cross-entropy at which training ends, held or not: the right token then has all but a ten-thousandth.
    static let targetLoss = 1e-4

    /// The published network, or what the settings say.
    /// - Throws: `Failure` of code `memory`, `tokens`, `several-texts`.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> RecurrentPlan {
        let published = RecurrentTraining.Settings(seed: 0)
        var plan = RecurrentPlan(
            width: settings.network.width.given ?? published.width, depth: settings.network.depth.given ?? published.depth,
            memoryLimit: settings.maxMemoryByteCount.given.map(Double.init) ?? byteCount)
        plan.learningRate = settings.training.learningRate.given ?? published.learningRate
        let texts = try TokenTexts(set).texts
        guard texts.count == 1 else {
            throw Failure(
                stage: .train, code: "several-texts", message: "The preset paper trains a recurrent network on one text.",
                expected: "one text", found: "\(texts.count) texts", remedy: "drop each text by itself, or leave the preset out")
        }
        try RecurrentRecipe.requireFit(plan, self.byteCount(of: plan, for: set), set, settings)
        return plan
    }

    /// Weights with their moments and gradients, what backpropagation holds of the text, and what recall holds.
    public func byteCount(of plan: RecurrentPlan, for set: TrainingSet) -> Double {
        let (n, w, layers) = (Double(set.examples.rowCount), Double(plan.width), Double(2 * plan.depth + 1))
        return plan.byteCount(for: set, unitCount: plan.width, startCount: 2 * settings.recall.starts + 1)
            + 4 * layers * (5 * w * (w + 1) + 4 * n * w)
    }

    /// A training at its beginning.
    public func makeTraining(_ plan: RecurrentPlan, for set: TrainingSet) -> RecurrentTraining {
        var own = RecurrentTraining.Settings(seed: UInt64(bitPattern: Int64(settings.seed)))
        (own.width, own.depth, own.learningRate) = (plan.width, plan.depth, plan.learningRate)
        own.activation = settings.network.activation.given.flatMap { Activation(rawValue: $0.rawValue) } ?? own.activation
        own.optimizer = settings.training.rule
        own.initializer = initializer
        return RecurrentTraining(tokens: set.examples, settings: own)
    }

    private var initializer: Initializer {
        switch initializerName {
        case .uniform: .uniform(range: settings.training.uniformRange)
        case .xavier: .xavier
        case .kaiming: .kaiming
        case .ntk: .neuralTangent(biasScale: settings.training.biasScale)
        case .standard, .matched, .lecun: .leCun
        }
    }

    /// The preset's own initialiser trains nothing through so many layers.
    private var initializerName: MemorySettings.Initializer {
        let given = settings.training.initializer.given ?? .lecun
        return given == .standard || given == .matched ? .lecun : given
    }

    /// A few hundred passes over the text.
    public func roundEpochCount(_ plan: RecurrentPlan, networkRound: Int) -> Int? { Self.verifiedEpochCount }

    /// What the last step of a round is called.
    public var finishPhase: String { "stored network" }

    /// Once the text is played from every start, or the loss says that nothing is left to learn.
    public func stopReason(after training: RecurrentTraining, held: String?) -> String? {
        held ?? (training.loss <= Self.targetLoss ? "the cross-entropy fell to \(Self.targetLoss)" : nil)
    }

    /// How the network was trained.
    public func account(of memory: Memory, plan: RecurrentPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(
            recipe: Self.name, optimizer: "\(settings.training.optimizer.rawValue) \(plan.learningRate) constant",
            initializer: initializerName.rawValue)
        account.lossName = "cross-entropy"
        if settings.training.initializer.given == .standard {
            account.notes.append(
                "The published initialisation trains nothing through \(2 * plan.depth) layers, since a signal all but vanishes in them: weights were "
                    + "drawn from N(0, 1/n) in its place.")
        }
        return account
    }

    /// Every choice of the plan.
    public func resolvedSettings(_ plan: RecurrentPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        resolved.network.family = .value(.recurrent)
        (resolved.network.width, resolved.network.depth) = (.value(plan.width), .value(plan.depth))
        resolved.network.activation = .value(settings.network.activation.given ?? .selu)
        resolved.training.learningRate = .value(plan.learningRate)
        resolved.training.initializer = .value(initializerName)
        return resolved
    }
}
