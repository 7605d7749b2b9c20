internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// Chooses the settings of a closed-form memory that are left to `auto`, by trying them on the set itself.
///
/// Tried are a few kinds of scores and a small grid of thresholds, inhibitions and steepnesses, on corrupted examples and on noise, all
/// in score space (`ScoreDynamics`). Better is, in this order: a memory that verifies, more corrupted examples that come back, more
/// noise that ends on something stored, and a smaller radius. The same set, settings and seed choose the same.
struct ClosedFormSelection {
    let settings: MemorySettings
    private let gram: GramFilters
    /// Products of every start with every item, shape `[m, n]`.
    private let startProducts: Matrix<Double>
    /// Which item each is followed by.
    private let successors: [Int]
    /// The items of each cycle; empty for an autoencoder.
    private let cycles: [Range<Int>]
    /// v of filters that allow for the noise of cues, in squared units of the samples.
    private let noiseVariance: Double
    /// The item that each start was made from; the starts beyond are noise, uniform before Gaussian.
    private let cued: [Int]

    /// How well settings did.
    private struct Quality: Comparable {
        var holds: Bool
        var recovered: Int
        var recalledNoise: Int
        var log10Radius: Double
        /// Nothing worth having is left to gain.
        var isPerfect: Bool

        static func < (left: Quality, right: Quality) -> Bool {
            if left.holds != right.holds { return right.holds }
            if left.recovered != right.recovered { return left.recovered < right.recovered }
            if left.recalledNoise != right.recalledNoise { return left.recalledNoise < right.recalledNoise }
            return left.log10Radius > right.log10Radius
        }
    }

