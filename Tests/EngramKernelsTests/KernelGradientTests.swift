import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: central differences of the values, of fourth order.
@Suite struct KernelGradientTests {
    static let metric = Matrix(rows: [[2, 0.5, 0], [0.5, 1, 0.25], [0, 0.25, 0.75]])

    static func kernels() throws -> [(String, any Kernel)] {
        let biased = NetworkPrior(inputScale: 0.4, weightVariance: 1.5, biasVariance: 0.3)
        var result: [(String, any Kernel)] = [
            ("laplace", LaplaceKernel(bandwidth: 1.7)),
            ("laplace in a metric", LaplaceKernel(bandwidth: 1.7, metric: try Metric(metric))),
            ("gaussian", GaussianKernel(bandwidth: 1.2)),
            ("gaussian in a metric", GaussianKernel(bandwidth: 1.2, metric: try Metric(metric))),
            ("Eq. (6)", FullyConnectedKernel.erfSigmoid(inputCount: 3)),
        ]
        let duals: [any DualActivation] = [
            RectifierDual.relu, RectifierDual(slope: 0.1), ErrorFunctionDual.erf, ErrorFunctionDual.tanh, ErrorFunctionDual.sigmoid,
            SineDual(frequency: 0.8), SineDual(frequency: 0.8, isCosine: true), HermiteDual(coefficients: [0, 0.7, 0.2]),
        ]
        for dual in duals {
            for kind in FullyConnectedKernel.Kind.allCases {
                let deep = dual.name == "tanh" || dual.name == "sigmoid" ? 2 : 3
                result.append(
                    (
                        "\(kind) \(dual.name)",
                        FullyConnectedKernel(kind: kind, activation: dual, depth: deep, prior: biased)
                    ))
            }
        }
        return result
    }

    private static let points = Matrix(rows: [[0.3, -0.8, 1.1], [-1.2, 0.4, 0.2]])
    private static let centers = Matrix(rows: [[0.5, -0.2, 0.9], [-0.7, 1.3, 0.1], [1.1, 0.6, -0.4], [0.6, -1.6, 2.2]])

    /// Columns are differences by the entries of x, rows the centres.
    private static func differences(at x: [Double], step: Double, _ values: (Matrix<Double>) -> Matrix<Double>) -> Matrix<Double> {
        var columns: [[Double]] = []
        for k in x.indices {
            let shifted = Matrix(
                rows: [2.0, 1, -1, -2].map { factor in
                    x.indices.map { x[$0] + ($0 == k ? factor * step : 0) }
                })
            let f = values(shifted)
            columns.append((0..<f.columnCount).map { (8 * (f[1, $0] - f[2, $0]) - (f[0, $0] - f[3, $0])) / (12 * step) })
        }
        return Matrix(rows: columns).transposed()
    }

