public import EngramDynamics
public import EngramNetworks
internal import EngramNumerics
internal import EngramSystem
internal import RealModule

/// Trains linear scores of items by cross-entropy on damaged copies, and builds the tournament whose shortlist they are.
///
/// Minimises -ln softmax(t(x)/τ)_i over copies x of item i, by Adam with a cosine schedule, in coordinates of the items' contrasts that are
/// scaled to one variance. The problem is convex. Kinds of damage on which the scores fall short, on held-back copies, of where they
/// began or of the nearest neighbour are drawn more often. After the last epoch a window and a penalty are chosen on the same held-back
/// copies, no shortlist among the choices: on them what is stored recalls no fewer than the exact memory that it began with.
public struct ScoreTraining: MemoryTraining {
    /// What training led to.
    struct Result {
        let map: StoredTournamentMap
        /// Held-back cues found by the exact scores, and by what is stored.
        let before, after: CueQuality
        let total: Int
    }

    private let exact: StoredTournamentMap
    private let distinct: DistinctItems
    private let span: ContrastSpan
    private let copies: DamagedCopies
    private let cues: HeldBackCues
    /// Cues of each kind that the exact scores find.
    private let exactCounts: [Int]
    /// Of held-back cues by the exact memory, shape `[total, n]`.
    private let exactScores: Matrix<Double>
    /// Held-back cues in the span's coordinates, shape `[total, r]`.
    private let cueCoordinates: Matrix<Double>
    /// Coordinates are multiplied by these before they are learned from, shape `[r]`.
    private let scales: [Float]
    /// The scores, on scaled coordinates, shape `[n, r]`.
    private var scores: Matrix<Float>
    private var moments: (first: Matrix<Float>, second: Matrix<Float>)
    private var generator: CounterBasedGenerator
    /// How often each kind of damage is drawn, relative to the others.
    private var frequencies: [Double]
    private var stepCount = 0
    /// Epochs done.
    public private(set) var epochCount = 0
    /// What training led to; nil before it is over.
    private(set) var finished: Result?

