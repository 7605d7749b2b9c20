public import EngramNumerics

/// The example nearest to a point.
public struct NearestExample: Sendable, Equatable {
    /// Row of the example.
    public let index: Int
    /// Squared Euclidean distance.
    public let squaredDistance: Double

    /// For each row of `points`, shape `[m, k]`, the nearest row of `examples`, shape `[n, k]`; n ≥ 1.
    ///
    /// Candidates come from ‖p‖² - 2 p·x + ‖x‖², which cancels near an example; the distance returned is computed directly.
    public static func find(for points: Matrix<Double>, among examples: Matrix<Double>) -> [NearestExample] {
        find(for: points, among: examples, squaredNorms: squaredNorms(of: examples))
    }

    /// ‖x‖² of each row.
    static func squaredNorms(of examples: Matrix<Double>) -> [Double] {
        (0..<examples.rowCount).map { row in examples.row(row).reduce(0) { $0 + $1 * $1 } }
    }

    /// The same search with the norms of the examples known, for those who search again and again.
    static func find(for points: Matrix<Double>, among examples: Matrix<Double>, squaredNorms norms: [Double]) -> [NearestExample] {
        precondition(examples.rowCount >= 1, "There is no nearest among no examples.")
        guard points.rowCount * examples.rowCount >= leastScreenedPairCount, examples.columnCount >= 64 else {
            return findByProducts(for: points, among: examples, squaredNorms: norms)
        }
        return findScreened(for: points, among: examples, squaredNorms: norms)
    }

    /// So many pairs are worth the passes that a search in float32 has besides.
    private static let leastScreenedPairCount = 1 << 20
    /// Candidates of a point whose distances are computed one by one.
    private static let candidateLimit = 8

    /// The same search with products in float32, at half their time: a bound of their error says which examples can be the nearest.
    static func findScreened(
        for points: Matrix<Double>, among examples: Matrix<Double>, squaredNorms norms: [Double]
    ) -> [NearestExample] {
        let products = points.converted(to: Float.self)
            .multiplied(by: examples.converted(to: Float.self), transposingOther: true).elements
        let (n, largest) = (examples.rowCount, (norms.max() ?? 0).squareRoot())
        // Two roundings of each factor and one of each sum, twice the product: to first order, with a little for the rest.
        let width = Double(examples.columnCount + 8)
        let slack = 4 * width * 0x1p-24 * largest
        // What float32 has no digits for: entries and products below its least normal number.
        let floor = 8 * width * 0x1p-126 * (1 + largest)
        let found = ParallelMap.results(of: points.rowCount, threadCount: BLASLibrary.threadCount) { row -> NearestExample? in
            let point = points.row(row)
            var smallest = Double.infinity
            var isFinite = true
            for index in 0..<n {
                isFinite = isFinite && products[row * n + index].isFinite
                smallest = min(smallest, norms[index] - 2 * Double(products[row * n + index]))
            }
            let length = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let limit = smallest + slack * length + floor * (1 + length)
            guard isFinite, limit.isFinite else { return nil }
            var (candidates, best) = (0, NearestExample(index: 0, squaredDistance: .infinity))
            for index in 0..<n where norms[index] - 2 * Double(products[row * n + index]) <= limit {
                candidates += 1
                guard candidates <= candidateLimit else { return nil }
                let squared = EngramNumerics.squaredDistance(point, examples.row(index))
                if squared < best.squaredDistance { best = NearestExample(index: index, squaredDistance: squared) }
            }
            return best
        }
        // Crowded, or no numbers: the long way.
        let rest = found.indices.filter { found[$0] == nil }
        guard !rest.isEmpty else { return found.compactMap(\.self) }
        var long = findByProducts(for: points.rows(at: rest), among: examples, squaredNorms: norms)[...]
        return found.map { $0 ?? long.removeFirst() }
    }

    private static func findByProducts(
        for points: Matrix<Double>, among examples: Matrix<Double>, squaredNorms norms: [Double]
    ) -> [NearestExample] {
        let products = points.multiplied(by: examples, transposingOther: true)
        return (0..<points.rowCount).map { row in
            var best = 0
            var smallest = Double.infinity
            for (example, product) in products.row(row).enumerated() {
                let relative = norms[example] - 2 * product
                if relative < smallest { (best, smallest) = (example, relative) }
            }
            return NearestExample(index: best, squaredDistance: EngramNumerics.squaredDistance(points.row(row), examples.row(best)))
        }
    }
}
