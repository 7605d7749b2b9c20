internal import EngramKernels
internal import EngramNumerics
internal import RealModule

/// Profiles of drugs on cells, drawn with the structure that [R23] section 3.3 describes: the cell decides most, drugs fall into clusters,
/// their effect differs from cell to cell, one reference cell has seen nearly all drugs, some cells many and most few.
struct DrugScreen {
    static let drugCount = 300
    /// The reference cell not counted.
    static let cellCount = 14
    /// Training drugs from which on a cell is dense.
    static let denseCount = 150
    private static let clusterCount = 10
    /// Sizes of effects, as standard deviations of an entry.
    private static let effects = (cell: 1.0, cluster: 0.55, drug: 0.25, interaction: 0.45, noise: 0.5)

    /// One profile to a row, shape `[profiles, genes]`, those of the reference cell left out.
    let profiles: Matrix<Double>
    /// Of each profile its drug and cell.
    let drugs: [Int]
    let cells: [Int]
    /// The reference cell's profile of a drug; nil where it was not measured.
    let reference: [[Double]?]

    init(geneCount: Int, using generator: inout CounterBasedGenerator) {
        func normals(_ count: Int, _ size: Double) -> [Double] { (0..<count).map { _ in size * generator.nextNormal() } }
        let sizes = Self.effects
        let cellEffects = (0...Self.cellCount).map { _ in normals(geneCount, sizes.cell) }
        let clusters = (0..<Self.clusterCount).map { _ in normals(geneCount, sizes.cluster) }
        let clusterOfDrug = (0..<Self.drugCount).map { _ in Int.random(in: 0..<Self.clusterCount, using: &generator) }
        let own = (0..<Self.drugCount).map { _ in normals(geneCount, sizes.drug) }
        // Each cell reads a cluster with gains of its own for every gene: a product of cell and cluster that no sum of both is.
        let gains = (0...Self.cellCount).map { _ in normals(geneCount, 1) }
        func profile(_ drug: Int, _ cell: Int) -> [Double] {
            let noise = normals(geneCount, sizes.noise)
            let cluster = clusters[clusterOfDrug[drug]]
            return (0..<geneCount).map { gene in
                let shared = cluster[gene] + own[drug][gene]
                let interaction = sizes.interaction * Double.tanh(gains[cell][gene] * cluster[gene] / sizes.cluster)
                return cellEffects[cell][gene] + shared + interaction + noise[gene]
            }
        }
        // A tenth of the drugs were never tried on the reference cell, which is the last.
        reference = (0..<Self.drugCount).map { generator.nextUniform() < 0.9 ? profile($0, Self.cellCount) : nil }
        var (rows, drugs, cells): ([[Double]], [Int], [Int]) = ([], [], [])
        for cell in 0..<Self.cellCount {
            let count = cell < 4 ? 190 + 20 * cell : 20 + 9 * cell
            for drug in Array(0..<Self.drugCount).shuffled(using: &generator).prefix(count).sorted() {
                rows.append(profile(drug, cell))
                drugs.append(drug)
                cells.append(cell)
            }
        }
        profiles = Matrix(rows: rows)
        (self.drugs, self.cells) = (drugs, cells)
    }

    /// Disjoint sets of profiles that are all of them together, each a like part of every cell.
    func folds(count: Int, using generator: inout CounterBasedGenerator) -> [[Int]] {
        var folds = [[Int]](repeating: [], count: count)
        for cell in 0..<Self.cellCount {
            let own = cells.indices.filter { cells[$0] == cell }.shuffled(using: &generator)
            for (place, profile) in own.enumerated() { folds[place % count].append(profile) }
        }
        return folds.map { $0.sorted() }
    }
}

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
}
