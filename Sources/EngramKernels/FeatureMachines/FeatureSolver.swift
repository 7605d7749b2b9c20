internal import EngramNumerics

/// How the systems (K_M + λI) α = Y of a feature machine are solved: by Cholesky while K fits, beyond that by preconditioned conjugate
/// gradients, with one triangle of K held in float32 where that fits, else with K computed tile by tile in each iteration.
public struct FeatureSolver: Sendable, Equatable {
    /// Most bytes that a factorization may hold.
    public var byteLimit: Int
    /// Most bytes of one triangle of K in float32.
    public var packedByteLimit: Int
    /// Whether the residuals of leaving one example out are wanted, which a factorization gives at twice its cost.
    public var wantsLeaveOneOut: Bool
    /// Relative residual at which iteration ends.
    public var tolerance: Double
    /// Most iterations.
    public var iterationLimit: Int
    /// Rank of the preconditioner, where memory allows.
    public var rank: Int
    /// Of the preconditioner's pivots.
    public var seed: UInt64

    /// - Parameters:
    ///   - byteLimit: Default 4 GiB, enough for a factorization of 22,000 examples.
    ///   - packedByteLimit: Default 6 GiB, enough for 56,000 examples.
    ///   - wantsLeaveOneOut: Default false.
    ///   - tolerance: Default 1e-4: predictions then move by less than the noise of any real target.
    ///   - iterationLimit: Default 500.
    ///   - rank: Default 1000.
    ///   - seed: Default 0.
    public init(
        byteLimit: Int = 4 << 30, packedByteLimit: Int = 6 << 30, wantsLeaveOneOut: Bool = false, tolerance: Double = 1e-4,
        iterationLimit: Int = 500, rank: Int = 1000,
        seed: UInt64 = 0
    ) {
        self.byteLimit = byteLimit
        self.packedByteLimit = packedByteLimit
        self.wantsLeaveOneOut = wantsLeaveOneOut
        self.tolerance = tolerance
        self.iterationLimit = iterationLimit
        self.rank = rank
        self.seed = seed
    }

    /// Whether n examples with c targets are solved by a factorization.
    public func isDirect(exampleCount: Int, targetCount: Int) -> Bool {
        SolveEstimate.cholesky(count: exampleCount, rightCount: targetCount).byteCount <= byteLimit
    }

    /// α, and the residuals of leaving one example out where they are wanted and can be had.
    func solution(
        _ kernel: LaplaceKernel, points: Matrix<Double>, targets: Matrix<Double>, ridge: Double, onStep: (Int) throws -> Void
    ) throws -> (coefficients: Matrix<Double>, leaveOneOutResiduals: Matrix<Double>?) {
        if isDirect(exampleCount: points.rowCount, targetCount: targets.columnCount) {
            let cholesky = try KernelCholesky(kernel.values(at: points, centers: points), ridge: ridge, onStep: onStep)
            let coefficients = try cholesky.solve(targets, onStep: onStep)
            return (coefficients, wantsLeaveOneOut ? cholesky.leaveOneOutResiduals(coefficients: coefficients) : nil)
        }
        let system = SampleKernelOperator(
            points: points, diagonal: { kernel.diagonal(at: $0) }, values: { kernel.values(at: $0, centers: $1) })
        if PackedKernelOperator.byteCount(count: points.rowCount) <= packedByteLimit {
            let packed = try PackedKernelOperator(system) { try onStep(0) }
            return (try iterated(packed, targets, ridge, onStep), nil)
        }
        return (try iterated(system, targets, ridge, onStep), nil)
    }

    private func iterated(
        _ system: some KernelOperator, _ targets: Matrix<Double>, _ ridge: Double, _ onStep: (Int) throws -> Void
    ) throws -> Matrix<Double> {
        let preconditioner = try LowRankPreconditioner(system, ridge: ridge, rank: min(rank, system.count), seed: seed, onStep: onStep)
        let solver = ConjugateGradients(system, ridge: ridge, preconditioner: preconditioner)
        return try solver.solve(targets, settings: .init(tolerance: tolerance, iterationLimit: iterationLimit), onStep: onStep).checked()
    }
}
