import EngramKernels
import EngramNumerics
import Testing

@Suite struct KernelDescriptionTests {
    @Test func everyKernelComesBackFromItsDescriptionWithTheSameBytes() throws {
        let points = Matrix(rows: [[0.1, 0.7, -0.3], [1.1, -0.4, 0.2]])
        let kernels =
            try KernelGradientTests.kernels().map(\.1) + [
                FullyConnectedKernel(
                    kind: .nngp, activation: RectifierDual(slope: 1.0 / 3), depth: 2, prior: NetworkPrior(weightVariance: 0.1 + 0.2))
            ]
        for kernel in kernels {
            let description = kernel.storedDescription
            let copy = try KernelRegistry.kernel(description)
            #expect(copy.storedDescription == description)
            #expect(copy.values(at: points, centers: points) == kernel.values(at: points, centers: points), "\(description)")
        }
        #expect(KernelRegistry.names == ["gaussian", "laplace", "nngp", "ntk"])
        #expect(Set(kernels.compactMap { $0.storedDescription.parameters["activation"] }).count == KernelRegistry.activationNames.count)
    }

    private static func error(_ name: String, _ parameters: [String: String], metric: Matrix<Double>? = nil) -> KernelError? {
        do {
            _ = try KernelRegistry.kernel(KernelDescription(name: name, parameters: parameters, metric: metric))
            return nil
        } catch { return error }
    }

    @Test func wrongDescriptionsSayWhatIsWrong() {
        let network = ["activation": "leaky_relu", "depth": "2", "input_scale": "1", "weight_variance": "1", "bias_variance": "0"]
        let good = network.merging(["slope": "0.1"]) { $1 }
        #expect(Self.error("ntk", good) == nil)
        #expect(Self.error("rbf", [:]) == .unknownKernel(name: "rbf", known: KernelRegistry.names))
        #expect(
            Self.error("ntk", good.merging(["activation": "gelu"]) { $1 })
                == .unknownActivation(name: "gelu", known: KernelRegistry.activationNames))
        #expect(Self.error("ntk", network) == .missingParameter(kernel: "ntk", parameter: "slope"))
        for (parameter, text) in [
            ("depth", "0"), ("depth", "two"), ("depth", "9999999"), ("input_scale", "-1"), ("weight_variance", "nan"), ("slope", "inf"),
        ] {
            guard case .badParameter("ntk", parameter, text, _)? = Self.error("ntk", good.merging([parameter: text]) { $1 }) else {
                Issue.record("\(parameter) \(text) was not refused as such")
                continue
            }
        }
        for text in ["0", "-2", "x"] {
            #expect(
                Self.error("laplace", ["bandwidth": text])
                    == .badParameter(kernel: "laplace", parameter: "bandwidth", text: text, expected: "a finite number above 0"))
        }
        #expect(Self.error("ntk", good, metric: .identity(2)) == .unexpectedMetric(kernel: "ntk"))
        let hermite = good.merging(["activation": "hermite", "coefficients": "1 two"]) { $1 }
        guard case .badParameter? = Self.error("nngp", hermite) else {
            Issue.record("a coefficient \"two\" was not refused")
            return
        }
    }

    @Test func metricsMustBeSymmetricAndPositive() throws {
        let bandwidth = ["bandwidth": "1"]
        #expect(
            Self.error("gaussian", bandwidth, metric: Matrix(rows: [[1, 0, 0], [0, 1, 0]]))
                == .metricNotSquare(rowCount: 2, columnCount: 3))
        #expect(
            Self.error("gaussian", bandwidth, metric: Matrix(rows: [[1, 0.5], [0, 1]])) == .metricNotSymmetric(difference: 0.5, largest: 1))
        guard case .metricNotPositive? = Self.error("laplace", bandwidth, metric: Matrix(rows: [[1, 0], [0, -0.5]])) else {
            Issue.record("a negative eigenvalue was not refused")
            return
        }
        guard case .numerics? = Self.error("laplace", bandwidth, metric: Matrix(rows: [[.nan]])) else {
            Issue.record("NaN was not refused")
            return
        }
        // What is negative by rounding is clipped on demand, and stays so.
        let clipped = try Metric(Matrix(rows: [[1, 0], [0, -1e-9]]), clipping: 1e-6)
        #expect(abs(clipped.matrix[1, 1]) < 1e-15)
        _ = try Metric(clipped.matrix)
        #expect(throws: KernelError.self) { _ = try Metric(Matrix(rows: [[1, 0], [0, -1e-3]]), clipping: 1e-6) }
        // Rank 1: only the direction (1, 2)/√5 counts, with weight 5.
        let kernel = GaussianKernel(bandwidth: 1, metric: try Metric(Matrix(rows: [[1, 2], [2, 4]])))
        let values = kernel.values(at: Matrix(rows: [[2.0, -1]]), centers: Matrix(rows: [[0.0, 0], [1, -1]]))
        let expected = Activation.exp.values(of: [-0.0, -0.5])
        #expect(abs(values[0, 0] - expected[0]) < 1e-15 && abs(values[0, 1] - expected[1]) < 1e-15)
        // All weights 0: no distances.
        let flat = GaussianKernel(bandwidth: 1, metric: try Metric(Matrix(rowCount: 2, columnCount: 2)))
        #expect(flat.values(at: Matrix(rows: [[2.0, -1]]), centers: Matrix(rows: [[5.0, 0]])).elements == [1])
    }

    @Test func errorsSayWhatToDo() {
        let texts: [(KernelError, String)] = [
            (.unknownKernel(name: "rbf", known: ["a", "b"]), "known are a, b"),
            (.unknownActivation(name: "gelu", known: ["a", "b"]), "known are a, b"),
            (.missingParameter(kernel: "ntk", parameter: "depth"), "\"depth\", which is not there"),
            (.badParameter(kernel: "ntk", parameter: "depth", text: "x", expected: "a number"), "needs a number as \"depth\", found \"x\""),
            (.unexpectedMetric(kernel: "ntk"), "leave it out"),
            (.metricNotSquare(rowCount: 2, columnCount: 3), "2×3"),
            (.metricNotSymmetric(difference: 0.5, largest: 1), "0.5"),
            (.metricNotPositive(eigenvalue: -1, largest: 2), "-1.0"),
            (.numerics(.notConverged(operation: "E", info: 3)), "info 3"),
        ]
        for (error, text) in texts { #expect("\(error)".contains(text), "\(error)") }
    }
}
