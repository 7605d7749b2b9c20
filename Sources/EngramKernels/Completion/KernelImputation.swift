internal import EngramNumerics
internal import RealModule

/// Missing cells by an infinitely wide network with the previous imputation as its feature prior, Z = Ŷ ([R23] section 3.3).
///
/// The matrix is read by columns: each group of columns is an output whose positions are the rows, and a row's features are its other cells
/// as they are imputed so far, with what else is known of the row. The output's own cells are left out of its features; with them the
/// regression would learn to copy. Groups of several columns share a factorization.
struct KernelImputation {
    /// The matrix, standardised.
    let matrix: IncompleteMatrix
    /// How large systems may be.
    let limits: Limits
    /// Whether a row's other cells are features; if not, what else is known of the row alone.
    var usesCells = true

    /// How large the systems of a table may be.
    struct Limits {
        /// Most bytes for one kernel system.
        var byteCount: Int
        /// Most rows that one regression rests on.
        var exampleCount: Int
        /// All rows, those to be taken first in front.
        var order: [Int]
    }

    /// The hyperparameters of one group.
    struct Choice: Sendable, Equatable {
        var depth: Int
        var ridge: Double
    }

    /// Variance of the biases, over the mean squared norm of features, which is 1: the kernel then sees the norm of a row too.
    private static let biasVariance = 0.3
    /// Rows of which hyperparameters are chosen: errors of their means are 1/√400 = 5 % of one row's.
    private static let selectionCount = 400
    /// Examples from which deviations come where the whole system does not fit.
    private static let deviationCount = 2000

    static func kernel(depth: Int) -> FullyConnectedKernel {
        let activation = RectifierDual(slope: 0)
        return FullyConnectedKernel(
            kind: .ntk, activation: activation, depth: depth,
            prior: NetworkPrior(weightVariance: activation.unitGain, biasVariance: biasVariance))
    }

    /// Features of all rows for a group, mean squared norm about 1, shape `[rows, width - group + p]`. The levels of a category count as
    /// much as one column of numbers.
    func features(_ imputed: Matrix<Double>, without group: Range<Int>) -> Matrix<Double> {
        let kept = usesCells ? Array(0..<group.lowerBound) + Array(group.upperBound..<imputed.columnCount) : []
        let rowFeatures = matrix.rowFeatures
        let extra = rowFeatures?.columnCount ?? 0
        let weights = matrix.columnWeights
        let total = kept.reduce(Double(extra)) { $0 + weights[$1] * weights[$1] }
        let scale = 1 / max(total, 1).squareRoot()
        let factors = kept.map { weights[$0] * scale }
        var result = Matrix<Double>(rowCount: imputed.rowCount, columnCount: max(kept.count + extra, 1))
        for row in 0..<imputed.rowCount {
            let cells = imputed.row(row)
            let own = zip(kept, factors).map { cells[$0] * $1 } + (rowFeatures?.row(row).map { $0 * scale } ?? [])
            if !own.isEmpty { result.setRow(row, to: own) }
        }
        return result
    }

    /// A ridge for each group by the closed-form error of leaving a row out, on some of the rows.
    ///
    /// - Parameters:
    ///   - imputed: The imputation that features come from.
    ///   - depth: Of the network.
    func choices(
        _ imputed: Matrix<Double>, depth: Int, using generator: inout some RandomNumberGenerator, onGroup: () throws -> Void,
        onStep: () throws -> Void
    ) throws -> [Choice] {
        var found: [Choice] = []
        for (index, group) in matrix.groups.enumerated() {
            if index > 0 { try onGroup() }
            try onStep()
            let known = matrix.rows(ofGroup: index).known
            let rows = Array(known.shuffled(using: &generator).prefix(Self.selectionCount)).sorted()
            var targets = matrix.values.columns(at: group).rows(at: rows)
            targets.addToRows(targets.columnMeans(), scaledBy: -1)
            let variance = targets.elements.reduce(0) { $0 + $1 * $1 } / Double(max(targets.elements.count, 1))
            guard rows.count > 2, variance > 1e-20 else {
                found.append(Choice(depth: depth, ridge: 1))
                continue
            }
            let points = features(imputed, without: group).rows(at: rows)
            let spectrum = try KernelSpectrum(Self.kernel(depth: depth).values(at: points, centers: points))
            let selection = try RidgeSelection(
                of: spectrum, targets: targets, grid: stride(from: -4.0, through: 2, by: 0.5).map { Double.pow(10, $0) })
            found.append(Choice(depth: depth, ridge: selection.ridge))
        }
        try onGroup()
        return found
    }

