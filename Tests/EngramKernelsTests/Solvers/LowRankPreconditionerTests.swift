import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct LowRankPreconditionerTests {
    @Test(arguments: [0, 0.3])
    func aKernelThatIsCaughtWholeKeepsTwoEigenvalues(ridge: Double) throws {
        let kernel = SolverExamples.linearOperator(count: 70, dimension: 4, seed: 61)
        // More pivots are allowed than there is rank.
        let preconditioner = try LowRankPreconditioner(kernel, ridge: ridge, rank: 9, seed: 3)
        #expect(preconditioner.rank == 4 && preconditioner.residualTrace < 1e-13)
        #expect(Set(preconditioner.pivots).count == 4)
        // The nonzero eigenvalues of A Aᵀ are those of Aᵀ A; the smallest is the weight of all leading directions.
        let gram = kernel.points.multiplied(by: kernel.points, transposingSelf: true)
        let weakest = try KernelSpectrum(gram).eigenvalues[0]
        let inside = kernel.points * SolverExamples.random(4, 2, seed: 62)
        let system = SolverExamples.adding(ridge, to: kernel.points.multiplied(by: kernel.points, transposingOther: true))
        let scale = SolverExamples.largest(system * inside)
        let image = preconditioner.applied(to: system * inside)
        #expect(SolverExamples.largestDifference(image, (weakest + ridge) * inside) < 1e-12 * scale)
        // What the kernel does not see passes unchanged.
        let basis = try kernel.points.orthonormalizedColumns()
        let any = SolverExamples.random(70, 2, seed: 63)
        let outside = any - basis * basis.multiplied(by: any, transposingSelf: true)
        #expect(SolverExamples.largestDifference(preconditioner.applied(to: outside), outside) < 1e-12)
    }

    @Test func repeatedExamplesAreUsedOnce() throws {
        let points = SolverExamples.random(6, 3, seed: 64)
        let repeated = points.rows(at: (0..<48).map { $0 % 6 })
        let kernel = DenseKernelOperator(SolverExamples.laplace(repeated, repeated))
        let preconditioner = try LowRankPreconditioner(kernel, ridge: 1, rank: 48, seed: 4)
        #expect(Set(preconditioner.pivots.map { $0 % 6 }).count == preconditioner.rank && preconditioner.rank <= 6)
        // Pivots whose block was singular were dropped, the rest came in later blocks.
        #expect(preconditioner.rank == 6 && preconditioner.residualTrace < 1e-13)
    }

    @Test func theResidualTraceIsThatOfTheNystromApproximation() throws {
        let matrix = SolverExamples.laplaceMatrix(count: 30)
        let preconditioner = try LowRankPreconditioner(DenseKernelOperator(matrix), ridge: 0, rank: 7, seed: 5)
        let pivots = preconditioner.pivots
        #expect(pivots.count == 7)
        let inner = matrix.submatrix(rows: pivots, columns: pivots)
        let left = (0..<30).reduce(0) { sum, i in
            let row = pivots.map { matrix[i, $0] }
            return sum + matrix[i, i] - zip(row, SolverExamples.eliminated(inner, row)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(preconditioner.residualTrace - left / 30) < 1e-12)
    }

    @Test func pivotsFollowTheSeed() throws {
        let kernel = DenseKernelOperator(SolverExamples.laplaceMatrix(count: 100))
        let pivots = try (0..<3).map { try LowRankPreconditioner(kernel, ridge: 0.1, rank: 20, seed: $0).pivots }
        #expect(pivots[0] != pivots[1] && pivots[1] != pivots[2])
        #expect(try LowRankPreconditioner(kernel, ridge: 0.1, rank: 20, seed: 1).pivots == pivots[1])
    }

    @Test func rankZeroAndTheZeroKernelAreTheIdentity() throws {
        let right = SolverExamples.random(5, 2, seed: 65)
        let kernel = DenseKernelOperator(SolverExamples.laplaceMatrix(count: 5))
        #expect(try LowRankPreconditioner(kernel, ridge: 0, rank: 0, seed: 0).applied(to: right) == right)
        let zero = DenseKernelOperator(Matrix(rowCount: 5, columnCount: 5))
        #expect(try LowRankPreconditioner(zero, ridge: 1, rank: 3, seed: 0).applied(to: right) == right)
    }

    @Test func constructionMayBeCancelled() {
        let kernel = SolverExamples.linearOperator(count: 300, dimension: 200, seed: 66)
        var steps: [Int] = []
        #expect(throws: SolverExamples.Cancelled.self) {
            try LowRankPreconditioner(kernel, ridge: 1, rank: 200, seed: 0) {
                steps.append($0)
                if $0 > 0 { throw SolverExamples.Cancelled() }
            }
        }
        #expect(steps.count == 2 && steps[0] == 0)
    }
}
