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
