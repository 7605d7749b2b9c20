import EngramNumerics
import Testing

@testable import EngramKernels

/// The same seed, input and thread count give the same bytes; another thread count gives the same solution up to rounding.
@Suite struct SolverDeterminismTests {
    /// Each solver's result, from a kernel matrix of more than one block and two right sides.
    private func results() throws -> [[Double]] {
        let points = SolverExamples.random(530, 6, seed: 91)
        let kernel = SolverExamples.adding(1, to: points.multiplied(by: points, transposingOther: true))
        let right = SolverExamples.random(530, 2, seed: 92)
        let dense = DenseKernelOperator(kernel)
        let cholesky = try KernelCholesky(kernel, ridge: 0.5)
        let preconditioner = try LowRankPreconditioner(dense, ridge: 0.5, rank: 8, seed: 93)
        let gradients = try ConjugateGradients(dense, ridge: 0.5, preconditioner: preconditioner)
            .solve(right, settings: .init(tolerance: 1e-11))
        var settings = EigenProIteration<DenseKernelOperator>.Settings(subsampleCount: 100, rank: 6, epochLimit: 3, seed: 94)
        settings.batchCount = 100
        let eigenPro = try EigenProIteration(dense, ridge: 0.5, settings: settings).solve(right)
        return [
            try cholesky.solve(right).elements, cholesky.inverseDiagonal(), gradients.coefficients.elements, gradients.history,
            eigenPro.coefficients.elements, eigenPro.history,
        ]
    }

    @Test func resultsAreTheSameBytesAgainAndOnAnyThreadCountTheSameNumbers() throws {
        let (first, second) = try BLASLibrary.withOneThread { _ in (try results(), try results()) }
        #expect(first == second)
        let threaded = try results()
        // Sums in another order: 530·ε times the condition, some 3000, slack 100. Histories are of order 1 and follow.
        for (one, other) in zip(first, threaded) { #expect(SolverExamples.largestDifference(one, other) < 4e-8) }
    }
}
