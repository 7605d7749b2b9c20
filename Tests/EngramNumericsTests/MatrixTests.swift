import ComplexModule
import EngramNumerics
import RealModule
import Testing

@Suite struct MatrixTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextNormal() })
    }

    private func largestDifference(_ left: Matrix<Double>, _ right: Matrix<Double>) -> Double {
        guard left.rowCount == right.rowCount && left.columnCount == right.columnCount else { return .infinity }
        return zip(left.elements, right.elements).map { abs($0 - $1) }.max() ?? 0
    }

    /// The product by its definition.
    private func naiveProduct(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: a.rowCount, columnCount: b.columnCount)
        for i in 0..<a.rowCount {
            for j in 0..<b.columnCount {
                for k in 0..<a.columnCount { result[i, j] += a[i, k] * b[k, j] }
            }
        }
        return result
    }

    @Test(arguments: [(0, 3, 2), (1, 1, 1), (3, 0, 2), (4, 5, 6), (17, 33, 9)])
    func productsWithEveryTranspositionMatchTheDefinition(m: Int, k: Int, n: Int) {
        let a = random(m, k, seed: 1)
        let b = random(k, n, seed: 2)
        let expected = naiveProduct(a, b)
        // k products of order 1, each rounded: k·ε with slack 10.
        let bound = 10 * Double(max(k, 1)) * Double.ulpOfOne * 10
        #expect(largestDifference(a * b, expected) <= bound)
        #expect(largestDifference(a.transposed().multiplied(by: b, transposingSelf: true), expected) <= bound)
        #expect(largestDifference(a.multiplied(by: b.transposed(), transposingOther: true), expected) <= bound)
        let both = a.transposed().multiplied(by: b.transposed(), transposingSelf: true, transposingOther: true)
        #expect(largestDifference(both, expected) <= bound)
        var accumulated = random(m, n, seed: 3)
        let sum = 2 * expected + -1 * accumulated
        accumulated.setToProduct(a, b, scaledBy: 2, adding: -1)
        #expect(largestDifference(accumulated, sum) <= 2 * bound)
    }

    @Test(arguments: [(0, 0), (1, 7), (31, 33), (70, 65)])
    func transposingExchangesRowsAndColumns(rows: Int, columns: Int) {
        let matrix = random(rows, columns, seed: 4)
        let transposed = matrix.transposed()
        #expect(transposed.rowCount == columns && transposed.columnCount == rows)
        for i in 0..<rows { for j in 0..<columns { #expect(transposed[j, i] == matrix[i, j]) } }
    }

    @Test func rowAndColumnOperationsActOnTheRightAxis() {
        var matrix = Matrix<Double>(rows: [[1, 2, 3], [4, 5, 6]])
        matrix.scaleRows(by: [10, 100])
        #expect(matrix == Matrix(rows: [[10, 20, 30], [400, 500, 600]]))
        matrix.scaleColumns(by: [1, 0, 0.5])
        #expect(matrix == Matrix(rows: [[10, 0, 15], [400, 0, 300]]))
        matrix.addToRows([1, 2, 3], scaledBy: -1)
        #expect(matrix == Matrix(rows: [[9, -2, 12], [399, -2, 297]]))
        #expect(matrix.columnMeans() == [204, -2, 154.5])
        #expect(matrix.rows(at: [1, 1, 0]).column(1) == [-2, -2, -2])
        #expect(matrix.leadingColumns(1) == Matrix(rows: [[9], [399]]))
        #expect(matrix.appendingColumn(repeating: 7).row(1) == [399, -2, 297, 7])
    }

    @Test func symmetricEigenvectorsDiagonalise() throws {
        let root = random(12, 12, seed: 5)
        let symmetric = root.multiplied(by: root, transposingOther: true)
        let (values, vectors) = try symmetric.symmetricEigendecomposition()
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
        var scaled = vectors
        scaled.scaleColumns(by: values)
        // Backward stable: n·ε·‖A‖, slack 10.
        let bound = 120 * Double.ulpOfOne * (values.last ?? 0)
        #expect(largestDifference(symmetric * vectors, scaled) < bound)
        #expect(largestDifference(vectors.multiplied(by: vectors, transposingSelf: true), .identity(12)) < 120 * Double.ulpOfOne)
    }

    @Test func eigenvaluesOfABlockOfRotationsAreItsAngles() throws {
        // Rotation by θ scaled by r has eigenvalues r·exp(±iθ).
        var matrix = Matrix<Double>(rowCount: 4, columnCount: 4)
        for (block, (radius, angle)) in [(0.5, 1.0), (2.0, 0.25)].enumerated() {
            let (c, s) = (radius * Double.cos(angle), radius * Double.sin(angle))
            matrix[2 * block, 2 * block] = c
            matrix[2 * block, 2 * block + 1] = -s
            matrix[2 * block + 1, 2 * block] = s
            matrix[2 * block + 1, 2 * block + 1] = c
        }
        let found = try matrix.eigenvalues()
        let expected = [
            Complex(length: 2, phase: 0.25), Complex(length: 2, phase: -0.25), Complex(length: 0.5, phase: 1),
            Complex(length: 0.5, phase: -1),
        ]
        for (left, right) in zip(found, expected) { #expect((left - right).length < 1e-14) }
    }

    @Test func eigenvaluesOfARandomMatrixHaveItsTraceAndDeterminantSum() throws {
        let matrix = random(30, 30, seed: 6)
        let values = try matrix.eigenvalues()
        let trace = (0..<30).reduce(0) { $0 + matrix[$1, $1] }
        let squareTrace = (0..<30).reduce(0) { sum, i in sum + (0..<30).reduce(0) { $0 + matrix[i, $1] * matrix[$1, i] } }
        #expect(abs(values.reduce(0) { $0 + $1.real } - trace) < 1e-12)
        #expect(abs(values.reduce(0) { $0 + ($1 * $1).real } - squareTrace) < 1e-10)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0.length >= $1.length })
    }

    @Test func minimumNormSolutionInterpolatesAndIsOrthogonalToTheNullSpace() throws {
        let a = random(4, 9, seed: 7)
        let right = random(4, 2, seed: 8)
        let (solution, rank) = try a.minimumNormSolution(right)
        #expect(rank == 4)
        #expect(largestDifference(a * solution, right) < 1e-13)
        // Smallest norm means in the row space: solution = Aᵀ·y for some y.
        let y = try a.multiplied(by: a, transposingOther: true).choleskySolve(right)
        #expect(largestDifference(a.multiplied(by: y, transposingSelf: true), solution) < 1e-12)
    }

    @Test func choleskyNamesTheFirstBadPivot() {
        #expect(throws: NumericsError.notPositiveDefinite(operation: "Cholesky solve", pivot: 1)) {
            _ = try Matrix<Double>(rows: [[1, 2], [2, 1]]).choleskySolve(.identity(2))
        }
    }

    @Test func orthonormalizedColumnsSpanTheSameSpace() throws {
        let a = random(20, 6, seed: 9)
        let q = try a.orthonormalizedColumns()
        #expect(largestDifference(q.multiplied(by: q, transposingSelf: true), .identity(6)) < 1e-14)
        let projected = q * q.multiplied(by: a, transposingSelf: true)
        #expect(largestDifference(projected, a) < 1e-13)
    }

    @Test func rankRevealingFactorsKeepTheRankAndGiveTheMatrixBack() throws {
        let shapes = [(20, 9), (9, 20)]
        for (rows, columns) in shapes {
            // Rank 3 by construction, and a fourth direction of 1e-9.
            let weak = 1e-9 * (random(rows, 1, seed: 12) * random(1, columns, seed: 13))
            let a = random(rows, 3, seed: 10) * random(3, columns, seed: 11) + weak
            let (q, c) = try a.rankRevealingFactors(relativeTolerance: 1e-14)
            #expect(q.columnCount == 4 && c.rowCount == 4)
            #expect(largestDifference(q.multiplied(by: q, transposingSelf: true), .identity(4)) < 1e-14)
            #expect(largestDifference(q * c, a) < 1e-13)
            let coarse = try a.rankRevealingFactors(relativeTolerance: 1e-6)
            #expect(coarse.basis.columnCount == 3)
            #expect(largestDifference(coarse.basis * coarse.coefficients, a) < 1e-7)
        }
        let zero = try Matrix<Double>(rowCount: 4, columnCount: 3).rankRevealingFactors(relativeTolerance: 1e-14)
        #expect(zero.basis.columnCount == 0 && zero.coefficients.rowCount == 0)
    }

    @Test func singularValuesAreRootsOfGramEigenvalues() throws {
        let a = random(5, 8, seed: 10)
        let gram = a.multiplied(by: a, transposingOther: true)
        let expected = try gram.symmetricEigendecomposition().eigenvalues.reversed().map { $0.squareRoot() }
        for (left, right) in zip(try a.singularValues(), expected) { #expect(abs(left - right) < 1e-12) }
        #expect(try a.singularValues().count == 5)
    }

    @Test func nonFiniteEntriesAreNamedByPlace() {
        var matrix = random(3, 3, seed: 11)
        matrix[2, 1] = .nan
        #expect(throws: NumericsError.nonFinite(operation: "Eigenvalues", row: 2, column: 1)) { _ = try matrix.eigenvalues() }
    }

    @Test func errorsSayWhatToDo() {
        #expect(NumericsError.nonFinite(operation: "X", row: 1, column: 2).description.contains("row 1, column 2"))
        #expect(NumericsError.notConverged(operation: "X", info: 3).description.contains("info 3"))
        #expect(NumericsError.notPositiveDefinite(operation: "X", pivot: 4).description.contains("ridge"))
    }
}

@Suite struct RandomNumberGeneratorTests {
    @Test func splitMixMatchesItsPublishedVector() {
        // Seed 1234567: the vector that Rosetta Code and the reference C program give.
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in generator.next() } == expected)
    }

    @Test func normalDrawsHaveMeanZeroAndVarianceOne() {
        var generator = SplitMix64(seed: 5)
        let draws = (0..<20_000).map { _ in generator.nextNormal() }
        let mean = draws.reduce(0, +) / 20_000
        let variance = draws.reduce(0) { $0 + $1 * $1 } / 20_000
        // Deviations 1/√n = 0.0071 and √(2/n) = 0.01; five of each.
        #expect(abs(mean) < 0.036)
        #expect(abs(variance - 1) < 0.05)
    }
}
