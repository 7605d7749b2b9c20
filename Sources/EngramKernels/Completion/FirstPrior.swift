internal import EngramNumerics

/// A way to fill a table before kernels on its own imputation can.
struct FirstPrior {
    /// For reports.
    let name: String
    /// Fills a standardised matrix and names so many known cells for each filled one; the closure is called between steps, and what it throws
    /// ends the imputation.
    let impute: (IncompleteMatrix, _ sourceCount: Int, _ onStep: () throws -> Void) throws -> Imputation

    /// What is to be filled, and what that may cost.
    struct Task {
        /// Standardised.
        var matrix: IncompleteMatrix
        /// How often it is filled: once whole, and once for each fold.
        var fillCount: Int
        /// nil where no regression for each column is affordable.
        var limits: KernelImputation.Limits?
        /// About the most operations that one kind of prior may take.
        var operationLimit: Double
        /// Imagined rows of the linear network, to choose from.
        var ridges: [Double]
    }

    /// Those that a matrix has room for.
    static func all(_ task: Task, onStep: () throws -> Void) throws -> [FirstPrior] {
        let matrix = task.matrix
        var priors = [FirstPrior(name: "column mean (identity prior)") { hidden, _, _ in .filledWithMeans(hidden.values) }]
        let linear = linearNetworks(task)
        priors += linear.isEmpty ? [FirstPrior(name: "low rank") { hidden, _, onStep in try byFactors(hidden.values, onStep) }] : linear
        if let prior = try knownOfColumns(task, onStep: onStep) { priors.append(prior) }
        if let limits = task.limits, matrix.rowFeatures != nil {
            var generator = CounterBasedGenerator(seed: 0, stream: 0x726F_7773)
            let whole = KernelImputation(matrix: matrix, limits: limits, usesCells: false)
            let means = Imputation.filledWithMeans(matrix.values).values
            let choices = try whole.choices(means, depth: 1, using: &generator, onGroup: onStep, onStep: onStep)
            priors.append(
                FirstPrior(name: "what is known of the rows") { hidden, sourceCount, onStep in
                    let start = Imputation.filledWithMeans(hidden.values).values
                    return try KernelImputation(matrix: hidden, limits: limits, usesCells: false).round(
                        start, choices: choices, sourceCount: sourceCount, onStep: onStep)
                })
        }
        return priors
    }

    /// d³ for each pattern of holes; beyond this many columns low-rank factors do the same for less.
    private static let largestWidth = 400
    /// Rows that say at least what a covariance is, for each column.
    private static let rowsPerColumn = 4

    /// Linear networks whose distribution is found from as many rows as the limit allows; none where a single step takes too long.
    private static func linearNetworks(_ task: Task) -> [FirstPrior] {
        let (rowCount, width) = (task.matrix.rowCount, task.matrix.values.columnCount)
        guard width <= largestWidth else { return [] }
        let step = GaussianImputation.operationCount(task.matrix.values) * Double(task.fillCount * task.ridges.count)
        var fitRows: [Int]?
        if step * (GaussianImputation.usualStepCount + 1) > task.operationLimit {
            let share = (task.operationLimit / max(step, 1) - 1) / GaussianImputation.usualStepCount
            let count = Int(exactly: (share * Double(rowCount)).rounded(.down)) ?? 0
            guard count >= min(rowCount, rowsPerColumn * width) else { return [] }
            var generator = CounterBasedGenerator(seed: 0, stream: 0x6C69_6E65)
            fitRows = Array(Array(0..<rowCount).shuffled(using: &generator).prefix(count)).sorted()
        }
        return task.ridges.map { ridge in
            let name = "linear network on the row's other cells, \(Int(exactly: ridge).map { "\($0)" } ?? "\(ridge)") rows imagined"
            return FirstPrior(name: name) { [fitRows] hidden, sourceCount, onStep in
                try GaussianImputation(ridge: ridge, fitRows: fitRows, sourceCount: sourceCount).impute(
                    hidden.values, groups: hidden.groups, onStep: onStep)
            }
        }
    }