    @Test func gradientsMatchDifferences() throws {
        for (name, kernel) in try Self.kernels() {
            let gradients = kernel.gradients(at: Self.points, centers: Self.centers)
            #expect(
                worstRelativeError(gradients.values, kernel.values(at: Self.points, centers: Self.centers)) < 1e-15, "\(name): values")
            for i in 0..<Self.points.rowCount {
                let x = Self.points.row(i)
                let found = gradients.gradients(ofRow: i, point: x, centers: Self.centers)
                let expected = Self.differences(at: x, step: 1e-3) { kernel.values(at: $0, centers: Self.centers) }
                // h⁴ = 1e-12 times derivatives of order 10, rounding 1e-13/h = 1e-10 for the mixtures; slack 20.
                #expect(worstRelativeError(found, expected) < 2e-9, "\(name), point \(i): \(worstRelativeError(found, expected))")
            }
        }
    }

    @Test func relativeRowsAreQuotientsWithTheirExactGradients() throws {
        for (name, kernel) in try Self.kernels() {
            let gradients = kernel.relativeGradients(at: Self.points, centers: Self.centers)
            let values = kernel.relativeValues(at: Self.points, centers: Self.centers)
            let plain = kernel.values(at: Self.points, centers: Self.centers)
            #expect(worstRelativeError(gradients.values, values) < 1e-15)
            for i in 0..<Self.points.rowCount {
                let largest = kernel is any RadialKernel ? plain.row(i).max() ?? .nan : 1
                #expect(worstRelativeError(values.row(i), plain.row(i).map { $0 / largest }) < 1e-14, "\(name)")
                #expect(!(kernel is any RadialKernel) || values.row(i).max() == 1)
                let x = Self.points.row(i)
                let found = gradients.gradients(ofRow: i, point: x, centers: Self.centers)
                let expected = Self.differences(at: x, step: 1e-3) { kernel.relativeValues(at: $0, centers: Self.centers) }
                #expect(worstRelativeError(found, expected) < 2e-9, "\(name), point \(i): \(worstRelativeError(found, expected))")
            }
        }
    }

    /// exp(-10000) is 0 in float64; quotients of far points still tell centres apart: here by e^(-1) and e^(-2).
    @Test func relativeRowsOfFarPointsKeepTheirDigits() {
        let centers = Matrix(rows: [[0.0, 0], [-1, 0], [-2, 0]])
        let far = Matrix(rows: [[10_000.0, 0]])
        let kernel = LaplaceKernel(bandwidth: 1)
        #expect(kernel.values(at: far, centers: centers).elements == [0, 0, 0])
        let e = Activation.exp.values(of: [0.0, -1, -2])
        // Distances of 1e4 are rounded to 2e-12.
        #expect(worstRelativeError(kernel.relativeValues(at: far, centers: centers).elements, e) < 4e-12)
        let gradients = kernel.relativeGradients(at: far, centers: centers)
        #expect(gradients.references?[0].center == 0)
        // On the line of the centres the quotients do not change along it; unit differences, each of rounding 1e-12.
        let found = gradients.gradients(ofRow: 0, point: far.row(0), centers: centers)
        #expect(found.elements.allSatisfy { abs($0) < 1e-11 }, "\(found.elements)")
    }

    @Test func jacobiansAreWeightedGradients() throws {
        var generator = CounterBasedGenerator(seed: 5)
        let weights = Matrix(rowCount: 4, columnCount: 2, elements: generator.normals(count: 8) as [Double])
        for (name, kernel) in try Self.kernels() {
            let gradients = kernel.relativeGradients(at: Self.points, centers: Self.centers)
            let x = Self.points.row(1)
            let jacobian = gradients.jacobian(ofRow: 1, point: x, centers: Self.centers, weights: weights)
            let expected = weights.transposed() * gradients.gradients(ofRow: 1, point: x, centers: Self.centers)
            #expect(worstRelativeError(jacobian, expected) < 1e-14, "\(name)")
        }
    }

    /// At x = z: 0 for the radial kernels; half the derivative of k(x, x) for smooth ones, as k(x, z) is symmetric.
    @Test func gradientsAtTheCenterItselfAreExact() throws {
        for (name, kernel) in try Self.kernels() {
            let gradients = kernel.gradients(at: Self.centers, centers: Self.centers)
            for i in 0..<Self.centers.rowCount {
                let x = Self.centers.row(i)
                let found = gradients.gradients(ofRow: i, point: x, centers: Self.centers).row(i)
                #expect(found.allSatisfy { $0.isFinite })
                if kernel is any RadialKernel {
                    #expect(found.allSatisfy { $0 == 0 }, "\(name)")
                } else if kernel.isSmoothOnDiagonal {
                    let step = 1e-3
                    let half = x.indices.map { k in
                        let f = kernel.diagonal(
                            at: Matrix(rows: [2.0, 1, -1, -2].map { m in x.indices.map { x[$0] + ($0 == k ? m * step : 0) } }))
                        return (8 * (f[1] - f[2]) - (f[0] - f[3])) / (24 * step)
                    }
                    #expect(worstRelativeError(found, half) < 2e-9, "\(name): \(worstRelativeError(found, half))")
                }
            }
        }
    }

    /// Gradients 1e-6 from a centre at norm 1e4, beside differences between points that are exactly representable there.
    @Test func nearPointsOfLargeNormKeepTheirDigits() {
        let kernel = FullyConnectedKernel.erfSigmoid(inputCount: 2)
        let center = Matrix(rows: [[6000.0, 8000]])
        let x = [6000.0 + 0x1p-20, 8000 - 0x1p-19]
        let found = kernel.gradients(at: Matrix(rows: [x]), centers: center).gradients(ofRow: 0, point: x, centers: center).row(0)
        // The kernel changes over distances of the order √n₀, hence the step.
        let expected = Self.differences(at: x, step: 0x1p-6) { kernel.values(at: $0, centers: center) }.row(0)
        // k ≈ 800 and ∂k ≈ 0.04: the rounding of the differences is 800·2e-16/0.016/0.04 ≈ 3e-10.
        #expect(worstRelativeError(found, expected) < 3e-9, "\(found), \(expected)")
    }
}
