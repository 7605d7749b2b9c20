import EngramNumerics
import Numerics
import Testing

@testable import EngramKernels

@Suite struct TableCompletionTests {
    /// Rows of a curve in few dimensions with noise, some cells hidden.
    private static func curve(rows: Int, columns: Int, share: Double, seed: UInt64) -> (full: Matrix<Double>, masked: Matrix<Double>) {
        var generator = SplitMix64(seed: seed)
        var full = Matrix<Double>(rowCount: rows, columnCount: columns)
        for row in 0..<rows {
            let (s, t) = (generator.nextNormal(), generator.nextNormal())
            for column in 0..<columns {
                let phase = Double(column)
                full[row, column] =
                    10 * phase + (Double.sin(s + phase) + Double.cos(t * (1 + phase / 4)) * s + 0.05 * generator.nextNormal())
            }
        }
        var masked = full
        for row in 0..<rows {
            for column in 0..<columns where generator.nextUniform() < share { masked[row, column] = .nan }
        }
        return (full, masked)
    }

    private static func error(_ values: Matrix<Double>, _ truth: (full: Matrix<Double>, masked: Matrix<Double>)) -> Double {
        var (sum, count) = (0.0, 0.0)
        for (index, value) in truth.masked.elements.enumerated() where value.isNaN {
            sum += (values.elements[index] - truth.full.elements[index]) * (values.elements[index] - truth.full.elements[index])
            count += 1
        }
        return (sum / count).squareRoot()
    }

