import EngramNumerics
import Numerics
import Testing

@testable import EngramKernels

@Suite struct RowRegressionTests {
    private static func normals(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    /// [R23] Theorem 5 written out: κ_1(ξ) = [ξ(π - acos ξ) + √(1 - ξ²)]/π + ξ(π - acos ξ)/π.
    private static func kappa(_ xi: Double) -> Double {
        let angle = Double.acos(min(max(xi, -1), 1))
        return (xi * (.pi - angle) + max(1 - xi * xi, 0).squareRoot()) / .pi + xi * (.pi - angle) / .pi
    }

    @Test func theKernelOfOneLayerIsTheoremFive() {
        let kernel = CompletionKernel()
        let identity = kernel.matrix(of: .identity(4))
        for i in 0..<4 {
            for j in 0..<4 {
                // κ(1) = 2, κ(0) = 1/π; rounding alone.
                #expect((identity[i, j] - (i == j ? 2 : 1 / .pi)).magnitude < 1e-15)
            }
        }
        let features = Self.normals(7, 5, seed: 1)
        let unit = features.rowsOfUnitNorm()
        let matrix = kernel.matrix(of: features)
        for i in 0..<7 {
            for j in 0..<i {
                let xi = zip(unit.row(i), unit.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
                #expect((matrix[i, j] - Self.kappa(xi)).magnitude < 1e-13, "[\(i), \(j)]")
            }
        }
    }

    /// κ_d = φ̌^(d) + κ_{d-1} φ̌'(φ̌^(d-1)), step by step.
    @Test(arguments: [2, 3, 5])
    func deeperKernelsFollowTheRecursion(depth: Int) {
        let features = Self.normals(6, 4, seed: 2)
        let unit = features.rowsOfUnitNorm()
        let matrix = CompletionKernel(depth: depth).matrix(of: features)
        for i in 0..<6 {
            #expect((matrix[i, i] - Double(depth + 1)).magnitude < 1e-13)
            for j in 0..<i {
                var xi = zip(unit.row(i), unit.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
                var tangent = xi
                for _ in 0..<depth {
                    let angle = Double.acos(xi)
                    let image = (xi * (.pi - angle) + (1 - xi * xi).squareRoot()) / .pi
                    tangent = image + tangent * (.pi - angle) / .pi
                    xi = image
                }
                #expect((matrix[i, j] - tangent).magnitude < 1e-12, "[\(i), \(j)]")
            }
        }
    }

    /// The tail as [R23] SI C has it: t·I appended to the prior, then normalised.
    @Test func theTailIsTheIdentityAppendedToThePrior() {
        let (n, tail) = (6, 1.5)
        var features = Self.normals(n, 3, seed: 3).rowsOfUnitNorm()
        // Two positions of the same features: without a tail the kernel matrix is singular.
        features.setRow(1, to: features.row(0))
        var appended = Matrix<Double>(rowCount: n, columnCount: 3 + n)
        for row in 0..<n { appended.setRow(row, to: features.row(row) + (0..<n).map { $0 == row ? tail : 0 }) }
        let expected = CompletionKernel().matrix(of: appended)
        let kernel = CompletionKernel(tail: tail)
        let found = kernel.matrix(of: features)
        for (a, b) in zip(found.elements, expected.elements) { #expect((a - b).magnitude < 1e-13) }
        let cross = kernel.values(at: features.rows(at: 0..<2), centers: features.rows(at: 2..<6))
        for i in 0..<2 { for j in 0..<4 { #expect((cross[i, j] - expected[i, j + 2]).magnitude < 1e-13) } }
    }

    /// Proposition 8 of [R23] with its constant corrected (Sherman-Morrison): one-hot positions give ℓ/(ℓ + 2π - 1) of the mean.
    @Test(arguments: [1, 2, 7, 50])
    func theIdentityPriorIsAShrunkenMean(known: Int) throws {
        let values = Self.normals(3, known, seed: UInt64(known))
        var matrix = Matrix<Double>(rowCount: 3, columnCount: known + 2, repeating: .nan)
        for row in 0..<3 { for column in 0..<known { matrix[row, column] = values[row, column] } }
        let kernel = CompletionKernel().matrix(of: .identity(known + 2))
        let plain = try RowRegression(isCentred: false).complete(matrix, kernel: kernel)
        let centred = try RowRegression().complete(matrix, kernel: kernel)
        let factor = Double(known) / (Double(known) + 2 * .pi - 1)
        for row in 0..<3 {
            let mean = values.row(row).reduce(0, +) / Double(known)
            for column in known..<known + 2 {
                #expect((plain.values[row, column] - factor * mean).magnitude < 1e-13)
                // Centred, nothing is shrunk.
                #expect((centred.values[row, column] - mean).magnitude < 1e-13)
            }
        }
    }

    /// The 3×3 example of [R23] SI A with Z = I: blocks [[2, 1/π], [1/π, 2]], [2] and [[2, 1/π], [1/π, 2]] worked out by hand.
    @Test func theExampleOfThreeRowsIsThreeRegressions() throws {
        let gap = Double.nan
        let matrix = Matrix(rows: [[gap, 0.5, 0.3], [0.1, 0.2, gap], [0.4, gap, gap]])
        let found = try RowRegression(isCentred: false).complete(matrix, kernel: CompletionKernel().matrix(of: .identity(3)))
        // (1, 1) K⁻¹ = (1, 1)/(2 + 1/π).
        let pair = (1 / Double.pi) / (2 + 1 / Double.pi)
        #expect((found.values[0, 0] - 0.8 * pair).magnitude < 1e-15)
        #expect((found.values[1, 2] - 0.3 * pair).magnitude < 1e-15)
        #expect((found.values[2, 1] - 0.4 / (2 * .pi)).magnitude < 1e-15 && found.values[2, 1] == found.values[2, 2])
        #expect(found.values[0, 1] == 0.5 && found.values[1, 0] == 0.1 && found.deviations[0, 1] == 0)
    }

    /// The corollary of [R23] SI A: for φ(x) = x the regression is least squares on the prior.
    @Test func aLinearNetworkIsLeastSquares() throws {
        let (n, p, known) = (12, 3, 9)
        let prior = Self.normals(n, p, seed: 5).rowsOfUnitNorm()
        let weights = Self.normals(2, p, seed: 6)
        // Noise makes the fit inexact, so that more than interpolation is compared.
        let noise = Self.normals(2, n, seed: 7)
        var matrix = weights.multiplied(by: prior, transposingOther: true) + 0.1 * noise
        for row in 0..<2 { for column in known..<n { matrix[row, column] = .nan } }
        let kernel = CompletionKernel(activation: RectifierDual(slope: 1)).matrix(of: prior)
        let ridge = 1e-9
        let found = try RowRegression(ridge: ridge, isCentred: false).complete(matrix, kernel: kernel)
        let left = prior.rows(at: 0..<known)
        let normal = left.multiplied(by: left, transposingSelf: true)
        for row in 0..<2 {
            let targets = Matrix(rowCount: known, columnCount: 1, elements: Array(matrix.row(row).prefix(known)))
            let solution = try normal.choleskySolve(left.multiplied(by: targets, transposingSelf: true))
            for column in known..<n {
                let expected = zip(prior.row(column), solution.elements).reduce(0) { $0 + $1.0 * $1.1 }
                // The ridge moves the solution by about ridge/(2·smallest eigenvalue of ZZᵀ); rounding by ε over the ridge.
                #expect((found.values[row, column] - expected).magnitude < 1e-5)
            }
        }
    }

    /// Leaving each known cell out in turn, against the closed form.
    @Test func leaveOneOutIsLeavingOneOut() throws {
        let n = 9
        let kernel = CompletionKernel(depth: 2).matrix(of: Self.normals(n, 4, seed: 8))
        var matrix = Self.normals(2, n, seed: 9)
        matrix[0, 3] = .nan
        let regression = RowRegression(ridge: 0.3, isCentred: false)
        let found = try regression.complete(matrix, kernel: kernel)
        for row in 0..<2 {
            for column in 0..<n where !matrix[row, column].isNaN {
                var without = matrix
                without[row, column] = .nan
                let again = try regression.complete(without, kernel: kernel)
                let residual = matrix[row, column] - again.values[row, column]
                #expect((found.leaveOneOutResiduals[row, column] - residual).magnitude < 1e-11, "[\(row), \(column)]")
            }
        }
    }

    @Test func rowsOfOnePatternShareTheirFactorizationAndOthersDoNot() {
        let gap = Double.nan
        let matrix = Matrix(rows: [[1, gap, 3], [1, 2, gap], [4, gap, 6], [gap, gap, gap]])
        let patterns = HolePattern.patterns(of: matrix)
        #expect(
            patterns == [
                HolePattern(outputs: [0, 2], known: [0, 2], missing: [1]), HolePattern(outputs: [1], known: [0, 1], missing: [2]),
                HolePattern(outputs: [3], known: [], missing: [0, 1, 2]),
            ])
    }

    /// The prediction is the mean plus the weighted sum of the centred known cells, which the named neighbours are the largest parts of.
    @Test func neighboursAreTheLargestWeights() throws {
        let n = 8
        let kernel = CompletionKernel(tail: 0.5).matrix(of: Self.normals(n, 3, seed: 10))
        var matrix = Self.normals(1, n, seed: 11)
        matrix[0, 2] = .nan
        let all = try RowRegression(ridge: 0.1, neighbourCount: n).complete(matrix, kernel: kernel)
        let neighbours = try #require(all.neighbours[2])
        #expect(neighbours.count == n - 1 && !neighbours.contains { $0.position == 2 })
        let mean = (0..<n).filter { $0 != 2 }.reduce(0) { $0 + matrix[0, $1] } / Double(n - 1)
        let sum = neighbours.reduce(mean) { $0 + $1.weight * (matrix[0, $1.position] - mean) }
        #expect((sum - all.values[0, 2]).magnitude < 1e-12)
        #expect(zip(neighbours, neighbours.dropFirst()).allSatisfy { $0.weight.magnitude >= $1.weight.magnitude })
        let two = try RowRegression(ridge: 0.1, neighbourCount: 2).complete(matrix, kernel: kernel)
        #expect(two.neighbours[2] == Array(neighbours.prefix(2)))
    }

    /// Draws of the Gaussian process itself: deviations must be those of the errors.
    @Test func deviationsAreThoseOfAGaussianProcess() throws {
        let (n, known, rows, ridge) = (60, 45, 400, 0.2)
        let features = Self.normals(n, 4, seed: 12)
        let kernel = CompletionKernel().matrix(of: features)
        // y = 3 (L g + √ridge e), K = L Lᵀ: a scale that must be found, too.
        var factor = kernel
        _ = try factor.factorizeCholesky()
        for i in 0..<n { for j in i + 1..<n { factor[i, j] = 0 } }
        let truth =
            3
            * (Self.normals(rows, n, seed: 13).multiplied(by: factor, transposingOther: true)
                + ridge.squareRoot() * Self.normals(rows, n, seed: 14))
        var matrix = truth
        for row in 0..<rows { for column in known..<n { matrix[row, column] = .nan } }
        let found = try RowRegression(ridge: ridge, isCentred: false).complete(matrix, kernel: kernel)
        var squares = 0.0
        for row in 0..<rows {
            for column in known..<n {
                let error = (found.values[row, column] - truth[row, column]) / found.deviations[row, column]
                squares += error * error
            }
        }
        // The mean square of a t-like ratio with 45 degrees of freedom is 45/43; 6000 correlated draws scatter by some percent.
        #expect((squares / Double(rows * (n - known)) - 45.0 / 43).magnitude < 0.1)
    }
}
