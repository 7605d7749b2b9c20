import EngramKernels
import EngramNumerics
import EngramTestSupport
import Testing

/// Oracle: `rfm.json`: three rounds on twelve points, by LU in NumPy and gradients by autograd; `make_kernel_oracles.py` says how.
@Suite struct FeatureMachineGoldenTests {
    private struct Case: Decodable {
        struct Round: Decodable {
            let M: [[Double]]
            let alpha: [[Double]]
            let condition_number: Double
            let test_predictions: [[Double]]
            let gradients: [[[Double]]]?
            let M_next: [[Double]]?
        }
        let name: String
        let x: [[Double]]
        let y: [[Double]]
        let test_points: [[Double]]
        let bandwidth_L: Double
        let ridge: Double
        let scaling: String
        let diagonal: Bool
        let centred: Bool
        let T: Int
        let rounds: [Round]
        let final: Round
    }

    /// The README of the oracles: 1e-12 times the condition number, compounding over rounds to 1e-8.
    private static let tolerance = 1e-8

    @Test func metricsCoefficientsAndPredictionsOfEachRoundMatch() throws {
        let cases = try Oracle.cases("rfm", as: Case.self)
        #expect(cases.count == 6)
        for item in cases {
            let (x, y, queries) = (Matrix(rows: item.x), Matrix(rows: item.y), Matrix(rows: item.test_points))
            let scaling = try #require(["mean": FeatureMachine.Scaling.mean, "sum_over_max": .largestEntry][item.scaling])
            let settings = FeatureMachine.Settings(
                bandwidth: item.bandwidth_L, ridge: item.ridge, roundCount: item.T,
                product: .init(isDiagonal: item.diagonal, isCentered: item.centred), scaling: scaling)
            var seen = 0
            let machine = try FeatureMachine.learned(
                points: x, targets: y, settings: settings, solver: .init(wantsLeaveOneOut: true),
                onRound: { round in
                    let expected = round.index < item.T ? item.rounds[round.index] : item.final
                    let metric = round.kernel.metric?.matrix ?? .identity(x.columnCount)
                    #expect(worstRelativeError(metric, Matrix(rows: expected.M)) < Self.tolerance, "\(item.name) \(round.index): M")
                    let alpha = Matrix(rows: expected.alpha)
                    #expect(worstRelativeError(round.coefficients, alpha) < Self.tolerance, "\(item.name) \(round.index): alpha")
                    try expectLeaveOneOut(round, x, y, ridge: item.ridge, item.name)
                    seen += 1
                })
            #expect(seen == item.T + 1)
            let outputs = try machine.outputs(at: queries)
            #expect(worstRelativeError(outputs, Matrix(rows: item.final.test_predictions)) < Self.tolerance, "\(item.name): outputs")
        }
    }

    /// Naive second version: the system is solved without the example.
    private func expectLeaveOneOut(
        _ round: FeatureMachine.Round, _ x: Matrix<Double>, _ y: Matrix<Double>, ridge: Double, _ name: String
    ) throws {
        let residuals = try #require(round.leaveOneOutResiduals)
        let left = 3
        let rest = (0..<x.rowCount).filter { $0 != left }
        let cholesky = try KernelCholesky(round.kernel.values(at: x.rows(at: rest), centers: x.rows(at: rest)), ridge: ridge)
        let alpha = try cholesky.solve(y.rows(at: rest))
        let found = round.kernel.values(at: x.rows(at: [left]), centers: x.rows(at: rest)) * alpha
        for c in 0..<y.columnCount {
            // Condition numbers are below 1e4: 1e-12 of them, and slack 100.
            #expect(abs(residuals[left, c] - (y[left, c] - found[0, c])) < 1e-6, "\(name) \(round.index): left out")
        }
    }

