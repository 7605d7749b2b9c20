import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct EigenProIterationTests {
    @Test func onAMultipleOfTheIdentityEachEpochLeavesTwoPercent() throws {
        // All eigenvalues are c: τ = c/n, one batch, γ = 0.99·2/c, so each epoch multiplies the residual by 1 - 1.98.
        let kernel = DenseKernelOperator(2.5 * .identity(12))
        var settings = EigenProIteration<DenseKernelOperator>.Settings(tolerance: 1e-30, epochLimit: 30)
        settings.rank = 3
        let iteration = try EigenProIteration(kernel, ridge: 1.5, settings: settings)
        #expect(iteration.batchCount == 12 && iteration.rank == 3 && iteration.subsample == Array(0..<12))
        #expect(abs(iteration.stepSize - 1.98 / 4) < 1e-15)
        let solution = try iteration.solve(SolverExamples.random(12, 2, seed: 71))
        #expect(solution.history.count == 30 && !solution.isConverged)
        for (epoch, residual) in solution.history.enumerated() {
            #expect(abs(residual - Double.pow(0.98, Double(epoch))) < 1e-13, "epoch \(epoch)")
        }
        #expect(abs(solution.largestResidual - Double.pow(0.98, 30)) < 1e-13)
    }

    // One batch of all, and batches of 16 whose order is drawn.
    @Test(arguments: [nil, 16])
    func theResidualFallsToTheSolutionOfCholesky(batchCount: Int?) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 50)
        let right = SolverExamples.random(50, 3, seed: 72)
        var settings = EigenProIteration<DenseKernelOperator>.Settings(rank: 20, tolerance: 1e-8, epochLimit: 2000, seed: 5)
        settings.batchCount = batchCount
        let solution = try EigenProIteration(DenseKernelOperator(kernel), ridge: 0.3, settings: settings).solve(right)
        let cholesky = try KernelCholesky(kernel, ridge: 0.3)
        let expected = try cholesky.solve(right)
        // Relative error ≤ ‖residual‖/(λ ‖x‖), at most 1e-8 times the condition, some 200; no more slack is needed.
        #expect(SolverExamples.largestDifference(try solution.checked(), expected) < 1e-6 * SolverExamples.largest(expected))
        #expect(zip(solution.history, solution.history.dropFirst()).allSatisfy { $0 > $1 }, "\(solution.history)")
    }

    @Test func eigenpairsOfASubsampleSaveMostEpochs() throws {
        let kernel = DenseKernelOperator(SolverExamples.laplaceMatrix(count: 60))
        let right = SolverExamples.random(60, 1, seed: 73)
        let counts = try [0, 10].map { rank in
            var settings = EigenProIteration<DenseKernelOperator>.Settings(
                subsampleCount: 40, rank: rank, tolerance: 1e-2, epochLimit: 5000, seed: 1)
            // Steep directions limit large batches; small ones hide that in many steps an epoch.
            settings.batchCount = 60
            let solution = try EigenProIteration(kernel, ridge: 0.1, settings: settings).solve(right)
            #expect(solution.isConverged)
            return solution.iterationCount
        }
        #expect(3 * counts[1] < counts[0], "\(counts)")
    }

    @Test func aStepThatASmallSubsampleMakesTooLongIsHalved() throws {
        // Four examples see little of the spectrum, and the estimate of τ is far too small.
        let kernel = SolverExamples.laplaceMatrix(count: 50)
        let right = SolverExamples.random(50, 2, seed: 74)
        var settings = EigenProIteration<DenseKernelOperator>.Settings(
            subsampleCount: 4, rank: 3, tolerance: 1e-6, epochLimit: 20_000, seed: 2)
        settings.batchCount = 50
        let iteration = try EigenProIteration(DenseKernelOperator(kernel), ridge: 0.5, settings: settings)
        let solution = try iteration.solve(right)
        // Fewer entries than epochs: those that were taken back left none.
        #expect(solution.history.count < solution.iterationCount)
        let expected = try KernelCholesky(kernel, ridge: 0.5).solve(right)
        #expect(SolverExamples.largestDifference(try solution.checked(), expected) < 1e-3)
    }

    @Test func anIndefiniteKernelDiverges() throws {
        let kernel = DenseKernelOperator(SolverExamples.diagonal([1, 1, -1]))
        let settings = EigenProIteration<DenseKernelOperator>.Settings(rank: 0, epochLimit: 100_000)
        let error = #expect(throws: KernelSolverError.self) {
            try EigenProIteration(kernel, ridge: 0, settings: settings).solve(Matrix(rows: [[1], [1], [1]]))
        }
        guard case .diverged(_, 10) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("after 10 halvings") == true)
        #expect(throws: KernelSolverError.negativeEigenvalue(smallest: -1, largest: -1, count: 1)) {
            try EigenProIteration(DenseKernelOperator(SolverExamples.diagonal([-1])), ridge: 0)
        }
    }

    @Test func smallBatchesStepByTheLargestDiagonal() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 50)
        var settings = EigenProIteration<DenseKernelOperator>.Settings(rank: 10)
        settings.batchCount = 2
        let iteration = try EigenProIteration(DenseKernelOperator(kernel), ridge: 0.25, settings: settings)
        // β = 1 + λ; two examples are below the critical batch.
        #expect(iteration.batchCount == 2 && iteration.stepSize == 0.8)
        settings.batchCount = 49
        let large = try EigenProIteration(DenseKernelOperator(kernel), ridge: 0.25, settings: settings)
        let tail = try KernelSpectrum(kernel).eigenvalues.reversed()[10] + 0.25
        if 49 >= 1.25 * 50 / tail + 1 { #expect(abs(large.stepSize - 1.98 / (1.25 + 48 * tail / 50)) < 1e-12) }
        #expect(large.stepSize <= 1 / 1.25 || 49 >= 1.25 * 50 / tail + 1)
    }

    @Test func epochsAreReportedAndMayCancel() throws {
        var settings = EigenProIteration<DenseKernelOperator>.Settings(rank: 5)
        settings.batchCount = 20
        let iteration = try EigenProIteration(
            DenseKernelOperator(SolverExamples.laplaceMatrix(count: 40)), ridge: 0.01, settings: settings)
        var steps: [Int] = []
        #expect(throws: SolverExamples.Cancelled.self) {
            try iteration.solve(SolverExamples.random(40, 1, seed: 75)) {
                steps.append($0)
                if $0 == 2 { throw SolverExamples.Cancelled() }
            }
        }
        #expect(steps == [0, 0, 1, 1, 2])
    }
}
