/// How a kernel system is solved within a limit of memory.
public enum SolverPlan: Sendable, Equatable {
    /// By one Cholesky factorization: exact, and cheapest when many right sides share it.
    case direct(SolveEstimate)
    /// By conjugate gradients with a preconditioner of this rank; the estimate is for one iteration.
    case iterative(SolveEstimate, rank: Int)

    /// Rank of the preconditioner where memory allows: its cost, 4·n·q² operations, is that of a few iterations with many right sides.
    public static let preferredRank = 500

    /// Direct if K fits the limit; else iterative, with as much of a preconditioner as fits.
    ///
    /// - Parameters:
    ///   - count: n.
    ///   - rightCount: m.
    ///   - byteLimit: Bytes that the solution may hold at once.
    /// - Throws: `KernelSolverError.exceedsMemory` if not even iteration without a preconditioner fits.
    public static func choose(count: Int, rightCount: Int, byteLimit: Int) throws(KernelSolverError) -> SolverPlan {
        precondition(count >= 0 && rightCount >= 0, "A system has no \(count) examples and \(rightCount) right sides.")
        let direct = SolveEstimate.cholesky(count: count, rightCount: rightCount)
        if direct.byteCount <= byteLimit { return .direct(direct) }
        var rank = min(preferredRank, count)
        while true {
            let estimate = SolveEstimate.conjugateGradients(count: count, rightCount: rightCount, rank: rank)
            if estimate.byteCount <= byteLimit { return .iterative(estimate, rank: rank) }
            guard rank > 0 else {
                throw .exceedsMemory(
                    needed: min(estimate.byteCount, direct.byteCount), limit: byteLimit, count: count, rightCount: rightCount)
            }
            rank /= 2
        }
    }

    /// What it takes.
    public var estimate: SolveEstimate {
        switch self {
        case .direct(let estimate), .iterative(let estimate, _): estimate
        }
    }
}
