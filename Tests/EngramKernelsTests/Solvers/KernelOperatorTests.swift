import EngramNumerics
import Testing

@testable import EngramKernels

@Suite struct KernelOperatorTests {
    /// Gives only what the protocol demands.
    private struct Bare: KernelOperator {
        let matrix: Matrix<Double>
        var count: Int { matrix.rowCount }
        func diagonal() -> [Double] { (0..<count).map { matrix[$0, $0] } }
        func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> {
            matrix.submatrix(rows: Array(rows), columns: Array(columns))
        }
    }

    // One tile, two, and three with an odd rest.
    @Test(arguments: [0, 1, 1024, 1025, 2100])
    func theTiledProductIsTheProductOfTheFactors(count: Int) throws {
        let kernel = SolverExamples.linearOperator(count: count, dimension: 4, seed: 31)
        let right = SolverExamples.random(count, 3, seed: 32)
        var rows = 0
        let product = try kernel.product(with: right) { rows += 1 }
        let expected = kernel.points * kernel.points.multiplied(by: right, transposingSelf: true)
        // n products below 4·4²·4, each rounded, errors adding up like a walk; slack 10.
        #expect(SolverExamples.largestDifference(product, expected) < 10 * 256 * Double(count + 1).squareRoot() * .ulpOfOne * 2)
        #expect(rows == (count + 1023) / 1024)
    }

    @Test func scatteredBlocksComeFromAdjoiningOnes() {
        let matrix = SolverExamples.laplaceMatrix(count: 9)
        let (rows, columns) = ([7, 2, 3, 4, 0, 0], [8, 1, 2, 5])
        let expected = matrix.submatrix(rows: rows, columns: columns)
        #expect(Bare(matrix: matrix).block(at: rows, columns: columns) == expected)
        #expect(DenseKernelOperator(matrix).block(at: rows, columns: columns) == expected)
        let points = SolverExamples.random(9, 3, seed: 1)
        let sampled = SampleKernelOperator(points: points, diagonal: { Array(repeating: 1, count: $0.rowCount) }) {
            SolverExamples.laplace($0, $1)
        }
        #expect(sampled.block(at: rows, columns: columns) == expected)
        #expect(sampled.block(rows: 2..<5, columns: 1..<9) == matrix.submatrix(rows: [2, 3, 4], columns: Array(1..<9)))
        #expect(sampled.diagonal() == Array(repeating: 1, count: 9))
    }

    @Test func theWholeMatrixIsItsRowsOfTiles() throws {
        let matrix = SolverExamples.laplaceMatrix(count: 7)
        #expect(try Bare(matrix: matrix).matrix() == matrix)
        let large = SolverExamples.linearOperator(count: 1030, dimension: 2, seed: 33)
        let expected = large.points.multiplied(by: large.points, transposingOther: true)
        // Two products and a sum of numbers below 4.
        #expect(SolverExamples.largestDifference(try large.matrix(), expected) < 64 * .ulpOfOne)
    }

    @Test func aRidgeStandsOnTheDiagonalWhereverABlockMeetsIt() throws {
        let matrix = SolverExamples.laplaceMatrix(count: 6)
        let shifted = ShiftedKernelOperator(base: DenseKernelOperator(matrix), ridge: 0.25)
        let expected = SolverExamples.adding(0.25, to: matrix)
        #expect(shifted.block(rows: 1..<5, columns: 3..<6) == expected.submatrix(rows: Array(1..<5), columns: [3, 4, 5]))
        #expect(shifted.block(rows: 0..<2, columns: 3..<6) == expected.submatrix(rows: [0, 1], columns: [3, 4, 5]))
        #expect(shifted.block(at: [4, 0, 4], columns: [4, 5, 0, 4]) == expected.submatrix(rows: [4, 0, 4], columns: [4, 5, 0, 4]))
        #expect(shifted.diagonal() == (0..<6).map { expected[$0, $0] })
        let right = SolverExamples.random(6, 2, seed: 34)
        #expect(SolverExamples.largestDifference(try shifted.product(with: right) {}, expected * right) < 1e-14)
    }

    @Test func productsMayBeCancelled() {
        let kernel = SolverExamples.linearOperator(count: 1025, dimension: 2, seed: 35)
        var rows = 0
        #expect(throws: SolverExamples.Cancelled.self) {
            _ = try kernel.product(with: Matrix(rowCount: 1025, columnCount: 1)) {
                rows += 1
                if rows == 2 { throw SolverExamples.Cancelled() }
            }
        }
        #expect(rows == 2)
    }
}
