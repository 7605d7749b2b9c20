internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// The preset `tournament`: a rectifier network that leads every state to the item of the largest matched score, written down.
public struct TournamentRecipe: ExactRecipe {
    /// `tournament`.
    public static let name = "tournament"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) { self.settings = settings }

    static let mapName = "a tournament"

    /// Items, contrasts, filters and their float64 forms; cues; three matrices of n².
    public func byteCount(of plan: ExactPlan, for set: TrainingSet) -> Double {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let starts = Double(2 * settings.recall.starts) + n / Double(set.longestCycle)
        return 8 * (6 * n * d + 5 * n * n + starts * 3 * d + min(n, 120) * 2 * d + 2 * n * n) + 64e6
    }

    /// The network, written down.
    /// - Throws: `Failure` of code `alike` where rounding leaves two items one score.
    public func makeTraining(_ plan: ExactPlan, for set: TrainingSet) throws -> WrittenTraining {
        guard let choice = plan.choice else { preconditionFailure("A plan for a tournament is decided before it is used.") }
        return WrittenTraining(map: try Self.map(of: choice.scores, DistinctItems(of: set)))
    }

    /// The tournament of scores over items, in the numbers that are stored.
    static func map(of scores: ItemScores, _ distinct: DistinctItems) throws(Failure) -> StoredTournamentMap {
        let weights = scores.weights.converted(to: Float.self)
        let stored = ItemScores(kind: scores.kind, weights: weights.converted(to: Double.self), offsets: scores.offsets)
        let gaps = ItemScores.gaps(ofScoresAtItems: stored.values(at: distinct.items.converted(to: Double.self)))
        guard let least = gaps.min(), least > Self.smallestGap else {
            let item = gaps.indices.min { gaps[$0] < gaps[$1] } ?? 0
            var failure = Failure(
                stage: .train, code: "alike",
                message: "Example \(distinct.kept[item] + 1) and another have the same score to within rounding.",
                expected: "examples that differ by more than the rounding of stored weights", found: "a difference of \(gaps[item])",
                remedy: "take out one of the two, or choose another preset")
            failure.examples = [distinct.kept[item]]
            throw failure
        }
        let margin = min(least / 8, Self.largestMargin)
        var offsets = scores.offsets
        // A state without contrast has no score: it leads to the first item, and from there on to something stored.
        if case .matched = scores.kind { offsets[0] += 2 * margin }
        return StoredTournamentMap(
            weights: weights, offsets: offsets, margin: margin, targets: distinct.items.rows(at: distinct.successors), scores: scores.kind)
    }

    /// Scores are 1 at an item and sums of d products: smaller gaps may be rounding.
    private static let smallestGap = 1e-9
    /// δ at most: neighbours are blended only where scores, which are 1 at an item, agree to this.
    static let largestMargin = 0x1p-12

    /// What the last step of a round is called.
    public var finishPhase: String { "tournament" }

    /// After one round, since nothing is trained.
    public func stopReason(after training: WrittenTraining, held: String?) -> String? {
        "the tournament was written down; \(verdict(held))"
    }

    /// How the scores were found.
    public func account(of memory: Memory, plan: ExactPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "closed form")
        if let choice = plan.choice { account.remarks.append(choice.note) }
        return account
    }

    /// The noise variance in the place of `auto`.
    public func resolvedSettings(_ plan: ExactPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        if let variance = plan.choice?.variance { resolved.training.noiseFloor = .value(variance) }
        return resolved
    }
}
