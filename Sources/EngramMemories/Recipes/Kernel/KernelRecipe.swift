public import EngramDynamics
internal import EngramKernels
public import EngramNetworks
internal import EngramNumerics
internal import RealModule
public import EngramSystem

/// The recipe of the family `kernel`: a kernel machine that interpolates the set, solved in closed form and verified.
///
/// The kernels gaussian and laplace recall from noise; those of infinitely wide networks are there to be studied, as in [JP20], and mostly
/// do not (Documentation/Notebook.md has the figures). Where examples are no attractors yet, other steepnesses are tried.
public struct KernelRecipe: Recipe {
    /// `kernel`.
    public static let name = "kernel"
    /// The settings that the recipe was made with.
    public let settings: MemorySettings
    private let threadCount: Int

    /// A recipe under the given settings.
    public init(settings: MemorySettings, threadCount: Int) {
        self.settings = settings
        self.threadCount = threadCount
    }

    /// The kernel that the settings name.
    /// - Throws: `Failure` of code `memory` where the kernel matrix does not fit, `activation` for a nonlinearity without a kernel.
    public func plan(for set: TrainingSet, within byteCount: Double?) throws(Failure) -> KernelPlan {
        let limit = settings.maxMemoryByteCount.given.map(Double.init) ?? byteCount
        let plan = KernelPlan(settings, memoryLimit: limit)
        if let activation = plan.activation, !plan.isRadial, !KernelPlan.activations.contains(activation) {
            throw Failure(
                stage: .train, code: "activation", message: "No kernel of an infinitely wide network is known for \(activation.rawValue).",
                expected: "one of " + KernelPlan.activations.map(\.rawValue).joined(separator: ", "), found: activation.rawValue,
                remedy: "set network.activation to one of these, or leave it out")
        }
        let needed = self.byteCount(of: plan, for: set)
        guard let limit, needed > limit else { return plan }
        let (n, d) = (set.examples.rowCount, set.examples.columnCount)
        throw Failure(
            stage: .train, code: "memory",
            message: "A kernel machine of \(n) examples of \(d) values would take about \(byteText(needed)) of memory; "
                + "\(byteText(limit)) are \(settings.maxMemoryByteCount.given == nil ? "available" : "allowed by limits.max_memory").",
            expected: "at most \(byteText(limit))", found: "about \(byteText(needed)), most of it for \(n) × \(n) kernel values",
            remedy: "\(set.sizeAdvice); or leave network.family out, which trains a network in less memory")
    }

    /// Items, their features and their coordinates; the kernel matrix, its factor, the coefficients and what is computed from them.
    public func byteCount(of plan: KernelPlan, for set: TrainingSet) -> Double {
        let (n, d) = (Double(set.examples.rowCount), Double(set.examples.columnCount))
        let starts = Double(2 * max(settings.recall.starts, 3 * (settings.analysis.census.given ?? 0) / 2)) + n / Double(set.longestCycle)
        return 8 * (6 * n * d + 10 * n * n + starts * (3 * d + 2 * n * Double(min(set.longestCycle, 1000)))) + 64e6
    }

    /// The plan with a steepness for the nearest of its items.
    /// - Throws: `Failure` of code `parallel` or `no-direction`, with the examples to blame.
    public func decided(_ plan: KernelPlan, for set: TrainingSet, onStep: (Double) throws -> Void) throws -> KernelPlan {
        var decided = plan
        let machine = Self.machine(for: set, plan)
        decided.machine = machine
        do {
            let gap = try machine.gap()
            decided.strength =
                givenStrength(plan)
                ?? plan.usualStrength(gap: gap, count: machine.count, dimension: set.examples.columnCount)
        } catch {
            throw Self.failure(error, set.distinctExamples)
        }
        if let strength = decided.strength, decided.ridge == nil {
            let (kernel, norm) = plan.kernel(strength: strength, dimension: set.examples.columnCount)
            decided.ridge = try Self.caught(set.distinctExamples) {
                try machine.leaveOneOutRidge(by: kernel, rows: plan.isRadial ? .normalized : .plain, norm: norm) {
                    // What it counts are ridges and rows; the first take longest.
                    try onStep(1 - 1 / Double($0 + 1))
                }.ridge
            }
        }
        return decided
    }

