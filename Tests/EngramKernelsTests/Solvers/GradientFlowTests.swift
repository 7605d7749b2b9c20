import EngramNumerics
import RealModule
import Testing

@testable import EngramKernels

@Suite struct GradientFlowTests {
    /// Five examples, three new points, two outputs.
    private struct Case {
        let kernel: Matrix<Double>
        let cross: Matrix<Double>
        let targets = SolverExamples.random(5, 2, seed: 21)
        let initial = SolverExamples.random(5, 2, seed: 22)
        let newInitial = SolverExamples.random(3, 2, seed: 23)

        init() {
            let points = SolverExamples.random(5, 2, seed: 24)
            kernel = SolverExamples.laplace(points, points)
            cross = SolverExamples.laplace(SolverExamples.random(3, 2, seed: 25), points)
        }

        func flow(rate: Double) throws -> GradientFlow {
            GradientFlow(of: try KernelSpectrum(kernel), targets: targets, initialOutputs: initial, learningRate: rate)
        }

        /// df(x)/dt = -η Θ(x, X) (f(X) - Y) on the training and the new points, by classical Runge-Kutta.
        func integrated(rate: Double, time: Double, stepCount: Int) -> (training: Matrix<Double>, new: Matrix<Double>) {
            var (f, g) = (initial, newInitial)
            let h = time / Double(stepCount)
            func slope(_ outputs: Matrix<Double>) -> (Matrix<Double>, Matrix<Double>) {
                let gap = targets - outputs
                return (rate * (kernel * gap), rate * (cross * gap))
            }
            for _ in 0..<stepCount {
                let k1 = slope(f)
                let k2 = slope(f + (h / 2) * k1.0)
                let k3 = slope(f + (h / 2) * k2.0)
                let k4 = slope(f + h * k3.0)
                f = f + (h / 6) * (k1.0 + 2 * k2.0 + 2 * k3.0 + k4.0)
                g = g + (h / 6) * (k1.1 + 2 * k2.1 + 2 * k3.1 + k4.1)
            }
            return (f, g)
        }
    }

    @Test(arguments: [0, 0.1, 1, 7])
    func outputsAtATimeSolveTheDifferentialEquation(time: Double) throws {
        let item = Case()
        let flow = try item.flow(rate: 0.4)
        let expected = item.integrated(rate: 0.4, time: time, stepCount: 1000)
        let coefficients = flow.coefficients(time: time)
        let new = flow.outputs(crossKernel: item.cross, coefficients: coefficients, initialOutputs: item.newInitial)
        // Runge-Kutta errs by (ηλh)⁴·ηλt/120 < 1e-9 with ηλ < 2, h = 7e-3.
        #expect(SolverExamples.largestDifference(new, expected.new) < 1e-9)
        #expect(SolverExamples.largestDifference(item.targets - flow.residuals(time: time), expected.training) < 1e-9)
        let error = (item.targets - expected.training).elements.reduce(0) { $0 + $1 * $1 } / 10
        #expect(abs(flow.trainingError(time: time) - error) < 1e-8)
    }

    // The last is within a thousandth of the critical rate, where modes change their sign at each step.
    @Test(arguments: [0.05, 0.5, 0.999])
    func stepsAreThoseOfANaiveLoop(share: Double) throws {
        let item = Case()
        let flow = try item.flow(rate: 1)
        let rate = share * flow.criticalLearningRate
        var (f, g) = (item.initial, item.newInitial)
        for stepCount in 0...40 {
            let coefficients = try flow.coefficients(stepCount: stepCount, learningRate: rate)
            let new = flow.outputs(crossKernel: item.cross, coefficients: coefficients, initialOutputs: item.newInitial)
            #expect(SolverExamples.largestDifference(new, g) < 1e-12, "step \(stepCount)")
            let residuals = try flow.residuals(stepCount: stepCount, learningRate: rate)
            #expect(SolverExamples.largestDifference(residuals, item.targets - f) < 1e-12, "step \(stepCount)")
            let gap = item.targets - f
            (f, g) = (f + rate * (item.kernel * gap), g + rate * (item.cross * gap))
        }
    }

