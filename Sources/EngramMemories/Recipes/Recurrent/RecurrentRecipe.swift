internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import RealModule
public import EngramSystem

/// The recipe of the family `recurrent`: a network whose state remembers what it read, and whose output map has a unit for each place of
/// the texts (`PlaceNetwork`). It is written down and not trained.
public struct RecurrentRecipe: Recipe {
    /// `recurrent`.
    public static let name = "recurrent"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) { self.settings = settings }

    /// Random directions in so many dimensions are nearly orthogonal, as many of them as a state remembers.
    static let usualWidth = 128

    /// A network that fits.
    /// - Throws: `Failure` of code `memory` where the set does not fit, `tokens` for a set that is no text, `preset` for a preset without
    ///   recurrent networks.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> RecurrentPlan {
        try Self.requirePreset(of: settings)
        let plan = RecurrentPlan(
            width: settings.network.width.given ?? Self.usualWidth, depth: 1,
            memoryLimit: settings.maxMemoryByteCount.given.map(Double.init) ?? byteCount)
        try Self.requireFit(plan, self.byteCount(of: plan, for: set), set, settings)
        return plan
    }

    /// - Throws: `Failure` of code `preset` for the presets of other families.
    static func requirePreset(of settings: MemorySettings) throws(Failure) {
        guard [.standard, .fast, .paper].contains(settings.preset) else {
            throw Failure(
                stage: .train, code: "preset",
                message: "The preset \(settings.preset.rawValue) makes no recurrent network.",
                expected: "network.family: recurrent with the preset fast or paper, or with none",
                found: "preset: \(settings.preset.rawValue)",
                remedy: "leave out one of the two")
        }
    }

    /// - Throws: `Failure` of code `memory` where a set takes more memory than the plan may.
    static func requireFit(_ plan: RecurrentPlan, _ needed: Double, _ set: TrainingSet, _ settings: MemorySettings) throws(Failure) {
        guard let limit = plan.memoryLimit, needed > limit else { return }
        throw Failure(
            stage: .train, code: "memory",
            message: "A recurrent network for \(set.examples.rowCount) tokens out of \(set.examples.columnCount) would take about "
                + "\(byteText(needed)) of memory; \(byteText(limit)) are "
                + "\(settings.maxMemoryByteCount.given == nil ? "available" : "allowed by limits.max_memory").",
            expected: "at most \(byteText(limit))", found: "about \(byteText(needed))", remedy: set.sizeAdvice)
    }

    /// Weights, examples with their states, and what recall holds.
    public func byteCount(of plan: RecurrentPlan, for set: TrainingSet) -> Double {
        plan.byteCount(
            for: set, unitCount: set.examples.rowCount, startCount: 2 * settings.recall.starts + set.task.cycles.count)
    }

    /// The plan with its network.
    /// - Throws: `Failure` of code `tokens`, or `alike` where places cannot be told apart; `NumericsError`; whatever `onStep` throws.
    public func decided(_ plan: RecurrentPlan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> RecurrentPlan {
        let texts = try TokenTexts(set)
        var design = PlaceNetwork.Design(
            width: plan.width, decay: Self.decay(neededPast: texts.neededPast), seed: UInt64(bitPattern: Int64(settings.seed)))
        var decided = plan
        for attempt in 0..<Self.tryCount {
            let share = Double(attempt) / Double(Self.tryCount)
            let written = try PlaceNetwork(
                texts.texts, vocabularySize: texts.vocabularySize, firstEqual: texts.pasts, design: design
            ) {
                try onStep(share)
            }
            decided.written = written
            decided.neededPast = texts.neededPast
            if written.leastMargin >= Self.smallestMargin { return decided }
            design.decay = design.decay.squareRoot()
        }
        throw Failure(
            stage: .train, code: "alike",
            message: "Two places of the text can be told apart by what stands \(texts.neededPast) tokens before them alone, and a state of "
                + "\(plan.width) values does not remember that well enough.",
            expected: "a margin of at least \(Self.smallestMargin) at every place",
            found: "one of \(decided.written?.leastMargin ?? 0)", remedy: "set network.width higher, or take a shorter text")
    }

    /// A past of some ten tokens tells places apart even where one in five is wrong; where more is needed, the oldest that counts keeps a share
    /// of 0.02.
    static func decay(neededPast: Int) -> Double { max(0.9, Double.pow(0.02, 1 / Double(max(neededPast - 1, 1)))) }

    /// Half the squared distance of two states that recall's tolerance cannot take for one another: about 0.05.
    static let smallestMargin = 1e-3
    /// Each halves what is forgotten in a step.
    private static let tryCount = 5

    /// The network, written down.
    public func makeTraining(_ plan: RecurrentPlan, for set: TrainingSet) throws -> WrittenTraining {
        guard let written = plan.written else { preconditionFailure("A plan for a recurrent network is decided before it is used.") }
        return WrittenTraining(map: StoredRecurrentMap(network: written.network))
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "recurrent network" }

    /// After one round, since nothing is trained.
    public func stopReason(after training: WrittenTraining, held: String?) -> String? {
        "the recurrent network was written down; \(verdict(held))"
    }

    /// What the state remembers.
    public func account(of memory: Memory, plan: RecurrentPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "closed form")
        guard let written = plan.written, let past = plan.neededPast else { return account }
        let decay = (written.decay * 1e4).rounded() / 1e4
        account.notes.append(
            "\(past == 1 ? "One token before a place tells" : "\(past) tokens before a place tell") it apart from every other. The state keeps \(decay) of what it "
                + "remembers at each step, so that from whatever state the network plays one of its texts in the end.")
        return account
    }

    /// Family and width.
    public func resolvedSettings(_ plan: RecurrentPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        resolved.network.family = .value(.recurrent)
        resolved.network.width = .value(plan.width)
        return resolved
    }
}
