internal import EngramNumerics
internal import RealModule

/// Known cells to hide, some at a time: disjoint folds of a twentieth of the known cells each, at most one cell of a row in a fold.
///
/// A second hidden cell would make the row's other cells, which features come from, scarcer than they are for the missing cells: errors come out too
/// large then, and intervals too wide. Constant columns are left out: that they are filled without error says nothing about the others.
struct HeldOutFolds {
    /// Cells by `row · groups + group`, fold by fold.
    let cells: [[Int]]

    /// More folds than give this many hidden cells would not make the choice or the calibration visibly better: their 90 % quantile has then
    /// a standard error of 0.7 % in coverage.
    private static let enoughCellCount = 2000

    init(cells: [[Int]]) { self.cells = cells }

    init(_ matrix: IncompleteMatrix, maxCount: Int, using generator: inout some RandomNumberGenerator) {
        let groupCount = matrix.groups.count
        let varies = (0..<groupCount).map { !matrix.isConstant(group: $0) }
        var known = (0..<matrix.cellCount).filter {
            varies[$0 % groupCount] && matrix.isKnown(row: $0 / groupCount, group: $0 % groupCount)
        }
        known.shuffle(using: &generator)
        let size = max(min(known.count / 20, matrix.rowCount), 1)
        let count = min(max(maxCount, 1), max(1, (Self.enoughCellCount + size - 1) / size))
        // What else is known of a row tells it from others, too.
        let needsNoRow = varies.count { $0 } <= 1 || matrix.rowFeatures != nil
        var folds: [[Int]] = []
        var pool = known
        for _ in 0..<count {
            // A group must keep cells to learn from, and a row one to be told from others by.
            var inGroup = [Int](repeating: 0, count: groupCount)
            var inRow = [Int](repeating: 0, count: matrix.rowCount)
            for cell in known {
                inGroup[cell % groupCount] += 1
                inRow[cell / groupCount] += 1
            }
            var (taken, rest, usedRows): ([Int], [Int], Set<Int>) = ([], [], [])
            for cell in pool {
                let (row, group) = (cell / groupCount, cell % groupCount)
                guard taken.count < size, !usedRows.contains(row), inGroup[group] > 3, inRow[row] > 1 || needsNoRow else {
                    rest.append(cell)
                    continue
                }
                inGroup[group] -= 1
                usedRows.insert(row)
                taken.append(cell)
            }
            pool = rest
            if !taken.isEmpty { folds.append(taken) }
        }
        cells = folds
    }
}

/// What every prior says about the hidden cells, and what follows: which of them to take, and how wide intervals must be.
struct HeldOutStudy {
    let folds: HeldOutFolds
    private let matrix: IncompleteMatrix
    /// By name, predictions and deviations of all folds' cells, column by column of each cell's group.
    private var predictions: [String: [Double]] = [:]
    private var deviations: [String: [Double]] = [:]
    private var names: [String] = []

    /// Names with their shares, which add up to 1.
    struct Mixture {
        var shares: [(name: String, share: Double)]
    }

    /// Most parts of a mean of priors.
    private static let largestPartCount = 4
    /// A part must take off this share of the error: less is chance.
    private static let leastGain = 0.002

    init(_ matrix: IncompleteMatrix, folds: HeldOutFolds) {
        self.matrix = matrix
        self.folds = folds
    }

    /// The truth at the hidden cells.
    private var truth: [Double] {
        folds.cells.flatMap { cells in cells.flatMap { columns(of: $0).map { matrix.values[$0.row, $0.column] } } }
    }

    private func columns(of cell: Int) -> [(row: Int, column: Int)] {
        matrix.groups[cell % matrix.groups.count].map { (cell / matrix.groups.count, $0) }
    }

    /// Takes part in the choice, also where no cell could be hidden; of equal priors the one that was named first is taken.
    mutating func enter(_ name: String) { if !names.contains(name) { names.append(name) } }

    /// Takes what an imputation without a fold's cells says about them. Folds come in order.
    mutating func add(_ imputation: Imputation, name: String, fold: Int) {
        enter(name)
        for place in folds.cells[fold].flatMap(columns) {
            predictions[name, default: []].append(imputation.values[place.row, place.column])
            deviations[name, default: []].append(imputation.deviations[place.row, place.column])
        }
    }

    /// Root mean square over hidden cells; infinite for an unknown name.
    func error(of name: String) -> Double { error(predictions[name] ?? []) }

    /// The same of a mixture.
    func error(of mixture: Mixture) -> Double { error(mixed(mixture).predictions) }

