import EngramKernels
import EngramNumerics
import Numerics
import Testing

@Suite struct EigenlearningTests {
    /// Eigenvalues over twelve decades, with repeats.
    private static let spectrum = (0..<200).map { Double.pow(10, -12 * Double($0 / 2) / 100) }

    @Test(arguments: [1, 2, 10, 99, 150, 199]) func learnabilitiesAddUpToTheNumberOfExamples(count: Int) {
        let theory = Eigenlearning(eigenvalues: Self.spectrum, exampleCount: count)
        let sum = theory.learnabilities.reduce(0, +)
        #expect(abs(sum - Double(count)) <= 1e-10 * Double(count), "\(sum)")
        #expect(theory.learnabilities.allSatisfy { (0...1).contains($0) })
        #expect(theory.overfittingFactor > 1)
    }

    @Test func allPointsTeachEveryModeAndNoneTeachesNothing() {
        let ones = [Double](repeating: 1, count: 200)
        let all = Eigenlearning(eigenvalues: Self.spectrum, exampleCount: 200)
        #expect(all.constant == 0 && all.learnabilities == ones && all.expectedError(coefficients: ones) == 0)
        let none = Eigenlearning(eigenvalues: Self.spectrum, exampleCount: 0)
        #expect(none.learnabilities.allSatisfy { $0 == 0 } && none.expectedError(coefficients: ones) == 200)
    }

    /// Of equal eigenvalues each mode has L = n/M, and E = (1 - n/M) Σ v².
    @Test func aFlatSpectrumHasItsClosedForm() {
        let theory = Eigenlearning(eigenvalues: Array(repeating: 0.3, count: 40), exampleCount: 10)
        #expect(theory.learnabilities.allSatisfy { abs($0 - 0.25) < 1e-14 })
        // C = λ (M - n)/n.
        #expect(abs(theory.constant - 0.9) < 1e-13)
        let coefficients = (0..<40).map { Double($0 % 5) - 2 }
        #expect(abs(theory.expectedError(coefficients: coefficients) - 0.75 * 80) < 1e-11)
        #expect(abs(theory.learnability(coefficients: coefficients) - 0.25) < 1e-14)
    }

    /// M L + δ/C·(1 - L) = n with L = λ/(λ + C) is (M λ + δ)/(λ + C) = n.
    @Test func aRidgeHasItsClosedFormOnAFlatSpectrum() {
        let (m, lambda, n, ridge) = (40.0, 0.3, 10.0, 2.0)
        let theory = Eigenlearning(eigenvalues: Array(repeating: lambda, count: 40), exampleCount: 10, ridge: ridge)
        let c = (m * lambda + ridge) / n - lambda
        #expect(abs(theory.constant - c) < 1e-13 * c)
        // Points that know nothing of each other: an example has the error (δ/(κ + δ))², κ = M λ, the others 1.
        let left = ridge / (m * lambda + ridge)
        let expected = n / m * left * left + (1 - n / m)
        #expect(abs(theory.modeErrors[7] - expected) < 1e-12 * expected)
    }

    /// As many points as a domain has, and hardly fewer than that with a ridge as in the source: its M is infinite.
    @Test func theSourcesFormIsThatOfALargeDomain() {
        let all = Eigenlearning(eigenvalues: [0.5, 0.2, 0.1], exampleCount: 3, ridge: 0.6)
        for (found, value) in zip(all.learnabilities, [0.5, 0.2, 0.1]) { #expect(abs(found - 3 * value / (3 * value + 0.6)) < 1e-14) }
        #expect(abs(all.overfittingFactor - 1) < 1e-13)
        let few = (0..<10).map { 1 / Double(($0 + 1) * ($0 + 1)) }
        let large = Eigenlearning(eigenvalues: few + Array(repeating: 0, count: 100_000), exampleCount: 20, ridge: 0.6)
        let sum = large.learnabilities.reduce(0, +)
        #expect(abs(sum + 0.6 / large.constant - 20) < 1e-2)
        let squares = large.learnabilities.reduce(0) { $0 + $1 * $1 }
        #expect(abs(large.overfittingFactor - 20 / (20 - squares)) < 1e-3)
    }

    @Test func modesWithoutAnEigenvalueAreNotLearned() {
        let theory = Eigenlearning(eigenvalues: [1, 0.5, 0, 0], exampleCount: 3)
        #expect(theory.learnabilities == [1, 1, 0, 0])
        // n/(n - rank) = 3.
        #expect(theory.modeErrors == [0, 0, 3, 3])
    }

    /// [S21] assume modes that are independent at the examples; here they are independent normal numbers, in a naive solution.
    @Test func independentModesAreLearnedAsPredicted() throws {
        let (m, n, drawCount) = (80, 20, 150)
        let spectrum = (1...m).map { 1 / Double($0 * $0) }
        let theory = Eigenlearning(eigenvalues: spectrum, exampleCount: n)
        var generator = SplitMix64(seed: 5)
        var (learned, errors) = ([Double](repeating: 0, count: m), [Double](repeating: 0, count: m))
        for _ in 0..<drawCount {
            let modes = Matrix(rowCount: n, columnCount: m, elements: (0..<n * m).map { _ in generator.nextNormal() })
            var weighted = modes
            weighted.scaleColumns(by: spectrum)
            let gram = weighted.multiplied(by: modes, transposingOther: true)
            let transfer = weighted.multiplied(by: try gram.choleskySolve(modes), transposingSelf: true)
            for j in 0..<m {
                learned[j] += transfer[j, j] / Double(drawCount)
                for i in 0..<m {
                    let left = transfer[i, j] - (i == j ? 1 : 0)
                    errors[j] += left * left / Double(drawCount)
                }
            }
        }
        // Of 150 sets the mean of T_jj has an error of about 0.4/√150 = 0.03 at most; slack 2. The theory is exact for large n only.
        let worst = zip(learned, theory.learnabilities).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 0.06, "L: \(worst)")
        let (found, expected) = (errors.reduce(0, +), theory.modeErrors.reduce(0, +))
        #expect(abs(found / expected - 1) < 0.05, "E: \(found) for \(expected)")
    }
}
