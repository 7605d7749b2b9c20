public import EngramNumerics

/// What else could be computed from a cue without training: the item that each of several simple methods names.
///
/// A method with a free number is tried with several, and the one that is best on the very cues that are reported is what a memory is held
/// against: no choice made beforehand could do better.
public struct RecallBaselines: Sendable {
    /// A method.
    public enum Method: String, Sendable, CaseIterable {
        /// The item nearest by distance.
        case nearest
        /// The item nearest by distance in the entries that are known, for cues with holes at known places.
        case nearestKnown = "nearest-known"
        /// The item nearest in the metric (C + v I)⁻¹, C the covariance of the items.
        case whitened
        /// The item whose matched filter without brightness answers most (`ItemScores`).
        case matched
        /// The item of the largest weight in what a modern Hopfield network makes of the cue.
        case hopfield
    }

    /// A method with its number.
    public struct Variant: Sendable, Hashable {
        /// What is done.
        public let method: Method
        /// v in squares of the samples' range, or β; nil for methods without a number.
        public let parameter: Double?
    }

    /// The methods with their numbers, in the order of `answers`.
    public let variants: [Variant]

    private let examples: Matrix<Double>
    private let mean: [Double]
    private let centred: Matrix<Double>
    private let contrasts: Matrix<Double>
    private let halfSquaredNorms: [Double]
    /// Entries squared, for distances over known places.
    private let squares: Matrix<Double>
    private let scorers: [Scorer]

    private enum Scorer: Sendable {
        /// C in products with the centred items, and what is taken off.
        case whitened(coefficients: Matrix<Double>, offsets: [Double])
        /// C in products with the items' contrasts.
        case matched(coefficients: Matrix<Double>)
        case hopfield(ModernHopfieldNetwork)
    }

    /// Baselines of some items.
    ///
    /// - Parameters:
    ///   - examples: Shape `[n, d]`, n at least 1.
    ///   - sampleRange: Largest less smallest value.
    ///   - inverseTemperature: β from which others are tried.
    /// - Throws: `NumericsError.nonFinite`.
    /// - Complexity: O(n²·d + n³).
    public init(examples: Matrix<Double>, sampleRange: Double, inverseTemperature: Double) throws(NumericsError) {
        self.examples = examples
        mean = examples.columnMeans()
        var centred = examples
        centred.addToRows(mean, scaledBy: -1)
        self.centred = centred
        let contrast = ContrastItems(examples)
        contrasts = contrast.contrasts
        squares = examples.map { $0 * $0 }
        halfSquaredNorms = NearestExample.squaredNorms(of: examples).map { $0 / 2 }
        let products = centred.multiplied(by: centred, transposingOther: true)
        let n = examples.rowCount
        var (variants, scorers): ([Variant], [Scorer]) = (
            [Variant(method: .nearest, parameter: nil), Variant(method: .nearestKnown, parameter: nil)], []
        )
        for variance in n <= Self.largestWhitenedCount ? Self.variances : [] {
            let noise = variance * sampleRange * sampleRange
            // Items that are equal to rounding have no inverse for a small v; other v remain.
            if let coefficients = try? products.inverseOfMean(withNoiseVariance: noise) {
                let energies = coefficients * products
                scorers.append(.whitened(coefficients: coefficients, offsets: (0..<n).map { -energies[$0, $0] / 2 }))
                variants.append(Variant(method: .whitened, parameter: variance))
            }
            if let filters = try? contrast.filters(noiseVariance: noise) {
                scorers.append(.matched(coefficients: filters.coefficients))
                variants.append(Variant(method: .matched, parameter: variance))
            }
        }
        for factor in Self.temperatureFactors {
            let network = ModernHopfieldNetwork(patterns: examples, inverseTemperature: factor * inverseTemperature)
            scorers.append(.hopfield(network))
            variants.append(Variant(method: .hopfield, parameter: network.inverseTemperature))
        }
        self.variants = variants
        self.scorers = scorers
    }

    /// Noise variances that are tried, in squares of the samples' range.
    private static let variances = [3.0, 0.3, 0.03]
    /// Of more items the metrics, n³ each, are left out.
    private static let largestWhitenedCount = 2500
    /// Multiples of β that are tried.
    private static let temperatureFactors = [1, 1.0 / 8, 1.0 / 64]
    /// A state has settled for naming an item long before its weights stand still.
    private static let hopfieldIterationCount = 30

    /// The item that each variant names for each cue of several kinds of damage, all in few products.
    ///
    /// - Parameters:
    ///   - cues: One matrix for each kind, all of one shape.
    ///   - originals: What they were made from, of that shape.
    ///   - hasKnownHoles: For each kind whether it is known which entries were changed.
    /// - Returns: For each kind one array for each of `variants`; nil where a method does not apply.
    public func answers(
        to cues: [Matrix<Double>], originals: Matrix<Double>, hasKnownHoles: [Bool]
    ) -> [[[Int]?]] {
        let (count, width) = (originals.rowCount, originals.columnCount)
        let together = Matrix(rowCount: cues.count * count, columnCount: width, elements: cues.flatMap(\.elements))
        let found = answers(to: together, known: nil)
        let holed = cues.indices.filter { hasKnownHoles[$0] }
        let holes = Matrix(rowCount: holed.count * count, columnCount: width, elements: holed.flatMap { cues[$0].elements })
        let known = Matrix(
            rowCount: holed.count * count, columnCount: width,
            elements: holed.flatMap { kind in zip(cues[kind].elements, originals.elements).map { $0 == $1 ? 1.0 : 0 } })
        let masked = holed.isEmpty ? [] : nearestKnown(holes, known)
        return cues.indices.map { kind in
            zip(variants, found).map { variant, answers in
                guard variant.method == .nearestKnown else { return answers.map { Array($0[kind * count..<(kind + 1) * count]) } }
                return holed.firstIndex(of: kind).map { Array(masked[$0 * count..<($0 + 1) * count]) }
            }
        }
    }