    /// What the settings say of the steepness; nil where they leave it open.
    private func givenStrength(_ plan: KernelPlan) -> Double? {
        switch plan.kernel {
        case .gaussian: settings.network.bandwidth.given.map { 1 / ($0 * $0) }
        case .laplace: settings.network.bandwidth.given.map { 1 / $0 }
        case .ntk, .nngp: settings.network.norm.given
        }
    }

    /// The machine, solved.
    public func makeTraining(_ plan: KernelPlan, for set: TrainingSet) throws -> KernelTraining {
        guard let strength = plan.strength else { preconditionFailure("A plan for a kernel machine is decided before it is used.") }
        return try Self.training(plan, strength, set) { _ in }
    }

    /// A ridge that is chosen takes all eigenvalues, which is ten times as much as to solve.
    public func trainingCosts(of plan: KernelPlan, for set: TrainingSet) -> TrainingCosts {
        TrainingCosts(deciding: plan.ridge == nil ? 10 : 1, making: 1, epochs: 0)
    }

    /// What the last step of a round is called.
    public var finishPhase: String { "kernel machine" }

    /// Other steepnesses, where the settings leave it open.
    public func improver(for set: TrainingSet, memory: Memory) -> (any MemoryImprover)? {
        let plan = KernelPlan(settings, memoryLimit: nil)
        guard givenStrength(plan) == nil, let stored = memory.stored as? StoredKernelMap else { return nil }
        let factors: [Double] = plan.isRadial ? [4, 16, 0.25] : [0.1, 10, 0.01, 100]
        let present = Self.strength(of: stored, plan)
        return KernelSearch(strengths: factors.map { $0 * present })
    }

    /// The machine of another steepness.
    public func improvedMap(
        _ training: KernelTraining, for set: TrainingSet, weights: [Double], onStep: (Int) throws -> Void
    ) throws -> any StoredMap {
        var plan = KernelPlan(settings, memoryLimit: nil)
        plan.ridge = training.ridge
        return try Self.training(plan, weights.first ?? 1, set, onStep: onStep).map
    }

    /// After one round, since nothing is trained.
    public func stopReason(after training: KernelTraining, held: String?) -> String? {
        "the kernel machine was solved in closed form; \(verdict(held))"
    }

    /// What the report says of a kernel machine.
    public func account(of memory: Memory, plan: KernelPlan, for set: TrainingSet) -> RecipeAccount {
        var account = RecipeAccount(recipe: Self.name, optimizer: "none", initializer: "closed form")
        if settings.network.ridge == .auto, let ridge = plan.ridge {
            account.notes.append(
                "The ridge \(ridge) predicts examples best that are left out. A memory that is to hold its examples exactly wants network.ridge: 0."
            )
        }
        if let stored = memory.stored as? StoredKernelMap, !stored.kernel.isSmoothOnDiagonal {
            account.notes.append(
                "This kernel has a cusp at every item, where no Jacobian exists: eigenvalues are those of its smooth part, and an example "
                    + "counts as an attractor where the smooth part and the cusp together shrink every small error.")
        }
        return account
    }

    /// The kernel and its steepness.
    public func resolvedSettings(_ plan: KernelPlan, memory: Memory, for set: TrainingSet) -> MemorySettings {
        var resolved = settings
        resolved.network.family = .value(.kernel)
        resolved.network.kernel = .value(plan.kernel)
        if let ridge = plan.ridge { resolved.network.ridge = .value(ridge) }
        guard let stored = memory.stored as? StoredKernelMap else { return resolved }
        resolved.network.norm = .value(stored.norm)
        let strength = Self.strength(of: stored, plan)
        switch plan.kernel {
        case .gaussian: resolved.network.bandwidth = .value(1 / strength.squareRoot())
        case .laplace: resolved.network.bandwidth = .value(1 / strength)
        case .ntk, .nngp: resolved.network.depth = .value(plan.depth)
        }
        return resolved
    }
}

