import EngramKernels
import EngramNumerics
import RealModule
import Testing

/// What pairs of examples do to learnability, against closed forms and draws.
@Suite struct PairedLearningTests {
    /// The kernel exp(-|θ - θ'|/width) on a circle of points: it has a cusp, as the tangent kernels of rectifiers have.
    private func circle(_ count: Int, width: Double) throws -> DomainSpectrum {
        var kernel = Matrix<Double>(rowCount: count, columnCount: count)
        for x in 0..<count {
            for y in 0..<count {
                let apart = abs(x - y)
                kernel[x, y] = Double.exp(-2 * Double.pi * Double(min(apart, count - apart)) / Double(count) / width)
            }
        }
        return try DomainSpectrum(kernel)
    }

    @Test(arguments: [1, 3, 12, 40, 63]) func learnabilitiesAddUpToTheNumberOfExamples(count: Int) throws {
        let sum = PairedLearning(try circle(64, width: 1), exampleCount: count).learnabilities.reduce(0, +)
        #expect(abs(sum - Double(count)) <= 1e-12 * Double(count), "\(sum)")
    }

    /// Points that know nothing of each other do not scatter: the closed form of a flat spectrum, L = n/M and E = 1 - n/M.
    @Test func pointsThatKnowNothingOfEachOtherAreAsWithoutPairs() throws {
        let theory = PairedLearning(try DomainSpectrum(.identity(40)), exampleCount: 10)
        #expect(theory.learnabilities.allSatisfy { abs($0 - 0.25) < 1e-13 })
        #expect(theory.modeErrors.allSatisfy { abs($0 - 0.75) < 1e-7 })
    }

    /// All points are examples: L = κ/(κ + δ), E = (1 - L)².
    @Test func allPointsLeaveNothingToChance() throws {
        let domain = try circle(24, width: 1)
        for ridge in [0, 0.5] {
            let theory = PairedLearning(domain, exampleCount: 24, ridge: ridge)
            for (j, value) in domain.eigenvalues.enumerated() {
                let expected = 24 * value / (24 * value + ridge)
                #expect(abs(theory.learnabilities[j] - expected) < 1e-12)
                #expect(abs(theory.modeErrors[j] - (1 - expected) * (1 - expected)) < 1e-12)
            }
        }
    }

    /// The mean of 400 draws is known to about 1 %; without pairs the theory is off by more than 5 % on average.
    @Test(arguments: [8, 16, 32]) func onACircleLearnabilityIsWhatIsMeasured(count: Int) throws {
        let domain = try circle(128, width: 1.5)
        var generator = SplitMix64(seed: 11)
        let measured = try domain.measurement(exampleCount: count, drawCount: 400, using: &generator)
        let (paired, single) = (
            PairedLearning(domain, exampleCount: count), Eigenlearning(eigenvalues: domain.eigenvalues, exampleCount: count)
        )
        func difference(_ predicted: [Double]) -> Double {
            let kept = predicted.indices.filter { single.learnabilities[$0] >= 0.05 }
            return kept.reduce(0) { $0 + abs(measured.learnabilities[$1] / predicted[$1] - 1) } / Double(kept.count)
        }
        let (with, without) = (difference(paired.learnabilities), difference(single.learnabilities))
        #expect(with < 0.05 && with < without / 2, "with pairs \(with), without \(without)")
    }

    /// With a ridge no single gap makes the error.
    @Test func onACircleWithARidgeErrorsAreWhatIsMeasured() throws {
        let domain = try circle(128, width: 1.5)
        var generator = SplitMix64(seed: 12)
        let measured = try domain.measurement(exampleCount: 32, drawCount: 400, ridge: 0.3, using: &generator)
        let theory = PairedLearning(domain, exampleCount: 32, ridge: 0.3)
        let (found, expected) = (measured.errors.reduce(0, +), theory.modeErrors.reduce(0, +))
        #expect(abs(found / expected - 1) < 0.03, "\(found) for \(expected)")
    }
}
