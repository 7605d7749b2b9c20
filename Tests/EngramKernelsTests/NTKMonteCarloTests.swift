import EngramKernels
import EngramNumerics
import Testing

/// Oracle: networks of finite width with random weights. Their kernels differ from the infinite ones by chance, ∝ width^(-1/2).
@Suite struct NTKMonteCarloTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        let activation: Activation
        let dual: any DualActivation
        let weightVariance: Double
        var testDescription: String { activation.rawValue }
    }

    private static let inputScale = 0.5
    private static let points = Matrix(rows: [[0.9, 0.2, -0.4], [0.3, -1.1, 0.5], [-0.2, 0.7, 1.6]])

    /// Σ h(x) h(z)/width and the tangent kernel of one network with two hidden layers, by backpropagation; NTK parametrisation.
    private static func sampled(_ setting: Setting, width: Int, seed: UInt64) -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
        var generator = CounterBasedGenerator(seed: seed, stream: UInt64(width))
        func normals(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Matrix(rowCount: rows, columnCount: columns, elements: generator.normals(count: rows * columns) as [Double])
        }
        func layer(_ z: Matrix<Double>) -> (h: Matrix<Double>, slopes: Matrix<Double>) {
            let (values, slopes) = (setting.activation.values(of: z.elements), setting.activation.derivatives(of: z.elements))
            return (
                Matrix(rowCount: z.rowCount, columnCount: z.columnCount, elements: values),
                Matrix(rowCount: z.rowCount, columnCount: z.columnCount, elements: slopes)
            )
        }
        func product(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
            Matrix(rowCount: a.rowCount, columnCount: a.columnCount, elements: zip(a.elements, b.elements).map { $0 * $1 })
        }
        // Variances are multiplied into the few rows of layers, not into the weights.
        let share = setting.weightVariance / Double(width)
        let (first, second, last) = (normals(points.columnCount, width), normals(width, width), normals(width, 1))
        let (h1, d1) = layer(inputScale.squareRoot() * (points * first))
        let (h2, d2) = layer(share.squareRoot() * (h1 * second))
        var delta2 = share.squareRoot() * d2
        delta2.scaleColumns(by: last.column(0))
        let delta1 = product(share.squareRoot() * delta2.multiplied(by: second, transposingOther: true), d1)
        func gram(_ a: Matrix<Double>, _ factor: Double) -> Matrix<Double> { factor * a.multiplied(by: a, transposingOther: true) }
        let nngp = gram(h2, share)
        let ntk = nngp + product(gram(delta2, 1), gram(h1, share)) + product(gram(delta1, 1), gram(points, inputScale))
        return (nngp, ntk)
    }

    @Test(arguments: [
        Setting(activation: .relu, dual: RectifierDual.relu, weightVariance: 2),
        Setting(activation: .leakyReLU, dual: RectifierDual(slope: 0.01), weightVariance: 2),
        Setting(activation: .erf, dual: ErrorFunctionDual.erf, weightVariance: 1.5),
        Setting(activation: .tanh, dual: ErrorFunctionDual.tanh, weightVariance: 1.5),
    ])
    func finiteNetworksApproachTheKernelsWithTheRootOfTheirWidth(_ setting: Setting) {
        let prior = NetworkPrior(inputScale: Self.inputScale, weightVariance: setting.weightVariance)
        let kernels = FullyConnectedKernel.Kind.allCases.map {
            FullyConnectedKernel(kind: $0, activation: setting.dual, depth: 2, prior: prior).values(at: Self.points, centers: Self.points)
        }
        let widths = [32, 128, 512]
        let seedCount: UInt64 = 40
        // Root mean square gaps of NNGP and NTK, in units of the kernel's norm, by width.
        var gaps: [[Double]] = [[], []]
        for width in widths {
            var squares = [0.0, 0.0]
            for seed in 0..<seedCount {
                let found = Self.sampled(setting, width: width, seed: seed)
                for (index, matrix) in [found.nngp, found.ntk].enumerated() {
                    let gap = (matrix - kernels[index]).frobeniusNorm / kernels[index].frobeniusNorm
                    squares[index] += gap * gap
                }
            }
            for index in 0..<2 { gaps[index].append((squares[index] / Double(seedCount)).squareRoot()) }
        }
        for (name, gaps) in zip(["NNGP", "NTK"], gaps) {
            // The least-squares slope over three equally spaced logarithms is that of the outer two.
            let exponent = naturalLogarithm(gaps[2] / gaps[0]) / naturalLogarithm(Double(widths[2]) / Double(widths[0]))
            // 40 seeds know a gap to 1/√(2·40) = 11 %, if all entries move together; over a factor of 16 that is 0.06 of the exponent.
            #expect(abs(exponent + 0.5) < 0.15, "\(setting.activation), \(name): exponent \(exponent), gaps \(gaps)")
            // A kernel that is wrong by a constant would end in a plateau.
            #expect(gaps[2] < 0.2, "\(setting.activation), \(name): gaps \(gaps)")
        }
    }
}
