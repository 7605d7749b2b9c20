import Engram
import EngramSystem

/// Writes the examples down as the patterns of a `SoftmaxMemory`; nothing is optimised.
struct SoftmaxRecipe: Recipe {
    struct Plan: RecipePlan {
        var sizes = TrainingSizes()
        var notes: [String] = []
        var memoryLimit: Double?
        var shapeText: String
    }

    struct Training: MemoryTraining {
        var epochCount = 0
        let map: StoredSoftmaxMemory

        mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {}
        func storedMap() throws(TrainingError) -> any StoredMap { map }
    }

    static let name = "softmax"
    let settings: MemorySettings
    let finishPhase = "patterns"

    init(settings: MemorySettings, threadCount: Int) { self.settings = settings }

    func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> Plan {
        let plan = Plan(memoryLimit: byteCount, shapeText: "\(set.trainingTask.count) patterns")
        let needed = self.byteCount(of: plan, for: set)
        guard let byteCount, needed > byteCount else { return plan }
        throw Failure(
            stage: .train, code: "memory", message: "\(plan.shapeText) take about \(Int(needed)) bytes, and \(Int(byteCount)) are free.",
            expected: "about \(Int(needed)) bytes", found: "\(Int(byteCount)) bytes", remedy: set.sizeAdvice)
    }

    /// Patterns in float32 and float64, and one Jacobian.
    func byteCount(of plan: Plan, for set: TrainingSet) -> Double {
        let (count, dimension) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        return 12 * count * dimension + 8 * dimension * dimension
    }

    func makeTraining(_ plan: Plan, for set: TrainingSet) throws -> Training {
        let patterns = set.trainingSamples
        let precise = patterns.converted(to: Double.self)
        let beta = ModernHopfieldNetwork.inverseTemperature(retrieving: precise, within: set.recoveryTolerance)
        return Training(map: StoredSoftmaxMemory(patterns: patterns, inverseTemperature: beta))
    }

    func stopReason(after training: Training, held: String?) -> String? { held ?? "the patterns were written down" }

    func account(of memory: Memory, plan: Plan, for set: TrainingSet) -> RecipeAccount {
        RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "the examples")
    }

    func resolvedSettings(_ plan: Plan, memory: Memory, for set: TrainingSet) -> MemorySettings { settings }
}
