internal import EngramNumerics

/// Examples of one norm, as [JP20] has them.
enum NormedExamples {
    /// Directions drawn uniformly, all of norm `radius`, shape `[count, dimension]`.
    static func random(_ count: Int, dimension: Int, radius: Double, using generator: inout some RandomNumberGenerator) -> Matrix<Double> {
        rescaled(
            Matrix(rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in generator.nextNormal() }),
            to: radius)
    }

    /// The rows scaled to norm `radius`; a zero row stays.
    static func rescaled(_ rows: Matrix<Double>, to radius: Double) -> Matrix<Double> {
        var result = rows
        result.scaleRows(
            by: (0..<rows.rowCount).map { row in
                let norm = rows.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
                return norm > 0 ? radius / norm : 1
            })
        return result
    }
}