    @Test func trainingForEverInterpolates() throws {
        let item = Case()
        let flow = try item.flow(rate: 1)
        let interpolant = try KernelCholesky(item.kernel).solve(item.targets - item.initial)
        #expect(SolverExamples.largestDifference(flow.coefficients(time: .infinity), interpolant) < 1e-12)
        #expect(SolverExamples.largestDifference(flow.coefficients(time: 1e6), interpolant) < 1e-12)
        #expect(SolverExamples.largestDifference(try flow.coefficients(stepCount: 100_000), interpolant) < 1e-12)
        #expect(flow.trainingError(time: .infinity) == 0)
    }

    @Test func fineStepsApproachTheFlow() throws {
        let item = Case()
        let flow = try item.flow(rate: 1)
        // (1 - x)^t - e^{-xt} is about x²t/2·e^{-xt}: with λ < 5, η = 1e-5 and ηt = 1, below 25e-5/2 at λ-scaled coefficients of order 10.
        let fine = try flow.coefficients(stepCount: 100_000, learningRate: 1e-5)
        #expect(SolverExamples.largestDifference(fine, flow.coefficients(time: 1)) < 1e-4)
    }

    @Test func directionsTheKernelDoesNotSeeAreNotDividedByZero() throws {
        let spectrum = try KernelSpectrum(SolverExamples.diagonal([1, 1e-18, 0]))
        let flow = GradientFlow(of: spectrum, targets: Matrix(rows: [[1], [1], [1]]), learningRate: 0.5)
        // (1 - e^{-ηλt})/λ = ηt to all digits for λt far below ε; 1 - e^{-1e-18} would be 0.
        let coefficients = flow.coefficients(time: 4)
        #expect(abs(coefficients[0, 0] - (1 - Double.exp(-2))) < 1e-15)
        #expect(coefficients[1, 0] == 2 && coefficients[2, 0] == 2)
        let stepped = try flow.coefficients(stepCount: 4, learningRate: 0.5)
        #expect(abs(stepped[0, 0] - (1 - 0.0625)) < 1e-15)
        #expect(abs(stepped[1, 0] - 2) < 1e-15 && stepped[2, 0] == 2)
        // For ever: nothing for what is zero to rounding, and that part of the target is left.
        #expect(flow.coefficients(time: .infinity) == Matrix(rows: [[1], [0], [0]]))
        #expect(abs(flow.trainingError(time: .infinity) - 2.0 / 3) < 1e-15)
    }

    @Test func aRateOfExactlyOneOverTheEigenvalueFitsInOneStep() throws {
        let flow = GradientFlow(of: try KernelSpectrum(SolverExamples.diagonal([2, 2])), targets: Matrix(rows: [[3], [5]]))
        #expect(flow.criticalLearningRate == 0.5)
        #expect(try flow.residuals(stepCount: 1, learningRate: 0.5) == Matrix(rows: [[0], [0]]))
        #expect(try flow.coefficients(stepCount: 1, learningRate: 0.5) == Matrix(rows: [[1.5], [2.5]]))
        #expect(try flow.coefficients(stepCount: 0, learningRate: 0.5) == Matrix(rows: [[0], [0]]))
    }

    @Test func stepsBeyondTheCriticalRateAreRefused() throws {
        let flow = GradientFlow(of: try KernelSpectrum(SolverExamples.diagonal([1, 3])), targets: Matrix(rows: [[3], [5]]))
        #expect(flow.criticalLearningRate == 0.5)
        let expected = KernelSolverError.learningRateTooLarge(rate: 0.51, critical: 0.5)
        #expect(throws: expected) { try flow.coefficients(stepCount: 3, learningRate: 0.51) }
        #expect(throws: expected) { try flow.residuals(stepCount: 3, learningRate: 0.51) }
        #expect(expected.description.contains("0.51") && expected.description.contains("= 0.5."))
        let zero = GradientFlow(of: try KernelSpectrum(SolverExamples.diagonal([0])), targets: Matrix(rows: [[3]]))
        #expect(zero.criticalLearningRate == .infinity)
        #expect(try zero.coefficients(stepCount: 2, learningRate: 7) == Matrix(rows: [[42]]))
    }

    @Test func theErrorFallsWithTime() throws {
        let item = Case()
        let flow = try item.flow(rate: 0.3)
        let errors = [0, 0.5, 1, 2, 4, 8, .infinity].map { flow.trainingError(time: $0) }
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 })
    }
}
