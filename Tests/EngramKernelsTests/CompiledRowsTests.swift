import EngramKernels
import EngramNumerics
import RealModule
import Testing

/// What compiled loops say of a row of pairs, against the formulas for one pair and against the C library.
@Suite struct CompiledRowsTests {
    /// The C library's own error is below 1 ulp, ours was 0.84 at most in 80-bit arithmetic.
    @Test func arcTangentsAreWithinTwoUlpOfTheCLibrary() {
        var generator = SplitMix64(seed: 7)
        var x = (0..<20_000).map { index in
            let spread = index % 2 == 0 ? 2.0 : 300.0
            return Double.exp(spread * (2 * generator.nextUniform() - 1)) * (index % 4 < 2 ? 1 : -1)
        }
        x += [0.4375, 0.6875, 1.1875, 2.4375].flatMap { [$0.nextDown, $0, -$0, $0.nextUp] }
        x += [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        let found = arctangents(of: x)
        for (argument, value) in zip(x, found) {
            let expected = Double.atan(argument)
            #expect(abs(value - expected) <= 2 * expected.ulp, "atan(\(argument)): \(value), expected \(expected)")
        }
        #expect(arctangents(of: [.nan])[0].isNaN && arctangents(of: []).isEmpty)
    }

    /// Gradients come with values from the recursion for one pair.
    @Test(arguments: [1, 3])
    func rowsAgreeWithTheRecursionForOnePair(depth: Int) {
        var generator = SplitMix64(seed: 11)
        var points = Matrix<Double>(rowCount: 90, columnCount: 5, elements: (0..<450).map { _ in generator.nextNormal() })
        // Near, equal, parallel, opposite, nearly opposite and zero rows among them.
        for (row, (source, factor, shift)) in [
            (1, 1e-9), (1, 0), (2.5, 0), (-1, 0), (-1.5, 1e-6), (0, 0), (1, 1e-3), (-1, 1e-2),
        ].map({ (0, $0.0, $0.1) }).enumerated() {
            points.setRow(row + 1, to: points.row(source).map { factor * $0 + shift * generator.nextNormal() })
        }
        let duals: [any DualActivation] = [
            RectifierDual.relu, RectifierDual(slope: 0.2), RectifierDual(slope: -0.5), ErrorFunctionDual.erf,
            ErrorFunctionDual.sigmoidOfErf, ErrorFunctionDual.tanh, ErrorFunctionDual.sigmoid,
        ]
        for dual in duals {
            for kind in FullyConnectedKernel.Kind.allCases {
                let kernel = kernel(kind, dual, depth)
                let found = kernel.values(at: points, centers: points)
                let block = kernel.values(at: points.rows(at: 0..<20), centers: points)
                let expected = kernel.gradients(at: points, centers: points).values
                let diagonal = kernel.diagonal(at: points)
                for i in 0..<points.rowCount {
                    for j in 0..<points.rowCount {
                        // Square roots of determinants that are 0 up to rounding move angles of near pairs by 1e-8 of what they are.
                        let slack = 2e-13 * (diagonal[i] * diagonal[j]).squareRoot()
                        #expect(abs(found[i, j] - expected[i, j]) <= slack, "\(dual.name) \(kind) \(i), \(j)")
                        if i < 20 { #expect(abs(block[i, j] - expected[i, j]) <= slack, "\(dual.name) \(kind) \(i), \(j), block") }
                    }
                }
            }
        }
    }

    private func kernel(_ kind: FullyConnectedKernel.Kind, _ dual: some DualActivation, _ depth: Int) -> FullyConnectedKernel {
        FullyConnectedKernel(
            kind: kind, activation: dual, depth: depth, prior: NetworkPrior(inputScale: 0.7, weightVariance: 1.5, biasVariance: 0.1))
    }

    /// At an angle π - φ of unit vectors, Θ = (sin φ - 2 φ cos φ)/π: without sums of the unit vectors it is off by 1e-9.
    @Test(arguments: [1e-2, 1e-3, 1e-5, 1e-7, 3e-9])
    func nearlyOppositePointsKeepTheirAngle(phi: Double) {
        let kernel = FullyConnectedKernel(
            kind: .ntk, activation: RectifierDual.relu, depth: 1, prior: NetworkPrior(weightVariance: 2))
        let x = Matrix<Double>(rows: [[1, 0], [0.6, 0.8]])
        for scale in [1.0, 3.0] {
            let z = Matrix<Double>(rows: [
                [-scale * Double.cos(phi), scale * Double.sin(phi)],
                // The same, turned by acos 0.6.
                [
                    scale * (-0.6 * Double.cos(phi) - 0.8 * Double.sin(phi)), scale * (-0.8 * Double.cos(phi) + 0.6 * Double.sin(phi)),
                ],
            ])
            let expected = scale * (Double.sin(phi) - 2 * phi * Double.cos(phi)) / .pi
            // Entries of the second pair are rounded to 1e-16, and so is its angle.
            for row in 0..<2 {
                let found = kernel.values(at: x.rows(at: row...row), centers: z.rows(at: row...row))[0, 0]
                let withGradient = kernel.gradients(at: x.rows(at: row...row), centers: z.rows(at: row...row)).values[0, 0]
                #expect(abs(found - expected) < 2e-15 * scale, "\(phi): \(found), expected \(expected)")
                #expect(abs(withGradient - expected) < 2e-15 * scale, "\(phi): \(withGradient), expected \(expected)")
            }
        }
    }
}
