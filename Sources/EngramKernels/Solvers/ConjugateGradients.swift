public import EngramNumerics

/// Preconditioned conjugate gradients for (K + λI) X = Y with many right sides: one recurrence for each, products shared.
///
/// K is read tile by tile, so n may be far beyond what n² numbers of memory allow. A right side that has converged leaves the products.
/// When all have, the residuals are computed anew from the coefficients, and iteration goes on where rounding had hidden an error.
public struct ConjugateGradients<Operator: KernelOperator> {
    /// When to stop.
    public struct Settings: Sendable, Equatable {
        /// ‖y - (K + λI) x‖/‖y‖ of each right side at which it is done.
        public var tolerance: Double
        /// Most iterations, > 0.
        public var iterationLimit: Int

        /// - Parameters:
        ///   - tolerance: Default 1e-8: four digits below what float32 inputs are worth, and within reach at condition 1e7.
        ///   - iterationLimit: Default 1000.
        public init(tolerance: Double = 1e-8, iterationLimit: Int = 1000) {
            self.tolerance = tolerance
            self.iterationLimit = iterationLimit
        }
    }

    /// K.
    public let kernel: Operator
    /// λ.
    public let ridge: Double
    /// P; nil: the identity.
    public let preconditioner: (any KernelPreconditioner)?

    /// A solver.
    /// - Parameters:
    ///   - kernel: K, n examples.
    ///   - ridge: λ ≥ 0.
    ///   - preconditioner: Made for the same kernel and ridge.
    public init(_ kernel: Operator, ridge: Double, preconditioner: (any KernelPreconditioner)? = nil) {
        precondition(ridge >= 0 && ridge.isFinite, "A ridge is finite and not negative, got \(ridge).")
        self.kernel = kernel
        self.ridge = ridge
        self.preconditioner = preconditioner
    }

    /// Solves for all columns of `right`.
    ///
    /// - Parameters:
    ///   - right: Y, shape `[n, m]`.
    ///   - settings: Tolerance and most iterations.
    ///   - start: X to start from, shape `[n, m]`, such as the solution for a neighbouring ridge; nil: 0.
    ///   - onStep: Called with the number of iterations done, before each row of tiles and so several times with the same. What it throws
    ///     ends the solution.
    /// - Returns: The coefficients with their residuals, converged or not.
    /// - Throws: `KernelSolverError.negativeCurvature`; `.nonFinite`; what `onStep` throws.
    /// - Complexity: each iteration n²/2 kernel values and 2·n²·m + 4·n·q·m operations; 7·n·m numbers and one tile.
    public func solve(
        _ right: Matrix<Double>, settings: Settings = Settings(), startingFrom start: Matrix<Double>? = nil,
        onStep: (Int) throws -> Void = { _ in }
    ) throws -> IterativeSolution {
        precondition(right.rowCount == kernel.count, "A system of \(kernel.count) rows has no right side of \(right.rowCount).")
        guard right.firstNonFiniteEntry == nil else { throw KernelSolverError.nonFinite(operation: "Right side of a kernel system") }
        let system = ShiftedKernelOperator(base: kernel, ridge: ridge)
        let rightNorms = ResidualNorm.norms(right)
        var history: [Double] = []
        var solution = start ?? Matrix(rowCount: right.rowCount, columnCount: right.columnCount)
        var residual = right
        if start != nil { residual = right - (try system.product(with: solution) { try onStep(0) }) }
        var relative = ResidualNorm.relative(residual, to: right)
        while history.count < settings.iterationLimit {
            let open = relative.indices.filter { relative[$0] > settings.tolerance && rightNorms[$0] > 0 }
            guard !open.isEmpty else { break }
            let part = try iterated(
                residual.selectingColumns(open), rightNorms: open.map { rightNorms[$0] }, settings: settings, history: &history,
                onStep: onStep)
            let corrected = solution.addingColumns(of: part, at: open)
            let iterationCount = history.count
            let newResidual = right - (try system.product(with: corrected) { try onStep(iterationCount) })
            let newRelative = ResidualNorm.relative(newResidual, to: right)
            let before = open.map { relative[$0] }.max() ?? 0
            let after = open.map { newRelative[$0] }.max() ?? 0
            guard after < before else { break }
            (solution, residual, relative) = (corrected, newResidual, newRelative)
            // A pass that gains less than a digit runs against rounding.
            guard after < before / 10 else { break }
        }
        // A zero right side has the solution zero, whatever the start was.
        for column in rightNorms.indices where rightNorms[column] == 0 && relative[column] > 0 {
            for row in 0..<solution.rowCount { solution[row, column] = 0 }
            relative[column] = 0
        }
        return IterativeSolution(
            coefficients: solution, relativeResiduals: relative, tolerance: settings.tolerance, iterationCount: history.count,
            history: history)
    }

