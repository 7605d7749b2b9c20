internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics
internal import Foundation

extension DropProcessor {
    /// The network and recipe for a drop, fitted to the memory there is before any of it is taken.
    ///
    /// Where all examples at once do not fit, mini-batches are taken; where the network does not fit either, it is narrowed. What the
    /// settings give is never changed. What fits is asked of the memory there would be with nobody else at work, so that the same drop is
    /// trained in the same way whoever else is.
    /// - Parameters:
    ///   - available: Bytes that are free now.
    ///   - capacity: Bytes that could be free at another time; nil for no more than now.
    /// - Throws: `StageFailure` of stage train: code `memory` where nothing ever fits, `memory-now` and retryable where it only has to wait,
    ///   `too-narrow` where a given width cannot hold the examples.
    func planned(
        for drop: DecodedDrop, available: () -> Double?, capacity: (() -> Double?)? = nil
    ) throws(StageFailure) -> TrainingPlan {
        let free = available()
        let most = capacity?() ?? free
        let plan = try planned(for: drop, within: most)
        let needed = estimate(plan, drop).byteCount
        guard settings.limits.maxMemoryByteCount.given == nil, let free, needed > free else { return plan }
        throw StageFailure(
            stage: .train, dropName: context.dropName, code: "memory-now",
            message: "training would take about \(Self.sizeText(needed)) of memory; \(Self.sizeText(free)) are free now, of "
                + "\(Self.sizeText(max(free, most ?? free))), so the drop waits.",
            expected: "about \(Self.sizeText(needed)) free", found: "\(Self.sizeText(free)) free",
            remedy: "wait, end what else takes memory, or lower jobs", isRetryable: true)
    }

    private func planned(for drop: DecodedDrop, within capacity: Double?) throws(StageFailure) -> TrainingPlan {
        var plan = TrainingPlan(settings: settings, task: drop.trainingTask, dimension: drop.trainingSamples.columnCount)
        try requireWidth(of: plan, for: drop)
        plan.memoryLimit = settings.limits.maxMemoryByteCount.given.map(Double.init) ?? capacity
        widen(&plan, for: drop)
        let wanted = plan
        // Where the system does not say, the drop is tried.
        guard let limit = plan.memoryLimit, !fits(plan, drop) else { return plan }
        let needed =
            "about \(Self.sizeText(estimate(plan, drop).byteCount)) of memory, and \(Self.sizeText(limit)) "
            + (settings.limits.maxMemoryByteCount.given == nil ? "are available" : "are allowed")
        for size in batchSizes(for: drop) {
            plan.batchSize = size
            guard fits(plan, drop) else { continue }
            plan.notes.append("Training on all examples at once would take \(needed): it took \(size) examples in each step.")
            return plan
        }
        plan = wanted
        guard settings.network.width.given == nil, settings.preset != .closedForm, let narrow = narrowed(plan, drop, limit) else {
            throw refusal(wanted, drop, limit)
        }
        plan.width = narrow.width
        plan.batchSize = narrow.batchSize
        plan.narrowedWithin = limit
        let steps = narrow.batchSize == wanted.batchSize ? "" : ", with \(narrow.batchSize ?? 0) examples in each step"
        plan.notes.append("A width of \(wanted.width) would take \(needed): the width was narrowed to \(narrow.width)\(steps).")
        return plan
    }

    /// Whether training and analysis fit in the memory that the plan may take.
    func fits(_ plan: TrainingPlan, _ drop: DecodedDrop) -> Bool {
        plan.memoryLimit.map { estimate(plan, drop).byteCount <= $0 } ?? true
    }

    private func estimate(_ plan: TrainingPlan, _ drop: DecodedDrop) -> MemoryEstimate {
        let isWrittenDown = settings.preset == .closedForm
        return MemoryEstimate(
            exampleCount: drop.samples.rowCount, dimension: drop.samples.columnCount,
            longestCycle: drop.task.cycles.map(\.count).max() ?? 1, width: isWrittenDown ? drop.samples.rowCount : plan.width,
            depth: isWrittenDown ? 1 : plan.depth, batchSize: plan.batchSize, preset: settings.preset,
            // The census has up to three kinds of start where recall has two.
            startCount: max(settings.recall.starts, 3 * (settings.analysis.census.given ?? 0) / 2),

            threadCount: context.threadCount, computesEigenvalues: settings.analysis.eigenvalues)
    }

