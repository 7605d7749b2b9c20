import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: `ntk.json`.
@Suite struct KernelGoldenTests {
    @Test func valuesAndGradientsOfEquationSixMatchFiftyDigits() throws {
        let cases = try KernelOracle.cases("two_layer_sigmoid")
        #expect(cases.count == 16)
        for item in cases {
            let (x, expected) = (try #require(item.x).matrix, try #require(item.erf_form))
            let z = Matrix(rows: [try #require(item.x_prime)])
            let kernel = FullyConnectedKernel.erfSigmoid(inputCount: try #require(item.n0))
            let gradients = kernel.gradients(at: x, centers: z)
            let value = kernel.values(at: x, centers: z)[0, 0]
            #expect(abs(value - expected.k) <= 1e-12 * expected.k && gradients.values[0, 0] == value, "\(item.name): k \(value)")
            let found = gradients.gradients(ofRow: 0, point: x.row(0), centers: z).row(0)
            // Rounding of a few operations; the oracle's bound is 1e-10.
            #expect(worstRelativeError(found, expected.dk_dx) < 1e-12, "\(item.name): ∂k \(worstRelativeError(found, expected.dk_dx))")
            let own = try #require(expected.k_xx)
            #expect(abs(kernel.diagonal(at: x)[0] - own) <= 1e-12 * own)
            #expect(kernel.values(at: x, centers: Matrix(rows: [x.row(0), z.row(0)]))[0, 0] == kernel.diagonal(at: x)[0])
        }
    }

    @Test func mixturesOfErrorFunctionsGiveTheLogisticSigmoidsKernel() throws {
        var count = 0
        for item in try KernelOracle.cases("two_layer_sigmoid") {
            guard let expected = item.sigmoid else { continue }
            let (x, z) = (try #require(item.x).matrix, Matrix(rows: [try #require(item.x_prime)]))
            let kernel = FullyConnectedKernel(
                kind: .ntk, activation: ErrorFunctionDual.sigmoid, depth: 1,
                prior: NetworkPrior(inputScale: 1 / Double(try #require(item.n0))))
            let gradients = kernel.gradients(at: x, centers: z)
            // Asked for: 1e-9 and 1e-7. The mixture is good to 4e-13 (values) and 4e-12 (derivatives); the oracle's own quadrature to 7e-11.
            #expect(
                abs(gradients.values[0, 0] - expected.k) < 1e-11 * expected.k, "\(item.name): k \(gradients.values[0, 0] / expected.k - 1)")
            let found = gradients.gradients(ofRow: 0, point: x.row(0), centers: z).row(0)
            #expect(worstRelativeError(found, expected.dk_dx) < 1e-9, "\(item.name): ∂k \(worstRelativeError(found, expected.dk_dx))")
            count += 1
        }
        #expect(count == 12)
    }

    @Test func rectifiersOnTheUnitSphereMatchTheoremFive() throws {
        let item = try #require(try KernelOracle.cases("relu_kappa_unit").first)
        let xi = try #require(item.xi)
        // Unit vectors at these cosines to the first axis; the sine from 1 - ξ², as exact as ξ.
        let points = Matrix(rows: xi.map { [$0, ((1 - $0) * (1 + $0)).squareRoot()] })
        let axis = Matrix(rows: [[1.0, 0]])
        for (depth, row) in zip(1..., try #require(item.kappa)) {
            let kernel = FullyConnectedKernel(
                kind: .ntk, activation: RectifierDual.relu, depth: depth, prior: NetworkPrior(weightVariance: 2))
            let found = kernel.values(at: points, centers: axis).column(0)
            let worst = zip(found, row).map { abs($0 - $1) }.max() ?? .nan
            // κ_d ≤ d + 1 = 6.
            #expect(worst < 6e-12, "depth \(depth): \(worst)")
        }
        for (index, value) in xi.enumerated() {
            let (dual, derivative) = RectifierDual.relu.dual(first: 1, cross: value, second: 1)
            #expect(abs(2 * dual - (item.dual?[index] ?? .nan)) < 1e-14)
            #expect(abs(2 * derivative - (item.dual_derivative?[index] ?? .nan)) < 1e-14)
        }
    }

    @Test func recursionsMatchAtEveryDepthAndNorm() throws {
        let cases = try KernelOracle.cases("recursion")
        #expect(cases.count == 9)
        for item in cases {
            let (x, name) = (try #require(item.x).matrix, try #require(item.activation))
            let isRectifier = name.hasSuffix("relu")
            let prior = NetworkPrior(inputScale: try #require(item.input_scale), weightVariance: try #require(item.c2))
            for kind in FullyConnectedKernel.Kind.allCases {
                let matrices = try #require(kind == .ntk ? item.ntk : item.nngp)
                for (depth, rows) in zip(1..., matrices) {
                    let kernel = try KernelOracle.kernel(kind, name, slope: item.slope ?? 0, depth: depth, prior: prior)
                    let expected = Matrix(rows: rows)
                    let found = kernel.values(at: x, centers: x)
                    let scales = (0..<x.rowCount).map { expected[$0, $0] }
                    let worst = worstNormalizedError(found, expected, pointScales: scales, centerScales: scales)
                    // tanh: our mixture's 4e-13, through three layers. The rectifiers' oracle takes √(1 - ρ²) near ρ = 1 by rounding.
                    let tolerance = name == "tanh" ? 1e-11 : isRectifier ? 1e-12 : 1e-13
                    #expect(worst < tolerance, "\(item.name), \(kind), depth \(depth): \(worst)")
                    let diagonal = kernel.diagonal(at: x)
                    #expect((0..<x.rowCount).allSatisfy { diagonal[$0] == found[$0, $0] })
                    // The general path, for other points than the centres, gives the same to rounding.
                    let general = kernel.values(at: x.rows(at: [1, 0, 2]), centers: x)
                    let picked = expected.rows(at: [1, 0, 2])
                    let again = worstNormalizedError(
                        general, picked, pointScales: [scales[1], scales[0], scales[2]], centerScales: scales)
                    #expect(again < tolerance, "\(item.name), \(kind), depth \(depth), other rows: \(again)")
                }
            }
        }
    }
}
