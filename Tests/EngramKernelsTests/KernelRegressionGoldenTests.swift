import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: `ntk.json`: f(x) = weightsᵀ k(x) with K weights = y, and its Jacobians, which check k and ∂k together.
@Suite struct KernelRegressionGoldenTests {
    /// The README of the oracles: 1e-13 times the condition number, at least 1e-11.
    private static func tolerance(_ item: KernelOracle) -> Double { max(1e-11, 1e-13 * (item.condition_number ?? .nan)) }

    @Test func outputsJacobiansAndCyclesOfKernelRegressionMatch() throws {
        let cases = try KernelOracle.cases("kernel_regression")
        #expect(cases.count == 14)
        for item in cases {
            let (kernel, x, tolerance) = (try item.specifiedKernel(), try #require(item.x).matrix, Self.tolerance(item))
            let gram = kernel.values(at: x, centers: x)
            let worstK = worstRelativeError(gram, Matrix(rows: try #require(item.K)))
            #expect(worstK < 1e-12, "\(item.name): K \(worstK)")
            let weights = try gram.choleskySolve(Matrix(rows: try #require(item.y)))
            let worstWeights = worstRelativeError(weights, Matrix(rows: try #require(item.weights)))
            #expect(worstWeights < tolerance, "\(item.name): weights \(worstWeights)")
            let outputs = kernel.values(at: Matrix(rows: try #require(item.test_points)), centers: x) * weights
            #expect(worstRelativeError(outputs, Matrix(rows: try #require(item.test_outputs))) < tolerance, "\(item.name): outputs")
            let points = Matrix(rows: try #require(item.jacobian_points))
            let gradients = kernel.gradients(at: points, centers: x)
            var product = Matrix<Double>.identity(x.columnCount)
            for (i, rows) in try #require(item.jacobians).enumerated() {
                let expected = Matrix(rows: rows)
                let jacobian = gradients.jacobian(ofRow: i, point: points.row(i), centers: x, weights: weights)
                let worst = worstRelativeError(jacobian, expected)
                #expect(worst < tolerance, "\(item.name): J(\(i)) \(worst)")
                product = jacobian * product
                let norm = try #require(try jacobian.singularValues().first)
                let expectedNorm = try #require(item.jacobian_fields)[i].operator_norm
                #expect(abs(norm - expectedNorm) < 1e-9 * expectedNorm, "\(item.name): ‖J(\(i))‖ \(norm)")
            }
            if let expected = item.cycle_product {
                let worst = worstRelativeError(product, Matrix(rows: expected))
                // Five factors.
                #expect(worst < 5 * tolerance, "\(item.name): cycle \(worst)")
            }
        }
    }

    @Test func jacobiansKeepTheirDigitsUpToNormsOfAHundredThousand() throws {
        let cases = try KernelOracle.cases("norm_sweep")
        #expect(cases.count == 21)
        for item in cases {
            let x = try #require(item.x).matrix
            let kernel = FullyConnectedKernel.erfSigmoid(inputCount: try #require(item.n0))
            let gram = kernel.values(at: x, centers: x)
            let worstK = worstRelativeError(gram, Matrix(rows: try #require(item.K)))
            #expect(worstK < 1e-12, "\(item.name): K \(worstK)")
            let target = item.f0.map { x - Matrix(rows: $0) } ?? x
            let weights = try gram.choleskySolve(target)
            let gradients = kernel.gradients(at: x, centers: x)
            for (i, fields) in try #require(item.jacobian_fields).enumerated() {
                var jacobian = gradients.jacobian(ofRow: i, point: x.row(i), centers: x, weights: weights)
                if let initial = item.J0?[i] { jacobian = jacobian + Matrix(rows: initial) }
                if i == 0 {
                    let worst = worstRelativeError(jacobian, Matrix(rows: try #require(item.jacobian_first)))
                    #expect(worst < Self.tolerance(item), "\(item.name): J \(worst)")
                }
                let norm = try #require(try jacobian.singularValues().first)
                #expect(abs(norm - fields.operator_norm) < 1e-9 * fields.operator_norm, "\(item.name): ‖J(\(i))‖ \(norm)")
            }
        }
    }
}
