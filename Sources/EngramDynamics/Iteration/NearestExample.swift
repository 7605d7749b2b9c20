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
