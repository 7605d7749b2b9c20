public import EngramNumerics
internal import EngramSystem
internal import RealModule

/// The classifier that a fully connected network becomes as its width, then its depth grows without bound. No depth is iterated at prediction.
///
/// Where the limit is singular, the Gram matrix tends to a multiple of I, so that the kernel machine is a smoother: the scores of x are
/// Σ_i y_i ψ(x_i·x) with the Koenigs function ψ of the dual activation, O(n) for each point and nothing to solve. Sources: [R23] Theorems 7
/// to 9, Proposition 4.
public struct InfinitelyDeepClassifier: Sendable {
    /// Which classifier the activation leads to.
    public let taxonomy: DepthTaxonomy
    /// Different examples, of norm 1 without negative entries, shape `[n, d]`: those of class 0 first, and so on; those whose repetitions
    /// have different labels last.
    public let points: Matrix<Double>
    /// Shares of the classes among the examples at a point, shape `[n, c]`; a row has one 1 where no example is repeated.
    public let shares: Matrix<Double>
    /// Shares of the classes among all examples, shape `[c]`.
    public let priors: [Double]
    private let table: SimilarityTable?
    /// Rows of points whose class is sure, one range a class; what follows the last is mixed.
    private let classRanges: [Range<Int>]

    /// Points of a batch: their similarities with 60,000 examples are 250 MB.
    private static let batchCount = 512
    /// How far a squared norm may be from 1.
    private static let normTolerance = 1e-9

    /// Makes the classifier of these examples.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`, rows of norm 1 without negative entries: see `SphereScaling`. The labels of equal rows are averaged.
    ///   - labels: Classes from 0, shape `[n]`.
    ///   - classCount: c.
    ///   - activation: φ, such as from `ConsistentActivation`.
    /// - Throws: `DeepClassifierError`.
    /// - Complexity: O(n·d), and 6,400 evaluations of the Koenigs function.
    public init(
        points: Matrix<Double>, labels: [Int], classCount: Int, activation: any DualActivation
    ) throws(DeepClassifierError) {
        let (taxonomy, table) = try Self.limit(of: activation)
        try self.init(points: points, labels: labels, classCount: classCount, taxonomy: taxonomy, table: table)
    }

    /// A stored classifier.
    ///
    /// - Parameters:
    ///   - points: As `points` was, shape `[n, d]`.
    ///   - shares: As `shares` was, shape `[n, c]`.
    ///   - priors: As `priors` was, shape `[c]`.
    ///   - activation: φ.
    /// - Throws: `DeepClassifierError`, also for shares that are none.
    public init(
        points: Matrix<Double>, shares: Matrix<Double>, priors: [Double], activation: any DualActivation
    ) throws(DeepClassifierError) {
        let (taxonomy, table) = try Self.limit(of: activation)
        guard points.rowCount > 0 else { throw .noExamples }
        guard shares.rowCount == points.rowCount, shares.columnCount == priors.count else {
            throw .labelCount(examples: points.rowCount, labels: shares.rowCount)
        }
        try Self.requireOrthant(points)
        var ranges: [Range<Int>] = []
        var row = 0
        for label in priors.indices {
            let start = row
            while row < shares.rowCount, shares[row, label] == 1 { row += 1 }
            ranges.append(start..<row)
        }
        for rest in 0..<shares.rowCount {
            let sum = shares.row(rest).reduce(0, +)
            guard shares.row(rest).allSatisfy({ $0 >= 0 }), abs(sum - 1) < 1e-9 else {
                throw .badLabel(row: rest, label: -1, classCount: priors.count)
            }
        }
        self.taxonomy = taxonomy
        self.table = table
        self.points = points
        self.shares = shares
        self.priors = priors
        classRanges = ranges
    }

    private static func limit(
        of activation: any DualActivation
    ) throws(DeepClassifierError) -> (taxonomy: DepthTaxonomy, table: SimilarityTable?) {
        let taxonomy = try DepthTaxonomy(activation)
        guard let dual = UnitDual(activation) else { throw .badActivation(name: activation.name, norm: activation.variance(1)) }
        switch taxonomy.limit {
        case .singular:
            let function = KoenigsFunction(dual, slopeAtZero: taxonomy.squaredMeanSlope)
            return (taxonomy, SimilarityTable { function.logarithm(complement: $0) })
        case .linear: return (taxonomy, SimilarityTable { (Double.log(1 - $0), -1 / (1 - $0)) })
        case .nearest, .majority: return (taxonomy, nil)
        }
    }

