internal import EngramDynamics
internal import EngramNumerics

/// Chooses for which noise the filters of a set are matched: by damaged copies of its items, drawn from a seed that nothing that is
/// reported uses.
///
/// Of all choices that fall short of the nearest neighbour by no more than 2.5 % of the cues of any kind, a few hundred cues' own noise, the
/// one that finds most items; where there is none, the one of the least largest shortfall.
struct ScoreSelection {
    /// What was found.
    struct Choice: Sendable, Equatable {
        /// The scores.
        let scores: ItemScores
        /// v in squares of the samples' range; nil where scores are those of the nearest item.
        let variance: Double?
        /// Cues whose item has the largest score.
        let rightCount: Int
        /// The same of the nearest neighbour.
        let nearestCount: Int
        /// Cues tried; 0 where nothing was left to choose.
        let total: Int
    }

    private let items: Matrix<Double>
    private let contrast: ContrastItems
    private let set: TrainingSet
    private let settings: MemorySettings

    /// - Parameters:
    ///   - items: Distinct, shape `[n, d]`.
    ///   - set: What they are of.
    ///   - settings: `training.noise_floor` where it is given, and the seed.
    init(items: Matrix<Double>, set: TrainingSet, settings: MemorySettings) {
        self.items = items
        contrast = ContrastItems(items)
        self.set = set
        self.settings = settings
    }

    /// The best scores.
    /// - Parameter onStep: Told which share is done; may throw to cancel.
    func best(onStep: (Double) throws -> Void) throws -> Choice {
        let unit = set.sampleRange * set.sampleRange
        if let given = settings.training.noiseFloor.given, given > 0 {
            let filters = try contrast.filters(noiseVariance: given * unit)
            guard filters.gap > Self.smallestGap else { return alone(contrast.nearestScores(), nil) }
            return alone(contrast.scores(of: filters, noiseVariance: given * unit), given)
        }
        let cues = try HeldBackCues(of: items, set: set, seed: settings.seed, projection: contrast.contrasts) {
            try onStep(Self.cueShare * $0)
        }
        var best: (quality: CueQuality, variance: Double, filters: ContrastItems.Filters)?
        let variances = Self.variances(count: items.rowCount)
        for (index, variance) in variances.enumerated() {
            try onStep(Self.cueShare + (1 - Self.cueShare) * Double(index) / Double(variances.count))
            guard let filters = try? contrast.filters(noiseVariance: variance * unit), filters.gap > Self.smallestGap else { continue }
            let quality = CueQuality(
                counts: cues.rightCounts(filters.coefficients), against: cues.nearestCounts, of: cues.sources.count)
            if best.map({ quality.isBetter(than: $0.quality) }) ?? true { best = (quality, variance, filters) }
        }
        let nearestCount = cues.nearestCounts.reduce(0, +)
        guard let best else {
            return Choice(
                scores: contrast.nearestScores(), variance: nil, rightCount: nearestCount, nearestCount: nearestCount, total: cues.total)
        }
        return Choice(
            scores: contrast.scores(of: best.filters, noiseVariance: best.variance * unit), variance: best.variance,
            rightCount: best.quality.rightCount,
            nearestCount: nearestCount, total: cues.total)
    }

    private func alone(_ scores: ItemScores, _ variance: Double?) -> Choice {
        Choice(scores: scores, variance: variance, rightCount: 0, nearestCount: 0, total: 0)
    }

    /// Of the work, as measured on a film.
    private static let cueShare = 0.7
    /// Filters that win by less, in units of the median score, would lose it to the rounding of stored weights.
    private static let smallestGap = 1e-5

    /// Variances that are tried, in squares of the samples' range. The first is plain contrast without whitening. Each takes 7/3·n³
    /// operations, so that large sets get fewer.
    static func variances(count: Int) -> [Double] {
        count <= 2000 ? [1e6, 10, 3, 1, 0.3, 0.1, 0.03, 0.01] : [1e6, 3, 0.1]
    }
}