extension KernelRecipe {
    private static func machine(for set: TrainingSet, _ plan: KernelPlan) -> KernelMachine {
        let distinct = DistinctItems(of: set)
        return plan.isRadial
            ? KernelMachine(lifting: distinct.items, successors: distinct.successors)
            : KernelMachine(centring: distinct.items, successors: distinct.successors)
    }

    private static func training(
        _ plan: KernelPlan, _ strength: Double, _ set: TrainingSet, onStep: (Int) throws -> Void
    ) throws -> KernelTraining {
        let (kernel, norm) = plan.kernel(strength: strength, dimension: set.examples.columnCount)
        guard let ridge = plan.ridge else { preconditionFailure("A plan for a kernel machine is decided before it is used.") }
        return try caught(set.distinctExamples) {
            KernelTraining(
                map: try (plan.machine ?? machine(for: set, plan)).solved(
                    by: kernel, rows: plan.isRadial ? .normalized : .plain, norm: norm, ridge: ridge, onStep: onStep), ridge: ridge)
        }
    }

    /// A solver's refusal as the user's.
    private static func caught<Result>(_ kept: [Int], _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as KernelSolverError {
            var failure = Failure(
                stage: .train, code: "kernel", message: "\(error)", expected: "a kernel matrix that is positive definite",
                found: "one that is not, to within rounding",
                remedy: "set network.ridge above 0, choose another kernel or norm, or take out examples that hardly differ")
            if case .notPositiveDefinite(let pivot, _, _, let twin, _) = error {
                failure.examples = ([twin, pivot] as [Int?]).compactMap { $0.map { kept[$0] } }
            }
            throw failure
        }
    }

    private static func failure(_ degeneracy: KernelMachine.Degeneracy, _ items: [Int]) -> Failure {
        switch degeneracy {
        case .parallel(let first, let second, let gap):
            var failure = Failure(
                stage: .train, code: "parallel",
                message:
                    "Examples \(items[first] + 1) and \(items[second] + 1) look the same to the kernel: on the common norm their directions differ by \(gap).",
                expected: "examples whose directions differ by more than \(KernelMachine.smallestGap)", found: "\(gap)",
                remedy: "take out one of the two, or leave network.family out, which tells them apart")
            failure.examples = [items[first], items[second]]
            return failure
        case .noDirection(let item):
            var failure = Failure(
                stage: .train, code: "no-direction",
                message: "Example \(items[item] + 1) is the mean of all examples, so that it has no direction on the common norm.",
                expected: "examples that differ from their mean", found: "one that equals it",
                remedy: "take it out, or choose network.kernel: gaussian, which gives it a direction")
            failure.examples = [items[item]]
            return failure
        }
    }

    /// 1/L², 1/L or r of a stored machine.
    private static func strength(of stored: StoredKernelMap, _ plan: KernelPlan) -> Double {
        switch plan.kernel {
        case .gaussian: (stored.kernel as? GaussianKernel).map { 1 / ($0.bandwidth * $0.bandwidth) } ?? 1
        case .laplace: (stored.kernel as? LaplaceKernel).map { 1 / $0.bandwidth } ?? 1
        case .ntk, .nngp: stored.norm
        }
    }
}

/// A kernel machine, which is final once it is solved.
public struct KernelTraining: MemoryTraining {
    let map: StoredKernelMap
    /// λ.
    let ridge: Double

    /// None: nothing is trained.
    public var epochCount: Int { 0 }
    /// Does nothing.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) {}
    /// The machine.
    public func storedMap() -> any StoredMap { map }
}

/// Tries steepnesses one after another until every example holds.
struct KernelSearch: MemoryImprover {
    let phase = "kernel machine, other steepness"
    private var strengths: [Double]

    init(strengths: [Double]) { self.strengths = strengths }

    mutating func next(after best: Verification) -> [Double]? {
        guard !strengths.isEmpty, !best.verdicts.isEmpty, !best.verdicts.allSatisfy({ $0 }) else { return nil }
        return [strengths.removeFirst()]
    }

    mutating func note(_ found: Verification) {}
}
