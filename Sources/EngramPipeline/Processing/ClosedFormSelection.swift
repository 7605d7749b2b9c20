internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// Chooses the settings of a closed-form memory that are left to `auto`, by trying them on the drop itself.
///
/// Tried are two kinds of scores and a small grid of thresholds, inhibitions and steepnesses, on corrupted examples and on noise, all
/// in score space (`ScoreDynamics`). Better is, in this order: a memory that verifies, more corrupted examples that come back, more
/// noise that ends on something stored, and a smaller radius. The same drop, settings and seed choose the same.
struct ClosedFormSelection {
    let settings: DropSettings
    /// Distinct examples, shape `[n, d]`.
    private let items: Matrix<Double>
    /// Which item each is followed by.
    private let successors: [Int]
    /// The items of each cycle; empty for an autoencoder.
    private let cycles: [Range<Int>]
    /// Corrupted items, by level one after the other, then noise; shape `[m, d]`.
    private let starts: Matrix<Double>
    private let cued: [Int]
    private let uniformCount: Int
    private let isSteppedOften: Bool

    /// How well settings did.
    private struct Quality: Comparable {
        var holds: Bool
        var recovered: Int
        var recalledNoise: Int
        var log10Radius: Double

        static func < (left: Quality, right: Quality) -> Bool {
            if left.holds != right.holds { return right.holds }
            if left.recovered != right.recovered { return left.recovered < right.recovered }
            if left.recalledNoise != right.recalledNoise { return left.recalledNoise < right.recalledNoise }
            return left.log10Radius > right.log10Radius
        }
    }

    private static let corruptions = [0.3, 0.5, 0.7]
    /// Enough to rank settings that differ by a few percent.
    private static let cueCount = 64
    private static let noiseCount = 20

