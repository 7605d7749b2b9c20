public import EngramDynamics
public import EngramNetworks
public import EngramNumerics
public import EngramSystem

/// A way to make a memory of a set: a plan that fits a machine, a training, and what to do when the result does not hold yet.
///
/// A recipe is one folder under `Recipes/` and one line in `RecipeRegistry`. The loop around it, train, verify, improve, is written once
/// (`LearningLoop`); whatever differs from recipe to recipe is a requirement here.
public protocol Recipe: Sendable {
    /// What is to be trained, with every choice made.
    associatedtype Plan: RecipePlan
    /// How it is trained.
    associatedtype Training: MemoryTraining

    /// As report.json names it.
    static var name: String { get }

    /// A recipe under the given settings.
    /// - Parameters:
    ///   - settings: What is given, and what is left to the recipe.
    ///   - threadCount: Threads for linear algebra, on which the need of memory depends.
    init(settings: MemorySettings, threadCount: Int)

    /// The settings that the recipe was made with.
    var settings: MemorySettings { get }

    /// The plan for a set, fitted to the memory there is before any of it is taken. What the settings give is never changed.
    ///
    /// - Parameters:
    ///   - set: What is to be memorized.
    ///   - byteCount: What learning and analysis may take; nil where nobody knows.
    /// - Throws: `Failure`, among others of code `memory` where nothing fits.
    func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> Plan

    /// Bytes that learning and analysis take at their peak.
    func byteCount(of plan: Plan, for set: TrainingSet) -> Double

