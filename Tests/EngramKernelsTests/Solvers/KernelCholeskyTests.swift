import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct KernelCholeskyTests {
    private func hilbert(_ n: Int) -> Matrix<Double> {
        Matrix(rows: (0..<n).map { i in (0..<n).map { 1 / Double(i + $0 + 1) } })
    }

    @Test func aDiagonalKernelIsSolvedEntryByEntry() throws {
        let values = [4.0, 1, 0.25, 9]
        let ridge = 0.75
        let right = SolverExamples.random(4, 3, seed: 2)
        let cholesky = try KernelCholesky(SolverExamples.diagonal(values), ridge: ridge)
        let solution = try cholesky.solve(right)
        let inverses = values.map { 1 / ($0 + ridge) }
        var expected = right
        expected.scaleRows(by: inverses)
        // Four roundings of entries below 4.
        #expect(SolverExamples.largestDifference(solution, expected) < 16 * .ulpOfOne)
        #expect(SolverExamples.largestDifference(cholesky.inverseDiagonal(), inverses) < 8 * .ulpOfOne)
        #expect(abs(cholesky.logDeterminant - values.reduce(0) { $0 + Double.log($1 + ridge) }) < 1e-14)
        // The 1-norms of a diagonal matrix are its largest entries, and the estimator is exact on it.
        #expect(abs(cholesky.reciprocalCondition() - 1 / 9.75) < 1e-14)
    }

    @Test(arguments: [1, 2, 511, 512, 513, 1100])
    func rankOneAndARidgeFollowShermanMorrison(n: Int) throws {
        let v = SolverExamples.random(n, 1, seed: 3)
        let right = SolverExamples.random(n, 2, seed: 4)
        let ridge = 0.5
        let cholesky = try KernelCholesky(v.multiplied(by: v, transposingOther: true), ridge: ridge)
        let squaredNorm = v.columnDots(with: v)[0]
        let weights = v.multiplied(by: right, transposingSelf: true)
        let expected = (1 / ridge) * (right - (1 / (ridge + squaredNorm)) * (v * weights))
        let solution = try cholesky.solve(right)
        // Condition 1 + ‖v‖²/λ, about 2n; entries below 8; slack 10.
        let bound = 10 * 8 * Double(2 * n + 1) * .ulpOfOne
        #expect(SolverExamples.largestDifference(solution, expected) < bound)
        let diagonal = v.elements.map { (1 - $0 * $0 / (ridge + squaredNorm)) / ridge }
        #expect(SolverExamples.largestDifference(cholesky.inverseDiagonal(), diagonal) < bound)
    }

    // ‖H‖₁ ‖H⁻¹‖₁ of the Hilbert matrices, in whole numbers from their known inverse.
    @Test(arguments: [(3, 748.0), (4, 28375), (5, 943_656), (6, 29_070_279)])
    func theConditionOfAHilbertMatrixIsEstimatedFromBelow(n: Int, condition: Double) throws {
        let estimate = 1 / (try KernelCholesky(hilbert(n)).reciprocalCondition())
        // Entries of the inverse are known to condition·ε; the estimator's guarantee is a factor of 3.
        #expect(estimate <= condition * (1 + 100 * condition * .ulpOfOne), "\(estimate)")
        #expect(estimate >= condition / 3, "\(estimate)")
    }

    @Test func theInverseDiagonalOfAHilbertMatrixIsInWholeNumbers() throws {
        let expected: [Double] = [16, 1200, 6480, 2800]
        let found = try KernelCholesky(hilbert(4)).inverseDiagonal()
        // Relative error condition·ε = 6e-12, slack 3.
        for (value, exact) in zip(found, expected) { #expect(abs(value - exact) < 2e-11 * exact) }
    }

    @Test(arguments: [0, 1e-3, 0.3])
    func leavingOneOutIsRefittingWithoutIt(ridge: Double) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 8)
        let targets = SolverExamples.random(8, 3, seed: 5)
        let cholesky = try KernelCholesky(kernel, ridge: ridge)
        let residuals = cholesky.leaveOneOutResiduals(coefficients: try cholesky.solve(targets))
        // The condition of K is below 1e3 and targets are below 4.
        #expect(SolverExamples.largestDifference(residuals, SolverExamples.refittedResiduals(kernel, targets, ridge: ridge)) < 1e-11)
    }

    @Test func residualsComeFromTheMatrixItself() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 20)
        let right = SolverExamples.random(20, 2, seed: 6)
        let cholesky = try KernelCholesky(kernel, ridge: 0.1)
        var solution = try cholesky.solve(right)
        // 20·ε times the condition of the right side to the solution, slack 10.
        #expect(cholesky.relativeResiduals(of: solution, right: right).allSatisfy { $0 < 1e-13 })
        solution[3, 1] += 0.5
        let naive = right - SolverExamples.adding(0.1, to: kernel) * solution
        let expected =
            Matrix(rowCount: 20, columnCount: 1, elements: naive.column(1)).frobeniusNorm
            / Matrix(rowCount: 20, columnCount: 1, elements: right.column(1)).frobeniusNorm
        #expect(abs(cholesky.relativeResiduals(of: solution, right: right)[1] - expected) < 1e-13)
    }

    @Test func twinsAreNamedBeyondTheFirstBlock() {
        var kernel = Matrix<Double>.identity(600)
        (kernel[3, 555], kernel[555, 3]) = (1, 1)
        let error = #expect(throws: KernelSolverError.self) { try KernelCholesky(kernel) }
        guard case .notPositiveDefinite(let pivot, let count, let ridge, let twin, let suggested) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(pivot == 555 && count == 600 && ridge == 0 && twin == 3)
        let text = error?.description ?? ""
        #expect(text.contains("pivot 555") && text.contains("same as example 3") && text.contains("ridge of at least"))
        // The suggestion does what it promises.
        #expect(throws: Never.self) { try KernelCholesky(kernel, ridge: suggested) }
    }

    @Test func parallelInputsOfALinearKernelAreNamed() {
        let points = Matrix<Double>(rows: [[2, 0, 0], [0, 2, 0], [-3, 0, 0]])
        let error = #expect(throws: KernelSolverError.self) { try KernelCholesky(points.multiplied(by: points, transposingOther: true)) }
        guard case .notPositiveDefinite(2, 3, 0, 0, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func anIndefiniteKernelHasNoTwin() {
        let error = #expect(throws: KernelSolverError.self) { try KernelCholesky(Matrix(rows: [[1, 0.5], [0.5, -1]]), ridge: 0.5) }
        guard case .notPositiveDefinite(1, 2, 0.5, nil, let suggested) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(suggested == 5)
        #expect(error?.description.contains("the kernel is not positive definite") == true)
    }

    @Test func whatIsNotFiniteIsRefused() throws {
        #expect(throws: KernelSolverError.numerics(.nonFinite(operation: "Cholesky factorization", row: 1, column: 0))) {
            try KernelCholesky(Matrix(rows: [[1, 0], [.nan, 1]]))
        }
        let cholesky = try KernelCholesky(.identity(2))
        #expect(throws: KernelSolverError.numerics(.nonFinite(operation: "Right side of a kernel system", row: 0, column: 0))) {
            try cholesky.solve(Matrix(rows: [[.infinity], [0]]))
        }
    }

    @Test func stepsAreReportedAndMayCancel() throws {
        var steps: [Int] = []
        let cholesky = try KernelCholesky(.identity(1100), ridge: 1) { steps.append($0) }
        #expect(steps == [0, 512, 1024])
        steps = []
        _ = try cholesky.solve(Matrix(rowCount: 1100, columnCount: 1030, repeating: 1)) { steps.append($0) }
        #expect(steps == [0, 1024])
        #expect(throws: SolverExamples.Cancelled.self) {
            try KernelCholesky(.identity(1100)) { if $0 > 0 { throw SolverExamples.Cancelled() } }
        }
        #expect(throws: SolverExamples.Cancelled.self) {
            try cholesky.solve(Matrix(rowCount: 1100, columnCount: 1)) { _ in throw SolverExamples.Cancelled() }
        }
    }

    @Test func theCallersKernelIsLeftAsItWas() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 5)
        let copy = Matrix(rows: (0..<5).map(kernel.row))
        _ = try KernelCholesky(kernel, ridge: 1)
        #expect(kernel == copy)
    }

    @Test func noExamplesAreNoProblem() throws {
        let cholesky = try KernelCholesky(Matrix(rowCount: 0, columnCount: 0))
        #expect(try cholesky.solve(Matrix(rowCount: 0, columnCount: 3)).columnCount == 3)
        #expect(cholesky.inverseDiagonal().isEmpty && cholesky.logDeterminant == 0)
    }

    @Test func leadingEigenpairsAreThoseOfTheWholeDecomposition() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 30)
        let whole = try KernelSpectrum(kernel)
        for count in [0, 1, 7, 30] {
            let (values, vectors) = try kernel.leadingSymmetricEigenpairs(count: count)
            #expect(SolverExamples.largestDifference(values, whole.eigenvalues.reversed().prefix(count).map { $0 }) < 1e-13)
            var scaled = vectors
            scaled.scaleColumns(by: values)
            // Both are backward stable: n·ε·‖K‖ with slack 10.
            #expect(SolverExamples.largestDifference(kernel * vectors, scaled) < 30 * 10 * 20 * .ulpOfOne)
            let gram = vectors.multiplied(by: vectors, transposingSelf: true)
            #expect(SolverExamples.largestDifference(gram, .identity(count)) < 1e-13)
        }
    }
}
