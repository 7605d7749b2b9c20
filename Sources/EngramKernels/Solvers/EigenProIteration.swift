public import EngramNumerics
internal import EngramSystem

/// Preconditioned stochastic gradient iteration for (K + λI) X = Y after EigenPro 2 (Ma, Belkin 2019), K read tile by tile.
///
/// The leading q eigenpairs (σ_i, v_i) of the kernel matrix of a subsample S of s examples damp the steep directions to the (q+1)-th:
/// a batch B with residuals g = (K + λI)[B, :] X - Y[B] takes X_B -= γ g and X_S += γ V D Vᵀ (K + λI)[S, B] g,
/// D = diag((1 - σ_{q+1}/σ_i)/σ_i). The step has no parameter to tune: with τ = σ_{q+1}/s and β = max K_ii + λ, batches have
/// b = β/τ + 1 examples, beyond which larger ones gain nothing, and γ is 1/β for smaller ones, else 0.99·2/(β + (b - 1)τ), and
/// 0.99·2/(nτ) where one batch is all. If the residual grows nevertheless, the iteration goes back and halves γ.
public struct EigenProIteration<Operator: KernelOperator> {
    /// Sizes and when to stop.
    public struct Settings: Sendable, Equatable {
        /// s, most examples in the subsample.
        public var subsampleCount: Int
        /// q; nil: a tenth of the subsample. Lowered where eigenvalues are rounding.
        public var rank: Int?
        /// b; nil: as above, at most `largestBatch`.
        public var batchCount: Int?
        /// Relative residual of each right side at which it is done.
        public var tolerance: Double
        /// Most passes through the data, > 0.
        public var epochLimit: Int
        /// Of the subsample and of the order of examples.
        public var seed: UInt64

        /// - Parameters:
        ///   - subsampleCount: Default 2000, EigenPro's own up to 100,000 examples.
        ///   - rank: Eigenpairs of the preconditioner; nil for the iteration's own choice.
        ///   - tolerance: Default 1e-6.
        ///   - epochLimit: Default 200.
        ///   - seed: Of the subsample and of the order of examples.
        public init(
            subsampleCount: Int = 2000, rank: Int? = nil, tolerance: Double = 1e-6, epochLimit: Int = 200, seed: UInt64 = 0
        ) {
            self.subsampleCount = subsampleCount
            self.rank = rank
            self.tolerance = tolerance
            self.epochLimit = epochLimit
            self.seed = seed
        }
    }

    /// K + λI.
    private let system: ShiftedKernelOperator<Operator>
    private let settings: Settings
    /// S, ascending.
    public let subsample: [Int]
    /// q as used.
    public let rank: Int
    /// b as used.
    public let batchCount: Int
    /// γ at the start.
    public let stepSize: Double
    /// V √D, shape `[s, q]`.
    private let correction: Matrix<Double>

    /// A batch holds at most this many examples unless the settings say otherwise, so that progress is heard of.
    private static var largestBatch: Int { 4096 }
    /// After so many halvings the step is a thousandth, and the cause is another.
    private static var halvingLimit: Int { 10 }

    /// Draws the subsample and computes its leading eigenpairs.
    ///
    /// - Parameters:
    ///   - kernel: K, n ≥ 1 examples.
    ///   - ridge: λ ≥ 0.
    ///   - settings: Sizes, tolerance and seed.
    /// - Throws: `KernelSolverError.numerics`; `.negativeEigenvalue` if the subsample's kernel matrix has no positive eigenvalue.
    /// - Complexity: s² kernel values, 4/3·s³ operations.
    public init(_ kernel: Operator, ridge: Double, settings: Settings = Settings()) throws(KernelSolverError) {
        precondition(kernel.count > 0 && ridge >= 0, "EigenPro needs examples and a ridge that is not negative, got \(ridge).")
        let n = kernel.count
        system = ShiftedKernelOperator(base: kernel, ridge: ridge)
        self.settings = settings
        var generator = SplitMix64(seed: settings.seed)
        let s = max(1, min(settings.subsampleCount, n))
        subsample = Array(Array(0..<n).shuffled(using: &generator).prefix(s)).sorted()
        let wanted = min(max(settings.rank ?? s / 10, 0), s - 1)
        let pairs: (eigenvalues: [Double], eigenvectors: Matrix<Double>)
        do {
            pairs = try system.block(at: subsample, columns: subsample).leadingSymmetricEigenpairs(count: wanted + 1)
        } catch {
            throw .numerics(error)
        }
        let largest = pairs.eigenvalues[0]
        guard largest > 0 else { throw .negativeEigenvalue(smallest: largest, largest: largest, count: s) }
        // Directions that drown in rounding cannot be told apart.
        let kept = (pairs.eigenvalues.firstIndex { $0 <= 10 * Double(s) * .ulpOfOne * largest } ?? pairs.eigenvalues.count) - 1
        rank = max(kept, 0)
        let tail = pairs.eigenvalues[rank]
        var vectors = pairs.eigenvectors.leadingColumns(rank)
        vectors.scaleColumns(by: pairs.eigenvalues.prefix(rank).map { ((1 - tail / $0) / $0).squareRoot() })
        correction = vectors
        let beta = system.diagonal().reduce(0, max)
        let tau = tail / Double(s)
        let critical = beta / tau + 1
        batchCount = max(1, min(settings.batchCount ?? Int(saturating: min(critical, Double(Self.largestBatch))), n))
        let b = Double(batchCount)
        if batchCount == n {
            stepSize = 0.99 * 2 / (b * tau)
        } else {
            stepSize = b < critical ? 1 / beta : 0.99 * 2 / (beta + (b - 1) * tau)
        }
    }