    /// Rows that the ridge of what is known of the columns is chosen on.
    private static let ridgeRowCount = 200

    /// One regression for each row over those columns that are numbers; categories keep their means. Nil where there is nothing to know, or
    /// it takes too long.
    private static func knownOfColumns(_ task: Task, onStep: () throws -> Void) throws -> FirstPrior? {
        guard let all = task.matrix.groupFeatures else { return nil }
        let places = task.matrix.groups.indices.filter { task.matrix.groups[$0].count == 1 }
        let columns = places.map { task.matrix.groups[$0].lowerBound }
        guard columns.count > 1 else { return nil }
        func numbers(_ matrix: IncompleteMatrix) -> Matrix<Double> {
            matrix.values.submatrix(rows: Array(0..<matrix.rowCount), columns: columns)
        }
        let step = GaussianImputation.operationCount(numbers(task.matrix)) * Double(task.fillCount)
        guard step <= task.operationLimit else { return nil }
        var features = all.rows(at: places)
        let square = features.elements.reduce(0) { $0 + $1 * $1 } / Double(columns.count)
        guard square > 0 else { return nil }
        features.scale(by: 1 / square.squareRoot())
        let kernel = KernelImputation.kernel(depth: 1).values(at: features, centers: features)
        let ridge = try ridge(numbers(task.matrix), kernel: kernel, onStep)
        let groupCount = task.matrix.groups.count
        return FirstPrior(name: "what is known of the columns") { hidden, sourceCount, onStep in
            let found = try RowRegression(ridge: ridge, neighbourCount: sourceCount).complete(
                numbers(hidden), kernel: kernel, onStep: onStep)
            var result = Imputation.filledWithMeans(hidden.values)
            for row in 0..<hidden.rowCount {
                for (place, column) in columns.enumerated() where hidden.values[row, column].isNaN {
                    result.values[row, column] = found.values[row, place]
                    result.deviations[row, column] = found.deviations[row, place]
                    guard let neighbours = found.neighbours[row * columns.count + place] else { continue }
                    result.sources[row * groupCount + places[place]] = neighbours.map {
                        TableCompletion.Source(row: row, group: places[$0.position], weight: $0.weight)
                    }
                }
            }
            return result
        }
    }

    /// The ridge with the smallest closed-form error of leaving a cell out, on some of the rows.
    private static func ridge(_ matrix: Matrix<Double>, kernel: Matrix<Double>, _ onStep: () throws -> Void) throws -> Double {
        let stride = (matrix.rowCount + ridgeRowCount - 1) / ridgeRowCount
        let rows = matrix.rows(at: Array(Swift.stride(from: 0, to: matrix.rowCount, by: max(stride, 1))))
        var best: (error: Double, ridge: Double) = (.infinity, 1)
        for ridge in [0.01, 0.1, 1, 10] {
            let residuals = try RowRegression(ridge: ridge).complete(rows, kernel: kernel, onStep: onStep).leaveOneOutResiduals.elements
            let error = residuals.reduce(0) { $0 + $1 * $1 }
            if error < best.error { best = (error, ridge) }
        }
        return best.ridge
    }

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

    /// For each filled cell the known cells that weigh most in a mixture, with their weights in it.
    static func sources(
        _ parts: [(imputation: Imputation, share: Double)], count: Int
    ) -> [Int: [TableCompletion.Source]] {
        var joined: [Int: [TableCompletion.Source]] = [:]
        for part in parts {
            for (cell, sources) in part.imputation.sources {
                for source in sources {
                    let weight = part.share * source.weight
                    let known = joined[cell, default: []].firstIndex { ($0.row, $0.group) == (source.row, source.group) }
                    if let known {
                        joined[cell]?[known].weight += weight
                    } else {
                        joined[cell, default: []].append(TableCompletion.Source(row: source.row, group: source.group, weight: weight))
                    }
                }
            }
        }
        return joined.mapValues { sources in
            let order = sources.sorted {
                ($1.weight.magnitude, $0.row, $0.group) < ($0.weight.magnitude, $1.row, $1.group)
            }
            return Array(order.prefix(count))
        }
    }
}
