public import EngramNumerics

/// Linear scores s_i(x) = ⟨w_i, x⟩ + b_i that say which of n items a damaged state was made from: the one of the largest score.
///
/// A matched filter sees contrast alone: x' = x - mean(x)·1. With M = (X'ᵀX'/n + v I)⁻¹ it is w_i = M x'_i/√(x'_iᵀ M x'_i), b_i = 0. By
/// Cauchy–Schwarz in M, s_i(x_i) ≥ s_k(x_i), and they are equal only for items that differ by brightness and contrast alone; scores of
/// noise have one variance for all items. Replacing a share p of the entries by uniform noise turns x into about (1 - p) x + (p/2)·1, which
/// no decision notices. v is the variance of the noise in an entry that the filters are made for; the larger, the more alike to M = I.
public struct ItemScores: Sendable, Equatable {
    /// How the scores were made.
    public enum Kind: Sendable, Equatable {
        /// Matched filters for noise of this variance in each entry.
        case matched(noiseVariance: Double)
        /// s_i(x) = ⟨x_i - μ, x⟩ - ‖x_i - μ‖²/2 - ⟨x_i - μ, μ⟩, largest for the nearest item: for items that filters cannot tell apart.
        case nearest
    }

    /// How the scores were made.
    public let kind: Kind
    /// w_i, shape `[n, d]`.
    public let weights: Matrix<Double>
    /// b_i, shape `[n]`.
    public let offsets: [Double]

    /// Scores from their parts.
    public init(kind: Kind, weights: Matrix<Double>, offsets: [Double]) {
        precondition(weights.rowCount == offsets.count, "\(offsets.count) offsets do not fit \(weights.rowCount) filters.")
        self.kind = kind
        self.weights = weights
        self.offsets = offsets
    }

    /// Number of items, n.
    public var count: Int { weights.rowCount }

    /// s of each row of `batch`, shape `[m, d]` to `[m, n]`.
    public func values(at batch: Matrix<Double>) -> Matrix<Double> {
        var scores = batch.multiplied(by: weights, transposingOther: true)
        scores.addToRows(offsets)
        return scores
    }

    /// s_i(x_i) - max_k s_k(x_i) over the other items, for each item, from the scores at the items, shape `[n, n]`; infinite for one alone.
    public static func gaps(ofScoresAtItems scores: Matrix<Double>) -> [Double] {
        (0..<scores.rowCount).map { item in
            let row = scores.row(item)
            var top = -Double.infinity
            for (other, score) in row.enumerated() where other != item { top = max(top, score) }
            return row[item] - top
        }
    }
}

/// The items of a memory, ready for matched filters of any noise variance.
public struct ContrastItems: Sendable {
    /// x_i, shape `[n, d]`.
    public let items: Matrix<Double>
    /// x'_i, shape `[n, d]`.
    public let contrasts: Matrix<Double>
    /// X' X'ᵀ, shape `[n, n]`.
    public let products: Matrix<Double>

    /// - Parameter items: Shape `[n, d]`, n and d at least 1.
    /// - Complexity: one product of n²·d.
    public init(_ items: Matrix<Double>) {
        self.items = items
        contrasts = Self.contrasts(of: items)
        products = contrasts.multiplied(by: contrasts, transposingOther: true)
    }

    /// Each row less its mean entry.
    public static func contrasts(of rows: Matrix<Double>) -> Matrix<Double> {
        var elements = rows.elements
        let width = rows.columnCount
        elements.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows.rowCount {
                let range = row * width..<(row + 1) * width
                var sum = 0.0
                for index in range { sum += values[index] }
                let mean = sum / Double(width)
                for index in range { values[index] -= mean }
            }
        }
        return Matrix(rowCount: rows.rowCount, columnCount: width, elements: elements)
    }

    /// Filters as combinations of the items' contrasts, W = C X'.
    public struct Filters: Sendable {
        /// C, shape `[n, n]`.
        public let coefficients: Matrix<Double>
        /// s_i(x_k) at row k and column i, shape `[n, n]`.
        public let scoresAtItems: Matrix<Double>
        /// The least s_i(x_i) - s_k(x_i), in units of the median s_i(x_i); 0 or less where filters do not tell all items apart.
        public var gap: Double { ItemScores.gaps(ofScoresAtItems: scoresAtItems).min() ?? .infinity }
    }

    /// The matched filters for noise of variance v, scaled so that the median of s_i(x_i) is 1.
    ///
    /// With G = X'X'ᵀ it is X' M = (G/n + v I)⁻¹ X' and X' M X'ᵀ = n (I - v (G/n + v I)⁻¹).
    /// - Parameter noiseVariance: v, above 0.
    /// - Throws: `NumericsError.nonFinite`; `.notPositiveDefinite` where v is lost in rounding beside the items.
    /// - Complexity: 7/3·n³ operations.
    public func filters(noiseVariance: Double) throws(NumericsError) -> Filters {
        precondition(noiseVariance > 0, "A noise variance is above 0, got \(noiseVariance).")
        let n = products.rowCount
        var coefficients = try products.inverseOfMean(withNoiseVariance: noiseVariance)
        let energies = (0..<n).map { Double(n) * (1 - noiseVariance * coefficients[$0, $0]) }
        // An item without contrast has no filter: its score is 0 everywhere.
        let floor = 1e-13 * Double(n)
        var scales = energies.map { $0 > floor ? 1 / $0.squareRoot() : 0 }
        let responses = energies.filter { $0 > floor }.map { $0.squareRoot() }.sorted()
        let median = responses.isEmpty ? 1 : responses[responses.count / 2]
        for index in scales.indices { scales[index] /= median }
        coefficients.scaleRows(by: scales)
        return Filters(coefficients: coefficients, scoresAtItems: products.multiplied(by: coefficients, transposingOther: true))
    }

    /// The scores of filters.
    /// - Parameter noiseVariance: What the filters were made for.
    public func scores(of filters: Filters, noiseVariance: Double) -> ItemScores {
        ItemScores(
            kind: .matched(noiseVariance: noiseVariance), weights: filters.coefficients * contrasts,
            offsets: Array(repeating: 0, count: products.rowCount))
    }

    /// The scores of the nearest item, in units of the median squared distance of items from their mean.
    public func nearestScores() -> ItemScores {
        let mean = items.columnMeans()
        var centred = items
        centred.addToRows(mean, scaledBy: -1)
        let squares = (0..<centred.rowCount).map { row in centred.row(row).reduce(0) { $0 + $1 * $1 } }
        let median = squares.sorted()[squares.count / 2]
        let unit = median > 0 ? median : 1
        let along = centred * mean
        centred.scale(by: 1 / unit)
        return ItemScores(kind: .nearest, weights: centred, offsets: zip(squares, along).map { -($0 / 2 + $1) / unit })
    }
}

extension Matrix<Double> {
    /// (G/n + v I)⁻¹ of the products G of n items with each other: what turns items into filters for noise of variance v.
    /// - Throws: `NumericsError.nonFinite`; `.notPositiveDefinite`.
    func inverseOfMean(withNoiseVariance variance: Double) throws(NumericsError) -> Matrix {
        var shifted = self
        shifted.scale(by: 1 / Double(rowCount))
        for index in 0..<rowCount { shifted[index, index] += variance }
        return try shifted.choleskySolve(.identity(rowCount))
    }
}