    /// Solves for all columns of `right`, from zero.
    ///
    /// - Parameters:
    ///   - right: Y, shape `[n, m]`.
    ///   - onStep: Called with the number of epochs done, before each batch and so several times with the same. What it throws ends the
    ///     solution.
    /// - Returns: The coefficients with their residuals, converged or not. `history` has for each epoch the residuals of the batches as
    ///   they were met.
    /// - Throws: `KernelSolverError.diverged`; `.nonFinite`; what `onStep` throws.
    /// - Complexity: each epoch n² + n·s kernel values and 2·n²·m operations; 4·n·m numbers and a batch's share of a tile.
    public func solve(_ right: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> IterativeSolution {
        precondition(right.rowCount == system.count, "A system of \(system.count) rows has no right side of \(right.rowCount).")
        guard right.firstNonFiniteEntry == nil else { throw KernelSolverError.nonFinite(operation: "Right side of a kernel system") }
        let rightNorms = ResidualNorm.norms(right)
        // Another stream than that of the subsample.
        var generator = SplitMix64(seed: ~settings.seed)
        var solution = Matrix<Double>(rowCount: right.rowCount, columnCount: right.columnCount)
        var best = (residual: Double.infinity, solution: solution)
        var step = stepSize
        var halvingCount = 0
        var history: [Double] = []
        var exact: [Double]?
        var epoch = 0
        while epoch < settings.epochLimit {
            let before = solution
            let order = Array(0..<system.count).shuffled(using: &generator)
            let done = epoch
            let squares = try epochPassed(&solution, right: right, order: order, step: step) { try onStep(done) }
            epoch += 1
            let largest = zip(squares, rightNorms).reduce(0) { $1.1 > 0 ? max($0, $1.0.squareRoot() / $1.1) : $0 }
            // Asked of each: a comparison of the largest would let NaN pass.
            guard squares.allSatisfy(\.isFinite), largest <= 1.5 * best.residual else {
                halvingCount += 1
                guard halvingCount <= Self.halvingLimit else {
                    throw KernelSolverError.diverged(stepSize: step, halvingCount: halvingCount - 1)
                }
                (solution, step) = (best.solution, step / 2)
                continue
            }
            if largest < best.residual { best = (largest, before) }
            history.append(largest)
            guard largest <= settings.tolerance else { continue }
            let residuals = try exactResiduals(of: solution, right: right) { try onStep(done) }
            exact = residuals
            if residuals.allSatisfy({ $0 <= settings.tolerance }) { break }
            exact = nil
        }
        let residuals = try exact ?? exactResiduals(of: solution, right: right) { try onStep(epoch) }
        return IterativeSolution(
            coefficients: solution, relativeResiduals: residuals, tolerance: settings.tolerance, iterationCount: epoch, history: history)
    }

    /// One pass through the data.
    /// - Returns: ‖g‖² over the batches, for each column.
    private func epochPassed(
        _ solution: inout Matrix<Double>, right: Matrix<Double>, order: [Int], step: Double, onBatch: () throws -> Void
    ) throws -> [Double] {
        var squares = [Double](repeating: 0, count: right.columnCount)
        for start in stride(from: 0, to: order.count, by: batchCount) {
            try onBatch()
            // Ascending, so that blocks are gathered from memory in order.
            let batch = order[start..<min(start + batchCount, order.count)].sorted()
            var residual = right.rows(at: batch)
            residual.scale(by: -1)
            for columns in KernelTile.ranges(of: system.count) {
                let tile = system.block(at: batch, columns: Array(columns))
                residual.addProduct(of: tile, withRowsOf: solution, from: columns.lowerBound, toRow: 0)
            }
            for (column, square) in residual.columnDots(with: residual).enumerated() { squares[column] += square }
            solution.addRows(of: residual, at: batch, scaledBy: -step)
            guard rank > 0 else { continue }
            let image = system.block(at: subsample, columns: batch) * residual
            let damped = correction * correction.multiplied(by: image, transposingSelf: true)
            solution.addRows(of: damped, at: subsample, scaledBy: step)
        }
        return squares
    }

    private func exactResiduals(
        of solution: Matrix<Double>, right: Matrix<Double>, onTiles: () throws -> Void
    ) throws -> [Double] {
        ResidualNorm.relative(right - (try system.product(with: solution, onTiles: onTiles)), to: right)
    }
}
