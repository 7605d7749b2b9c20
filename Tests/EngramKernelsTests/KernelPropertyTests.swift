import ComplexModule
import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: identities of the kernels and of regression with them.
@Suite struct KernelPropertyTests {
    private static func sample(_ rows: Int, _ columns: Int, seed: UInt64, norm: Double? = nil) -> Matrix<Double> {
        var generator = CounterBasedGenerator(seed: seed)
        var matrix = Matrix(rowCount: rows, columnCount: columns, elements: generator.normals(count: rows * columns) as [Double])
        if let norm {
            matrix.scaleRows(
                by: (0..<rows).map { norm / squaredDistance(matrix.row($0), Array(repeating: 0.0, count: columns)).squareRoot() })
        }
        return matrix
    }

    /// A bias-free ReLU kernel is homogeneous of degree 1 in x, so J(x) x = f(x), and an autoencoder has the eigenvalue 1 at each example.
    @Test func rectifierMachinesAreHomogeneous() throws {
        let (x, probe) = (Self.sample(6, 4, seed: 1), Self.sample(3, 4, seed: 2))
        for kind in FullyConnectedKernel.Kind.allCases {
            for depth in 1...3 {
                let kernel = FullyConnectedKernel(
                    kind: kind, activation: RectifierDual(slope: 0.1), depth: depth, prior: NetworkPrior(weightVariance: 1.9))
                let weights = try kernel.values(at: x, centers: x).choleskySolve(x)
                for (points, stored) in [(probe, false), (x, true)] {
                    let gradients = kernel.gradients(at: points, centers: x)
                    for i in 0..<points.rowCount {
                        let point = points.row(i)
                        let moved = gradients.jacobian(ofRow: i, point: point, centers: x, weights: weights) * point
                        let output = stored ? point : (kernel.values(at: Matrix(rows: [point]), centers: x) * weights).row(0)
                        // Rounding times the condition of K, some hundreds.
                        #expect(worstRelativeError(moved, output) < 1e-12, "\(kind), depth \(depth), row \(i)")
                    }
                }
            }
        }
    }

    /// [JP20] Lemma 4 and its figures: for small norms n - 1 eigenvalues of J near 1; for large ones a norm towards 1/2, from below.
    @Test func smallNormsGiveALinearRegionAndLargeNormsTendToOneHalf() throws {
        for n0 in [10, 32] {
            let kernel = FullyConnectedKernel.erfSigmoid(inputCount: n0)
            for (norm, bounds) in [(0.1, 0.99...1.01), (1e4, 0.495...0.5), (1e5, 0.499...0.5)] as [(Double, ClosedRange<Double>)] {
                let x = Self.sample(5, n0, seed: 11, norm: norm)
                let weights = try kernel.values(at: x, centers: x).choleskySolve(x)
                let gradients = kernel.gradients(at: x, centers: x)
                for i in 0..<5 {
                    let jacobian = gradients.jacobian(ofRow: i, point: x.row(i), centers: x, weights: weights)
                    let largest = try #require(try jacobian.singularValues().first)
                    #expect(bounds.contains(largest), "n₀ \(n0), norm \(norm): ‖J‖ \(largest)")
                    if norm < 1 {
                        let near = try jacobian.eigenpairs().filter { ($0.value - 1).length < 1e-3 }.count
                        #expect(near == 4, "n₀ \(n0): \(near) eigenvalues near 1")
                    }
                }
            }
        }
    }

    @Test func gramMatricesAreSymmetricWithTheDiagonalAndPositiveDefinite() throws {
        // 70 rows are more than one tile of the mirror.
        let x = Self.sample(70, 3, seed: 3)
        for (name, kernel) in try KernelGradientTests.kernels() where !name.contains("tanh") && !name.hasSuffix("sigmoid") {
            let gram = kernel.values(at: x, centers: x)
            let diagonal = kernel.diagonal(at: x)
            #expect((0..<70).allSatisfy { gram[$0, $0] == diagonal[$0] }, "\(name): diagonal")
            #expect((0..<70).allSatisfy { i in (0..<i).allSatisfy { gram[i, $0] == gram[$0, i] } }, "\(name): symmetry")
            let other = kernel.values(at: x.rows(at: (0..<70).reversed()), centers: x)
            #expect(worstRelativeError(other.rows(at: (0..<70).reversed()), gram) < 1e-14, "\(name): other rows")
            let eigenvalues = try gram.symmetricEigendecomposition().eigenvalues
            // Rounding of a positive semidefinite matrix: n·ε of the largest.
            #expect(try #require(eigenvalues.first) > -1e-14 * 70 * (try #require(eigenvalues.last)), "\(name): \(eigenvalues[0])")
        }
    }