    @Test func oneOuterProductMatchesTheMeanOfGradientsOneByOne() throws {
        for item in try Oracle.cases("rfm", as: Case.self) where !item.centred {
            let round = item.rounds[1]
            let x = Matrix(rows: item.x)
            let kernel = LaplaceKernel(bandwidth: item.bandwidth_L, metric: try Metric(Matrix(rows: round.M)))
            let product = try GradientOuterProduct(of: kernel, points: x, coefficients: Matrix(rows: round.alpha))
            var sum = Matrix<Double>(rowCount: x.columnCount, columnCount: x.columnCount)
            for rows in try #require(round.gradients) {
                let gradients = Matrix(rows: rows)
                sum = sum + gradients.multiplied(by: gradients, transposingSelf: true)
            }
            #expect(worstRelativeError(product.sum, sum) < Self.tolerance, "\(item.name)")
        }
    }

    /// Targets that are linear in x: M tends to a multiple of β βᵀ ([R23] Proposition 12), so its top eigenvector is β.
    @Test func aLinearTargetMakesItsCoefficientsTheTopDirection() throws {
        var generator = SplitMix64(seed: 11)
        let (n, d) = (400, 6)
        let x = Matrix<Double>(rowCount: n, columnCount: d, elements: (0..<n * d).map { _ in generator.nextNormal() })
        let beta: [Double] = [2, -1, 0, 0, 0.5, 0]
        let y = Matrix(rowCount: n, columnCount: 1, elements: x * beta)
        let machine = try FeatureMachine.learned(points: x, targets: y, settings: .init(ridge: 1e-3, roundCount: 3, scaling: .unitTrace))
        let metric = try #require(machine.kernel.metric).matrix
        let (values, vectors) = try metric.symmetricEigendecomposition()
        let top = vectors.column(d - 1)
        let cosine = abs(zip(top, beta).reduce(0) { $0 + $1.0 * $1.1 }) / 5.25.squareRoot()
        #expect(cosine > 0.999, "cosine \(cosine)")
        // The other directions have next to nothing left.
        #expect(values[d - 2] < 0.01 * values[d - 1], "\(values)")
    }

    @Test func conjugateGradientsAgreeWithTheFactorization() throws {
        var generator = SplitMix64(seed: 5)
        let (n, d) = (300, 4)
        let x = Matrix<Double>(rowCount: n, columnCount: d, elements: (0..<n * d).map { _ in generator.nextNormal() })
        let y = Matrix(rowCount: n, columnCount: 1, elements: (0..<n).map { x[$0, 0] * x[$0, 1] })
        let settings = FeatureMachine.Settings(ridge: 1e-2, roundCount: 2, scaling: .unitTrace)
        let direct = try FeatureMachine.learned(points: x, targets: y, settings: settings)
        let iterative = try FeatureMachine.learned(
            points: x, targets: y, settings: settings, solver: .init(byteLimit: 0, packedByteLimit: 0, tolerance: 1e-10, rank: 50))
        // The residual times a condition number of 3e4.
        #expect(worstRelativeError(iterative.coefficients, direct.coefficients) < 1e-5)
    }

    @Test func aConstantTargetIsRefusedByName() {
        let x = Matrix<Double>(rows: [[0, 1], [1, 0], [1, 1]])
        #expect(throws: FeatureMachineError.noGradients(round: 0)) {
            _ = try FeatureMachine.learned(points: x, targets: Matrix(rowCount: 3, columnCount: 1), settings: .init())
        }
    }
}

/// What many rows, several blocks and repeated points do to gradients.
@Suite struct GradientOuterProductTests {
    /// Naive second version: `KernelGradients` one point at a time, the own term left out by index.
    @Test func blocksAndRepeatedPointsInAMetricMatchGradientsOneByOne() throws {
        var generator = SplitMix64(seed: 3)
        // Beyond 2896 rows there is more than one block.
        let (n, d) = (3000, 3)
        var x = Matrix<Double>(rowCount: n, columnCount: d, elements: (0..<n * d).map { _ in generator.nextNormal() })
        for k in 0..<d { x[1, k] = x[0, k] }
        // A neighbour at a distance of 1e-10.
        for k in 0..<d { x[3, k] = x[2, k] + (k == 0 ? 1e-10 : 0) }
        let root = Matrix<Double>(rows: [[1, 0.3, 0], [0, 0.7, 0.2], [0.1, 0, 1.3]])
        let kernel = LaplaceKernel(bandwidth: 3, metric: try Metric(root.multiplied(by: root, transposingOther: true)))
        let alpha = Matrix<Double>(rowCount: n, columnCount: 2, elements: (0..<2 * n).map { _ in generator.nextNormal() })
        let product = try GradientOuterProduct(of: kernel, points: x, coefficients: alpha)
        var sum = Matrix<Double>(rowCount: d, columnCount: d)
        for i in 0..<n {
            let rest = (0..<n).filter { $0 != i }
            let others = x.rows(at: rest)
            let gradients = kernel.gradients(at: x.rows(at: [i]), centers: others)
            let jacobian = gradients.jacobian(ofRow: 0, point: x.row(i), centers: others, weights: alpha.rows(at: rest))
            sum = sum + jacobian.multiplied(by: jacobian, transposingSelf: true)
        }
        // The pair at 1e-10 has a direction of six digits in both, one pair of nine million.
        #expect(worstRelativeError(product.sum, sum) < 1e-9, "\(worstRelativeError(product.sum, sum))")
    }
}