    /// The item that each variant names for each cue.
    ///
    /// - Parameters:
    ///   - cues: Shape `[m, d]`.
    ///   - known: For cues with holes 1 at each known entry and 0 in the holes, shape `[m, d]`; nil where nobody knows what is damaged.
    /// - Returns: One array for each of `variants`; nil where a method does not apply.
    public func answers(to cues: Matrix<Double>, known: Matrix<Double>?) -> [[Int]?] {
        var nearest = cues.multiplied(by: examples, transposingOther: true)
        nearest.addToRows(halfSquaredNorms, scaledBy: -1)
        var found: [[Int]?] = [nearest.largestEntryOfEachRow(), known.map { nearestKnown(cues, $0) }]
        var shifted = cues
        shifted.addToRows(mean, scaledBy: -1)
        let centredProducts = shifted.multiplied(by: centred, transposingOther: true)
        let contrastProducts = cues.multiplied(by: contrasts, transposingOther: true)
        for scorer in scorers {
            switch scorer {
            case .whitened(let coefficients, let offsets):
                var scores = centredProducts.multiplied(by: coefficients, transposingOther: true)
                scores.addToRows(offsets)
                found.append(scores.largestEntryOfEachRow())
            case .matched(let coefficients):
                found.append(contrastProducts.multiplied(by: coefficients, transposingOther: true).largestEntryOfEachRow())
            case .hopfield(let network):
                let outcomes = network.outcomes(from: cues, maximumIterationCount: Self.hopfieldIterationCount, tolerance: 1e-6)
                found.append(outcomes.map { outcome in outcome.weights.indices.max { outcome.weights[$0] < outcome.weights[$1] } ?? 0 })
            }
        }
        return found
    }

    /// Σ m (z - x_i)² over the entries: all that depends on i is Σ m x_i² - 2 Σ m z x_i.
    private func nearestKnown(_ cues: Matrix<Double>, _ known: Matrix<Double>) -> [Int] {
        let masked = Matrix(
            rowCount: cues.rowCount, columnCount: cues.columnCount, elements: zip(cues.elements, known.elements).map { $0 * $1 })
        var scores = masked.multiplied(by: examples, transposingOther: true)
        let energies = known.multiplied(by: squares, transposingOther: true)
        for row in 0..<scores.rowCount {
            scores.setRow(row, to: zip(scores.row(row), energies.row(row)).map { $0 - $1 / 2 })
        }
        return scores.largestEntryOfEachRow()
    }
}

/// Right answers of baselines, counted over several kinds of damage and batches of cues.
public struct BaselineTally: Sendable {
    private let variants: [RecallBaselines.Variant]
    /// For each kind of damage and variant the right answers; nil where a method does not apply.
    private var counts: [[Int?]]

    /// Nothing counted yet.
    public init(_ baselines: RecallBaselines, damageCount: Int) {
        variants = baselines.variants
        counts = Array(repeating: Array(repeating: nil, count: baselines.variants.count), count: damageCount)
    }

    /// Counts the answers to a batch of cues of every kind of damage.
    /// - Parameters:
    ///   - answers: For each kind as `RecallBaselines.answers` gives them.
    ///   - isRight: Whether item `$1` is the right answer to cue `$0` of a kind.
    public mutating func add(_ answers: [[[Int]?]], isRight: (Int, Int) -> Bool) {
        for (damage, found) in answers.enumerated() {
            for (index, answer) in found.enumerated() {
                guard let answer else { continue }
                counts[damage][index, default: 0] += answer.enumerated().count { isRight($0.offset, $0.element) }
            }
        }
    }

    /// For each method the variant that is right most often over all kinds of damage, with its right answers for each; nil where the
    /// method does not apply.
    public func best() -> [(variant: RecallBaselines.Variant, rightCounts: [Int?])] {
        RecallBaselines.Method.allCases.compactMap { method in
            let places = variants.indices.filter { variants[$0].method == method }
            func total(_ place: Int) -> Int { counts.reduce(0) { $0 + ($1[place] ?? 0) } }
            // Of equal ones the first.
            guard let best = places.max(by: { total($0) < total($1) || (total($0) == total($1) && $0 > $1) }) else { return nil }
            guard counts.contains(where: { $0[best] != nil }) else { return nil }
            return (variants[best], counts.map { $0[best] })
        }
    }
}

extension Array {
    /// An optional entry, taken for `value` where there is none.
    fileprivate subscript<Value>(index: Int, default value: Value) -> Value where Element == Value? {
        get { self[index] ?? value }
        set { self[index] = newValue }
    }
}
