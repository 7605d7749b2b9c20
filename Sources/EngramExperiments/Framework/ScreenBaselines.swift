internal import EngramKernels
internal import EngramNumerics

/// What other methods make of the training profiles of a screen.
struct ScreenBaselines {
    private let screen: DrugScreen
    private let training: [Int]
    /// Training profiles of each cell, by drug; the reference cell comes last.
    private let byCell: [[Int: [Double]]]
    private let means: [[Double]]
    private let referenceMean: [Double]

    /// Drugs that a prediction is averaged over, at most, as published.
    private static let neighbourCount = 10
    private static let rank = 12
    private static let ridge = 3.0

    init(screen: DrugScreen, training: [Int]) {
        (self.screen, self.training) = (screen, training)
        var byCell = [[Int: [Double]]](repeating: [:], count: DrugScreen.cellCount + 1)
        for profile in training { byCell[screen.cells[profile]][screen.drugs[profile]] = screen.profiles.row(profile) }
        for (drug, profile) in screen.reference.enumerated() { byCell[DrugScreen.cellCount][drug] = profile }
        self.byCell = byCell
        func mean(_ profiles: some Collection<[Double]>) -> [Double] {
            let genes = screen.profiles.columnCount
            var sum = [Double](repeating: 0, count: genes)
            for profile in profiles { for gene in 0..<genes { sum[gene] += profile[gene] } }
            return sum.map { $0 / Double(max(profiles.count, 1)) }
        }
        // Sums in the order of drugs: a dictionary has none.
        means = byCell.map { cell in mean(cell.keys.sorted().compactMap { cell[$0] }) }
        referenceMean = means[DrugScreen.cellCount]
    }

    func mean(ofCell cell: Int) -> [Double] { means[cell] }

    func isDense(cell: Int) -> Bool { byCell[cell].count >= DrugScreen.denseCount }

    /// The mean of the most similar drugs on the same cell; similar are drugs whose profiles correlate on the cells that have seen both.
    func neighbourPrediction(drug: Int, cell: Int) -> [Double] {
        var found: [(weight: Double, drug: Int)] = []
        for other in byCell[cell].keys.sorted() where other != drug {
            var (sum, count) = (0.0, 0.0)
            for shared in byCell.indices where shared != cell {
                guard let a = byCell[shared][drug], let b = byCell[shared][other] else { continue }
                let base = means[shared]
                sum += CompletionExperiment.pearson(zip(a, base).map { $0 - $1 }, zip(b, base).map { $0 - $1 })
                count += 1
            }
            if count > 0, sum > 0 { found.append((min(sum / count, 1), other)) }
        }
        let nearest = found.sorted { ($1.weight, $0.drug) < ($0.weight, $1.drug) }.prefix(Self.neighbourCount)
        let total = nearest.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return means[cell] }
        var result = [Double](repeating: 0, count: means[cell].count)
        for neighbour in nearest {
            guard let profile = byCell[cell][neighbour.drug] else { continue }
            for gene in result.indices { result[gene] += neighbour.weight / total * profile[gene] }
        }
        return result
    }

    /// Low-rank completion of drugs against cells and genes, the cells' means taken off.
    func lowRankPredictions(
        _ test: [Int], using generator: inout CounterBasedGenerator, onStep: () throws -> Void
    ) throws -> Matrix<Double> {
        let genes = screen.profiles.columnCount
        var (rows, columns, values): ([Int], [Int], [Double]) = ([], [], [])
        for (cell, profiles) in byCell.enumerated() {
            for drug in profiles.keys.sorted() {
                guard let profile = profiles[drug] else { continue }
                for gene in 0..<genes {
                    rows.append(drug)
                    columns.append(cell * genes + gene)
                    values.append(profile[gene] - means[cell][gene])
                }
            }
        }
        let known = RatingTable(
            userCount: DrugScreen.drugCount, itemCount: byCell.count * genes, users: rows, items: columns, values: values)
        let factors = try RatingFactors(known, rank: Self.rank, ridge: Self.ridge, using: &generator, onStep: onStep)
        return Matrix(
            rows: test.map { profile in
                let (drug, cell) = (screen.drugs[profile], screen.cells[profile])
                let pairs = RatingPairs(users: Array(repeating: drug, count: genes), items: (0..<genes).map { cell * genes + $0 })
                return zip(factors.predictions(pairs), means[cell]).map { $0 + $1 }
            })
    }

    /// [R23] SI C: the mean of the cell's training profiles, with the norm of the drug's reference profile and times the weight, and that profile.
    func reference(drug: Int, cell: Int, weight: Double) -> [Double] {
        let profile = screen.reference[drug] ?? referenceMean
        func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let scale = weight * norm(profile) / max(norm(means[cell]), .leastNormalMagnitude)
        return means[cell].map { $0 * scale } + profile
    }

    /// Profiles at the cells' means with which the mean response of a drug begins.
    private static let imaginedProfiles = 2.0

    /// What a drug does, by all other cells that have seen it: the mean of its profiles less those cells' means, drawn towards none.
    ///
    /// The cell itself is left out also where it has seen the drug, so that known and wanted profiles have features of one kind.
    func response(ofDrug drug: Int, withoutCell cell: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: referenceMean.count)
        var count = Self.imaginedProfiles
        for other in byCell.indices where other != cell {
            guard let profile = byCell[other][drug] else { continue }
            count += 1
            for gene in sum.indices { sum[gene] += profile[gene] - means[other][gene] }
        }
        return sum.map { $0 / count }
    }
}
