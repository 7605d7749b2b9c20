import EngramNumerics
import Testing

@testable import EngramKernels

/// What the priors of a table are judged by, what they cost, and which known cells their values come from.
@Suite struct TablePriorTests {
    private static let gap = Double.nan

    private static func task(
        _ matrix: IncompleteMatrix, operationLimit: Double = 1e12, exampleCount: Int? = 1000
    ) -> FirstPrior.Task {
        FirstPrior.Task(
            matrix: matrix.standardised().matrix, fillCount: 1,
            limits: exampleCount.map { .init(byteCount: 1 << 30, exampleCount: $0, order: Array(0..<matrix.rowCount)) },
            operationLimit: operationLimit, ridges: [2])
    }

    /// Forty guesses of nothing but noise: the best of them, and better still a mean of some, looks better than chance on the cells that chose
    /// it, and not on others.
    @Test func whatIsChosenIsJudgedOnOtherCells() {
        var generator = SplitMix64(seed: 1)
        let matrix = IncompleteMatrix(
            values: Matrix(rowCount: 100, columnCount: 1, elements: (0..<100).map { row -> Double in row % 2 == 0 ? 1 : -1 }))
        var study = HeldOutStudy(matrix, folds: HeldOutFolds(cells: (0..<4).map { fold in Array(25 * fold..<25 * fold + 25) }))
        let truth = matrix.values.elements
        var guesses: [String: [Double]] = [:]
        for name in 0..<40 {
            let guess = (0..<100).map { _ -> Double in 0.5 * generator.nextNormal() }
            guesses["\(name)"] = guess
            let imputation = Imputation(
                values: Matrix(rowCount: 100, columnCount: 1, elements: guess),
                deviations: Matrix(rowCount: 100, columnCount: 1, repeating: 1))
            for fold in 0..<4 { study.add(imputation, name: "\(name)", fold: fold) }
        }
        var mixed = [Double](repeating: 0, count: 100)
        for share in study.mixture().shares {
            for (place, value) in (guesses[share.name] ?? []).enumerated() { mixed[place] += share.share * value }
        }
        var square = 0.0
        for (value, wanted) in zip(mixed, truth) { square += (value - wanted) * (value - wanted) / 100 }
        let judged = study.error(of: study.judgement())
        // A mean of four guesses of deviation 0.5 has an error of √(1 + 1/16) = 1.03 on cells it never saw; a hundred of them tell 4 %.
        #expect(judged > 0.95 && judged > square.squareRoot() + 0.02, "\(judged), \(square.squareRoot())")
        #expect(study.calibration(study.judgement(), coverage: 0.9).coverage != nil)
    }

    /// A large table hides enough cells in one fold; its halves judge each other.
    @Test func halvesOfASingleFoldJudgeEachOther() {
        var generator = SplitMix64(seed: 2)
        let truth = (0..<400).map { _ in generator.nextNormal() }
        let matrix = IncompleteMatrix(values: Matrix(rowCount: 400, columnCount: 1, elements: truth))
        var study = HeldOutStudy(matrix, folds: HeldOutFolds(cells: [Array(0..<400)]))
        study.add(
            Imputation(values: Matrix(rowCount: 400, columnCount: 1), deviations: Matrix(rowCount: 400, columnCount: 1, repeating: 1)),
            name: "mean", fold: 0)
        let found = study.calibration(study.judgement(), coverage: 0.9)
        // 1.645 for a normal distribution; the quantile of 400 scatters by 0.09, its coverage by 1.5 %.
        #expect((found.factor - 1.645).magnitude < 0.3 && ((found.coverage ?? 0) - 0.9).magnitude < 0.05)
    }

    /// A category of many levels and a number count alike in the distance of two rows.
    @Test func theLevelsOfACategoryCountAsOneColumn() {
        var rows: [[Double]] = []
        for row in 0..<40 {
            var values = [Double](repeating: 0, count: 12)
            values[row % 10] = 1
            (values[10], values[11]) = (Double(row % 7), Double(row % 3))
            rows.append(values)
        }
        let matrix = IncompleteMatrix(values: Matrix(rows: rows), groups: [0..<10, 10..<11, 11..<12]).standardised().matrix
        let kernels = KernelImputation(matrix: matrix, limits: .init(byteCount: 1 << 20, exampleCount: 40, order: Array(0..<40)))
        let features = kernels.features(matrix.values, without: 11..<12)
        func square(_ columns: Range<Int>) -> Double {
            var sum = 0.0
            for value in features.columns(at: columns).elements { sum += value * value }
            return sum / 40
        }
        // Each group has mean square 1/2, since the columns of a standardised matrix have mean square 1.
        #expect((square(0..<10) - 0.5).magnitude < 1e-12 && (square(10..<11) - 0.5).magnitude < 1e-12)
    }

