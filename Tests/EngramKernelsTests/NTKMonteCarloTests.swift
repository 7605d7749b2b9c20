import EngramKernels
import EngramNumerics
import Testing

/// Oracle: networks of finite width with random weights. Their kernels differ from the infinite ones by chance, ∝ width^(-1/2).
@Suite struct NTKMonteCarloTests {
    private struct Setting {
        let activation: Activation
        let dual: any DualActivation
        let weightVariance: Double
    }

    /// Standard normal weights of a network with two hidden layers.
    private struct Weights {
        let first, second, last: Matrix<Double>

        init(inputCount: Int, width: Int, seed: UInt64) {
            var generator = CounterBasedGenerator(seed: seed, stream: UInt64(width))
            func normals(_ rows: Int, _ columns: Int) -> Matrix<Double> {
                Matrix(rowCount: rows, columnCount: columns, elements: generator.normals(count: rows * columns) as [Double])
            }
            (first, second, last) = (normals(inputCount, width), normals(width, width), normals(width, 1))
        }
    }

    private static let settings = [
        Setting(activation: .relu, dual: RectifierDual.relu, weightVariance: 2),
        Setting(activation: .leakyReLU, dual: RectifierDual(slope: 0.01), weightVariance: 2),
        Setting(activation: .erf, dual: ErrorFunctionDual.erf, weightVariance: 1.5),
        Setting(activation: .tanh, dual: ErrorFunctionDual.tanh, weightVariance: 1.5),
        Setting(activation: .sigmoid, dual: ErrorFunctionDual.sigmoid, weightVariance: 4),
    ]

    private static let inputScale = 0.5
    private static let points = Matrix(rows: [[0.9, 0.2, -0.4], [0.3, -1.1, 0.5], [-0.2, 0.7, 1.6]])

    private static func product(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
        Matrix(rowCount: a.rowCount, columnCount: a.columnCount, elements: zip(a.elements, b.elements).map { $0 * $1 })
    }

    /// Σ h(x) h(z)/width and the tangent kernel, by backpropagation. Variances are multiplied into the rows of layers, as in the NTK's
    /// parametrisation.
    private static func kernels(of weights: Weights, _ setting: Setting) -> [Matrix<Double>] {
        func layer(_ z: Matrix<Double>) -> (h: Matrix<Double>, slopes: Matrix<Double>) {
            let (values, slopes) = (setting.activation.values(of: z.elements), setting.activation.derivatives(of: z.elements))
            return (
                Matrix(rowCount: z.rowCount, columnCount: z.columnCount, elements: values),
                Matrix(rowCount: z.rowCount, columnCount: z.columnCount, elements: slopes)
            )
        }
        func gram(_ a: Matrix<Double>, _ factor: Double) -> Matrix<Double> { factor * a.multiplied(by: a, transposingOther: true) }
        let share = setting.weightVariance / Double(weights.last.rowCount)
        let (h1, d1) = layer(inputScale.squareRoot() * (points * weights.first))
        let (h2, d2) = layer(share.squareRoot() * (h1 * weights.second))
        var delta2 = share.squareRoot() * d2
        delta2.scaleColumns(by: weights.last.column(0))
        let delta1 = product(share.squareRoot() * delta2.multiplied(by: weights.second, transposingOther: true), d1)
        let nngp = gram(h2, share)
        return [nngp, nngp + product(gram(delta2, 1), gram(h1, share)) + product(gram(delta1, 1), gram(points, inputScale))]
    }

    @Test func finiteNetworksApproachTheKernelsWithTheRootOfTheirWidth() {
        let kinds = FullyConnectedKernel.Kind.allCases
        let limits = Self.settings.map { setting in
            let prior = NetworkPrior(inputScale: Self.inputScale, weightVariance: setting.weightVariance)
            return kinds.map {
                FullyConnectedKernel(kind: $0, activation: setting.dual, depth: 2, prior: prior)
                    .values(at: Self.points, centers: Self.points)
            }
        }
        let widths = [32, 128, 512]
        let seedCount: UInt64 = 40
        // Mean squared gaps in units of the kernel's norm, by setting and kind, one a width.
        var gaps = Self.settings.map { _ in kinds.map { _ in widths.map { _ in 0.0 } } }
        for (index, width) in widths.enumerated() {
            for seed in 0..<seedCount {
                let weights = Weights(inputCount: Self.points.columnCount, width: width, seed: seed)
                for (row, setting) in Self.settings.enumerated() {
                    for (kind, matrix) in Self.kernels(of: weights, setting).enumerated() {
                        let gap = (matrix - limits[row][kind]).frobeniusNorm / limits[row][kind].frobeniusNorm
                        gaps[row][kind][index] += gap * gap / Double(seedCount)
                    }
                }
            }
        }
        for (row, setting) in Self.settings.enumerated() {
            for (kind, squares) in zip(kinds, gaps[row]) {
                // The least-squares slope over three equally spaced logarithms is that of the outer two.
                let exponent = 0.5 * naturalLogarithm(squares[2] / squares[0]) / naturalLogarithm(Double(widths[2]) / Double(widths[0]))
                // 40 seeds know a gap to 1/√(2·40) = 11 %, if all entries move together; over a factor of 16 that is 0.06 of the exponent.
                #expect(abs(exponent + 0.5) < 0.15, "\(setting.activation), \(kind): exponent \(exponent)")
                // A kernel that is wrong by a constant would end in a plateau.
                #expect(squares[2] < 0.04, "\(setting.activation), \(kind): squared gaps \(squares)")
            }
        }
    }
}
