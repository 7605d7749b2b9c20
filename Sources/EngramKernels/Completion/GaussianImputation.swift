internal import EngramNumerics

/// Missing cells by a linear network: rows as draws of one normal distribution, whose mean and covariance are found with the missing cells
/// by expectation and maximisation (Dempster, Laird, Rubin 1977), the covariance drawn towards 1.
///
/// For a nonlinearity that is the identity, Theorem 5 of [R23] is least squares on the prior; here the prior is the row's other cells. It
/// is the first imputation that kernels start from.
struct GaussianImputation {
    /// How many imagined rows with uncorrelated columns are added; more than 0.
    let ridge: Double
    /// Rows that mean and covariance are found from; nil: all.
    var fitRows: [Int]?
    /// Known cells of the row that are named for each filled one.
    var sourceCount = 0

    /// Most steps; each narrows the rest by about the share of missing cells.
    private static let stepCount = 60
    /// Steps that most tables take, about.
    static let usualStepCount = 30.0
    /// Steps end when no filled cell moves by more than this share of its column's deviation.
    private static let tolerance = 1e-3

    /// The distribution of a row.
    private struct Model {
        var means: [Double]
        var covariance: Matrix<Double>
    }

    /// - Parameters:
    ///   - matrix: Standardised, shape `[rows, d]`; NaN where a cell is missing.
    ///   - groups: Columns that are known or missing together.
    ///   - onStep: Called before each pattern of a step; what it throws ends the imputation.
    /// - Complexity: For each step, d³ operations for each pattern of holes.
    func impute(_ matrix: Matrix<Double>, groups: [Range<Int>]? = nil, onStep: () throws -> Void = {}) throws -> Imputation {
        let model = try model(of: fitRows.map { matrix.rows(at: $0) } ?? matrix, onStep: onStep)
        let patterns = HolePattern.patterns(of: matrix).filter { !$0.missing.isEmpty }
        let groups = groups ?? (0..<matrix.columnCount).map { $0..<$0 + 1 }
        var result = Imputation(
            values: matrix.map { $0.isNaN ? 0 : $0 }, deviations: Matrix(rowCount: matrix.rowCount, columnCount: matrix.columnCount))
        for pattern in patterns {
            try onStep()
            let found = try Self.regression(pattern, model, values: result.values)
            for (i, row) in pattern.outputs.enumerated() {
                for (j, column) in pattern.missing.enumerated() {
                    result.values[row, column] = found.predictions[i, j]
                    result.deviations[row, column] = max(found.within[j, j], 0).squareRoot()
                }
            }
            if sourceCount > 0, let slopes = found.slopes {
                let named = NamedColumns(pattern, slopes: slopes, groups: groups, count: sourceCount)
                for row in pattern.outputs { named.add(row: row, to: &result) }
            }
        }
        return result
    }

    /// About how many operations one step takes.
    static func operationCount(_ matrix: Matrix<Double>) -> Double {
        HolePattern.patterns(of: matrix).reduce(0) { sum, pattern in
            guard !pattern.missing.isEmpty else { return sum }
            let (k, m, rows) = (Double(pattern.known.count), Double(pattern.missing.count), Double(pattern.outputs.count))
            return sum + k * k * k / 3 + 2 * k * k * m + 2 * k * m * (rows + m)
        }
    }

    /// Expectation and maximisation.
    private func model(of matrix: Matrix<Double>, onStep: () throws -> Void) throws -> Model {
        let width = matrix.columnCount
        let patterns = HolePattern.patterns(of: matrix).filter { !$0.missing.isEmpty }
        var values = matrix.map { $0.isNaN ? 0 : $0 }
        var model = Model(means: Array(repeating: 0, count: width), covariance: Matrix(rowCount: width, columnCount: width))
        model.covariance = try spread(of: values, means: model.means, residual: model.covariance)
        for step in 0..<Self.stepCount {
            var residual = Matrix<Double>(rowCount: width, columnCount: width)
            var largestMove = 0.0
            for pattern in patterns {
                try onStep()
                let found = try Self.regression(pattern, model, values: values)
                for (i, row) in pattern.outputs.enumerated() {
                    for (j, column) in pattern.missing.enumerated() {
                        largestMove = max(largestMove, (values[row, column] - found.predictions[i, j]).magnitude)
                        values[row, column] = found.predictions[i, j]
                    }
                }
                let count = Double(pattern.outputs.count)
                for (i, row) in pattern.missing.enumerated() {
                    for (j, column) in pattern.missing.enumerated() { residual[row, column] += count * found.within[i, j] }
                }
            }
            model.means = values.columnMeans()
            model.covariance = try spread(of: values, means: model.means, residual: residual)
            if step > 1 && largestMove < Self.tolerance { break }
        }
        return model
    }