    /// The plan with those choices that need work on the examples.
    /// - Parameters:
    ///   - plan: As `plan(for:within:)` gave it.
    ///   - set: What is to be memorized.
    ///   - onStep: Told now and then which share is done; may throw to cancel.
    /// - Throws: `NumericsError`; `Failure`; whatever `onStep` throws.
    func decided(_ plan: Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Plan

    /// A training at its beginning.
    /// - Throws: `TrainingError`; `NumericsError`; `Failure`.
    func makeTraining(_ plan: Plan, for set: TrainingSet) throws -> Training

    /// The same for who makes it of much work.
    /// - Parameter onStep: Told now and then which share is done; may throw to cancel.
    func makeTraining(_ plan: Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Training

    /// The training that nothing went before; may change the plan by what the examples ask for.
    func firstTraining(_ plan: inout Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Training

    /// About what the steps of a first round cost, for the share that is told.
    func trainingCosts(of plan: Plan, for set: TrainingSet) -> TrainingCosts

    /// Epochs of a round before the memory is verified; nil for all that are left.
    /// - Parameters:
    ///   - plan: The plan of the run.
    ///   - networkRound: Rounds of the present network, this one included.
    func roundEpochCount(_ plan: Plan, networkRound: Int) -> Int?

    /// The coordinates that training works in; nil where those are the examples' own.
    func coordinates(of training: Training) -> SpanCoordinates?

    /// What the last step of a round is called.
    var finishPhase: String { get }

    /// Better maps to try from the same training after a round was verified; nil where there are none.
    func improver(for set: TrainingSet, memory: Memory) -> (any MemoryImprover)?

    /// The map that an improver's weights lead to.
    func improvedMap(
        _ training: Training, for set: TrainingSet, weights: [Double], onStep: (Int) throws -> Void
    ) throws -> any StoredMap

    /// A larger plan to begin again with, once rounds have stopped helping; nil where settings or memory leave none.
    /// - Parameters:
    ///   - plan: The plan of the run so far.
    ///   - networkRound: Rounds of the present network.
    ///   - fits: Whether a plan fits the memory there is.
    func grown(_ plan: Plan, networkRound: Int, fits: (Plan) -> Bool) -> Plan?

    /// Why training ends after a round that was verified, apart from budget and epochs; nil when another round is due.
    /// - Parameters:
    ///   - training: As the round left it.
    ///   - held: What was verified, where everything holds; nil elsewhere.
    func stopReason(after training: Training, held: String?) -> String?

    /// Operations that the complete spectra at all examples may take before only the leading eigenvalues are sought.
    var spectraOperationLimit: Double { get }

    /// Whether `proposedBasis` knows one; else the restriction of a memory needs no examples.
    var proposesBasis: Bool { get }

    /// A basis that may hold the outputs of a memory of these examples, made by this recipe, in few dimensions; nil if none is known.
    func proposedBasis(for examples: Matrix<Double>) throws(NumericsError) -> Matrix<Double>?

    /// How the memory's eigenvalues would change with the norm of its states, where the recipe has theory for that; nil elsewhere.
    /// - Parameters:
    ///   - memory: Made by this recipe.
    ///   - onStep: Told how many of how many norms are done; may throw to cancel.
    func normStudy(of memory: Memory, onStep: (Int, Int) throws -> Void) throws -> NormStudy?

    /// What some of the examples teach the memory of the others, where the recipe has theory for that; nil elsewhere.
    /// - Parameters:
    ///   - memory: Made by this recipe, whose settings are the resolved ones.
    ///   - set: What it was made of.
    ///   - onStep: Told how many of how many steps are done; may throw to cancel.
    func learnabilityStudy(of memory: Memory, for set: TrainingSet, onStep: (Int, Int) throws -> Void) throws -> LearnabilityStudy?

    /// What a report says of how a memory was made.
    func account(of memory: Memory, plan: Plan, for set: TrainingSet) -> RecipeAccount

    /// What a report says of a finished training beside that.
    func remarks(on training: Training) -> [String]

    /// Settings of another recipe to learn a set with that this one refused; nil where the refusal stands.
    func alternative(after failure: Failure) -> MemorySettings?

    /// The settings with every `auto` replaced by what was used, so that they repeat the run.
    func resolvedSettings(_ plan: Plan, memory: Memory, for set: TrainingSet) -> MemorySettings
}

/// About what the steps of a first round cost, in any unit.
public struct TrainingCosts: Sendable, Equatable {
    /// Choices that need work on the examples.
    public var deciding: Double
    /// Making a training of them.
    public var making: Double
    /// All epochs of the round.
    public var epochs: Double

    /// Takes each as given.
    public init(deciding: Double, making: Double, epochs: Double) {
        (self.deciding, self.making, self.epochs) = (deciding, making, epochs)
    }
}

/// The choices of a recipe for one set.
public protocol RecipePlan: Sendable, Equatable {
    /// What may change while a set is learned, and with the memory of the machine.
    var sizes: TrainingSizes { get set }
    /// What users must be told about how the plan came to fit.
    var notes: [String] { get }
    /// Bytes that learning and analysis may take; nil where nobody said.
    var memoryLimit: Double? { get }
    /// As a note names the plan: "3 hidden layers of 256 units".
    var shapeText: String { get }
}

/// Proposes other maps after each verification, by numbers that the recipe turns into a map.
public protocol MemoryImprover: Sendable {
    /// What the loss curve calls the step.
    var phase: String { get }
    /// The numbers of the next try; nil when every example holds, or tries are used up.
    mutating func next(after best: Verification) -> [Double]?
    /// Takes up what the last try led to.
    mutating func note(_ found: Verification)
}

extension Recipe {
    /// What verification found, for the reason why a recipe without rounds ends.
    func verdict(_ held: String?) -> String {
        settings.analysis.eigenvalues
            ? held ?? "verification found that it does not hold everywhere" : "without eigenvalues nothing was verified"
    }

    /// Nothing is left to decide.
    public func decided(_ plan: Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Plan { plan }
    /// At once.
    public func makeTraining(_ plan: Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Training {
        try makeTraining(plan, for: set)
    }
    /// As any other training.
    public func firstTraining(_ plan: inout Plan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> Training {
        try makeTraining(plan, for: set, onStep: onStep)
    }
    /// Nothing but epochs.
    public func trainingCosts(of plan: Plan, for set: TrainingSet) -> TrainingCosts { TrainingCosts(deciding: 0, making: 0, epochs: 1) }
    /// All that are left.
    public func roundEpochCount(_ plan: Plan, networkRound: Int) -> Int? { nil }
    /// Those of the examples.
    public func coordinates(of training: Training) -> SpanCoordinates? { nil }
    /// None.
    public func improver(for set: TrainingSet, memory: Memory) -> (any MemoryImprover)? { nil }
    /// The map as it stands.
    public func improvedMap(
        _ training: Training, for set: TrainingSet, weights: [Double], onStep: (Int) throws -> Void
    ) throws -> any StoredMap { try training.storedMap() }
    /// None.
    public func grown(_ plan: Plan, networkRound: Int, fits: (Plan) -> Bool) -> Plan? { nil }
    /// A minute or two on a few processors: 500 examples of some hundred dimensions pass, a thousand do not.
    public var spectraOperationLimit: Double { 4e12 }
    /// None.
    public func normStudy(of memory: Memory, onStep: (Int, Int) throws -> Void) throws -> NormStudy? { nil }
    /// None.
    public func learnabilityStudy(
        of memory: Memory, for set: TrainingSet, onStep: (Int, Int) throws -> Void
    ) throws -> LearnabilityStudy? { nil }
    /// Nothing.
    public func remarks(on training: Training) -> [String] { [] }
    /// It stands.
    public func alternative(after failure: Failure) -> MemorySettings? { nil }
    /// No.
    public var proposesBasis: Bool { false }
    /// None is known.
    public func proposedBasis(for examples: Matrix<Double>) throws(NumericsError) -> Matrix<Double>? { nil }
}
