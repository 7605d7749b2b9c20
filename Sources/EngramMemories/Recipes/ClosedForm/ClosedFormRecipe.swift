internal import EngramDynamics
public import EngramNetworks
internal import EngramNumerics

/// The preset `closed-form`: one hidden layer of matched sigmoid units, written down and not trained.
public struct ClosedFormRecipe: DenseRecipe {
    /// `closed-form`.
    public static let name = "closed-form"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    let threadCount: Int

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        self.threadCount = threadCount
    }

    /// The plan with the settings of the closed form, tried on the set itself.
    public func decided(_ plan: TrainingPlan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> TrainingPlan {
        var decided = plan
        decided.closedForm = try ClosedFormSelection(set: set, settings: settings).best(onFilters: onStep)
        return decided
    }

    /// The weights, written down.
    public func makeTraining(_ plan: TrainingPlan, for set: TrainingSet) throws -> ClosedFormMemory {
        guard let chosen = plan.closedForm else { preconditionFailure("A plan for a closed form is decided before it is used.") }
        return try ClosedFormMemory(samples: set.examples, task: set.task, settings: chosen)
    }

    /// Trying filters is nearly all.
    public func trainingCosts(of plan: TrainingPlan, for set: TrainingSet) -> TrainingCosts {
        TrainingCosts(deciding: 9, making: 1, epochs: 0)
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "closed form" }

    /// After one round, since nothing is trained.
    public func stopReason(after training: ClosedFormMemory, held: String?) -> String? {
        "the weights were written down in closed form; \(verdict(held))"
    }

    /// A few seconds, which is what a closed form takes to make.
    public var spectraOperationLimit: Double { 3e11 }

    /// How the weights were found.
    public func account(of memory: Memory, plan: TrainingPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "closed form")
        if case .whitened(let exponent, _) = plan.closedForm?.filters { account.conditioning = exponent }
        return account
    }

    /// The choices of the closed form in the place of every `auto`.
    public func resolvedSettings(_ plan: TrainingPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = sharedSettings(plan)
        guard let chosen = plan.closedForm else { return resolved }
        let unitCount = memory.stored.facts.width ?? plan.width
        resolved.network = .init(depth: .value(1), width: .value(unitCount), activation: .value(.sigmoid))
        resolved.closedForm.steepness = .value(chosen.steepness)
        resolved.closedForm.threshold = .value(chosen.threshold)
        resolved.closedForm.inhibition = .value(chosen.inhibition)
        if let silence = MemorySettings.Silence(rawValue: chosen.silence.rawValue) { resolved.closedForm.silence = .value(silence) }
        switch chosen.filters {
        case .inverse(let ridge):
            resolved.closedForm.filters = .value(.inverse)
            resolved.closedForm.ridge = .value(ridge)
        case .whitened(let conditioning, let variance):
            resolved.closedForm.filters = .value(.whitened)
            resolved.training.noiseFloor = .value(variance > 0 ? ClosedFormSelection.noiseFloor(settings) : 0)
            resolved.training.conditioning = .value(conditioning)
        }
        return resolved
    }
}
