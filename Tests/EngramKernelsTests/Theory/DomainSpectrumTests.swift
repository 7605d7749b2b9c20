import EngramKernels
import EngramNumerics
import EngramTestSupport
import Numerics
import Testing

@Suite struct DomainSpectrumTests {
    private static let kernel = FullyConnectedKernel(
        kind: .ntk, activation: RectifierDual.relu, depth: 3, prior: NetworkPrior(weightVariance: 2))

    private static func circle(_ count: Int) -> Matrix<Double> {
        Matrix(
            rows: (0..<count).map { index in
                let angle = 2 * Double.pi * Double(index) / Double(count)
                return [Double.cos(angle), Double.sin(angle)]
            })
    }

    private static func hypercube(_ dimension: Int) -> Matrix<Double> {
        let side = 1 / Double(dimension).squareRoot()
        return Matrix(rows: (0..<1 << dimension).map { point in (0..<dimension).map { (point >> $0) & 1 == 0 ? side : -side } })
    }

    private static func spectrum(_ points: Matrix<Double>) throws -> (DomainSpectrum, Matrix<Double>) {
        let matrix = kernel.values(at: points, centers: points)
        return (try DomainSpectrum(matrix), matrix)
    }

    /// The kernel matrix is circulant: its eigenvalues are the cosine transform of one row.
    @Test func modesOfTheCircleAreWaves() throws {
        let count = 23
        let (spectrum, matrix) = try Self.spectrum(Self.circle(count))
        func cosine(_ wave: Int, _ point: Int) -> Double { Double.cos(2 * Double.pi * Double(wave * point) / Double(count)) }
        var expected: [Double] = []
        for wave in 0..<count {
            let sum = (0..<count).reduce(0.0) { $0 + matrix[0, $1] * cosine(wave, $1) }
            expected.append(sum / Double(count))
        }
        expected.sort(by: >)
        let worst = zip(spectrum.eigenvalues, expected).map { abs($0 - $1) }.max() ?? .infinity
        // n·ε of the largest, with slack.
        #expect(worst < 1e-14 * expected[0], "\(worst)")
        #expect(Set(spectrum.eigenspaces().map(\.count)) == [1, 2] && spectrum.eigenspaces().count == (count + 1) / 2)
        // The constant is the mode of the largest; a wave lies in one eigenspace, with (1/M) Σ f² = Σ v².
        let wave = (0..<count).map { cosine(3, $0) }
        let coefficients = spectrum.coefficients(of: wave)
        let parts = spectrum.eigenspaces().map { space in space.reduce(0) { $0 + coefficients[$1] * coefficients[$1] } }
        #expect(parts.count { $0 > 1e-20 } == 1 && abs(parts.reduce(0, +) - 0.5) < 1e-13)
    }

    /// Modes of the hypercube are products of k coordinates: binomially many of each.
    @Test func eigenspacesOfTheHypercubeAreBinomial() throws {
        let (spectrum, _) = try Self.spectrum(Self.hypercube(5))
        #expect(spectrum.eigenspaces().map(\.count).sorted() == [1, 1, 5, 5, 10, 10])
        let parity = (0..<32).map { $0.nonzeroBitCount.isMultiple(of: 2) ? 1.0 : -1.0 }
        let coefficients = spectrum.coefficients(of: parity)
        #expect(abs(coefficients.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        #expect(abs(coefficients.map(abs).max().map { $0 - 1 } ?? 1) < 1e-12)
    }

    /// [S21] Theorem: the learnabilities of any set of n examples add up to n. Beside it, regression written down plainly.
    @Test func everySetOfExamplesLearnsItsNumberOfModes() throws {
        let (spectrum, matrix) = try Self.spectrum(Self.hypercube(4))
        let examples = [3, 0, 11, 7, 14]
        let found = try spectrum.measurement(examples: examples)
        #expect(abs(found.learnabilities.reduce(0, +) - 5) < 1e-12)
        let gram = matrix.submatrix(rows: examples, columns: examples)
        let across = matrix.submatrix(rows: Array(0..<16), columns: examples)
        for mode in [0, 3, 15] {
            let target = spectrum.modes.column(mode)
            let right = Matrix(rowCount: 5, columnCount: 1, elements: examples.map { target[$0] })
            let fit = (across * (try gram.choleskySolve(right))).elements
            let learned = zip(target, fit).reduce(0) { $0 + $1.0 * $1.1 } / 16
            let error = zip(target, fit).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 16
            #expect(abs(learned - found.learnabilities[mode]) < 1e-12 && abs(error - found.errors[mode]) < 1e-12, "mode \(mode)")
        }
        let whole = try spectrum.measurement(examples: Array(0..<16))
        #expect(whole.learnabilities.allSatisfy { abs($0 - 1) < 1e-10 } && whole.errors.allSatisfy { $0 < 1e-20 })
    }

    @Test func aRidgeLearnsLess() throws {
        let (spectrum, _) = try Self.spectrum(Self.hypercube(4))
        let examples = [3, 0, 11, 7, 14]
        let (plain, ridged) = (try spectrum.measurement(examples: examples), try spectrum.measurement(examples: examples, ridge: 0.5))
        #expect(ridged.learnabilities.reduce(0, +) < plain.learnabilities.reduce(0, +) - 0.1)
    }

    @Test func theHypercubeIsLearnedAsPredicted() throws {
        let (spectrum, _) = try Self.spectrum(Self.hypercube(7))
        var generator = SplitMix64(seed: 2)
        let measured = try spectrum.measurement(exampleCount: 32, drawCount: 60, using: &generator)
        let theory = Eigenlearning(eigenvalues: spectrum.eigenvalues, exampleCount: 32)
        for space in spectrum.eigenspaces() where theory.learnabilities[space.lowerBound] > 0.05 {
            func mean(_ values: [Double]) -> Double { space.reduce(0) { $0 + values[$1] } / Double(space.count) }
            let (l, predicted) = (mean(measured.learnabilities), mean(theory.learnabilities))
            // Within the 5 % that the experiment asks for.
            #expect(abs(l / predicted - 1) < 0.05, "L of \(space): \(l) for \(predicted)")
        }
        let (error, predicted) = (measured.errors.reduce(0, +), theory.modeErrors.reduce(0, +))
        #expect(abs(error / predicted - 1) < 0.05, "E: \(error) for \(predicted)")
    }

    @Test func theSameGeneratorDrawsTheSameSets() throws {
        let (spectrum, _) = try Self.spectrum(Self.hypercube(4))
        func measured(_ seed: UInt64) throws -> DomainSpectrum.Measurement {
            var generator = SplitMix64(seed: seed)
            return try spectrum.measurement(exampleCount: 5, drawCount: 3, using: &generator)
        }
        #expect(try measured(1) == measured(1) && measured(1) != measured(2))
    }
}
