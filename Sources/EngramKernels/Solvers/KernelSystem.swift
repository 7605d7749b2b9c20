public import EngramNumerics

/// (K + λI) X = Y, solved as a plan says.
public struct KernelSystem<Operator: KernelOperator> {
    /// K.
    public let kernel: Operator
    /// λ.
    public let ridge: Double

    /// - Parameters:
    ///   - kernel: K.
    ///   - ridge: λ ≥ 0.
    public init(_ kernel: Operator, ridge: Double) {
        self.kernel = kernel
        self.ridge = ridge
    }

    /// Solves for all columns of `right`.
    ///
    /// - Parameters:
    ///   - right: Y, shape `[n, m]`.
    ///   - plan: As from `SolverPlan.choose`.
    ///   - settings: When an iterative plan stops.
    ///   - seed: Of the preconditioner of an iterative plan.
    ///   - onStep: Called in every stage with the number of steps done in it. What it throws ends the solution.
    /// - Returns: X, shape `[n, m]`.
    /// - Throws: `KernelSolverError.notConverged` if iteration ends above the tolerance; the other cases of the two solvers; what `onStep`
    ///   throws.
    public func solve(
        _ right: Matrix<Double>, plan: SolverPlan, settings: ConjugateGradients<Operator>.Settings = .init(), seed: UInt64 = 0,
        onStep: (Int) throws -> Void = { _ in }
    ) throws -> Matrix<Double> {
        switch plan {
        case .direct:
            let cholesky = try KernelCholesky(kernel.matrix { try onStep(0) }, ridge: ridge, onStep: onStep)
            return try cholesky.solve(right, onStep: onStep)
        case .iterative(_, let rank):
            let preconditioner = try LowRankPreconditioner(kernel, ridge: ridge, rank: rank, seed: seed, onStep: onStep)
            let solver = ConjugateGradients(kernel, ridge: ridge, preconditioner: preconditioner)
            return try solver.solve(right, settings: settings, onStep: onStep).checked()
        }
    }
}
