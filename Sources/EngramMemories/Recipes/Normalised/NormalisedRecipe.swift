internal import EngramDynamics
internal import EngramKernels
internal import EngramNetworks
internal import EngramNumerics
internal import RealModule
internal import EngramSystem

/// The preset `normalised`: one layer of exponential units behind a normalising step, solved in closed form.
public struct NormalisedRecipe: ExactRecipe {
    /// `normalised`.
    public static let name = "normalised"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) { self.settings = settings }

    static let mapName = "a normalised machine"

    /// Items, contrasts, centres and coordinates; kernel matrix, factor, whitening and coefficients.
    public func byteCount(of plan: ExactPlan, for set: TrainingSet) -> Double {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let starts = Double(2 * settings.recall.starts) + n / Double(set.longestCycle)
        return 8 * (8 * n * d + 10 * n * n + starts * 3 * d + min(n, 120) * 2 * d) + 64e6
    }

    /// The machine, solved.
    /// - Throws: `Failure` of code `alike` where two items are one to it.
    public func makeTraining(_ plan: ExactPlan, for set: TrainingSet) throws -> WrittenTraining {
        guard let choice = plan.choice else { preconditionFailure("A plan for a normalised machine is decided before it is used.") }
        let distinct = DistinctItems(of: set)
        let machine = try NormalisedMachine(
            items: distinct.items, contrast: ContrastItems(distinct.items.converted(to: Double.self)), successors: distinct.successors,
            noiseVariance: variance(choice) * set.sampleRange * set.sampleRange)
        guard machine.gap > Self.smallestGap else { throw Self.alike(machine, distinct) }
        // By way of the bandwidth, so that giving it back gives the same bits.
        let bandwidth = settings.network.bandwidth.given ?? 1 / Self.steepness(gap: machine.gap, count: distinct.kept.count).squareRoot()
        let steepness = 1 / (bandwidth * bandwidth)
        do {
            return WrittenTraining(map: try machine.solved(steepness: steepness))
        } catch let error as KernelSolverError {
            throw Failure(
                stage: .train, code: "kernel", message: "\(error)", expected: "units that tell the examples apart",
                found: "a steepness of \(steepness) that does not", remedy: "set network.bandwidth lower, or leave it out")
        }
    }

    /// Where filters do not tell items apart, v is that of plain contrast.
    private func variance(_ choice: ScoreSelection.Choice) -> Double { choice.variance ?? ScoreSelection.variances(count: 1)[0] }

    /// β at which every other unit at an item is below e^-8/n, and at least 300, from where on the curves are flat.
    static func steepness(gap: Double, count: Int) -> Double { max(300, (8 + Double.log(Double(count))) / gap) }

    /// Cosines nearer to 1 are rounding.
    private static let smallestGap = 1e-12

    private static func alike(_ machine: NormalisedMachine, _ distinct: DistinctItems) -> Failure {
        let pair = machine.nearestPair
        var failure = Failure(
            stage: .train, code: "alike",
            message:
                "Examples \(distinct.kept[pair.first] + 1) and \(distinct.kept[pair.second] + 1) are one to a normalised machine: their "
                + "cosine is 1 to within \(machine.gap).",
            expected: "examples that differ in more than rounding", found: "1 - cosine = \(machine.gap)",
            remedy: "take out one of the two, or choose another preset")
        failure.examples = [distinct.kept[pair.first], distinct.kept[pair.second]]
        return failure
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "normalised machine" }

    /// After one round, since nothing is trained.
    public func stopReason(after training: WrittenTraining, held: String?) -> String? {
        "the normalised machine was solved in closed form; \(verdict(held))"
    }

    /// How the scores were found.
    public func account(of memory: Memory, plan: ExactPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "closed form")
        if let choice = plan.choice {
            account.remarks.append(
                choice.variance == nil
                    ? "The items do not all differ in contrast, so that their brightness is looked at too."
                    : "Contrasts are whitened for the noise whose matched filters find most damaged copies. "
                        + choice.note)
        }
        return account
    }

    /// Noise variance and bandwidth in the place of `auto`.
    public func resolvedSettings(_ plan: ExactPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        if let choice = plan.choice { resolved.training.noiseFloor = .value(variance(choice)) }
        if let stored = memory.stored as? StoredNormalisedMap {
            resolved.network.bandwidth = settings.network.bandwidth.given.map { .value($0) } ?? .value(stored.bandwidth)
        }
        return resolved
    }
}
