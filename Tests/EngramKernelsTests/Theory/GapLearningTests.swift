import EngramKernels
import EngramNumerics
import RealModule
import Testing

/// What is learned on a ring of points, from the gaps between examples, against all sets of examples there are.
@Suite struct GapLearningTests {
    private static func matrix(_ row: [Double]) -> Matrix<Double> {
        var kernel = Matrix<Double>(rowCount: row.count, columnCount: row.count)
        for x in row.indices { for y in row.indices { kernel[x, y] = row[(y - x + row.count) % row.count] } }
        return kernel
    }

    /// cosh(width·(M/2 - t)): the covariance of a process without memory on the ring.
    private static func markovian(_ count: Int, width: Double) -> [Double] {
        (0..<count).map { Double.cosh(width * (Double(count) / 2 - Double($0))) }
    }

    /// Means over every set of n of M points, by the machine itself.
    private static func enumerated(_ domain: DomainSpectrum, _ n: Int) throws -> (learnabilities: [Double], errors: [Double]) {
        let m = domain.pointCount
        let sets = (0..<1 << m).filter { $0.nonzeroBitCount == n }.map { set in (0..<m).filter { set >> $0 & 1 == 1 } }
        var (learned, missed) = ([Double](repeating: 0, count: m), [Double](repeating: 0, count: m))
        for set in sets {
            let found = try domain.measurement(examples: set)
            for j in 0..<m {
                learned[j] += found.learnabilities[j] / Double(sets.count)
                missed[j] += found.errors[j] / Double(sets.count)
            }
        }
        return (learned, missed)
    }

    /// Without memory, what lies behind the ends of a gap says nothing of its inside: the theory is exact.
    @Test(arguments: 1...8) func withoutMemoryItIsTheMeanOverAllSets(count: Int) throws {
        let row = Self.markovian(8, width: 0.3)
        let domain = try DomainSpectrum(Self.matrix(row))
        let (theory, expected) = (GapLearning(row: row, exampleCount: count), try Self.enumerated(domain, count))
        for (found, right) in [
            (theory.learnabilities(of: domain), expected.learnabilities), (theory.modeErrors(of: domain), expected.errors),
        ] {
            // Modes of one eigenspace are any basis of it, and all rotations of each are in the mean.
            for (j, pair) in zip(found, right).enumerated() { #expect(abs(pair.0 - pair.1) < 1e-11, "mode \(j): \(pair)") }
        }
    }

    /// One and two examples are all the ends that there are, whatever the kernel.
    @Test(arguments: [1, 2]) func upToTwoExamplesItIsExactForEveryKernel(count: Int) throws {
        // A sum of cosines of positive weights: smooth, and positive definite on the ring.
        let row = (0..<9).map { place in
            [1, 0.8, 0.5, 0.2, 0.1].enumerated().reduce(0) { $0 + $1.element * Double.cos(2 * .pi * Double($1.offset * place) / 9) }
        }
        let domain = try DomainSpectrum(Self.matrix(row))
        let (theory, expected) = (GapLearning(row: row, exampleCount: count), try Self.enumerated(domain, count))
        for (found, right) in zip(theory.modeErrors(of: domain), expected.errors) { #expect(abs(found - right) < 1e-10) }
    }

    @Test(arguments: [1, 3, 12, 63, 64]) func learnabilitiesAddUpToTheNumberOfExamples(count: Int) throws {
        let row = (0..<64).map { Double.exp(-Double(min($0, 64 - $0)) / 9) }
        let theory = GapLearning(row: row, exampleCount: count)
        let sum = theory.learnabilities(of: try DomainSpectrum(Self.matrix(row))).reduce(0, +)
        #expect(abs(sum - Double(count)) < 1e-10 * Double(count), "\(sum)")
    }

    /// For the tangent kernel of a deep network, errors that independent modes miss by a fifth come within 5 %.
    @Test(arguments: [8, 32]) func onACircleErrorsAreWhatIsMeasured(count: Int) throws {
        let m = 128
        let points = Matrix(
            rows: (0..<m).map { [Double.cos(2 * .pi * Double($0) / Double(m)), Double.sin(2 * .pi * Double($0) / Double(m))] })
        let kernel = FullyConnectedKernel(
            kind: .ntk, activation: RectifierDual.relu, depth: 4, prior: NetworkPrior(weightVariance: 2)
        ).values(at: points, centers: points)
        let domain = try DomainSpectrum(kernel)
        var generator = SplitMix64(seed: 3)
        let measured = try domain.measurement(exampleCount: count, drawCount: 400, using: &generator)
        let theory = GapLearning(row: kernel.row(0), exampleCount: count).modeErrors(of: domain)
        let alone = Eigenlearning(eigenvalues: domain.eigenvalues, exampleCount: count).modeErrors
        func difference(_ predicted: [Double]) -> Double {
            let kept = predicted.indices.filter { measured.errors[$0] >= 0.05 }
            return kept.reduce(0) { $0 + abs(predicted[$1] / measured.errors[$1] - 1) } / Double(kept.count)
        }
        let (found, without) = (difference(theory), difference(alone))
        #expect(found < 0.05 && without > 0.1, "by gaps \(found), by modes \(without)")
    }
}