    /// y = 2x in every row but for a little noise: a linear network fills y from x of the same row, a wide one from y of other rows.
    @Test func namedCellsAreOfTheRowOrTheColumn() throws {
        var generator = SplitMix64(seed: 3)
        let rows = (0..<80).map { row -> [Double] in
            let x = generator.nextNormal()
            return [x, row % 8 == 0 ? Self.gap : 2 * x + 0.3 * generator.nextNormal(), generator.nextNormal()]
        }
        let result = try TableCompletion().complete(IncompleteMatrix(values: Matrix(rows: rows)))
        let names = result.priors.filter { $0.share > 0 }.map(\.name)
        for row in stride(from: 0, to: 80, by: 8) {
            let sources = try #require(result.sources[3 * row + 1])
            #expect(!sources.isEmpty && sources.count <= 5)
            for source in sources {
                let isOfItsRow = source.row == row
                #expect(isOfItsRow ? source.group != 1 : source.group == 1)
                #expect(isOfItsRow || source.row % 8 != 0)
            }
            if names.contains(where: { $0.hasPrefix("linear network") }) { #expect(sources.contains { $0.row == row && $0.group == 0 }) }
            #expect(zip(sources, sources.dropFirst()).allSatisfy { $0.weight.magnitude >= $1.weight.magnitude })
        }
    }

    /// Shares weigh what each prior used, and a cell that two used counts once.
    @Test func aMeanNamesTheCellsOfAllItsParts() {
        func part(_ sources: [TableCompletion.Source]) -> Imputation {
            var imputation = Imputation(
                values: Matrix(rowCount: 4, columnCount: 2), deviations: Matrix(rowCount: 4, columnCount: 2))
            imputation.sources = [3: sources]
            return imputation
        }
        let ofRow = TableCompletion.Source(row: 1, group: 0, weight: 0.9)
        let linear = part([ofRow])
        let wide = part([.init(row: 2, group: 1, weight: -0.8), .init(row: 0, group: 1, weight: 0.4), ofRow])
        let joined = Imputation.sources([(linear, 0.25), (wide, 0.75)], count: 2)
        // 0.25·0.9 + 0.75·0.9, and 0.75·-0.8; the third, 0.3, is one too many.
        #expect(joined.keys.sorted() == [3] && joined[3]?.map(\.row) == [1, 2])
        #expect(((joined[3]?[0].weight ?? 0) - 0.9).magnitude < 1e-12 && ((joined[3]?[1].weight ?? 0) + 0.6).magnitude < 1e-12)
    }

    /// The slopes are those of the regression: the mean plus the weighted known cells is what was filled in.
    @Test func theSourcesOfALinearNetworkAddUpToItsValue() throws {
        var generator = SplitMix64(seed: 4)
        let rows = (0..<50).map { row -> [Double] in
            let (s, t) = (generator.nextNormal(), generator.nextNormal())
            return [s, row % 5 == 0 ? Self.gap : s + t, t, s - t + 0.1 * generator.nextNormal()]
        }
        let matrix = IncompleteMatrix(values: Matrix(rows: rows)).standardised().matrix
        let found = try GaussianImputation(ridge: 2, sourceCount: 10).impute(matrix.values)
        let means = found.values.columnMeans()
        for row in stride(from: 0, to: 50, by: 5) {
            let sources = try #require(found.sources[4 * row + 1])
            var sum = means[1]
            for source in sources { sum += source.weight * (matrix.values[row, source.group] - means[source.group]) }
            // The means are those of the step before the last one; steps end at moves of 1e-3.
            #expect(sources.count == 3 && (sum - found.values[row, 1]).magnitude < 3e-3)
        }
    }

    /// Where expectation and maximisation take too long, fewer rows say what the covariance is; where not even that, factors do.
    @Test func theLinearNetworkKeepsToItsOperations() throws {
        var generator = SplitMix64(seed: 5)
        let rows = (0..<300).map { row -> [Double] in
            let (s, t) = (generator.nextNormal(), generator.nextNormal())
            return (0..<5).map { column -> Double in
                (row + column * 7) % 9 == 0 ? Self.gap : s * Double(column) + t + 0.1 * generator.nextNormal()
            }
        }
        let matrix = IncompleteMatrix(values: Matrix(rows: rows))
        let step = GaussianImputation.operationCount(matrix.values)
        func names(_ limit: Double) throws -> [String] {
            try FirstPrior.all(Self.task(matrix, operationLimit: limit), onStep: {}).map(\.name)
        }
        #expect(try names(40 * step).contains { $0.hasPrefix("linear network") })
        #expect(try names(6 * step).contains { $0.hasPrefix("linear network") })
        #expect(try names(step).contains("low rank") && !names(step).contains { $0.hasPrefix("linear network") })
        let standard = matrix.standardised().matrix.values
        let (all, some) = (
            try GaussianImputation(ridge: 2).impute(standard),
            try GaussianImputation(ridge: 2, fitRows: Array(stride(from: 0, to: 300, by: 3))).impute(standard)
        )
        // A hundred rows in place of three hundred: slopes are off by a tenth of the noise, which is 0.1, and drawn three times as far to 0 by
        // the ridge, by some percent.
        var square = 0.0
        for (a, b) in zip(all.values.elements, some.values.elements) { square += (a - b) * (a - b) }
        let holes = Double(standard.elements.count { $0.isNaN })
        #expect((square / holes).squareRoot() < 0.1)
    }

    /// Metadata of columns count beside a category, whose own cells keep their means.
    @Test func whatIsKnownOfColumnsCountsBesideCategories() throws {
        var generator = SplitMix64(seed: 6)
        // Six numbers lie on a curve over their places, which the metadata say; the category says nothing.
        let rows = (0..<40).map { row -> [Double] in
            let (a, b) = (generator.nextNormal(), generator.nextNormal())
            var cells: [Double] = row % 2 == 0 ? [1, 0] : [0, 1]
            for place in 0..<6 { cells.append((row + 3 * place) % 11 == 0 ? Self.gap : a + b * Double(place)) }
            return cells
        }
        let places = Matrix<Double>(rowCount: 7, columnCount: 1, elements: [0, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
        let groups: [Range<Int>] = [0..<2, 2..<3, 3..<4, 4..<5, 5..<6, 6..<7, 7..<8]
        let matrix = IncompleteMatrix(values: Matrix(rows: rows), groups: groups, groupFeatures: places)
        let priors = try FirstPrior.all(Self.task(matrix), onStep: {})
        let prior = try #require(priors.first { $0.name == "what is known of the columns" })
        let standard = matrix.standardised()
        let filled = try prior.impute(standard.matrix, 2, {})
        let means = Imputation.filledWithMeans(standard.matrix.values)
        func error(_ found: Imputation) -> Double {
            var sum = 0.0
            for row in 0..<40 {
                for column in 2..<8 where matrix.values[row, column].isNaN {
                    let others = (2..<8).filter { !matrix.values[row, $0].isNaN }
                    // a + b·place from two known cells.
                    let (p, q) = (others[0], others[1])
                    let slope = (matrix.values[row, q] - matrix.values[row, p]) / Double(q - p)
                    let truth = matrix.values[row, p] + slope * Double(column - p)
                    let value = found.values[row, column] * standard.scales[column] + standard.means[column]
                    sum += (value - truth) * (value - truth)
                }
            }
            return sum
        }
        #expect(error(filled) < 0.3 * error(means))
        #expect(!filled.sources.isEmpty)
        for (cell, sources) in filled.sources {
            for source in sources { #expect(source.row == cell / 7 && source.group > 0) }
        }
    }

    /// The prior of rows holds no kernel over all rows: systems rest on as many as the limit allows, and answer the same way.
    @Test func whatIsKnownOfRowsKeepsToItsRows() throws {
        let rows = (0..<200).map { row -> [Double] in
            let value = row % 9 == 0 ? Self.gap : Double(row % 20)
            return [value, Double(row * 7 % 13)]
        }
        let features = Matrix(rowCount: 200, columnCount: 1, elements: (0..<200).map { row -> Double in (Double(row % 20) - 9.5) / 5.8 })
        let matrix = IncompleteMatrix(values: Matrix(rows: rows), rowFeatures: features)
        func filled(_ count: Int) throws -> Imputation {
            let priors = try FirstPrior.all(Self.task(matrix, exampleCount: count), onStep: {})
            let prior = try #require(priors.first { $0.name == "what is known of the rows" })
            return try prior.impute(matrix.standardised().matrix, 3, {})
        }
        let (many, few) = (try filled(200), try filled(60))
        let standard = matrix.standardised()
        for row in stride(from: 0, to: 200, by: 9) {
            let truth = (Double(row % 20) - standard.means[0]) / standard.scales[0]
            #expect((many.values[row, 0] - truth).magnitude < 0.1 && (few.values[row, 0] - truth).magnitude < 0.2)
            #expect(few.sources[2 * row]?.count == 3)
        }
        // Where no regression is affordable there is no such prior.
        #expect(try !FirstPrior.all(Self.task(matrix, exampleCount: nil), onStep: {}).contains { $0.name == "what is known of the rows" })
    }
}
