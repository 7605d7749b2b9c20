import EngramNumerics
import Testing

@testable import EngramKernels

@Suite struct SolverPlanTests {
    @Test func estimatesCountWhatIsHeld() {
        let cholesky = SolveEstimate.cholesky(count: 5000, rightCount: 5000)
        // K, Y, X and 1024 rows.
        #expect(cholesky.byteCount == 8 * (3 * 5000 * 5000 + 1024 * 5000))
        // n³/3 + 2·n²·m.
        #expect(abs(cholesky.operationCount - (125e9 / 3 + 250e9)) < 1)
        #expect(cholesky.kernelValueCount == 25e6)
        #expect(SolveEstimate.eigendecomposition(count: 10, rightCount: 1).byteCount == 8 * (500 + 40))
        let iterative = SolveEstimate.conjugateGradients(count: 100_000, rightCount: 10, rank: 100)
        #expect(iterative.byteCount == 8 * (8_000_000 + 30_000_000 + 30_000 + 2 * 1024 * 1024))
        #expect(iterative.operationCount == 2e10 * 10 + 4e8)
    }

    @Test func theLimitDecidesBetweenDirectIterativeAndNone() throws {
        let direct = SolveEstimate.cholesky(count: 20_000, rightCount: 10)
        #expect(try SolverPlan.choose(count: 20_000, rightCount: 10, byteLimit: direct.byteCount) == .direct(direct))
        let below = try SolverPlan.choose(count: 20_000, rightCount: 10, byteLimit: direct.byteCount - 1)
        #expect(below == .iterative(.conjugateGradients(count: 20_000, rightCount: 10, rank: 500), rank: 500))
        #expect(below.estimate.byteCount < direct.byteCount)
        // Where memory is short, the preconditioner shrinks first.
        let least = SolveEstimate.conjugateGradients(count: 20_000, rightCount: 10, rank: 0).byteCount
        guard case .iterative(let estimate, let rank) = try SolverPlan.choose(count: 20_000, rightCount: 10, byteLimit: 2 * least) else {
            Issue.record("expected an iterative plan")
            return
        }
        #expect(rank > 0 && rank < 500 && estimate.byteCount <= 2 * least)
        #expect(
            try SolverPlan.choose(count: 20_000, rightCount: 10, byteLimit: least)
                == .iterative(.conjugateGradients(count: 20_000, rightCount: 10, rank: 0), rank: 0))
        let expected = KernelSolverError.exceedsMemory(needed: least, limit: least - 1, count: 20_000, rightCount: 10)
        #expect(throws: expected) { try SolverPlan.choose(count: 20_000, rightCount: 10, byteLimit: least - 1) }
    }

    @Test func aRefusalNamesFigureLimitAndRemedy() {
        let error = KernelSolverError.exceedsMemory(needed: 3 << 30, limit: 1_610_612_736, count: 9, rightCount: 2)
        #expect(
            error.description
                == "Kernel system of 9 examples and 2 right sides: the smallest way to solve it needs 3.0 GiB, the limit is 1.5 GiB. "
                + "Raise the limit, use fewer examples, or solve for fewer right sides at a time.")
        #expect([0, 1023, 1024, 1536, Int.max].map(ByteText.text) == ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "8.0 EiB"])
    }

    @Test func sizesBeyondAnyMachineAreRefusedAndDoNotTrap() {
        #expect(SolveEstimate.cholesky(count: .max / 2, rightCount: 1).byteCount == .max)
        #expect(throws: KernelSolverError.self) { try SolverPlan.choose(count: .max / 2, rightCount: .max / 2, byteLimit: 1 << 40) }
    }

    @Test func bothPlansComeToOneSolution() throws {
        let matrix = SolverExamples.laplaceMatrix(count: 50)
        let right = SolverExamples.random(50, 3, seed: 81)
        let system = KernelSystem(DenseKernelOperator(matrix), ridge: 0.01)
        let direct = try system.solve(right, plan: .choose(count: 50, rightCount: 3, byteLimit: 1 << 30))
        let estimate = SolveEstimate.conjugateGradients(count: 50, rightCount: 3, rank: 20)
        let iterative = try system.solve(right, plan: .iterative(estimate, rank: 20), settings: .init(tolerance: 1e-12))
        for column in 0..<3 {
            let naive = SolverExamples.eliminated(SolverExamples.adding(0.01, to: matrix), right.column(column))
            // Condition below 1e4.
            #expect(SolverExamples.largestDifference(direct.column(column), naive) < 1e-10)
            #expect(SolverExamples.largestDifference(iterative.column(column), naive) < 1e-7)
        }
        #expect(throws: KernelSolverError.self) {
            try system.solve(right, plan: .iterative(estimate, rank: 0), settings: .init(tolerance: 1e-12, iterationLimit: 2))
        }
        #expect(throws: SolverExamples.Cancelled.self) {
            try system.solve(right, plan: .direct(estimate)) { _ in throw SolverExamples.Cancelled() }
        }
    }
}