    /// A training at its beginning.
    ///
    /// - Parameters:
    ///   - exact: The memory to begin with.
    ///   - distinct: Its items.
    ///   - contrast: Likewise.
    ///   - set: What they are of.
    ///   - seed: Of the settings.
    ///   - onStep: Told which share is done; may throw to cancel.
    init(
        from exact: StoredTournamentMap, _ distinct: DistinctItems, _ contrast: ContrastItems, set: TrainingSet, seed: Int,
        onStep: (Double) throws -> Void = { _ in }
    ) throws {
        self.exact = exact
        self.distinct = distinct
        span = try ContrastSpan(of: contrast)
        generator = CounterBasedGenerator(seed: UInt64(bitPattern: Int64(seed)) ^ 0xD15C_2131)
        let damages = Self.damages(set)
        copies = try DamagedCopies(of: contrast.items, span: span, damages: damages, using: &generator) {
            try onStep(Self.copyShare * $0)
        }
        // Exact scores may see brightness, which no coordinate of contrasts has: they are taken of the cues themselves.
        let rank = span.basis.rowCount
        let rows = span.basis.elements + exact.weights.converted(to: Double.self).elements
        let projection = Matrix(rowCount: rank + exact.weights.rowCount, columnCount: exact.weights.columnCount, elements: rows)
        let cues = try HeldBackCues(
            of: contrast.items, set: set, seed: seed, projection: projection, damages: damages, sourceCount: Self.heldBackCount
        ) { try onStep(Self.copyShare + (1 - Self.copyShare) * $0) }
        self.cues = cues
        cueCoordinates = cues.projected.columns(at: 0..<rank)
        exactScores = cues.projected.columns(at: rank..<projection.rowCount).adding(exact.offsets)
        exactCounts = cues.rightCounts(ofScores: exactScores)
        let unit = set.sampleRange * set.sampleRange
        let roots = span.variances.map { 1 / ($0 + Self.scaleVariance * unit).squareRoot() }
        let energy = zip(span.variances, roots).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } / Double(roots.count)
        // Items that are all blank have nothing to scale.
        scales = roots.map { Float(energy > 0 ? $0 / energy.squareRoot() : 1) }
        var start = span.filters(noiseVariance: Self.scaleVariance * unit)
        start.scaleColumns(by: scales.map { 1 / Double($0) })
        scores = start.converted(to: Float.self)
        moments = (
            Matrix(rowCount: start.rowCount, columnCount: start.columnCount),
            Matrix(rowCount: start.rowCount, columnCount: start.columnCount)
        )
        frequencies = Array(repeating: 1, count: copies.kindCount)
    }

    /// What copies and held-back cues are damaged by: what is reported, and the halves that are left out there.
    private static func damages(_ set: TrainingSet) -> [RecoveryMeasurement.Damage] {
        let reported = BasinPlan.damages(.auto, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
        let all = BasinPlan.damages(.full, raster: set.raster, valueRange: set.valueRange, sampleRange: set.sampleRange)
        let names = Set(reported.map(\.name))
        return reported + all.filter { !names.contains($0.name) }
    }

    /// v of the scaling and of the first scores, in squares of the samples' range. Smaller than what is best for noise alone: directions in
    /// which items differ little tell near items apart.
    private static let scaleVariance = 0.1
    static let heldBackCount = 240
    private static let batchSize = 256
    /// Of the work before the first epoch, as measured on a film.
    private static let copyShare = 0.4
    /// The peak of the step, in units of the root mean square of the first scores.
    private static let relativeRate = 0.01
    /// How fast a kind that falls short is drawn more often: e to the power of this times the shortfall, each epoch.
    private static let attention = 3.0
    /// Operations of one epoch at most.
    private static let epochOperationCount = 5e10
    /// Entries of copies of one epoch that are held at once.
    static let entryLimit = 1 << 26

    /// Trains some epochs: in each as many copies as there are items times kinds, where that takes less than a second or two.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) throws {
        guard epochs > 0 else { return }
        let n = scores.rowCount
        let root = (scores.squaredFrobeniusNorm / Double(scores.elements.count)).squareRoot()
        let rate = Self.relativeRate * (root > 0 ? root : 1)
        let width = max(scores.columnCount, 1)
        let affordable = Int(saturating: Self.epochOperationCount / (4 * Double(n) * Double(width)))
        let copyCount = max(Self.batchSize, min(n * copies.kindCount, Self.entryLimit / width, affordable))
        let plannedSteps = Double(epochs * ((copyCount + Self.batchSize - 1) / Self.batchSize))
        let temperature = self.temperature()
        for _ in 0..<epochs {
            let sum = frequencies.reduce(0, +)
            let counts = frequencies.map { max(1, Int(saturating: ($0 / sum * Double(copyCount)).rounded())) }
            var (rows, items) = copies.draw(counts: counts, using: &generator)
            rows.scaleColumns(by: scales)
            var loss = 0.0
            var batchCount = 0
            for first in stride(from: 0, to: items.count, by: Self.batchSize) {
                let range = first..<min(first + Self.batchSize, items.count)
                let now = rate * (1 + Double.cos(Double.pi * min(1, Double(stepCount) / plannedSteps))) / 2
                loss += step(rows.rows(at: range), Array(items[range]), temperature, rate: now)
                batchCount += 1
            }
            epochCount += 1
            loss /= Double(max(batchCount, 1))
            // What is not finite is not used: the exact memory is there.
            guard loss.isFinite else { return }
            attend()
            let progress = TrainingProgress(epoch: epochCount, plannedEpochCount: epochs, loss: loss, learningRate: rate)
            if try onEpoch(progress) == .stop { break }
        }
        finished = result()
    }

    /// One step on a batch; returns its mean cross-entropy.
    private mutating func step(_ batch: Matrix<Float>, _ items: [Int], _ temperature: Float, rate: Double) -> Double {
        var values = batch.multiplied(by: scores, transposingOther: true)
        let loss = values.setToSoftmaxResidual(labels: items, temperature: temperature)
        let gradients = values.multiplied(by: batch, transposingSelf: true)
        stepCount += 1
        scores.adamStep(
            gradients: gradients, firstMoments: &moments.first, secondMoments: &moments.second,
            settings: AdamStep(learningRate: rate, step: stepCount))
        return loss
    }

    /// τ: a sixth of the spread of score differences on damaged copies, so that the softmax neither picks nor mixes at first.
    private func temperature() -> Float {
        var generator = CounterBasedGenerator(seed: self.generator.seed, stream: 1)
        var (rows, items) = copies.draw(counts: Array(repeating: 40, count: copies.kindCount), using: &generator)
        rows.scaleColumns(by: scales)
        let values = rows.multiplied(by: scores, transposingOther: true)
        var (sum, square, count) = (0.0, 0.0, 0.0)
        for (row, item) in items.enumerated() {
            let own = values[row, item]
            for value in values.row(row) {
                let difference = Double(value - own)
                (sum, square, count) = (sum + difference, square + difference * difference, count + 1)
            }
        }
        let deviation = max(0, square / count - (sum / count) * (sum / count)).squareRoot()
        return Float(deviation > 0 ? deviation / 6 : 1)
    }

    /// Draws more often what is found less often than before or by the nearest neighbour.
    private mutating func attend() {
        let counts = cues.rightCounts(ofScores: cueCoordinates.multiplied(by: coefficients, transposingOther: true))
        for kind in 0..<cues.kindCount {
            let wanted = max(exactCounts[kind], cues.nearestCounts[kind])
            // Kind 0 are undamaged copies, which no cue is.
            frequencies[kind + 1] *= Double.exp(Self.attention * Double(max(0, wanted - counts[kind])) / Double(cues.sources.count))
        }
        let mean = frequencies.reduce(0, +) / Double(frequencies.count)
        for kind in frequencies.indices { frequencies[kind] /= mean }
    }

    /// The scores as combinations of the span's coordinates, shape `[n, r]`.
    private var coefficients: Matrix<Double> {
        var rows = scores.converted(to: Double.self)
        rows.scaleColumns(by: scales.map(Double.init))
        return rows
    }

    /// The exact memory with the shortlist that finds most held-back cues.
    public func storedMap() -> any StoredMap { finished?.map ?? exact }

    /// What training led to, and what it is held against.
    private func result() -> Result {
        let total = cues.sources.count
        let allowed = zip(exactCounts, cues.nearestCounts).map { max($0, $1) }
        let before = CueQuality(counts: exactCounts, against: cues.nearestCounts, of: total)
        let weights = (coefficients * span.basis).converted(to: Float.self)
        let stored = weights.converted(to: Double.self).multiplied(by: span.basis, transposingOther: true)
        let listed = cueCoordinates.multiplied(by: stored, transposingOther: true)
        let leaders = listed.largestEntryOfEachRow()
        var best: (quality: CueQuality, map: StoredTournamentMap) = (CueQuality(counts: exactCounts, against: allowed, of: total), exact)
        for window in Self.windows {
            for penalty in Self.penalties {
                var scores = exactScores
                scores.penalise(by: listed, leaders: leaders, window: window, penalty: penalty)
                let counts = cues.rightCounts(ofScores: scores)
                let quality = CueQuality(counts: counts, against: allowed, of: total)
                guard quality.isBetter(than: best.quality), quality.rightCount > before.rightCount else { continue }
                let list = StoredTournamentMap.Shortlist(weights: weights, window: window, penalty: penalty)
                guard let map = exact.adding(list, items: distinct.items) else { continue }
                best = (quality, map)
            }
        }
        return Result(map: best.map, before: before, after: best.quality, total: cues.total)
    }

    /// θ and c that are tried, in units of the median score.
    private static let windows = [0.01, 0.02, 0.04, 0.08, 0.16]
    private static let penalties = [0.5, 1, 2, 4, 10]
}

