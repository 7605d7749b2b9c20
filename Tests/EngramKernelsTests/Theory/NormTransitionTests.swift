import EngramKernels
import EngramNumerics
import EngramTestSupport
import Numerics
import Testing

/// Oracle: the cases `norm_sweep` of `ntk.json` with f₀ = 0; n = 5, n₀ = 10 and 32, r from 0.1 to 1e5.
@Suite struct NormTransitionTests {
    struct Sweep: Decodable {
        let kind: String
        let name: String
        let n0: Int?
        let r: Double?
        let x: KernelOracle.Points?
        let f0_kind: String?
        let jacobian_fields: [KernelOracle.Spectrum]?
        let near_one: [Int]?
        let lemma4_lambda_hat: Double?

        enum CodingKeys: String, CodingKey {
            case kind, name, n0, r, x, f0_kind, jacobian_fields, lemma4_lambda_hat
            case near_one = "near_one_1e-2"
        }
    }

    private static func sweeps() throws -> [Sweep] {
        try Oracle.cases("ntk", as: Sweep.self).filter { $0.kind == "norm_sweep" && $0.f0_kind == "zero" }
    }

    @Test func normsRadiiAndCountsMatchTheGoldenSweep() throws {
        let sweeps = try Self.sweeps()
        #expect(sweeps.count == 14)
        for sweep in sweeps {
            let (n0, r) = (try #require(sweep.n0), try #require(sweep.r))
            let fields = try #require(sweep.jacobian_fields)
            let transition = try NormTransition(
                of: FullyConnectedKernel.erfSigmoid(inputCount: n0), examples: try #require(sweep.x).matrix, norms: [r])
            #expect(transition.exampleCount == 5 && transition.evaluatedCount == 5 && transition.linearCount == 4)
            let point = transition.points[0]
            let radius = fields.map(\.spectral_radius).max() ?? .nan
            let norm = fields.map(\.operator_norm).max() ?? .nan
            // The README of the oracles: 1e-9 for radii and norms, more where K has a condition of 1e4 and the examples were rescaled.
            #expect(abs(point.spectralRadius - radius) < 1e-9 * radius, "\(sweep.name): radius \(point.spectralRadius), \(radius)")
            #expect(abs(point.operatorNorm - norm) < 1e-9 * norm, "\(sweep.name): norm \(point.operatorNorm), \(norm)")
            #expect(point.countNearOne == sweep.near_one?.min(), "\(sweep.name): \(point.countNearOne)")
            let expected: NormTransition.Region = r < 1 ? .linear : r < 100 ? .transition : .saturated
            #expect(point.region == expected, "\(sweep.name): \(point.region)")
        }
    }

    @Test func lemma4GivesTheOneEigenvalueBelowOne() throws {
        for sweep in try Self.sweeps() {
            guard let expected = sweep.lemma4_lambda_hat else { continue }
            let found = try NormTransition.linearEigenvalue(
                examples: try #require(sweep.x).matrix, slope: 1 / (2 * Double.pi.squareRoot()), offset: 0.5)
            #expect(abs(found - expected) < 1e-9 * expected, "\(sweep.name): \(found), \(expected)")
        }
    }

    /// [JP20] Section 4.4: for large r the kernel forgets all but the angle's own example, whatever the sigmoidal nonlinearity.
    @Test func allSigmoidalNonlinearitiesTendToOneHalf() throws {
        var generator = SplitMix64(seed: 4)
        let examples = Matrix(rowCount: 4, columnCount: 6, elements: (0..<24).map { _ in generator.nextNormal() })
        for dual in [ErrorFunctionDual.sigmoidOfErf, .erf, .tanh, .sigmoid] {
            let kernel = FullyConnectedKernel(kind: .ntk, activation: dual, depth: 1, prior: NetworkPrior(inputScale: 1.0 / 6))
            let points = try NormTransition(of: kernel, examples: examples, norms: [1e3, 1e5]).points
            // What is left falls as 1/r: less than 0.05 at 1e3 and 100 times less at 1e5.
            #expect(abs(points[0].operatorNorm - 0.5) < 0.05 && abs(points[1].operatorNorm - 0.5) < 5e-4, "\(dual.name): \(points)")
            #expect(points[1].region == .saturated)
        }
    }

    /// The span of the examples is all that matters: zero columns and a rotation change nothing.
    @Test func coordinatesAreThoseOfTheSpan() throws {
        var generator = SplitMix64(seed: 9)
        let few = Matrix(rowCount: 3, columnCount: 4, elements: (0..<12).map { _ in generator.nextNormal() })
        let wide = Matrix(rows: (0..<3).map { row in [0, 0] + few.row(row) + [Double](repeating: 0, count: 50) })
        let kernel = FullyConnectedKernel.erfSigmoid(inputCount: 4)
        let (a, b) = (
            try NormTransition(of: kernel, examples: few, norms: [0.5, 5, 50]),
            try NormTransition(of: kernel, examples: wide, norms: [0.5, 5, 50])
        )
        for (p, q) in zip(a.points, b.points) {
            #expect(abs(p.operatorNorm - q.operatorNorm) < 1e-11 && abs(p.spectralRadius - q.spectralRadius) < 1e-11)
            #expect(p.countNearOne == q.countNearOne && p.region == q.region)
        }
    }

    @Test func manyExamplesAreThinnedAndOneIsEnough() throws {
        var generator = SplitMix64(seed: 3)
        let many = Matrix(rowCount: 600, columnCount: 3, elements: (0..<1800).map { _ in generator.nextNormal() })
        let kernel = GaussianKernel(bandwidth: 0.05)
        let transition = try NormTransition(of: kernel, examples: many, norms: [30], evaluationLimit: 7)
        #expect(transition.exampleCount == 500 && transition.evaluatedCount == 7 && transition.linearCount == 3)
        // Far from each other the examples do not see each other, and a Gaussian bump has slope 0 on top.
        #expect(transition.points[0].operatorNorm < 0.2)
        let one = try NormTransition(of: FullyConnectedKernel.erfSigmoid(inputCount: 3), examples: many.rows(at: 0..<1), norms: [1e4])
        #expect(one.linearCount == 0 && abs(one.points[0].operatorNorm - 0.5) < 1e-2)
    }
}