    /// One round: every group with a missing cell is filled from the others as they are in `imputed`.
    ///
    /// - Parameter sourceCount: How many known rows are named for each filled cell.
    func round(
        _ imputed: Matrix<Double>, choices: [Choice], sourceCount: Int = 0, onGroup: () throws -> Void = {}, onStep: () throws -> Void
    ) throws -> Imputation {
        var result = Imputation(
            values: imputed, deviations: Matrix(rowCount: imputed.rowCount, columnCount: imputed.columnCount))
        for (index, group) in matrix.groups.enumerated() {
            if index > 0 { try onGroup() }
            var rows = matrix.rows(ofGroup: index)
            if rows.known.count > limits.exampleCount {
                let isKnown = Set(rows.known)
                rows.known = Array(limits.order.lazy.filter(isKnown.contains).prefix(limits.exampleCount)).sorted()
            }
            guard !rows.missing.isEmpty, !rows.known.isEmpty else { continue }
            let all = features(imputed, without: group)
            let fit = try fit(
                known: all.rows(at: rows.known), missing: all.rows(at: rows.missing),
                targets: matrix.values.columns(at: group).rows(at: rows.known), choice: choices[index],
                neighbourCount: sourceCount, onStep: onStep)
            for (i, row) in rows.missing.enumerated() {
                for (j, column) in group.enumerated() {
                    result.values[row, column] = fit.predictions[i, j]
                    result.deviations[row, column] = (fit.scales[j] * fit.variances[i]).squareRoot()
                }
            }
            guard sourceCount > 0 else { continue }
            for (i, row) in rows.missing.enumerated() {
                result.sources[row * matrix.groups.count + index] = fit.neighbours[i].map {
                    TableCompletion.Source(row: rows.known[$0.position], group: index, weight: $0.weight)
                }
            }
        }
        try onGroup()
        return result
    }

    /// What the regression of a group says of the rows in which it is missing.
    private struct GroupFit {
        /// Shape `[missing, group]`.
        var predictions: Matrix<Double>
        /// Over the scales, shape `[missing]`.
        var variances: [Double] = []
        /// Shape `[group]`.
        var scales: [Double]
        /// Places among the known rows; empty where none are asked for.
        var neighbours: [[RowRegression.Neighbour]] = []
    }

    /// Exact where the kernel matrix fits the limit; else the predictions by conjugate gradients, and the deviations of a regression on some
    /// of the rows. Missing rows are asked for a tile at a time, so that their number does not count.
    private func fit(
        known: Matrix<Double>, missing: Matrix<Double>, targets: Matrix<Double>, choice: Choice, neighbourCount: Int,
        onStep: () throws -> Void
    ) throws -> GroupFit {
        let kernel = Self.kernel(depth: choice.depth)
        let plan = try SolverPlan.choose(count: known.rowCount, rightCount: targets.columnCount, byteLimit: limits.byteCount)
        var isExact = true
        if case .iterative = plan { isExact = false }
        let stride = isExact ? 1 : max(1, known.rowCount / Self.deviationCount)
        let taken = Array(Swift.stride(from: 0, to: known.rowCount, by: stride))
        let points = known.rows(at: taken)
        let system = try PatternSystem(
            kernel.values(at: points, centers: points), targets: targets.rows(at: taken), ridge: choice.ridge, isCentred: true
        ) { _ in try onStep() }
        var result = GroupFit(
            predictions: Matrix(rowCount: missing.rowCount, columnCount: targets.columnCount), scales: system.scales)
        for rows in KernelTile.ranges(of: missing.rowCount) {
            try onStep()
            let asked = missing.rows(at: rows)
            let found = try system.answers(cross: kernel.values(at: points, centers: asked), prior: kernel.diagonal(at: asked)) { _ in
                try onStep()
            }
            result.predictions.copyElements(from: found.predictions, toRow: rows.lowerBound)
            result.variances += found.variances
            guard neighbourCount > 0 else { continue }
            for place in 0..<rows.count {
                let named = RowRegression.Neighbour.largest(neighbourCount, rowCount: taken.count) { found.weights[$0, place] }
                result.neighbours.append(
                    named.map { RowRegression.Neighbour(position: taken[$0.position], weight: $0.weight) })
            }
        }
        guard !isExact else { return result }
        let means = targets.columnMeans()
        var centred = targets
        centred.addToRows(means, scaledBy: -1)
        let samples = SampleKernelOperator(
            points: known, diagonal: { kernel.diagonal(at: $0) }, values: { kernel.values(at: $0, centers: $1) })
        let coefficients = try KernelSystem(samples, ridge: choice.ridge).solve(centred, plan: plan) { _ in try onStep() }
        for rows in KernelTile.ranges(of: missing.rowCount) {
            try onStep()
            let block = kernel.values(at: missing.rows(at: rows), centers: known) * coefficients
            result.predictions.copyElements(from: block, toRow: rows.lowerBound)
        }
        result.predictions.addToRows(means)
        return result
    }
}
