import EngramDynamics
import EngramNumerics

@testable import EngramMemories
import EngramSystem

/// Sets that tests make by hand.
enum ExampleSets {
    /// `count` examples of `dimension` codes k/255 each, drawn with a seed; with `repeated`, the last ones equal the first.
    static func codes(_ count: Int, dimension: Int, repeated: Int = 0, task: MemoryTask? = nil, seed: UInt64 = 5) -> TrainingSet {
        var generator = SplitMix64(seed: seed)
        var rows = (0..<count - repeated).map { _ in
            (0..<dimension).map { _ in Float(UInt8(truncatingIfNeeded: generator.next())) / 255 }
        }
        rows += rows.prefix(repeated)
        return TrainingSet(examples: Matrix(rows: rows), task: task, valueRange: 0...1)
    }

    /// The plan that settings lead to where so many bytes are free, and so many there with nobody else at work.
    static func fittedPlan(
        _ settings: MemorySettings, for set: TrainingSet, available: Double?, capacity: Double? = nil
    ) throws(Failure) -> any RecipePlan {
        func fitted(_ recipe: some Recipe) throws(Failure) -> any RecipePlan {
            let context = LearningContext(memory: { (available, capacity ?? available) })
            return try LearningLoop(recipe: recipe, context: context).fittedPlan(for: set)
        }
        return try fitted(RecipeRegistry.recipe(for: settings, threadCount: 1))
    }
}
