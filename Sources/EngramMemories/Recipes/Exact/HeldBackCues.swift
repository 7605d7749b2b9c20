internal import EngramDynamics
internal import EngramNumerics

/// Damaged copies of items by which choices are made: every kind of damage that is reported, from a seed that nothing reported uses.
///
/// Only their products with some rows are kept, in which every score that is tried is linear.
struct HeldBackCues {
    /// The item of each cue of one kind.
    let sources: [Int]
    /// Kinds of damage.
    let kindCount: Int
    /// Products of each cue with the rows of the projection, kind by kind, shape `[kindCount·sources.count, r]`.
    let projected: Matrix<Double>
    /// For each kind the cues whose nearest item, by distance in the space of the examples, is the right one.
    let nearestCounts: [Int]

    /// - Parameters:
    ///   - items: Distinct, shape `[n, d]`.
    ///   - set: What they are of.
    ///   - seed: Of the settings.
    ///   - projection: Rows that scores are combinations of, shape `[r, d]`.
    ///   - damages: Kinds of damage; nil for those that are reported.
    ///   - sourceCount: Items that are damaged, at most.
    ///   - onStep: Told which share is done; may throw to cancel.
    init(
        of items: Matrix<Double>, set: TrainingSet, seed: Int, projection: Matrix<Double>,
        damages: [RecoveryMeasurement.Damage]? = nil, sourceCount: Int = 120,
        onStep: (Double) throws -> Void
    ) rethrows {
        let damages =
            damages ?? BasinPlan.damages(.auto, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
        let sources = BasinPlan.spread(Array(0..<items.rowCount), count: sourceCount)
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(seed)) ^ Self.seedMask)
        let originals = items.rows(at: sources)
        let norms = (0..<items.rowCount).map { row in items.row(row).reduce(0) { $0 + $1 * $1 } / 2 }
        var (products, nearest): ([Double], [Int]) = ([], [])
        for (index, damage) in damages.enumerated() {
            try onStep(Double(index) / Double(damages.count))
            let damaged = damage.corruption.applied(to: originals, using: &generator)
            products += damaged.multiplied(by: projection, transposingOther: true).elements
            var scores = damaged.multiplied(by: items, transposingOther: true)
            scores.addToRows(norms, scaledBy: -1)
            nearest.append(Self.rightCount(scores.largestEntryOfEachRow()[...], sources))
        }
        self.sources = sources
        kindCount = damages.count
        projected = Matrix(rowCount: damages.count * sources.count, columnCount: projection.rowCount, elements: products)
        nearestCounts = nearest
    }

    /// What sets these cues apart from those that are reported.
    static let seedMask: UInt64 = 0x5C0_4E5E1

    /// All cues.
    var total: Int { kindCount * sources.count }

    /// For each kind the cues whose own item has the largest score.
    /// - Parameter coefficients: The scores as combinations of the projection's rows, shape `[n, r]`.
    func rightCounts(_ coefficients: Matrix<Double>) -> [Int] {
        rightCounts(ofScores: projected.multiplied(by: coefficients, transposingOther: true))
    }

    /// The same of scores, shape `[total, n]`.
    func rightCounts(ofScores scores: Matrix<Double>) -> [Int] {
        let named = scores.largestEntryOfEachRow()
        return (0..<kindCount).map { Self.rightCount(named[$0 * sources.count..<($0 + 1) * sources.count], sources) }
    }

    private static func rightCount(_ named: ArraySlice<Int>, _ sources: [Int]) -> Int { zip(named, sources).count { $0 == $1 } }
}

/// How well some scores find the items of held-back cues.
struct CueQuality: Sendable, Equatable {
    /// Cues whose item is found.
    let rightCount: Int
    /// The largest share of the cues of one kind by which it falls short of others; at least the allowed one.
    let shortfall: Double

    /// - Parameters:
    ///   - counts: For each kind the cues whose item is found.
    ///   - others: The same of what it must not fall short of.
    ///   - total: Cues of each kind.
    init(counts: [Int], against others: [Int], of total: Int) {
        rightCount = counts.reduce(0, +)
        let worst = zip(counts, others).map { Double($1 - $0) / Double(total) }.max() ?? 0
        shortfall = max(worst, Self.allowedShortfall)
    }

    /// Whether it falls less short, or as little and finds more.
    func isBetter(than other: Self) -> Bool {
        shortfall == other.shortfall ? rightCount > other.rightCount : shortfall < other.shortfall
    }

    /// What a hundred cues or two cannot tell from chance.
    static let allowedShortfall = 0.025
}
