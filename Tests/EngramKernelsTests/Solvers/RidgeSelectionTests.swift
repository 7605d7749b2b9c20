import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct RidgeSelectionTests {
    // Fewer right sides than examples, and more.
    @Test(arguments: [1, 3, 11])
    func eachPointOfTheCurveIsWhatRefittingGives(rightCount: Int) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 8)
        let targets = SolverExamples.random(8, rightCount, seed: 7)
        let selection = try RidgeSelection(of: KernelSpectrum(kernel), targets: targets, grid: [1e-3, 0.1, 3])
        #expect(selection.curve.count > 10)
        for point in selection.curve {
            let residuals = SolverExamples.refittedResiduals(kernel, targets, ridge: point.ridge)
            let expected = residuals.elements.reduce(0) { $0 + $1 * $1 } / Double(residuals.elements.count)
            #expect(abs(point.leaveOneOutError - expected) < 1e-11 * expected, "ridge \(point.ridge)")
        }
    }

    @Test(arguments: [2, 9])
    func generalizedCrossValidationIsItsDefinition(rightCount: Int) throws {
        let kernel = SolverExamples.laplaceMatrix(count: 6)
        let targets = SolverExamples.random(6, rightCount, seed: 8)
        let selection = try RidgeSelection(
            of: KernelSpectrum(kernel), targets: targets, criterion: .generalizedCrossValidation, grid: [0.01, 1])
        for point in selection.curve {
            // The hat matrix S = K (K + λI)⁻¹ column by column, symmetric.
            let shifted = SolverExamples.adding(point.ridge, to: kernel)
            let hat = Matrix(rows: (0..<6).map { SolverExamples.eliminated(shifted, kernel.column($0)) })
            let residual = targets - hat * targets
            let trace = (0..<6).reduce(0) { $0 + hat[$1, $1] }
            let numerator = residual.elements.reduce(0) { $0 + $1 * $1 } / Double(targets.elements.count)
            let expected = numerator / ((1 - trace / 6) * (1 - trace / 6))
            #expect(abs(point.generalizedCrossValidationError - expected) < 1e-10 * expected, "ridge \(point.ridge)")
            #expect(abs(point.effectiveDimension - trace) < 1e-12)
        }
    }

    @Test(arguments: RidgeSelection.Criterion.allCases)
    func theChosenRidgeIsTheLowestOfAFineGrid(criterion: RidgeSelection.Criterion) throws {
        // A smooth target with noise: the best ridge is neither the smallest nor the largest.
        let points = SolverExamples.random(60, 1, seed: 9)
        let noise = SolverExamples.random(60, 1, seed: 10)
        let targets = points.map { Double.sin(2 * $0) } + 0.3 * noise
        let spectrum = try KernelSpectrum(SolverExamples.laplace(points, points))
        let selection = try RidgeSelection(of: spectrum, targets: targets, criterion: criterion)
        let fine = try RidgeSelection(
            of: spectrum, targets: targets, criterion: criterion, grid: (0...400).map { Double.pow(10, -6 + Double($0) / 50) })
        #expect(!selection.isAtEdge)
        // Near its minimum the error is flat: both searches end within 1e-3 of it in log λ.
        #expect(abs(selection.best.error(criterion) - fine.best.error(criterion)) < 1e-5 * fine.best.error(criterion))
        #expect(abs(Double.log(selection.ridge / fine.ridge)) < 0.05)
        #expect(selection.curve.allSatisfy { $0.error(criterion) >= selection.best.error(criterion) })
        #expect(zip(selection.curve, selection.curve.dropFirst()).allSatisfy { $0.ridge <= $1.ridge })
        #expect(selection.ridge == selection.best.ridge && selection.criterion == criterion)
    }

    @Test func pureNoiseIsGivenTheLargestRidge() throws {
        let spectrum = try KernelSpectrum(SolverExamples.laplaceMatrix(count: 40))
        let selection = try RidgeSelection(of: spectrum, targets: SolverExamples.random(40, 5, seed: 11))
        #expect(selection.isAtEdge || selection.best.effectiveDimension < 4, "\(selection.best)")
    }

    @Test func solutionsOfTheSpectrumAreThoseOfCholesky() throws {
        let kernel = SolverExamples.laplaceMatrix(count: 25)
        let right = SolverExamples.random(25, 4, seed: 12)
        let spectrum = try KernelSpectrum(kernel)
        #expect(spectrum.rank == 25)
        for ridge in [0, 1e-4, 1] {
            let expected = try KernelCholesky(kernel, ridge: ridge).solve(right)
            // Condition below 1e4.
            #expect(SolverExamples.largestDifference(spectrum.solve(right, ridge: ridge), expected) < 1e-10)
        }
    }

    @Test func aNegativeEigenvalueIsRefusedAndRoundingIsNot() throws {
        #expect(throws: KernelSolverError.self) { try KernelSpectrum(SolverExamples.diagonal([1, -1e-9])) }
        let spectrum = try KernelSpectrum(SolverExamples.diagonal([1, -1e-16]))
        #expect(spectrum.eigenvalues == [0, 1] && spectrum.rank == 1)
        // The least-norm solution of a singular system.
        #expect(spectrum.solve(Matrix(rows: [[2], [3]]), ridge: 0) == Matrix(rows: [[2], [0]]))
    }

    @Test func selectionMayBeCancelled() throws {
        let spectrum = try KernelSpectrum(SolverExamples.laplaceMatrix(count: 5))
        var count = 0
        #expect(throws: SolverExamples.Cancelled.self) {
            try RidgeSelection(of: spectrum, targets: SolverExamples.random(5, 1, seed: 1)) {
                count = $0
                if $0 == 4 { throw SolverExamples.Cancelled() }
            }
        }
        #expect(count == 4)
        #expect(throws: KernelSolverError.self) {
            try RidgeSelection(of: spectrum, targets: Matrix(rowCount: 5, columnCount: 1, repeating: .nan))
        }
    }
}
