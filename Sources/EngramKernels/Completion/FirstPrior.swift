internal import EngramNumerics

/// A way to fill a table before kernels on its own imputation can.
struct FirstPrior {
    /// For reports.
    let name: String
    /// Fills a standardised matrix; the closure is called between steps, and what it throws ends the imputation.
    let impute: (IncompleteMatrix, () throws -> Void) throws -> Imputation

    /// Those that a matrix has room for.
    static func all(_ matrix: IncompleteMatrix, ridges: [Double]) -> [FirstPrior] {
        var priors = [FirstPrior(name: "column mean (identity prior)") { hidden, _ in .filledWithMeans(hidden.values) }]
        // d³ for each pattern of holes; beyond this many columns low-rank factors do the same for less.
        if matrix.values.columnCount <= largestWidth {
            priors += ridges.map { ridge in
                FirstPrior(
                    name: "linear network on the row's other cells, \(Int(exactly: ridge).map { "\($0)" } ?? "\(ridge)") rows imagined"
                ) { hidden, onStep in
                    try GaussianImputation.impute(hidden.values, ridge: ridge, onStep: onStep)
                }
            }
        }
        if matrix.values.columnCount > largestWidth {
            priors.append(FirstPrior(name: "low rank") { hidden, onStep in try byFactors(hidden.values, onStep) })
        }
        if let features = matrix.groupFeatures, matrix.groups.allSatisfy({ $0.count == 1 }) {
            priors.append(
                FirstPrior(name: "what is known of the columns") { hidden, onStep in try byFeatures(hidden.values, features, onStep) })
        }
        if let features = matrix.rowFeatures {
            priors.append(
                FirstPrior(name: "what is known of the rows") { hidden, onStep in
                    let filled = try byFeatures(hidden.values.transposed(), features, onStep)
                    return Imputation(values: filled.values.transposed(), deviations: filled.deviations.transposed())
                })
        }
        return priors
    }

    private static let largestWidth = 400

    /// Low-rank factors of rows and columns, by alternating least squares on the known cells.
    private static func byFactors(_ matrix: Matrix<Double>, _ onStep: () throws -> Void) throws -> Imputation {
        var (rows, columns, values): ([Int], [Int], [Double]) = ([], [], [])
        for row in 0..<matrix.rowCount {
            for column in 0..<matrix.columnCount where !matrix[row, column].isNaN {
                rows.append(row)
                columns.append(column)
                values.append(matrix[row, column])
            }
        }
        let known = RatingTable(userCount: matrix.rowCount, itemCount: matrix.columnCount, users: rows, items: columns, values: values)
        var generator = CounterBasedGenerator(seed: 0, stream: 0x6C6F_7772)
        let factors = try RatingFactors(known, rank: max(1, min(20, matrix.rowCount / 4)), ridge: 5, using: &generator, onStep: onStep)
        let products = factors.users.multiplied(by: factors.items, transposingOther: true)
        var filled = Imputation.filledWithMeans(matrix)
        for row in 0..<matrix.rowCount {
            for column in 0..<matrix.columnCount where matrix[row, column].isNaN { filled.values[row, column] = products[row, column] }
        }
        return filled
    }

    /// One regression for each row over positions with these features; the ridge by the closed-form error of leaving a cell out.
    private static func byFeatures(
        _ matrix: Matrix<Double>, _ features: Matrix<Double>, _ onStep: () throws -> Void
    ) throws -> Imputation {
        let kernel = CompletionKernel().matrix(of: features)
        var best: (error: Double, completion: RowRegression.Completion)?
        for ridge in [0.01, 0.1, 1, 10] {
            let completion = try RowRegression(ridge: ridge).complete(matrix, kernel: kernel, onStep: onStep)
            let residuals = completion.leaveOneOutResiduals.elements
            let error = residuals.reduce(0) { $0 + $1 * $1 }
            if best.map({ error < $0.error }) ?? true { best = (error, completion) }
        }
        guard let best else { return .filledWithMeans(matrix) }
        return Imputation(values: best.completion.values, deviations: best.completion.deviations)
    }
}

extension Imputation {
    /// A standardised matrix with each missing cell at its column's mean, deviation 1.
    static func filledWithMeans(_ matrix: Matrix<Double>) -> Imputation {
        var means: [Double] = []
        for column in 0..<matrix.columnCount {
            let known = matrix.column(column).filter { !$0.isNaN }
            means.append(known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count))
        }
        var values = matrix
        for row in 0..<matrix.rowCount {
            for column in 0..<matrix.columnCount where matrix[row, column].isNaN { values[row, column] = means[column] }
        }
        return Imputation(values: values, deviations: matrix.map { $0.isNaN ? 1 : 0 })
    }

    /// The sum of imputations times their shares, values and deviations alike.
    ///
    /// Errors of imputations of the same cells go together, so their deviations are averaged and not their variances; calibration does the
    /// rest.
    static func mixture(_ parts: [(imputation: Imputation, share: Double)]) -> Imputation {
        guard let first = parts.first else {
            return Imputation(values: Matrix(rowCount: 0, columnCount: 0), deviations: Matrix(rowCount: 0, columnCount: 0))
        }
        var values = first.share * first.imputation.values
        var deviations = first.share * first.imputation.deviations
        for part in parts.dropFirst() {
            values = values + part.share * part.imputation.values
            deviations = deviations + part.share * part.imputation.deviations
        }
        return Imputation(values: values, deviations: deviations)
    }
}