    /// What to add to the solution for residuals, by conjugate gradients from zero until the carried residuals are small enough.
    private func iterated(
        _ start: Matrix<Double>, rightNorms: [Double], settings: Settings, history: inout [Double], onStep: (Int) throws -> Void
    ) throws -> Matrix<Double> {
        let system = ShiftedKernelOperator(base: kernel, ridge: ridge)
        var finished = Matrix<Double>(rowCount: start.rowCount, columnCount: start.columnCount)
        var columns = Array(0..<start.columnCount)
        var state = Block(residual: start, preconditioner: preconditioner)
        while !columns.isEmpty, history.count < settings.iterationLimit {
            let done = history.count
            let image = try system.product(with: state.direction) { try onStep(done) }
            let curvatures = state.direction.columnDots(with: image)
            for curvature in curvatures where !(curvature > 0) {
                guard curvature.isFinite else { throw KernelSolverError.nonFinite(operation: "Conjugate gradients, iteration \(done)") }
                throw KernelSolverError.negativeCurvature(iteration: done, value: curvature, ridge: ridge)
            }
            state.move(image: image, curvatures: curvatures)
            let relative = zip(ResidualNorm.norms(state.residual), columns).map { $0 / rightNorms[$1] }
            history.append(relative.max() ?? 0)
            let open = columns.indices.filter { relative[$0] > settings.tolerance }
            if open.count < columns.count {
                let closed = columns.indices.filter { relative[$0] <= settings.tolerance }
                finished = finished.addingColumns(of: state.solution.selectingColumns(closed), at: closed.map { columns[$0] })
                columns = open.map { columns[$0] }
                guard !columns.isEmpty else { break }
                state = state.keeping(open)
            }
            state.turn(preconditioner: preconditioner)
        }
        return columns.isEmpty ? finished : finished.addingColumns(of: state.solution, at: columns)
    }
}

/// The recurrences of the right sides that are still open.
private struct Block {
    var solution: Matrix<Double>
    var residual: Matrix<Double>
    var direction: Matrix<Double>
    /// rᵀ P⁻¹ r for each column.
    var weights: [Double]

    init(residual: Matrix<Double>, preconditioner: (any KernelPreconditioner)?) {
        solution = Matrix(rowCount: residual.rowCount, columnCount: residual.columnCount)
        self.residual = residual
        direction = preconditioner?.applied(to: residual) ?? residual
        weights = residual.columnDots(with: direction)
    }

    /// To the minimum along the directions.
    mutating func move(image: Matrix<Double>, curvatures: [Double]) {
        let steps = zip(weights, curvatures).map { $0 / $1 }
        solution.addColumns(of: direction, scaledBy: steps)
        residual.addColumns(of: image, scaledBy: steps.map { -$0 })
    }

    /// To the next directions, conjugate to those before.
    mutating func turn(preconditioner: (any KernelPreconditioner)?) {
        var next = preconditioner?.applied(to: residual) ?? residual
        let nextWeights = residual.columnDots(with: next)
        next.addColumns(of: direction, scaledBy: zip(nextWeights, weights).map { $0 / $1 })
        direction = next
        weights = nextWeights
    }

    func keeping(_ columns: [Int]) -> Block {
        var kept = self
        kept.solution = solution.selectingColumns(columns)
        kept.residual = residual.selectingColumns(columns)
        kept.direction = direction.selectingColumns(columns)
        kept.weights = columns.map { weights[$0] }
        return kept
    }
}

extension Matrix where Scalar == Double {
    /// The columns at these indices, in their order.
    func selectingColumns(_ columns: [Int]) -> Matrix { submatrix(rows: Array(0..<rowCount), columns: columns) }

    /// Self with the columns of `other` added to the columns at these indices, which differ.
    func addingColumns(of other: Matrix, at columns: [Int]) -> Matrix {
        var entries = elements
        let source = other.elements
        for row in 0..<rowCount {
            for (position, column) in columns.enumerated() {
                entries[row * columnCount + column] += source[row * columns.count + position]
            }
        }
        return Matrix(rowCount: rowCount, columnCount: columnCount, elements: entries)
    }
}