    /// Sizes of mini-batches to try, none where the settings give one: large steps use the machine better, and beyond a thousand
    /// examples a step gains little from more.
    private func batchSizes(for drop: DecodedDrop) -> [Int] {
        guard settings.training.batchSize.given == nil, settings.preset != .closedForm else { return [] }
        return [1024, 256, 64].filter { $0 < drop.trainingTask.count }
    }

    /// The largest power of two that fits as a width, with as large batches as that allows.
    ///
    /// A power of two, so that the memory that happens to be free decides as little as possible.
    private func narrowed(_ plan: TrainingPlan, _ drop: DecodedDrop, _ limit: Double) -> (width: Int, batchSize: Int?)? {
        var best: (width: Int, batchSize: Int?)?
        for size in [plan.batchSize] + batchSizes(for: drop).map(Optional.some) {
            var trial = plan
            trial.batchSize = size
            guard let largest = estimate(trial, drop).largestWidth(within: limit) else { continue }
            let width = TrainingPlan.nextPowerOfTwo(largest + 1) / 2
            if width > best?.width ?? 0 { best = (width, size) }
        }
        return best
    }

    /// Widens a network of automatic width until its output layer can fit every example, where memory holds that.
    private func widen(_ plan: inout TrainingPlan, for drop: DecodedDrop) {
        let count = drop.trainingTask.count
        guard settings.network.width.given == nil, settings.preset == .fast, settings.training.exactOutputLayer, count > plan.width + 1
        else { return }
        var wide = plan
        wide.width = (count + 63) / 64 * 64
        for size in [wide.batchSize] + batchSizes(for: drop).map(Optional.some) {
            wide.batchSize = size
            if fits(wide, drop) {
                plan.width = wide.width
                return
            }
        }
    }

    /// Refuses a given width at which no output layer can fit every example.
    private func requireWidth(of plan: TrainingPlan, for drop: DecodedDrop) throws(StageFailure) {
        let count = drop.trainingTask.count
        guard let width = settings.network.width.given, settings.preset == .fast, settings.training.exactOutputLayer, count > width + 1
        else { return }
        throw StageFailure(
            stage: .train, dropName: context.dropName, code: "too-narrow",
            message: "A network of width \(width) can fit at most \(width + 1) examples exactly, and there are \(count).",
            expected: "a network.width of at least \(count - 1), or auto", found: "a network.width of \(width)",
            remedy: "set network.width to \(count - 1) or more, or to auto; or, where an approximate fit will do, "
                + "training.exact_output_layer to false")
    }

    /// Why a drop cannot be trained in the memory there is.
    private func refusal(_ plan: TrainingPlan, _ drop: DecodedDrop, _ limit: Double) -> StageFailure {
        let isWrittenDown = settings.preset == .closedForm
        let estimate = estimate(plan, drop)
        let needed = Self.sizeText(estimate.byteCount)
        let shape = "\(estimate.exampleCount) \(estimate.exampleCount == 1 ? "example" : "examples") of \(estimate.dimension) values"
        let network = isWrittenDown ? "a unit for each example" : "a width of \(estimate.width)"
        let isGiven = settings.limits.maxMemoryByteCount.given != nil
        var smaller = "make the examples smaller or fewer"
        if case .audio = drop.media.format { smaller = "take a shorter audio.window" }
        let raise = isGiven ? "raise limits.max_memory" : "use a machine with more memory, lower jobs, or raise worker.memory"
        let width = isWrittenDown ? nil : estimate.largestWidth(within: limit)
        return StageFailure(
            stage: .train, dropName: context.dropName, code: "memory",
            message: "\(shape) with \(network) would take about \(needed) of memory; \(Self.sizeText(limit)) "
                + (isGiven ? "are allowed by limits.max_memory." : "are available."),
            expected: "at most \(Self.sizeText(limit))", found: "about \(needed): \(shape), \(network)",
            remedy: (width.map { "set network.width to \($0) or less; or " } ?? "") + "\(smaller); or \(raise)")
    }

    /// Bytes in the unit that people read: "19.4 GB".
    static func sizeText(_ byteCount: Double) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
        let index = min(max(Int(log10(max(byteCount, 1)) / 3), 0), units.count - 1)
        guard index > 0 else { return "\(Int(byteCount)) bytes" }
        return String(format: "%.1f %@", byteCount / pow(1000, Double(index)), units[index])
    }
}
