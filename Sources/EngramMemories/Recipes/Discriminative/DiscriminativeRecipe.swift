internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
public import EngramSystem

/// The preset `discriminative`: a tournament whose shortlist is trained, by cross-entropy, to tell damaged copies of the items apart.
///
/// Training begins with the exact memory of the preset `tournament` and keeps it: the shortlist comes before it, every item still leads to
/// exactly its target with Jacobian 0, and held-back damaged copies decide whether the shortlist is used and how strictly.
public struct DiscriminativeRecipe: ExactRecipe {
    /// `discriminative`.
    public static let name = "discriminative"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    private let exact: TournamentRecipe

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        exact = TournamentRecipe(settings: settings, threadCount: threadCount)
    }

    static let mapName = "a trained tournament"

    /// What the exact memory takes, the span of the items, scores with gradients and moments, and the copies of an epoch.
    public func byteCount(of plan: ExactPlan, for set: TrainingSet) -> Double {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let r = min(n, d)
        let kinds = 15.0
        let copies = 12 * min(kinds * n * r, Double(ScoreTraining.entryLimit)) + 8 * 28 * n * r
        let heldBack = min(n, Double(ScoreTraining.heldBackCount)) * (32 * kinds * (n + r) + 24 * d) + 2e8
        return exact.byteCount(of: plan, for: set) + 8 * (3 * r * d + 4 * r * r + 5 * n * r) + copies + heldBack
    }

    /// A training that begins with the exact memory.
    /// - Throws: `Failure` of code `alike` where rounding leaves two items one score.
    public func makeTraining(_ plan: ExactPlan, for set: TrainingSet) throws -> ScoreTraining {
        try makeTraining(plan, for: set) { _ in }
    }

    /// The same.
    public func makeTraining(_ plan: ExactPlan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> ScoreTraining {
        guard let choice = plan.choice else { preconditionFailure("A plan for a tournament is decided before it is used.") }
        let distinct = DistinctItems(of: set)
        return try ScoreTraining(
            from: TournamentRecipe.map(of: choice.scores, distinct), distinct,
            ContrastItems(distinct.items.converted(to: Double.self)), set: set, seed: settings.seed, onStep: onStep)
    }

    /// Cues that are held back and copies to learn from are products with the items; an epoch is products in few dimensions.
    public func trainingCosts(of plan: ExactPlan, for set: TrainingSet) -> TrainingCosts {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let (rank, kinds) = (min(n, d), 15.0)
        let copies = kinds * n * rank + kinds * min(n, Double(ScoreTraining.heldBackCount)) * 3 * n
        return TrainingCosts(
            deciding: kinds * min(n, 120) * 2 * n * d, making: copies * d,
            // Forward, gradient and step, in single precision.
            epochs: Double(settings.training.epochs) * 1.5 * min(kinds * n * n * rank, 1.25e10))
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "shortlist" }

    /// After one round: an exact memory holds from the first.
    public func stopReason(after training: ScoreTraining, held: String?) -> String? {
        // Where the budget ended the round, that is the reason.
        training.epochCount < settings.training.epochs
            ? nil : "all \(training.epochCount) epochs of the shortlist were done; \(verdict(held))"
    }

    /// How the scores were found.
    public func account(of memory: Memory, plan: ExactPlan, for set: TrainingSet) -> RecipeAccount {
        var account = exact.account(of: memory, plan: plan, for: set)
        account.recipe = Self.name
        account.optimizer = "adam cosine"
        account.initializer = "exact tournament"
        account.lossName = "cross-entropy"
        return account
    }

    /// What training changed.
    public func remarks(on training: ScoreTraining) -> [String] {
        guard let result = training.finished else {
            return settings.training.epochs > 0
                ? ["Training stopped being finite in epoch \(training.epochCount): the exact memory is stored."] : []
        }
        let (before, after) = (result.before.rightCount, result.after.rightCount)
        guard let list = result.map.shortlist else {
            return [
                "\(training.epochCount) epochs of training found no shortlist that recalls more of \(result.total) held-back damaged copies than "
                    + "the exact memory, which recalls \(before): it is stored as it is."
            ]
        }
        return [
            "\(training.epochCount) epochs of training on damaged copies made a shortlist (window \(list.window), penalty \(list.penalty)): of "
                + "\(result.total) held-back damaged copies \(after) are recalled, \(before) by the exact memory that training began with."
        ]
    }

    /// The noise variance in the place of `auto`.
    public func resolvedSettings(_ plan: ExactPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        exact.resolvedSettings(plan, memory: memory, for: set)
    }

    /// Where a set does not fit, or items have one score, the preset `fast`.
    public func alternative(after failure: Failure) -> MemorySettings? {
        failure.code == "memory" || failure.code == "alike" ? settings.asFast : nil
    }
}
