import EngramNumerics
import RealModule

@testable import EngramKernels

/// Systems and naive second versions for the tests of the solvers.
enum SolverExamples {
    /// What a test throws to stop a solver.
    struct Cancelled: Error {}

    static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    static func diagonal(_ values: [Double]) -> Matrix<Double> {
        var matrix = Matrix<Double>(rowCount: values.count, columnCount: values.count)
        for (i, value) in values.enumerated() { matrix[i, i] = value }
        return matrix
    }

    /// exp(-‖x - z‖/length).
    static func laplace(_ points: Matrix<Double>, _ centers: Matrix<Double>, length: Double = 3) -> Matrix<Double> {
        let (left, right) = ((0..<points.rowCount).map(points.row), (0..<centers.rowCount).map(centers.row))
        return Matrix(rows: left.map { x in right.map { z in Double.exp(-squaredDistance(x, z).squareRoot() / length) } })
    }

    /// A Laplace kernel matrix of normal points in three dimensions.
    static func laplaceMatrix(count: Int, seed: UInt64 = 1) -> Matrix<Double> {
        let points = random(count, 3, seed: seed)
        return laplace(points, points)
    }

    /// x·z; its blocks are fast in debug builds too, and its system has a closed form.
    static func linearOperator(count: Int, dimension: Int, seed: UInt64) -> SampleKernelOperator {
        SampleKernelOperator(
            points: random(count, dimension, seed: seed),
            diagonal: { points in (0..<points.rowCount).map { points.row($0).reduce(0) { $0 + $1 * $1 } } },
            values: { $0.multiplied(by: $1, transposingOther: true) })
    }

    static func largestDifference(_ left: Matrix<Double>, _ right: Matrix<Double>) -> Double {
        guard left.rowCount == right.rowCount && left.columnCount == right.columnCount else { return .infinity }
        return largestDifference(left.elements, right.elements)
    }

    static func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
        guard left.count == right.count else { return .infinity }
        // A NaN must not be dropped by `max`.
        return zip(left, right).reduce(0) { largest, pair in
            let difference = abs(pair.0 - pair.1)
            return difference.isNaN ? .infinity : max(largest, difference)
        }
    }

    static func largest(_ matrix: Matrix<Double>) -> Double { matrix.elements.reduce(0) { max($0, abs($1)) } }

    /// The solution of matrix·x = right by Gaussian elimination with row exchanges, one entry at a time.
    static func eliminated(_ matrix: Matrix<Double>, _ right: [Double]) -> [Double] {
        let n = right.count
        var (a, b) = ((0..<n).map(matrix.row), right)
        for k in 0..<n {
            let pivot = (k..<n).max { abs(a[$0][k]) < abs(a[$1][k]) } ?? k
            a.swapAt(k, pivot)
            b.swapAt(k, pivot)
            for i in k + 1..<max(n, k + 1) {
                let factor = a[i][k] / a[k][k]
                for j in k..<n { a[i][j] -= factor * a[k][j] }
                b[i] -= factor * b[k]
            }
        }
        var x = b
        for i in (0..<n).reversed() {
            for j in i + 1..<max(n, i + 1) { x[i] -= a[i][j] * x[j] }
            x[i] /= a[i][i]
        }
        return x
    }

    /// y_i minus the prediction for example i of a fit to the others, by refitting n times.
    static func refittedResiduals(_ kernel: Matrix<Double>, _ targets: Matrix<Double>, ridge: Double) -> Matrix<Double> {
        let n = kernel.rowCount
        var residuals = targets
        for i in 0..<n {
            let others = (0..<n).filter { $0 != i }
            var matrix = kernel.submatrix(rows: others, columns: others)
            for k in others.indices { matrix[k, k] += ridge }
            for column in 0..<targets.columnCount {
                let alpha = eliminated(matrix, others.map { targets[$0, column] })
                residuals[i, column] -= zip(others, alpha).reduce(0) { $0 + kernel[i, $1.0] * $1.1 }
            }
        }
        return residuals
    }

    static func adding(_ ridge: Double, to kernel: Matrix<Double>) -> Matrix<Double> {
        var shifted = kernel
        for i in 0..<kernel.rowCount { shifted[i, i] += ridge }
        return shifted
    }
}
