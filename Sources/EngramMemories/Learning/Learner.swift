public import EngramNumerics
internal import EngramSystem

/// Makes a verified memory of a set, by the recipe that the settings ask for.
///
/// It takes a matrix and gives a memory, without a drop, a name or a file. Drops, experiments and programs that import the library all
/// call it, so every automatic choice, every further round and every closed-form solve is the same for all.
public struct Learner: Sendable {
    /// Which recipe, and what it is told.
    public var settings: MemorySettings
    /// Clock, progress, cancellation and checkpoints.
    public var context: LearningContext

    /// A learner under the given settings.
    public init(settings: MemorySettings = MemorySettings(), context: LearningContext = LearningContext()) {
        self.settings = settings
        self.context = context
    }

    /// Learns a set and verifies what was learned, in as many rounds as it takes.
    ///
    /// - Throws: `Failure`, among others where the set does not fit the memory there is; `CancellationError` once the context
    ///   says so.
    public func learn(_ set: TrainingSet) throws -> LearnedMemory {
        let recipe = RecipeRegistry.recipe(for: settings, threadCount: context.threadCount)
        do {
            var learned = try learn(set, by: recipe)
            if let note = settings.meantPresetNote { learned.notes.insert(note, at: 0) }
            return learned
        } catch let failure as Failure {
            guard let other = recipe.alternative(after: failure) else { throw failure }
            var learned = try learn(set, by: RecipeRegistry.recipe(for: other, threadCount: context.threadCount))
            learned.notes.insert(
                "\(failure.message) So the preset was \(other.preset.rawValue) instead of \(settings.preset.rawValue).", at: 0)
            return learned
        }
    }

    /// Learns a set by a recipe of the caller's own; of `settings` what the recipe was made with counts.
    ///
    /// - Throws: As `learn(_:)`.
    public func learn(_ set: TrainingSet, by recipe: some Recipe) throws -> LearnedMemory {
        let loop = LearningLoop(recipe: recipe, context: context)
        return try loop.learn(set, loop.fittedPlan(for: set))
    }

    /// Learns the rows of a matrix as fixed points.
    ///
    /// - Parameter examples: Shape `[n, d]`, finite.
    public func learn(_ examples: Matrix<Float>) throws -> LearnedMemory { try learn(TrainingSet(examples: examples)) }
}
