internal import EngramNumerics

/// Missing cells by a linear network: rows as draws of one normal distribution, whose mean and covariance are found with the missing cells
/// by expectation and maximisation (Dempster, Laird, Rubin 1977), the covariance drawn towards 1.
///
/// For a nonlinearity that is the identity, Theorem 5 of [R23] is least squares on the prior; here the prior is the row's other cells. It
/// is the first imputation that kernels start from.
enum GaussianImputation {
    /// Most steps; each narrows the rest by about the share of missing cells.
    private static let stepCount = 60
    /// Steps end when no filled cell moves by more than this share of its column's deviation.
    private static let tolerance = 1e-3

    /// - Parameters:
    ///   - matrix: Standardised, shape `[rows, d]`; NaN where a cell is missing.
    ///   - ridge: How many imagined rows with uncorrelated columns are added; more than 0.
    ///   - onStep: Called before each pattern of a step; what it throws ends the imputation.
    /// - Complexity: For each step, d³ operations for each pattern of holes.
    static func impute(_ matrix: Matrix<Double>, ridge: Double, onStep: () throws -> Void = {}) throws -> Imputation {
        let (rowCount, width) = (matrix.rowCount, matrix.columnCount)
        let patterns = HolePattern.patterns(of: matrix).filter { !$0.missing.isEmpty }
        var values = matrix.map { $0.isNaN ? 0 : $0 }
        var deviations = Matrix<Double>(rowCount: rowCount, columnCount: width)
        var means = [Double](repeating: 0, count: width)
        var covariance = try spread(of: values, means: means, residual: Matrix(rowCount: width, columnCount: width), ridge: ridge)
        for step in 0..<stepCount {
            var residual = Matrix<Double>(rowCount: width, columnCount: width)
            var largestMove = 0.0
            for pattern in patterns {
                try onStep()
                let missing = pattern.missing
                var within = covariance.submatrix(rows: missing, columns: missing)
                var predictions = Matrix<Double>(rowCount: pattern.outputs.count, columnCount: missing.count)
                if !pattern.known.isEmpty {
                    let cross = covariance.submatrix(rows: pattern.known, columns: missing)
                    let slopes = try KernelCholesky(covariance.submatrix(rows: pattern.known, columns: pattern.known)).solve(cross)
                    var known = values.submatrix(rows: pattern.outputs, columns: pattern.known)
                    known.addToRows(pattern.known.map { means[$0] }, scaledBy: -1)
                    predictions = known * slopes
                    within = within - cross.multiplied(by: slopes, transposingSelf: true)
                }
                predictions.addToRows(missing.map { means[$0] })
                for (i, row) in pattern.outputs.enumerated() {
                    for (j, column) in missing.enumerated() {
                        largestMove = max(largestMove, (values[row, column] - predictions[i, j]).magnitude)
                        values[row, column] = predictions[i, j]
                        deviations[row, column] = max(within[j, j], 0).squareRoot()
                    }
                }
                let count = Double(pattern.outputs.count)
                for (i, row) in missing.enumerated() {
                    for (j, column) in missing.enumerated() { residual[row, column] += count * within[i, j] }
                }
            }
            means = values.columnMeans()
            covariance = try spread(of: values, means: means, residual: residual, ridge: ridge)
            if step > 1 && largestMove < tolerance { break }
        }
        return Imputation(values: values, deviations: deviations)
    }

    /// (Σ (x - μ)(x - μ)ᵀ + residual + ridge·I) / (rows + ridge).
    private static func spread(
        of values: Matrix<Double>, means: [Double], residual: Matrix<Double>, ridge: Double
    ) throws -> Matrix<Double> {
        var centred = values
        centred.addToRows(means, scaledBy: -1)
        var sum = centred.multiplied(by: centred, transposingSelf: true) + residual
        for index in 0..<sum.rowCount { sum[index, index] += ridge }
        sum.scale(by: 1 / (Double(values.rowCount) + ridge))
        try sum.requireFinite(in: "Covariance of a table")
        return sum
    }
}