    private static let corruptions = [0.3, 0.5, 0.7]
    private let noiseCount: Int

    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    init(set: TrainingSet, settings: MemorySettings) throws(NumericsError) {
        self.settings = settings
        let groups = set.equalExamples
        let kept = groups.indices.filter { groups[$0] == $0 }
        let position = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        let items = set.examples.rows(at: kept).converted(to: Double.self)
        noiseVariance = Self.noiseFloor(settings) * set.squaredValueRange
        successors = kept.map { position[groups[set.task.successors[$0]]] ?? 0 }
        // Where examples repeat, a cycle is judged over the items that are its own.
        cycles = set.task.cycles.map { cycle in
            let own = cycle.compactMap { position[$0] }
            return (own.min() ?? 0)..<(own.max().map { $0 + 1 } ?? 0)
        }
        // Enough fixed points to rank settings that differ by a few percent; cycles take a whole round each.
        let count = min(items.rowCount, cycles.isEmpty ? 64 : 8)
        noiseCount = cycles.isEmpty ? 20 : 8
        let spread = (0..<count).map { $0 * items.rowCount / count }
        cued = Self.corruptions.flatMap { _ in spread }
        var generator = SplitMix64(seed: UInt64(settings.seed) ^ 0x0005_E1EC_7ED0)
        var elements: [Double] = []
        for fraction in Self.corruptions {
            elements +=
                Corruption.uniformEntries(fraction: fraction, range: set.valueRange)
                .applied(to: items.rows(at: spread), using: &generator).elements
        }
        let dimension = items.columnCount
        elements += NoiseStart.uniform(set.valueRange).draw(count: noiseCount, dimension: dimension, using: &generator).elements
        elements +=
            NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: noiseCount, dimension: dimension, using: &generator).elements
        let starts = Matrix(rowCount: elements.count / dimension, columnCount: dimension, elements: elements)
        startProducts = starts.multiplied(by: items, transposingOther: true)
        gram = try GramFilters(items: items)
    }

    /// The best settings found.
    ///
    /// Products of this size gain little from threads, so each kind of scores is tried by one thread, as many at a time as there are.
    /// - Parameter onFilters: Told the share that is done before kinds of scores are tried; may throw to cancel.
    /// - Throws: `NumericsError` when no settings give a memory at all; whatever `onFilters` throws.
    func best(onFilters: (Double) throws -> Void) throws -> ClosedFormMemory.Settings {
        var best: Candidate?
        var failure: NumericsError?
        let (choices, isFirstEnough) = try choicesOfFilters()
        var isSettled: Bool { best.map { $0.quality.isPerfect || isFirstEnough && $0.settings.filters == choices[0] } ?? false }
        try BLASLibrary.withOneThread { threadCount in
            for first in stride(from: 0, to: choices.count, by: threadCount) where !isSettled {
                try onFilters(Double(first) / Double(choices.count))
                let batch = choices[first..<min(first + threadCount, choices.count)]
                let found = ParallelMap.results(of: batch.count, threadCount: threadCount) { index in
                    Swift.Result { () throws(NumericsError) in try tried(batch[first + index]) }
                }
                // In order, and no further than what settles it, so that the choice is the same for any number of threads.
                for result in found where !isSettled {
                    switch result {
                    case .success(let candidate): if best.map({ $0.quality < candidate.quality }) ?? true { best = candidate }
                    case .failure(let error): failure = error
                    }
                }
            }
        }
        guard let best else { throw failure ?? .notConverged(operation: "Choice of a closed form", info: 0) }
        return best.settings
    }

    /// Settings and how well they did.
    private struct Candidate {
        let quality: Quality
        let settings: ClosedFormMemory.Settings
    }

    /// Kinds of scores to try, the given one or all, and whether the first is enough if it gives a memory at all.
    ///
    /// Where noise has to be allowed for, since the items crowd each other in view of it, filters that do so are tried too. More than a
    /// few hundred items are then better off with them, and the others are left out.
    private func choicesOfFilters() throws(NumericsError) -> (choices: [ClosedFormMemory.Filters], isFirstEnough: Bool) {
        let whitened = (settings.training.conditioning.given.map { [$0] } ?? [1, 0.9, 0.75])
            .map { ClosedFormMemory.Filters.whitened(conditioning: $0) }
        let inverse = ClosedFormMemory.Filters.inverse(ridge: settings.closedForm.ridge.given ?? gram.smallestRidge)
        let kinds: [ClosedFormMemory.Filters] =
            switch settings.closedForm.filters.given {
            case .inverse: [inverse]
            case .whitened: whitened
            // The mean of one example is the example, which leaves nothing to centre.
            case nil: [inverse] + (gram.itemCount > 1 ? whitened : [])
            }
        let crowded = ClosedFormMemory.Filters.whitened(
            conditioning: settings.training.conditioning.given ?? 1, noiseVariance: noiseVariance)
        guard settings.closedForm.filters.given != .inverse, try needsNoiseFloor(crowded) else { return (kinds, false) }
        return ([crowded] + kinds, settings.training.noiseFloor.given != nil || gram.itemCount > Self.largestThoroughCount)
    }

    private static let largestThoroughCount = 200

    /// v of filters that allow for the noise of cues, in squares of the range of values.
    static func noiseFloor(_ settings: MemorySettings) -> Double {
        settings.training.noiseFloor.given ?? TrainingPlan.noiseFloor(ofCues: TrainingPlan.largestCueNoise)
    }

    private func needsNoiseFloor(_ choice: ClosedFormMemory.Filters) throws(NumericsError) -> Bool {
        // A sequence's neighbours are near doubles too, and it has to get from one to the next; and thresholds of single units know
        // nothing of inhibition.
        guard cycles.isEmpty, noiseVariance > 0, gram.itemCount > 1, settings.closedForm.inhibition.given ?? 0 == 0 else { return false }
        if settings.training.noiseFloor.given != nil { return true }
        let scores = gram.scores(try gram.combination(choice), products: gram.products)
        return MatchedFilters.isCrowded(largestOthers: MatchedFilters.largestOthers(scores))
    }

    /// The best grid point for one kind of scores.
    private func tried(_ choice: ClosedFormMemory.Filters) throws(NumericsError) -> Candidate {
        let combination = try gram.combination(choice)
        let itemScores = gram.scores(combination, products: gram.products)
        let startScores = gram.scores(combination, products: startProducts)
        let targetScores = itemScores.rows(at: successors)
        var best: Candidate?
        func attempt(
            _ silence: ClosedFormMemory.Silence, _ steepness: Double, _ threshold: Double, _ inhibition: Double
        ) {
            guard best?.quality.isPerfect != true else { return }
            let tried = ClosedFormMemory.Settings(
                filters: choice, steepness: steepness, threshold: threshold, inhibition: inhibition, silence: silence)
            guard
                let dynamics = try? ScoreDynamics(
                    itemScores: itemScores, silentScores: silentScores(silence, targetScores, combination), targetScores: targetScores,
                    settings: tried),
                let quality = judged(dynamics, startScores, against: best?.quality)
            else { return }
            if best.map({ $0.quality < quality }) ?? true { best = Candidate(quality: quality, settings: tried) }
        }
        // Centred and wholly whitened scores sum to nothing, so that inhibition changes none.
        let inhibitions: [Double] =
            settings.closedForm.inhibition.given.map { [$0] } ?? (Self.hasPlainSums(choice) ? [0] : [0.5, 0])
        let thresholds: [Double] =
            settings.closedForm.threshold.given.map { [$0] } ?? (cycles.isEmpty ? [0.15, 0.2, 0.25, 0.3, 0.4, 0.5] : [0.4, 0.25])
        for inhibition in inhibitions {
            for threshold in thresholds { attempt(silences[0], settings.closedForm.steepness.given ?? 30, threshold, inhibition) }
        }
        // What silence leads to decides little beside these, and is tried for the best of them alone.
        if let found = best?.settings {
            for silence in silences.dropFirst() { attempt(silence, found.steepness, found.threshold, found.inhibition) }
        }
        // A film's rounds cost too much to refine what already holds.
        if let found = best?.settings, settings.closedForm.threshold == .auto, cycles.isEmpty {
            for shift in [-0.025, 0.025] { attempt(found.silence, found.steepness, found.threshold + shift, found.inhibition) }
        }
        if let found = best?.settings, settings.closedForm.steepness == .auto, cycles.isEmpty {
            for steepness in [20.0, 45, 70] { attempt(found.silence, steepness, found.threshold, found.inhibition) }
        }
        guard let best else { throw .notPositiveDefinite(operation: "Choice of a closed form", pivot: 0) }
        return best
    }

    /// Whether scores sum to nothing, or each unit has a threshold for its score as it is.
    private static func hasPlainSums(_ choice: ClosedFormMemory.Filters) -> Bool {
        guard case .whitened(let conditioning, let variance) = choice else { return false }
        return conditioning == 1 || variance > 0
    }

    /// What silence may lead to. A sequence must start from silence, so that its first target is the only sensible one.
    private var silences: [ClosedFormMemory.Silence] {
        if let given = settings.closedForm.silence.given { return ClosedFormMemory.Silence(rawValue: given.rawValue).map { [$0] } ?? [] }
        return cycles.isEmpty ? [.first, .mean] : [.first]
    }

    private func silentScores(
        _ silence: ClosedFormMemory.Silence, _ targetScores: Matrix<Double>, _ combination: GramFilters.Combination
    ) -> [Double] {
        switch silence {
        case .first: targetScores.row(0)
        case .mean: targetScores.columnMeans()
        case .zero: combination.offsets
        }
    }

    /// How good a memory is; nil where it cannot be better than `other`.
    private func judged(_ dynamics: ScoreDynamics, _ startScores: Matrix<Double>, against other: Quality?) -> Quality? {
        // A mixture of frames loses them one by one as they pass the frame that silence leads to: one round settles it. A fixed point
        // may take its time.
        let limit = cycles.map(\.count).max().map { $0 + 8 } ?? 12
        let (reached, stepCount) = dynamics.itemsReached(from: startScores, limit: limit)
        var recovered = 0
        for (item, found) in zip(cued, reached) {
            var expected = item
            for _ in 0..<stepCount { expected = successors[expected] }
            if found == expected { recovered += 1 }
        }
        if let other, other.holds, recovered < other.recovered { return nil }
        let noise = reached.dropFirst(cued.count)
        let uniform = noise.prefix(noiseCount).count { $0 != nil }
        let recalledNoise = noise.count { $0 != nil }
        let radius = dynamics.log10RadiusBound(cycles: cycles)
        return Quality(
            holds: radius < 0 && (cycles.isEmpty || uniform == noiseCount), recovered: recovered,
            recalledNoise: recalledNoise, log10Radius: radius,
            isPerfect: radius < 0 && (cycles.isEmpty ? recovered == cued.count : recalledNoise == noise.count))
    }
}
