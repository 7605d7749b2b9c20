internal import EngramKernels
internal import EngramNumerics

/// Wide networks that complete a screen, each with a feature prior over profiles, one regression for each gene.
struct ScreenNetworks {
    let screen: DrugScreen
    let training: [Int]
    let test: [Int]
    let baselines: ScreenBaselines
    /// Called between factorizations; what it throws ends the completion.
    let onStep: () throws -> Void

    /// Test profiles, and what was chosen for them.
    struct Found {
        /// Shape `[test, genes]`.
        var values: Matrix<Double>
        /// The weight of cells against drugs.
        var cellWeight: Double
    }

    /// Tail of the printed method.
    private static let printedTail = 1.5

    /// [R23] SI C: sparse cells by the prior of cells and the drug's reference profile, dense ones by an imputation; weight and tail by
    /// leaving profiles out.
    ///
    /// - Parameter imputation: Of the test profiles, shape `[test, genes]`.
    func printed(imputation: Matrix<Double>) throws -> Found {
        let targets = screen.profiles.rows(at: training)
        var best: (error: Double, weight: Double, tail: Double, values: Matrix<Double>)?
        for weight in [0.75, 1.25, 2] {
            for tail in [0.75, Self.printedTail, 3] {
                let rows = (training + test).map { baselines.reference(drug: screen.drugs[$0], cell: screen.cells[$0], weight: weight) }
                let found = try completed(targets, Matrix(rows: rows), kernel: CompletionKernel(tail: tail))
                if best.map({ found.error < $0.error }) ?? true { best = (found.error, weight, tail, found.values) }
            }
        }
        guard var best else { preconditionFailure("no weight was tried") }
        let features = Matrix(rows: training.map { screen.profiles.row($0) } + test.indices.map { imputation.row($0) })
        let imputed = try completed(targets, features, kernel: CompletionKernel(tail: best.tail))
        for (place, profile) in test.enumerated() where baselines.isDense(cell: screen.cells[profile]) {
            best.values.setRow(place, to: imputed.values.row(place))
        }
        return Found(values: best.values, cellWeight: best.weight)
    }

    /// The prior cell ⊕ drug: one coordinate for each cell, and what the drug does by all other cells, on what the cells' means leave; the
    /// reference profiles are known like others. Weight and ridge by leaving profiles out.
    func byResponses() throws -> Found {
        let reference = screen.reference.indices.filter { screen.reference[$0] != nil }
        let referenceCell = DrugScreen.cellCount
        let drugs = training.map { screen.drugs[$0] } + reference + test.map { screen.drugs[$0] }
        let cells = training.map { screen.cells[$0] } + reference.map { _ in referenceCell } + test.map { screen.cells[$0] }
        var known = training.map { screen.profiles.row($0) } + reference.compactMap { screen.reference[$0] }
        for (place, profile) in known.enumerated() { known[place] = zip(profile, baselines.mean(ofCell: cells[place])).map { $0 - $1 } }
        let targets = Matrix(rows: known)
        var responses = Matrix(rows: zip(drugs, cells).map { baselines.response(ofDrug: $0, withoutCell: $1) })
        let square = responses.elements.reduce(0) { $0 + $1 * $1 } / Double(responses.rowCount)
        if square > 0 { responses.scale(by: 1 / square.squareRoot()) }
        var best: (error: Double, weight: Double, values: Matrix<Double>)?
        for weight in [0.5, 1, 2] {
            var features = Matrix<Double>(rowCount: drugs.count, columnCount: referenceCell + 1 + responses.columnCount)
            for (place, cell) in cells.enumerated() {
                features.setRow(place, to: (0...referenceCell).map { $0 == cell ? weight : 0 } + responses.row(place))
            }
            for ridge in [0.3, 1, 3] {
                let found = try completed(targets, features, kernel: CompletionKernel(), ridge: ridge)
                if best.map({ found.error < $0.error }) ?? true { best = (found.error, weight, found.values) }
            }
        }
        guard var best else { preconditionFailure("no weight was tried") }
        for (place, profile) in test.enumerated() {
            best.values.setRow(
                place, to: zip(best.values.row(place), baselines.mean(ofCell: screen.cells[profile])).map { $0 + $1 })
        }
        return Found(values: best.values, cellWeight: best.weight)
    }

    /// The last rows of features from the first, which are known.
    ///
    /// - Parameters:
    ///   - targets: Shape `[known, genes]`.
    ///   - features: Shape `[known + test, p]`.
    /// - Returns: Shape `[test, genes]`, and the sum of squared errors of leaving each known profile out.
    private func completed(
        _ targets: Matrix<Double>, _ features: Matrix<Double>, kernel: CompletionKernel, ridge: Double = 0
    ) throws -> (values: Matrix<Double>, error: Double) {
        var matrix = Matrix<Double>(rowCount: targets.columnCount, columnCount: features.rowCount, repeating: .nan)
        for gene in 0..<targets.columnCount { for place in 0..<targets.rowCount { matrix[gene, place] = targets[place, gene] } }
        do {
            let found = try RowRegression(ridge: ridge).complete(matrix, kernel: kernel.matrix(of: features), onStep: onStep)
            let values = found.values.transposed().rows(at: Array(targets.rowCount..<features.rowCount))
            return (values, found.leaveOneOutResiduals.elements.reduce(0) { $0 + $1 * $1 })
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: "a regression", reason: "\(error)")
        }
    }
}
