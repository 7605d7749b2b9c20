import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct ConjugateGradientsTests {
    // Two rows of tiles, so that n² is not in one block.
    @Test func aLinearKernelBeyondOneTileFollowsWoodbury() throws {
        let kernel = SolverExamples.linearOperator(count: 1500, dimension: 5, seed: 41)
        let right = SolverExamples.random(1500, 3, seed: 42)
        let ridge = 0.5
        let points = kernel.points
        let small = SolverExamples.adding(ridge, to: points.multiplied(by: points, transposingSelf: true))
        let weights = points.multiplied(by: right, transposingSelf: true)
        let inner = Matrix(rows: (0..<3).map { SolverExamples.eliminated(small, weights.column($0)) }).transposed()
        let expected = (1 / ridge) * (right - points * inner)
        let solution = try ConjugateGradients(kernel, ridge: ridge).solve(right, settings: .init(tolerance: 1e-10))
        #expect(solution.isConverged)
        // Six distinct eigenvalues need six iterations in exact arithmetic, and some more in rounding.
        #expect(solution.iterationCount <= 12, "\(solution.history)")
        // ‖error‖ ≤ ‖residual‖/λ.
        let bound = 1e-10 / ridge * SolverExamples.random(1500, 3, seed: 42).frobeniusNorm
        #expect(SolverExamples.largestDifference(try solution.checked(), expected) < bound)
    }

    @Test func iterationsAreAtMostTheDistinctEigenvalues() throws {
        let values = (0..<12).map { [1.0, 2, 5][$0 % 3] }
        let right = SolverExamples.random(12, 4, seed: 43)
        let solution = try ConjugateGradients(DenseKernelOperator(SolverExamples.diagonal(values)), ridge: 0)
            .solve(right, settings: .init(tolerance: 1e-13))
        #expect(solution.isConverged && solution.iterationCount <= 3)
        var expected = right
        expected.scaleRows(by: values.map { 1 / $0 })
        #expect(SolverExamples.largestDifference(solution.coefficients, expected) < 1e-12)
    }

    @Test(arguments: [0, 10, 40], [0, 1e-4, 0.1])
    func theSolutionIsThatOfCholesky(rank: Int, ridge: Double) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 60)
        let right = SolverExamples.random(60, 5, seed: 44)
        let dense = DenseKernelOperator(kernel)
        let preconditioner = try LowRankPreconditioner(dense, ridge: ridge, rank: rank, seed: 1)
        let solution = try ConjugateGradients(dense, ridge: ridge, preconditioner: preconditioner)
            .solve(right, settings: .init(tolerance: 1e-12))
        let cholesky = try KernelCholesky(kernel, ridge: ridge)
        let expected = try cholesky.solve(right)
        // Relative error ≤ condition·1e-12, and 1-norm condition bounds the 2-norm's.
        let bound = 1e-12 / cholesky.reciprocalCondition() * 3 * expected.frobeniusNorm
        #expect(SolverExamples.largestDifference(try solution.checked(), expected) < bound)
    }

    @Test func aPreconditionerSavesMostIterations() throws {
        // Smooth in one dimension: eigenvalues fall fast, and 20 of them hold nearly all of the kernel.
        let points = SolverExamples.random(150, 1, seed: 45)
        let kernel = DenseKernelOperator(
            Matrix(rows: points.elements.map { x in points.elements.map { Double.exp(-(x - $0) * (x - $0)) } }))
        let right = SolverExamples.random(150, 2, seed: 46)
        let plain = try ConjugateGradients(kernel, ridge: 1e-4).solve(right)
        let preconditioner = try LowRankPreconditioner(kernel, ridge: 1e-4, rank: 20, seed: 2)
        let helped = try ConjugateGradients(kernel, ridge: 1e-4, preconditioner: preconditioner).solve(right)
        #expect(plain.isConverged && helped.isConverged)
        #expect(3 * helped.iterationCount < plain.iterationCount, "\(helped.iterationCount) against \(plain.iterationCount)")
    }

    @Test func whatHasNotConvergedSaysSo() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 50)
        let right = SolverExamples.random(50, 2, seed: 47)
        let solution = try ConjugateGradients(DenseKernelOperator(kernel), ridge: 1e-3)
            .solve(right, settings: .init(tolerance: 1e-10, iterationLimit: 4))
        #expect(!solution.isConverged && solution.iterationCount == 4 && solution.history.count == 4)
        let residual = right - SolverExamples.adding(1e-3, to: kernel) * solution.coefficients
        for column in 0..<2 {
            let norms = [residual, right].map { Matrix(rowCount: 50, columnCount: 1, elements: $0.column(column)).frobeniusNorm }
            #expect(abs(solution.relativeResiduals[column] - norms[0] / norms[1]) < 1e-14)
        }
        let error = #expect(throws: KernelSolverError.self) { try solution.checked() }
        #expect(
            error
                == .notConverged(largestResidual: solution.relativeResiduals.max() ?? 0, tolerance: 1e-10, iterationCount: 4))
        #expect(error?.description.contains("after 4 iterations, expected at most 1e-10") == true)
    }

    @Test func aToleranceBelowRoundingEndsUnconverged() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 50)
        let solution = try ConjugateGradients(DenseKernelOperator(kernel), ridge: 0)
            .solve(SolverExamples.random(50, 1, seed: 48), settings: .init(tolerance: 1e-30, iterationLimit: 400))
        #expect(!solution.isConverged)
        // It is as good as rounding allows all the same.
        #expect(solution.largestResidual < 1e-11)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func aPassAgainstRoundingNeverMakesTheSolutionWorse(seed: UInt64) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 30)
        let right = SolverExamples.random(30, 1, seed: seed)
        let start = try KernelCholesky(kernel, ridge: 0.1).solve(right)
        let solver = ConjugateGradients(DenseKernelOperator(kernel), ridge: 0.1)
        let before = try solver.solve(right, settings: .init(tolerance: 1), startingFrom: start)
        let after = try solver.solve(right, settings: .init(tolerance: 1e-30, iterationLimit: 3), startingFrom: start)
        #expect(before.iterationCount == 0 && after.largestResidual <= before.largestResidual)
    }

    @Test func easyRightSidesLeaveEarlyAndZeroOnesAtOnce() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 40)
        let spectrum = try KernelSpectrum(kernel)
        // An eigenvector needs one iteration.
        var right = Matrix<Double>(rowCount: 40, columnCount: 3)
        let hard = SolverExamples.random(40, 1, seed: 49)
        for i in 0..<40 {
            right[i, 0] = spectrum.eigenvectors[i, 39]
            right[i, 2] = hard[i, 0]
        }
        let solver = ConjugateGradients(DenseKernelOperator(kernel), ridge: 0.01)
        let solution = try solver.solve(right)
        #expect(solution.isConverged && solution.relativeResiduals[1] == 0)
        #expect(solution.coefficients.column(1).allSatisfy { $0 == 0 })
        #expect(SolverExamples.largestDifference(solution.coefficients, spectrum.solve(right, ridge: 0.01)) < 1e-5)
        #expect(try solver.solve(right.columns(at: 0..<2)).iterationCount == 1)
        #expect(try solver.solve(right.columns(at: 1..<2)).iterationCount == 0)
    }

    @Test func aGoodStartLeavesNothingToDo() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 40)
        let right = SolverExamples.random(40, 2, seed: 50)
        let start = try KernelCholesky(kernel, ridge: 0.01).solve(right)
        let solver = ConjugateGradients(DenseKernelOperator(kernel), ridge: 0.01)
        let solution = try solver.solve(right, startingFrom: start)
        #expect(solution.iterationCount == 0 && solution.coefficients == start && solution.isConverged)
        let near = try solver.solve(right, startingFrom: start + 1e-6 * right)
        let cold = try solver.solve(right)
        #expect(near.isConverged && near.iterationCount < cold.iterationCount)
    }

    @Test func negativeCurvatureIsAnError() {
        let kernel = DenseKernelOperator(SolverExamples.diagonal([1, -2]))
        let error = #expect(throws: KernelSolverError.self) {
            try ConjugateGradients(kernel, ridge: 0.5).solve(Matrix(rows: [[1], [1]]))
        }
        // p = y = (1, 1): 1.5 - 1.5 = 0.
        #expect(error == .negativeCurvature(iteration: 0, value: 0, ridge: 0.5))
        #expect(error?.description.contains("expected > 0") == true)
    }

    @Test func whatIsNotFiniteIsAnError() {
        let kernel = DenseKernelOperator(SolverExamples.diagonal([1, .nan]))
        #expect(throws: KernelSolverError.nonFinite(operation: "Conjugate gradients, iteration 0")) {
            try ConjugateGradients(kernel, ridge: 0).solve(Matrix(rows: [[1], [1]]))
        }
        #expect(throws: KernelSolverError.self) {
            try ConjugateGradients(kernel, ridge: 0).solve(Matrix(rows: [[.nan], [1]]))
        }
        #expect(throws: KernelSolverError.nonFinite(operation: "Diagonal of a kernel")) {
            try LowRankPreconditioner(kernel, ridge: 0, rank: 1, seed: 0)
        }
    }

    @Test func iterationsAreReportedAndMayCancel() {
        let kernel = DenseKernelOperator(SolverExamples.laplaceMatrix(count: 40))
        var steps: [Int] = []
        #expect(throws: SolverExamples.Cancelled.self) {
            try ConjugateGradients(kernel, ridge: 0.01).solve(SolverExamples.random(40, 1, seed: 51)) {
                steps.append($0)
                if $0 == 3 { throw SolverExamples.Cancelled() }
            }
        }
        #expect(steps == [0, 1, 2, 3])
    }
}