    /// The Hilbert estimate: weights 1/δ^α of the distance δ, the singular kernel without a network (Devroye, Györfi, Krzyżak 1998).
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`, rows of norm 1 without negative entries.
    ///   - labels: Classes from 0, shape `[n]`.
    ///   - classCount: c.
    ///   - order: α > 0; the dimension of the data makes it consistent.
    /// - Throws: `DeepClassifierError`.
    public static func hilbert(
        points: Matrix<Double>, labels: [Int], classCount: Int, order: Double
    ) throws(DeepClassifierError) -> InfinitelyDeepClassifier {
        precondition(order > 0 && order.isFinite, "An order of a singularity is above 0, got \(order).")
        // δ² = 2u.
        let table = SimilarityTable { (-order / 2 * Double.log(2 * $0), -order / (2 * $0)) }
        // Moments whose α is this order.
        let taxonomy = DepthTaxonomy(squaredMean: 0, squaredMeanSlope: Double.pow(2, -order / 2), meanSquaredSlope: 2)
        return try InfinitelyDeepClassifier(points: points, labels: labels, classCount: classCount, taxonomy: taxonomy, table: table)
    }

    init(
        points: Matrix<Double>, labels: [Int], classCount: Int, taxonomy: DepthTaxonomy, table: SimilarityTable?
    ) throws(DeepClassifierError) {
        guard points.rowCount > 0 else { throw .noExamples }
        guard labels.count == points.rowCount else { throw .labelCount(examples: points.rowCount, labels: labels.count) }
        if let row = labels.firstIndex(where: { $0 < 0 || $0 >= classCount }) {
            throw .badLabel(row: row, label: labels[row], classCount: classCount)
        }
        try Self.requireOrthant(points)
        var places: [[Double]: Int] = [:]
        var kept: [Int] = []
        var counts: [[Double]] = []
        for (row, label) in labels.enumerated() {
            let key = points.row(row)
            if let place = places[key] {
                counts[place][label] += 1
            } else {
                places[key] = kept.count
                kept.append(row)
                var count = Array(repeating: 0.0, count: classCount)
                count[label] = 1
                counts.append(count)
            }
        }
        self.taxonomy = taxonomy
        self.table = table
        // Sorted by class, so that a sum over a class is one over adjoining rows.
        let classes = counts.map { row in row.count { $0 > 0 } == 1 ? row.firstIndex { $0 > 0 } ?? classCount : classCount }
        let order = kept.indices.sorted { (classes[$0], $0) < (classes[$1], $1) }
        var ranges: [Range<Int>] = []
        for label in 0..<classCount {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + classes.count { $0 == label })
        }
        classRanges = ranges
        self.points = points.rows(at: order.map { kept[$0] })
        shares = Matrix(
            rowCount: kept.count, columnCount: classCount,
            elements: order.flatMap { row in
                let sum = counts[row].reduce(0, +)
                return counts[row].map { $0 / sum }
            })
        var priors = Array(repeating: 0.0, count: classCount)
        for label in labels { priors[label] += 1 / Double(labels.count) }
        self.priors = priors
    }

    private static func requireOrthant(_ points: Matrix<Double>) throws(DeepClassifierError) {
        if let (row, column) = points.firstNonFiniteEntry { throw .nonFinite(row: row, column: column) }
        let d = points.columnCount
        let elements = points.elements
        for row in 0..<points.rowCount {
            var square = 0.0
            for k in row * d..<(row + 1) * d {
                guard elements[k] >= 0 else { throw .notOnOrthant(row: row) }
                square += elements[k] * elements[k]
            }
            guard abs(square - 1) <= normTolerance else { throw .notOnOrthant(row: row) }
        }
    }

    /// c.
    public var classCount: Int { shares.columnCount }

    /// Shares of the classes in the sum at each point: 0 or more, with sum 1. At an example they are that example's.
    ///
    /// - Parameters:
    ///   - queries: Shape `[m, d]`, rows of norm 1 without negative entries.
    ///   - onStep: Called with the number of points that are done. What it throws ends the computation.
    /// - Returns: Shape `[m, c]`.
    /// - Throws: `DeepClassifierError`; what `onStep` throws.
    /// - Complexity: O(m·n·(d + c)).
    public func scores(at queries: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> Matrix<Double> {
        guard queries.columnCount == points.columnCount else {
            throw DeepClassifierError.columnCount(expected: points.columnCount, found: queries.columnCount)
        }
        try Self.requireOrthant(queries)
        var result = Matrix<Double>(rowCount: queries.rowCount, columnCount: classCount)
        guard taxonomy.limit != .majority else {
            for row in 0..<queries.rowCount { result.setRow(row, to: priors) }
            return result
        }
        for start in stride(from: 0, to: queries.rowCount, by: Self.batchCount) {
            try onStep(start)
            let batch = queries.rows(at: start..<min(start + Self.batchCount, queries.rowCount))
            let sums = sums(at: batch)
            let totals = (0..<sums.rowCount).map { row in sums.row(row).reduce(0, +) }
            for row in 0..<sums.rowCount {
                let total = totals[row]
                result.setRow(start + row, to: total > 0 ? sums.row(row).map { $0 / total } : priors)
            }
        }
        return result
    }

    /// Σ_j y_j k(x_i, z_j)/max_l k(x_i, z_l) for each class, shape `[m, c]`; of the nearest examples alone where the limit is the nearest or a
    /// point is an example.
    private func sums(at batch: Matrix<Double>) -> Matrix<Double> {
        let geometry = DistanceGeometry(points: batch, centers: points, metric: nil)
        let (table, ranges, shares) = (table, classRanges, shares)
        let mixed = (ranges.last?.upperBound ?? 0)..<points.rowCount
        let outputs = geometry.products.collectRows(.none) { row, products, outputs in
            var values = geometry.squaredDistances(row, products)
            var least = Double.infinity
            for value in values where value < least { least = value }
            let top = table?.logarithm(complement: least / 2) ?? .infinity
            if let table, top.isFinite {
                for j in values.indices { values[j] = table.logarithm(complement: values[j] / 2) - top }
                values = Activation.exp.values(of: values)
            } else {
                // Examples at exactly the smallest distance share the vote.
                for j in values.indices { values[j] = values[j] == least ? 1 : 0 }
            }
            let first = outputs.values.count
            for range in ranges {
                var sum = 0.0
                for j in range { sum += values[j] }
                outputs.values.append(sum)
            }
            for j in mixed { for label in ranges.indices { outputs.values[first + label] += values[j] * shares[j, label] } }
        }
        return Matrix(rowCount: batch.rowCount, columnCount: ranges.count, elements: outputs.values)
    }

    /// The class with the largest score at each point; the first of equals.
    public func labels(at queries: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> [Int] {
        try scores(at: queries, onStep: onStep).largestEntryOfEachRow()
    }
}