    private func error(_ values: [Double]) -> Double {
        let truth = truth
        guard !truth.isEmpty else { return 1 }
        guard values.count == truth.count else { return .infinity }
        return (zip(values, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)).squareRoot()
    }

    /// The best prior, joined by others as long as their mean is better: equal parts, one prior may come twice.
    func mixture() -> Mixture {
        guard let best = names.min(by: { error(of: $0) < error(of: $1) }) else { return Mixture(shares: []) }
        var parts = [best]
        var sum = predictions[best] ?? []
        var lowest = error(of: best)
        while parts.count < Self.largestPartCount {
            let tried = names.map { name in
                let joined = zip(sum, predictions[name] ?? []).map { ($0 + $1) }
                return (name: name, sum: joined, error: error(joined.map { $0 / Double(parts.count + 1) }))
            }
            guard let next = tried.min(by: { $0.error < $1.error }), next.error < lowest * (1 - Self.leastGain) else { break }
            parts.append(next.name)
            (sum, lowest) = (next.sum, next.error)
        }
        return Mixture(
            shares: names.compactMap { name in
                let count = parts.count { $0 == name }
                return count > 0 ? (name, Double(count) / Double(parts.count)) : nil
            })
    }

    /// What a mixture says about the hidden cells.
    private func mixed(_ mixture: Mixture) -> (predictions: [Double], deviations: [Double]) {
        func sum(_ values: [String: [Double]]) -> [Double] {
            mixture.shares.reduce(into: [Double](repeating: 0, count: truth.count)) { total, part in
                for (index, value) in (values[part.name] ?? []).enumerated() { total[index] += part.share * value }
            }
        }
        return (sum(predictions), sum(deviations))
    }

    func results(_ mixture: Mixture) -> [TableCompletion.PriorResult] {
        names.map { name in
            TableCompletion.PriorResult(
                name: name, heldOutError: error(of: name), share: mixture.shares.first { $0.name == name }?.share ?? 0)
        }.sorted { $0.heldOutError < $1.heldOutError }
    }

    /// The hidden cells as the mixture fills them, in the units of their columns.
    func heldOut(_ mixture: Mixture, means: [Double], scales: [Double]) -> [TableCompletion.HeldOutCell] {
        let (predictions, deviations) = mixed(mixture)
        var (place, cells) = (0, [TableCompletion.HeldOutCell]())
        for cell in folds.cells.joined() {
            let group = matrix.groups[cell % matrix.groups.count]
            cells.append(
                TableCompletion.HeldOutCell(
                    row: cell / matrix.groups.count, group: cell % matrix.groups.count,
                    predictions: group.enumerated().map { predictions[place + $0] * scales[$1] + means[$1] },
                    deviation: deviations[place] * scales[group.lowerBound]))
            place += group.count
        }
        return cells
    }

    /// The factor by which deviations must be multiplied so that intervals hold the share `coverage` of values: the conformal quantile of
    /// |error|/deviation over hidden cells (Vovk, Gammerman, Shafer 2005), which promises that share for cells that are hidden as the
    /// missing ones are, whatever the errors' distribution.
    ///
    /// - Returns: The factor, and the share of hidden cells inside intervals that the other folds calibrate; nil with fewer than two.
    func calibration(_ mixture: Mixture, coverage: Double) -> (factor: Double, coverage: Double?) {
        let (predictions, deviations) = mixed(mixture)
        let truth = truth
        var ratios: [[Double]] = []
        var place = 0
        for cells in folds.cells {
            var own: [Double] = []
            for column in cells.flatMap(columns) {
                let isSingle = matrix.groups[group(of: column.column)].count == 1
                if isSingle, deviations[place] > 0 { own.append((predictions[place] - truth[place]).magnitude / deviations[place]) }
                place += 1
            }
            ratios.append(own)
        }
        let factor = ConformalQuantile.value(of: ratios.flatMap { $0 }, coverage: coverage)
        guard ratios.count > 1 else { return (factor, nil) }
        var (inside, all) = (0, 0)
        for fold in ratios.indices {
            let others = ratios.indices.filter { $0 != fold }.flatMap { ratios[$0] }
            let own = ConformalQuantile.value(of: others, coverage: coverage)
            inside += ratios[fold].count { $0 <= own }
            all += ratios[fold].count
        }
        return (factor, all > 0 ? Double(inside) / Double(all) : nil)
    }

    private func group(of column: Int) -> Int {
        matrix.groups.firstIndex { $0.contains(column) } ?? 0
    }
}