extension StoredTournamentMap {
    /// The same tournament with a shortlist before it; nil where an item would no longer lead to its target.
    func adding(_ shortlist: Shortlist, items: Matrix<Float>) -> StoredTournamentMap? {
        let list = TournamentMap.Shortlist(
            weights: shortlist.weights.converted(to: Double.self), window: shortlist.window, penalty: shortlist.penalty)
        let map = TournamentMap(
            weights: weights.converted(to: Double.self), offsets: offsets, shortlist: list, margin: margin,
            targets: targets.converted(to: Double.self))
        let gaps = ItemScores.gaps(ofScoresAtItems: map.scores(at: items.converted(to: Double.self)))
        guard let least = gaps.min(), least > 2 * margin else { return nil }
        return StoredTournamentMap(
            weights: weights, offsets: offsets, margin: margin, targets: targets, scores: scores, shortlist: shortlist)
    }
}

extension Matrix<Double> {
    /// The same with a vector added to each row.
    fileprivate consuming func adding(_ vector: [Double]) -> Matrix {
        var result = self
        result.addToRows(vector)
        return result
    }
}

extension Matrix<Float> {
    /// Replaces scores by the derivative of the mean cross-entropy -ln softmax(s/τ) by them.
    /// - Returns: The mean cross-entropy.
    fileprivate mutating func setToSoftmaxResidual(labels: [Int], temperature: Float) -> Double {
        let (rows, width) = (rowCount, columnCount)
        let factor = 1 / (temperature * Float(rows))
        var exponents = elements
        var tops = [Float](repeating: 0, count: rows)
        exponents.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows {
                let range = row * width..<(row + 1) * width
                var top = -Float.infinity
                for index in range { top = Swift.max(top, values[index]) }
                tops[row] = (values[row * width + labels[row]] - top) / temperature
                for index in range { values[index] = (values[index] - top) / temperature }
            }
        }
        exponents = Activation.exp.values(of: exponents)
        var loss = 0.0
        exponents.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows {
                let range = row * width..<(row + 1) * width
                var sum: Float = 0
                for index in range { sum += values[index] }
                loss += Double.log(Double(sum)) - Double(tops[row])
                let scale = factor / sum
                for index in range { values[index] *= scale }
                values[row * width + labels[row]] -= factor
            }
        }
        self = Matrix(rowCount: rows, columnCount: width, elements: exponents)
        return loss / Double(rows)
    }
}