    /// A point among the centres is recognised by its differences: no arc cosine of a rounded 1 (which would be 1e-8 for the ReLU kernel).
    @Test func pointsEqualToACenterGiveTheDiagonal() throws {
        let x = Self.sample(5, 300, seed: 4)
        var shifted = x
        shifted.addToRows(Array(repeating: 1000, count: 300))
        for rows in [x, shifted] {
            for kernel in [
                FullyConnectedKernel(kind: .ntk, activation: RectifierDual.relu, depth: 3, prior: NetworkPrior(weightVariance: 2)),
                FullyConnectedKernel.erfSigmoid(inputCount: 300),
            ] {
                let cross = kernel.values(at: rows.rows(at: [3, 1]), centers: rows)
                let diagonal = kernel.diagonal(at: rows)
                #expect(abs(cross[0, 3] / diagonal[3] - 1) < 1e-15 && abs(cross[1, 1] / diagonal[1] - 1) < 1e-15)
            }
            #expect(LaplaceKernel(bandwidth: 1e-3).values(at: rows.rows(at: [3]), centers: rows)[0, 3] == 1)
        }
    }

    /// Distances of a spread of 1 around a mean of 1e6, against differences: the expanded square alone would be off by 1e-4.
    @Test func distancesKeepTheirDigitsFarFromTheOriginAndNearEachOther() throws {
        var x = Self.sample(6, 40, seed: 6)
        x.addToRows(Array(repeating: 0x1p20, count: 40))
        var near = x
        // 2⁻²⁶ is representable beside 2²⁰.
        for j in 0..<6 { near[j, 0] += 0x1p-26 * Double(j) }
        let found = GaussianKernel(bandwidth: 8).values(at: near, centers: x)
        let logarithms = (0..<6).flatMap { i in (0..<6).map { -squaredDistance(near.row(i), x.row($0)) / 128 } }
        #expect(worstRelativeError(found.elements, Activation.exp.values(of: logarithms)) < 1e-13)
        let laplace = LaplaceKernel(bandwidth: 1e-8).values(at: near, centers: x)
        for i in 0..<6 {
            let expected = Activation.exp.values(of: [-0x1p-26 * Double(i) / 1e-8])[0]
            #expect(abs(laplace[i, i] - expected) <= 4e-15, "\(i): \(laplace[i, i]), expected \(expected)")
        }
    }

    @Test func emptyAndZeroInputsHaveTheirValues() throws {
        let x = Self.sample(3, 4, seed: 7)
        let none = Matrix<Double>(rowCount: 0, columnCount: 4)
        let zero = Matrix<Double>(rowCount: 2, columnCount: 4)
        let kernels: [any Kernel] = [
            LaplaceKernel(bandwidth: 1), GaussianKernel(bandwidth: 1), FullyConnectedKernel.erfSigmoid(inputCount: 4),
            FullyConnectedKernel(kind: .ntk, activation: RectifierDual.relu, depth: 2),
        ]
        for kernel in kernels {
            #expect(kernel.values(at: none, centers: x).rowCount == 0 && kernel.values(at: x, centers: none).columnCount == 0)
            #expect(kernel.gradients(at: none, centers: none).values.rowCount == 0)
            #expect(kernel.relativeGradients(at: x, centers: none).values.rowCount == 3)
            #expect(kernel.values(at: zero, centers: x).elements.allSatisfy { $0.isFinite })
            let gradients = kernel.gradients(at: zero, centers: x).gradients(ofRow: 0, point: zero.row(0), centers: x)
            #expect(gradients.elements.allSatisfy { $0.isFinite })
        }
        // Eq. (6) at 0: only 1/4 is left; ReLU kernels vanish.
        #expect(kernels[2].values(at: zero, centers: x).elements == Array(repeating: 0.25, count: 6))
        #expect(kernels[3].values(at: zero, centers: x).elements == Array(repeating: 0, count: 6))
    }

    /// A bias is one more input of value √(b/κ) that all points share: exact for the first layer's covariance, and so for depth 1, NNGP.
    @Test func aBiasIsOneMoreInput() {
        let x = Self.sample(5, 3, seed: 8)
        let plain = NetworkPrior(inputScale: 0.5, weightVariance: 1.3)
        let biased = NetworkPrior(inputScale: 0.5, weightVariance: 1.3, biasVariance: 0.7)
        for dual in [ErrorFunctionDual.erf as any DualActivation, RectifierDual.relu, SineDual(frequency: 1)] {
            let expected = FullyConnectedKernel(kind: .nngp, activation: dual, depth: 1, prior: plain)
                .values(at: x.appendingColumn(repeating: 1.4.squareRoot()), centers: x.appendingColumn(repeating: 1.4.squareRoot()))
            let found = FullyConnectedKernel(kind: .nngp, activation: dual, depth: 1, prior: biased).values(at: x, centers: x)
            #expect(worstRelativeError(found, expected.map { $0 + 0.7 }) < 1e-14)
        }
    }

    @Test func kernelsKnowWhetherTheirDiagonalIsSmooth() {
        #expect(!FullyConnectedKernel(kind: .ntk, activation: RectifierDual.relu, depth: 1).isSmoothOnDiagonal)
        #expect(FullyConnectedKernel(kind: .nngp, activation: RectifierDual.relu, depth: 1).isSmoothOnDiagonal)
        #expect(FullyConnectedKernel.erfSigmoid(inputCount: 3).isSmoothOnDiagonal)
        #expect(GaussianKernel(bandwidth: 1).isSmoothOnDiagonal && !LaplaceKernel(bandwidth: 1).isSmoothOnDiagonal)
    }
}