    @Test func aNonlinearTableIsFilledBetterThanByMeansAndLines() throws {
        let data = Self.curve(rows: 120, columns: 6, share: 0.15, seed: 1)
        let result = try TableCompletion().complete(IncompleteMatrix(values: data.masked))
        let standard = IncompleteMatrix(values: data.masked).standardised()
        var lines = try GaussianImputation(ridge: 2).impute(standard.matrix.values).values
        lines.scaleColumns(by: standard.scales)
        lines.addToRows(standard.means)
        var means = Imputation.filledWithMeans(standard.matrix.values).values
        means.scaleColumns(by: standard.scales)
        means.addToRows(standard.means)
        let found = Self.error(result.values, data)
        #expect(found < 0.8 * Self.error(lines, data) && found < 0.5 * Self.error(means, data))
        // Known cells are exactly what they were.
        for (a, b) in zip(result.values.elements, data.masked.elements) where !b.isNaN { #expect(a == b) }
        #expect(result.priors.reduce(0) { $0 + $1.share }.isApproximatelyEqual(to: 1, absoluteTolerance: 1e-12))
        #expect(result.priors.first?.name.hasPrefix("wide network") == true)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let data = Self.curve(rows: 40, columns: 4, share: 0.2, seed: 2)
        let first = try TableCompletion().complete(IncompleteMatrix(values: data.masked))
        let second = try TableCompletion().complete(IncompleteMatrix(values: data.masked))
        #expect(first.values == second.values && first.halfWidths == second.halfWidths && first.sources == second.sources)
    }

    /// Pooled over tables: 90 % intervals hold 90 % of the cells that nobody saw. Twelve tables of 100 × 5 have some 1200 missing cells, whose share
    /// scatters by 0.9 %, the errors of a row going together: three deviations.
    @Test func intervalsHoldTheirShareOfMissingCells() throws {
        var (inside, all) = (0.0, 0.0)
        for seed in 0..<12 as Range<UInt64> {
            let data = Self.curve(rows: 100, columns: 5, share: 0.2, seed: 100 + seed)
            var settings = TableCompletion.Settings()
            (settings.seed, settings.depths) = (seed, [1])
            let result = try TableCompletion(settings: settings).complete(IncompleteMatrix(values: data.masked))
            for (index, value) in data.masked.elements.enumerated() where value.isNaN {
                all += 1
                if (result.values.elements[index] - data.full.elements[index]).magnitude <= result.halfWidths.elements[index] {
                    inside += 1
                }
            }
        }
        #expect((inside / all - 0.9).magnitude < 0.03, "\(inside) of \(all)")
    }

    /// Expectation and maximisation against its fixed point: the filled cells are the regression on the known ones by the covariance of the
    /// filled table, holes' own variance included.
    @Test func theLinearNetworkIsAFixedPointOfItsOwnCovariance() throws {
        // At most one gap in a row: then no gap's error goes with another's.
        var generator = SplitMix64(seed: 3)
        var table = Self.curve(rows: 60, columns: 4, share: 0, seed: 3).full
        for row in 0..<60 where generator.nextUniform() < 0.5 { table[row, Int.random(in: 0..<4, using: &generator)] = .nan }
        let matrix = IncompleteMatrix(values: table).standardised().matrix.values
        let ridge = 2.0
        let found = try GaussianImputation(ridge: ridge).impute(matrix)
        let means = found.values.columnMeans()
        var covariance = Matrix<Double>(rowCount: 4, columnCount: 4)
        for i in 0..<4 { covariance[i, i] = ridge }
        for row in 0..<60 {
            for i in 0..<4 {
                for j in 0..<4 { covariance[i, j] += (found.values[row, i] - means[i]) * (found.values[row, j] - means[j]) }
                covariance[i, i] += found.deviations[row, i] * found.deviations[row, i]
            }
        }
        covariance.scale(by: 1 / (60 + ridge))
        for row in 0..<60 {
            let known = (0..<4).filter { !matrix[row, $0].isNaN }
            guard known.count == 3, let gap = (0..<4).first(where: { matrix[row, $0].isNaN }) else { continue }
            let weights = try covariance.submatrix(rows: known, columns: known).choleskySolve(
                covariance.submatrix(rows: known, columns: [gap]))
            let expected = known.enumerated().reduce(means[gap]) {
                $0 + weights[$1.offset, 0] * (found.values[row, $1.element] - means[$1.element])
            }
            // Steps end at a move of 1e-3; with an eighth of the cells missing the moves left add up to less than that again, slack 3.
            #expect((found.values[row, gap] - expected).magnitude < 3e-3, "row \(row)")
        }
    }

    @Test func degenerateTablesAreFilledWithWhatThereIs() throws {
        let gap = Double.nan
        // A constant column, a column with one known cell, a row with none.
        let matrix = Matrix(rows: [[1, 5, gap], [2, 5, 7], [3, gap, gap], [gap, gap, gap], [4, 5, gap]])
        let result = try TableCompletion().complete(IncompleteMatrix(values: matrix))
        #expect(result.values.firstNonFiniteEntry == nil && result.halfWidths.firstNonFiniteEntry == nil)
        #expect(result.values[2, 1] == 5 && result.values[3, 1] == 5)
        for row in [0, 2, 3, 4] { #expect((result.values[row, 2] - 7).magnitude < 1e-9) }
        let single = try TableCompletion().complete(IncompleteMatrix(values: Matrix(rows: [[1], [gap], [3]])))
        #expect((single.values[1, 0] - 2).magnitude < 1)
    }

    /// A power of two changes no digit, and neither squares of 1e180 nor those of 1e-180 are numbers.
    @Test(arguments: [0x1p600, 0x1p-600])
    func theUnitOfAColumnDoesNotMatter(unit: Double) throws {
        let data = Self.curve(rows: 40, columns: 4, share: 0.2, seed: 6)
        let plain = try TableCompletion().complete(IncompleteMatrix(values: data.masked))
        let scaled = try TableCompletion().complete(IncompleteMatrix(values: data.masked.map { $0 * unit }))
        for (a, b) in zip(scaled.values.elements, plain.values.elements) { #expect((a / unit - b).magnitude < 1e-9) }
        for (a, b) in zip(scaled.halfWidths.elements, plain.halfWidths.elements) { #expect((a / unit - b).magnitude < 1e-9) }
    }

    /// Constant columns are neither hidden nor calibrated on, and their missing cells are certain.
    @Test func constantColumnsHaveNoPartInFolds() throws {
        let gap = Double.nan
        let rows = (0..<40).map { (row: Int) -> [Double] in
            let (first, third) = (Double(row * row % 17), Double(row % 7))
            return [first, 5, third, row % 4 == 0 ? gap : 3]
        }
        var generator = SplitMix64(seed: 2)
        let folds = HeldOutFolds(IncompleteMatrix(values: Matrix(rows: rows)), maxCount: 8, using: &generator).cells
        #expect(!folds.isEmpty && folds.joined().allSatisfy { $0 % 4 == 0 || $0 % 4 == 2 })
        let result = try TableCompletion().complete(IncompleteMatrix(values: Matrix(rows: rows)))
        for row in stride(from: 0, to: 40, by: 4) { #expect(result.values[row, 3] == 3 && result.halfWidths[row, 3] == 0) }
    }

    /// No column has the four known cells that one may be hidden of: means fill it, with the quantile of the normal distribution.
    @Test func aTableTooSmallToHideCellsIsFilledByMeans() throws {
        let matrix = IncompleteMatrix(values: Matrix(rows: [[1, .nan], [3, 4], [5, 6]]))
        let result = try TableCompletion().complete(matrix)
        #expect((result.values[0, 1] - 5).magnitude < 1e-12)
        #expect(result.heldOut.isEmpty && result.heldOutCoverage == nil && (result.calibration - 1.645).magnitude < 1e-3)
        #expect(result.priors.first { $0.share == 1 }?.name.hasPrefix("column mean") == true)
    }

    /// Missing rows are answered a tile at a time: what a system of the known ones takes is enough, however many are missing.
    @Test func missingRowsTakeNoPartInThePlan() throws {
        let data = Self.curve(rows: 120, columns: 3, share: 0.5, seed: 7)
        let plain = try TableCompletion().complete(IncompleteMatrix(values: data.masked))
        var settings = TableCompletion.Settings()
        let known = (0..<3).map { column in data.masked.column(column).count { !$0.isNaN } }
        settings.byteLimit = SolveEstimate.cholesky(count: known.max() ?? 0, rightCount: 1).byteCount
        let limited = try TableCompletion(settings: settings).complete(IncompleteMatrix(values: data.masked))
        #expect(limited.values == plain.values && limited.halfWidths == plain.halfWidths)
    }

    @Test func aFoldHidesOneCellOfARowAndFoldsShareNone() {
        let data = Self.curve(rows: 50, columns: 6, share: 0.2, seed: 5)
        var generator = SplitMix64(seed: 1)
        let matrix = IncompleteMatrix(values: data.masked)
        let folds = HeldOutFolds(matrix, maxCount: 8, using: &generator).cells
        #expect(folds.count == 8 && folds.allSatisfy { Set($0.map { $0 / 6 }).count == $0.count })
        #expect(Set(folds.joined()).count == folds.reduce(0) { $0 + $1.count })
        #expect(folds.joined().allSatisfy { matrix.isKnown(row: $0 / 6, group: $0 % 6) })
    }

    /// Groups of columns are known together, and a fold never hides a half of one.
    @Test func groupsAreHiddenWhole() {
        let gap = Double.nan
        let matrix = IncompleteMatrix(
            values: Matrix(rows: [[1, 0, 2], [0, 1, 3], [gap, gap, 4], [0, 1, gap], [1, 0, 6]]), groups: [0..<2, 2..<3])
        #expect(matrix.rows(ofGroup: 0).missing == [2] && matrix.rows(ofGroup: 1).missing == [3])
        let hidden = matrix.hiding([0, 9])
        #expect(hidden.values[0, 0].isNaN && hidden.values[0, 1].isNaN && !hidden.values[0, 2].isNaN && hidden.values[4, 2].isNaN)
    }

    @Test func theQuantileIsTheSmallestThatHoldsTheShare() {
        // (n + 1)·0.9 = 9.9 of nine: the largest; of 19, the 18th.
        #expect(ConformalQuantile.value(of: (1...9).map(Double.init), coverage: 0.9) == 9)
        #expect(ConformalQuantile.value(of: (1...19).reversed().map(Double.init), coverage: 0.9) == 18)
        #expect(ConformalQuantile.value(of: (1...99).map(Double.init), coverage: 0.5) == 50)
    }

    @Test func itEndsWhenAskedTo() {
        struct Stop: Error {}
        let data = Self.curve(rows: 40, columns: 4, share: 0.2, seed: 4)
        #expect(throws: Stop.self) {
            try TableCompletion().complete(IncompleteMatrix(values: data.masked)) { if $0 > 0.3 { throw Stop() } }
        }
        var shares: [Double] = []
        _ = try? TableCompletion().complete(IncompleteMatrix(values: data.masked)) { shares.append($0) }
        #expect(shares == shares.sorted() && shares.last == 1)
    }
}
