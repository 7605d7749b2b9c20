internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramSystem

/// The network and training for a set, fitted to the memory there is before any of it is taken.
///
/// Where all examples at once do not fit, mini-batches are taken; where the network does not fit either, it is narrowed. What the
/// settings give is never changed.
struct DensePlanner {
    let settings: MemorySettings
    let threadCount: Int
    let set: TrainingSet
    /// Whether weights are written down, a unit for each example, instead of trained.
    let isWrittenDown: Bool
    /// Whether the output layer is to fit every example, which takes as many units.
    let fitsEveryExample: Bool

    init(_ settings: MemorySettings, threadCount: Int, set: TrainingSet) {
        self.settings = settings
        self.threadCount = threadCount
        self.set = set
        isWrittenDown = settings.preset == .closedForm
        fitsEveryExample = settings.preset == .fast && settings.training.exactOutputLayer
    }

    /// - Parameter capacity: Bytes there would be with nobody else at work; nil where nobody knows.
    /// - Throws: `Failure` of code `memory` where nothing fits, `too-narrow` where a given width cannot hold the examples.
    func plan(within capacity: Double?) throws(Failure) -> TrainingPlan {
        var plan = TrainingPlan(settings: settings, task: set.trainingTask, dimension: set.examples.columnCount)
        try requireWidth()
        plan.memoryLimit = settings.maxMemoryByteCount.given.map(Double.init) ?? capacity
        widen(&plan)
        let wanted = plan
        // Where the system does not say, the set is tried.
        guard let limit = plan.memoryLimit, !fits(plan) else { return plan }
        let needed =
            "about \(byteText(estimate(plan).byteCount)) of memory, and \(byteText(limit)) "
            + (settings.maxMemoryByteCount.given == nil ? "are available" : "are allowed")
        for size in batchSizes {
            plan.batchSize = size
            guard fits(plan) else { continue }
            plan.notes.append("Training on all examples at once would take \(needed): it took \(size) examples in each step.")
            return plan
        }
        plan = wanted
        guard settings.network.width.given == nil, !isWrittenDown, let narrow = narrowed(plan, limit) else {
            throw refusal(wanted, limit)
        }
        plan.width = narrow.width
        plan.batchSize = narrow.batchSize
        plan.narrowedWithin = limit
        let steps = narrow.batchSize == wanted.batchSize ? "" : ", with \(narrow.batchSize ?? 0) examples in each step"
        plan.notes.append("A width of \(wanted.width) would take \(needed): the width was narrowed to \(narrow.width)\(steps).")
        return plan
    }

    /// Whether training and analysis fit in the memory that the plan may take.
    func fits(_ plan: TrainingPlan) -> Bool {
        plan.memoryLimit.map { estimate(plan).byteCount <= $0 } ?? true
    }

    func estimate(_ plan: TrainingPlan) -> DenseMemoryEstimate {
        DenseMemoryEstimate(
            exampleCount: set.examples.rowCount, dimension: set.examples.columnCount,
            longestCycle: set.longestCycle, width: isWrittenDown ? set.examples.rowCount : plan.width,
            depth: isWrittenDown ? 1 : plan.depth, batchSize: plan.batchSize, preset: settings.preset,
            // The census has up to three kinds of start where recall has two.
            startCount: max(settings.recall.starts, 3 * (settings.analysis.census.given ?? 0) / 2),
            threadCount: threadCount, computesEigenvalues: settings.analysis.eigenvalues)
    }

    /// Sizes of mini-batches to try, none where the settings give one: large steps use the machine better, and beyond a thousand
    /// examples a step gains little from more.
    private var batchSizes: [Int] {
        guard settings.training.batchSize.given == nil, !isWrittenDown else { return [] }
        return [1024, 256, 64].filter { $0 < set.trainingTask.count }
    }

    /// The largest power of two that fits as a width, with as large batches as that allows.
    ///
    /// A power of two, so that the memory that happens to be free decides as little as possible.
    private func narrowed(_ plan: TrainingPlan, _ limit: Double) -> (width: Int, batchSize: Int?)? {
        var best: (width: Int, batchSize: Int?)?
        for size in [plan.batchSize] + batchSizes.map(Optional.some) {
            var trial = plan
            trial.batchSize = size
            guard let largest = estimate(trial).largestWidth(within: limit) else { continue }
            let width = TrainingPlan.nextPowerOfTwo(largest + 1) / 2
            if width > best?.width ?? 0 { best = (width, size) }
        }
        return best
    }

    /// Widens a network of automatic width until its output layer can fit every example, where memory holds that.
    private func widen(_ plan: inout TrainingPlan) {
        let count = set.trainingTask.count
        guard settings.network.width.given == nil, fitsEveryExample, count > plan.width + 1 else { return }
        var wide = plan
        wide.width = (count + 63) / 64 * 64
        for size in [wide.batchSize] + batchSizes.map(Optional.some) {
            wide.batchSize = size
            if fits(wide) {
                plan.width = wide.width
                return
            }
        }
    }

    /// Refuses a given width at which no output layer can fit every example.
    private func requireWidth() throws(Failure) {
        let count = set.trainingTask.count
        guard let width = settings.network.width.given, fitsEveryExample, count > width + 1 else { return }
        throw Failure(
            stage: .train, code: "too-narrow",
            message: "A network of width \(width) can fit at most \(width + 1) examples exactly, and there are \(count).",
            expected: "a network.width of at least \(count - 1), or auto", found: "a network.width of \(width)",
            remedy: "set network.width to \(count - 1) or more, or to auto; or, where an approximate fit will do, "
                + "training.exact_output_layer to false")
    }

    /// Why a set cannot be trained in the memory there is.
    private func refusal(_ plan: TrainingPlan, _ limit: Double) -> Failure {
        let estimate = estimate(plan)
        let needed = byteText(estimate.byteCount)
        let shape = "\(estimate.exampleCount) \(estimate.exampleCount == 1 ? "example" : "examples") of \(estimate.dimension) values"
        let network = isWrittenDown ? "a unit for each example" : "a width of \(estimate.width)"
        let isGiven = settings.maxMemoryByteCount.given != nil
        let raise = isGiven ? "raise limits.max_memory" : "use a machine with more memory, lower jobs, or raise worker.memory"
        let width = isWrittenDown ? nil : estimate.largestWidth(within: limit)
        return Failure(
            stage: .train, code: "memory",
            message: "\(shape) with \(network) would take about \(needed) of memory; \(byteText(limit)) "
                + (isGiven ? "are allowed by limits.max_memory." : "are available."),
            expected: "at most \(byteText(limit))", found: "about \(needed): \(shape), \(network)",
            remedy: (width.map { "set network.width to \($0) or less; or " } ?? "") + "\(set.sizeAdvice); or \(raise)")
    }
}