    /// The missing cells of a pattern on its known ones.
    private struct Regression {
        /// Shape `[rows, missing]`.
        var predictions: Matrix<Double>
        /// Covariance of the missing cells given the known ones, shape `[missing, missing]`.
        var within: Matrix<Double>
        /// Shape `[known, missing]`; nil where nothing is known.
        var slopes: Matrix<Double>?
    }

    private static func regression(_ pattern: HolePattern, _ model: Model, values: Matrix<Double>) throws -> Regression {
        let missing = pattern.missing
        var result = Regression(
            predictions: Matrix(rowCount: pattern.outputs.count, columnCount: missing.count),
            within: model.covariance.submatrix(rows: missing, columns: missing))
        if !pattern.known.isEmpty {
            let cross = model.covariance.submatrix(rows: pattern.known, columns: missing)
            let slopes = try KernelCholesky(model.covariance.submatrix(rows: pattern.known, columns: pattern.known)).solve(cross)
            var known = values.submatrix(rows: pattern.outputs, columns: pattern.known)
            known.addToRows(pattern.known.map { model.means[$0] }, scaledBy: -1)
            result.predictions = known * slopes
            result.within = result.within - cross.multiplied(by: slopes, transposingSelf: true)
            result.slopes = slopes
        }
        result.predictions.addToRows(missing.map { model.means[$0] })
        return result
    }

    /// (Σ (x - μ)(x - μ)ᵀ + residual + ridge·I) / (rows + ridge).
    private func spread(of values: Matrix<Double>, means: [Double], residual: Matrix<Double>) throws -> Matrix<Double> {
        var centred = values
        centred.addToRows(means, scaledBy: -1)
        var sum = centred.multiplied(by: centred, transposingSelf: true) + residual
        for index in 0..<sum.rowCount { sum[index, index] += ridge }
        sum.scale(by: 1 / (Double(values.rowCount) + ridge))
        try sum.requireFinite(in: "Covariance of a table")
        return sum
    }
}

/// The known columns that weigh most in each missing one of a pattern, which all of its rows share.
private struct NamedColumns {
    /// For each missing column its group, and the groups of the known ones with their weights.
    private let entries: [(column: Int, group: Int, sources: [(group: Int, weight: Double)])]
    private let groups: [Range<Int>]

    init(_ pattern: HolePattern, slopes: Matrix<Double>, groups: [Range<Int>], count: Int) {
        let groupOfColumn = groups.enumerated().flatMap { index, range in range.map { _ in index } }
        self.groups = groups
        entries = pattern.missing.indices.map { place in
            // Levels of a category are one cell: the one that weighs most stands for it.
            let largest = RowRegression.Neighbour.largest(count, rowCount: pattern.known.count) { slopes[$0, place] }
            var (seen, sources): (Set<Int>, [(group: Int, weight: Double)]) = ([], [])
            for neighbour in largest {
                let group = groupOfColumn[pattern.known[neighbour.position]]
                if seen.insert(group).inserted { sources.append((group, neighbour.weight)) }
            }
            return (pattern.missing[place], groupOfColumn[pattern.missing[place]], sources)
        }
    }

    /// The sources of a row's missing cells; of a category those of the level that it gets.
    func add(row: Int, to result: inout Imputation) {
        var likeliest: [Int: Double] = [:]
        for entry in entries {
            let value = result.values[row, entry.column]
            if let other = likeliest[entry.group], other >= value { continue }
            likeliest[entry.group] = value
            result.sources[row * groups.count + entry.group] = entry.sources.map {
                TableCompletion.Source(row: row, group: $0.group, weight: $0.weight)
            }
        }
    }
}