    init(drop: DecodedDrop, settings: DropSettings) {
        self.settings = settings
        let groups = drop.samples.equalRowGroups()
        let kept = groups.indices.filter { groups[$0] == $0 }
        let position = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        let items = drop.samples.rows(at: kept).converted(to: Double.self)
        self.items = items
        successors = kept.map { position[groups[drop.task.successors[$0]]] ?? 0 }
        // Where examples repeat, a cycle is judged over the items that are its own.
        cycles = drop.task.cycles.map { cycle in
            let own = cycle.compactMap { position[$0] }
            return (own.min() ?? 0)..<(own.max().map { $0 + 1 } ?? 0)
        }
        let count = min(items.rowCount, Self.cueCount)
        let spread = (0..<count).map { $0 * items.rowCount / count }
        cued = Self.corruptions.flatMap { _ in spread }
        var generator = SplitMix64(seed: UInt64(settings.seed) ^ 0x0005_E1EC_7ED0)
        var elements: [Double] = []
        for fraction in Self.corruptions {
            elements += Corruption.uniformEntries(fraction: fraction, range: drop.valueRange)
                .applied(to: items.rows(at: spread), using: &generator).elements
        }
        let dimension = items.columnCount
        uniformCount = Self.noiseCount
        elements += NoiseStart.uniform(drop.valueRange).draw(count: Self.noiseCount, dimension: dimension, using: &generator).elements
        elements +=
            NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: Self.noiseCount, dimension: dimension, using: &generator).elements
        starts = Matrix(rowCount: elements.count / dimension, columnCount: dimension, elements: elements)
        isSteppedOften = cycles.isEmpty
    }

    /// The best settings found.
    ///
    /// - Parameter onFilters: Told before each kind of scores is tried; may throw to cancel.
    /// - Throws: `NumericsError` when no settings give a memory at all; whatever `onFilters` throws.
    func best(onFilters: () throws -> Void) throws -> ClosedFormMemory.Settings {
        var best: (quality: Quality, settings: ClosedFormMemory.Settings)?
        var failure: NumericsError?
        for choice in choicesOfFilters {
            try onFilters()
            do throws(NumericsError) {
                let candidate = try tried(choice)
                if best.map({ $0.quality < candidate.quality }) ?? true { best = candidate }
            } catch {
                failure = error
            }
        }
        guard let best else { throw failure ?? .notConverged(operation: "Choice of a closed form", info: 0) }
        return best.settings
    }

    /// Kinds of scores to try: the given one, or all. A ridge is raised until the examples' Gram matrix can be inverted.
    private var choicesOfFilters: [ClosedFormMemory.Filters] {
        let whitened = (settings.training.conditioning.given.map { [$0] } ?? [1, 0.75, 0.5])
            .map { ClosedFormMemory.Filters.whitened(conditioning: $0) }
        switch settings.closedForm.filters.given {
        case .inverse: return [.inverse(ridge: settings.closedForm.ridge.given ?? 0)]
        case .whitened: return whitened
        // The mean of one example is the example, which leaves nothing to centre.
        case nil:
            let inverse = ClosedFormMemory.Filters.inverse(ridge: settings.closedForm.ridge.given ?? 0)
            return items.rowCount > 1 ? [inverse] + whitened : [inverse]
        }
    }

    /// The best grid point for one kind of scores.
    private func tried(
        _ choice: ClosedFormMemory.Filters
    ) throws(NumericsError) -> (quality: Quality, settings: ClosedFormMemory.Settings) {
        let (choice, filters) = try invertible(choice)
        let itemScores = filters.scores(of: items)
        let startScores = filters.scores(of: starts)
        let silence = ClosedFormMemory.Silence(rawValue: settings.closedForm.silence.given?.rawValue ?? "first") ?? .first
        let silentScores = filters.scores(of: Matrix(rows: [silence.output(of: items.rows(at: successors))])).elements
        var best: (quality: Quality, settings: ClosedFormMemory.Settings)?
        func attempt(_ steepness: Double, _ threshold: Double, _ inhibition: Double) {
            let tried = ClosedFormMemory.Settings(
                filters: choice, steepness: steepness, threshold: threshold, inhibition: inhibition, silence: silence)
            guard
                let dynamics = try? ScoreDynamics(
                    itemScores: itemScores, silentScores: silentScores, successors: successors, settings: tried)
            else { return }
            let quality = judged(dynamics, startScores)
            if best.map({ $0.quality < quality }) ?? true { best = (quality, tried) }
        }
        // Centred and wholly whitened scores sum to nothing, so that inhibition changes none.
        let inhibitions: [Double] = settings.closedForm.inhibition.given.map { [$0] } ?? (choice == .whitened(conditioning: 1) ? [0] : [0, 0.5])
        let thresholds: [Double] = settings.closedForm.threshold.given.map { [$0] } ?? [0.15, 0.2, 0.25, 0.3, 0.4, 0.5]
        for inhibition in inhibitions {
            for threshold in thresholds { attempt(settings.closedForm.steepness.given ?? 30, threshold, inhibition) }
        }
        if let found = best?.settings, settings.closedForm.steepness == .auto {
            for steepness in [20.0, 45, 70] { attempt(steepness, found.threshold, found.inhibition) }
        }
        guard let best else { throw .notPositiveDefinite(operation: "Choice of a closed form", pivot: 0) }
        return best
    }

    private func judged(_ dynamics: ScoreDynamics, _ startScores: Matrix<Double>) -> Quality {
        let radius = dynamics.log10RadiusBound(cycles: cycles)
        // A cycle must be followed in step; a fixed point may take its time.
        let stepCount = isSteppedOften ? 16 : 6
        let reached = dynamics.itemsReached(from: startScores, count: stepCount)
        var recovered = 0
        for (item, found) in zip(cued, reached) {
            var expected = item
            for _ in 1..<stepCount { expected = successors[expected] }
            if found == expected { recovered += 1 }
        }
        let noise = reached.dropFirst(cued.count)
        let uniform = noise.prefix(uniformCount).count { $0 != nil }
        return Quality(
            holds: radius < 0 && (cycles.isEmpty || uniform == uniformCount), recovered: recovered,
            recalledNoise: noise.count { $0 != nil }, log10Radius: radius)
    }

    /// The filters, with the ridge raised a hundredfold at a time from the Gram matrix's rounding where items depend on each other.
    private func invertible(
        _ choice: ClosedFormMemory.Filters
    ) throws(NumericsError) -> (ClosedFormMemory.Filters, MatchedFilters) {
        guard case .inverse(let ridge) = choice, settings.closedForm.ridge == .auto else {
            return (choice, try ClosedFormMemory.filters(choice, items: items))
        }
        let energy = items.elements.reduce(0) { $0 + $1 * $1 } / Double(max(items.rowCount, 1))
        var tried = ridge
        while true {
            do throws(NumericsError) {
                let filters = ClosedFormMemory.Filters.inverse(ridge: tried)
                return (filters, try ClosedFormMemory.filters(filters, items: items))
            } catch {
                guard case .notPositiveDefinite = error, tried < energy else { throw error }
                tried = max(tried * 100, energy * 1e-10, .leastNormalMagnitude)
            }
        }
    }
}
