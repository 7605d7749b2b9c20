internal import EngramNumerics
internal import RealModule

/// What every prior says about the hidden cells, and what follows: which of them to take, and how wide intervals must be.
///
/// What is chosen on some cells is judged on others: the cells of each fold by the mean of priors that the other folds choose; where there
/// is one fold only, each half of it by the other.
struct HeldOutStudy {
    let folds: HeldOutFolds
    private let matrix: IncompleteMatrix
    private let places: [Place]
    /// Number of parts that judge each other.
    private let partCount: Int
    /// By name, predictions and deviations of all folds' cells, column by column of each cell's group.
    private var predictions: [String: [Double]] = [:]
    private var deviations: [String: [Double]] = [:]
    private var names: [String] = []

    /// One column of a hidden cell.
    private struct Place {
        var row: Int
        var column: Int
        /// What it counts: the columns of a cell together are one cell.
        var weight: Double
        var truth: Double
        /// Which part it is judged with.
        var part: Int
    }

    /// Names with their shares, which add up to 1.
    struct Mixture {
        var shares: [(name: String, share: Double)]
    }

    /// Predictions and deviations of the hidden cells, each by a mixture that was chosen without it.
    struct Judgement {
        fileprivate var predictions: [Double]
        fileprivate var deviations: [Double]
    }

    /// Most parts of a mean of priors.
    private static let largestPartCount = 4
    /// A part must take off this share of the error: less is chance.
    private static let leastGain = 0.002
    /// Cells of a single fold from which on its halves judge each other.
    private static let leastHalvedCount = 20

    init(_ matrix: IncompleteMatrix, folds: HeldOutFolds) {
        let isHalved = folds.cells.count == 1 && folds.cells[0].count >= Self.leastHalvedCount
        var places: [Place] = []
        for (fold, cells) in folds.cells.enumerated() {
            for (number, cell) in cells.enumerated() {
                let (row, group) = (cell / matrix.groups.count, matrix.groups[cell % matrix.groups.count])
                for column in group {
                    places.append(
                        Place(
                            row: row, column: column, weight: 1 / Double(group.count), truth: matrix.values[row, column],
                            part: isHalved ? number % 2 : fold))
                }
            }
        }
        self.matrix = matrix
        self.folds = folds
        self.places = places
        partCount = isHalved ? 2 : folds.cells.count
    }

    /// Takes part in the choice, also where no cell could be hidden; of equal priors the one that was named first is taken.
    mutating func enter(_ name: String) { if !names.contains(name) { names.append(name) } }

    /// Takes what an imputation without a fold's cells says about them. Folds come in order.
    mutating func add(_ imputation: Imputation, name: String, fold: Int) {
        enter(name)
        for cell in folds.cells[fold] {
            for column in matrix.groups[cell % matrix.groups.count] {
                predictions[name, default: []].append(imputation.values[cell / matrix.groups.count, column])
                deviations[name, default: []].append(imputation.deviations[cell / matrix.groups.count, column])
            }
        }
    }

    /// Root mean square over hidden cells; infinite for an unknown name.
    func error(of name: String) -> Double { error(predictions[name] ?? [], without: nil) }

    /// The same of what was judged.
    func error(of judgement: Judgement) -> Double { error(judgement.predictions, without: nil) }

    private func error(_ values: [Double], without part: Int?) -> Double {
        guard !places.isEmpty else { return 1 }
        guard values.count == places.count else { return .infinity }
        var (sum, weight) = (0.0, 0.0)
        for (place, value) in zip(places, values) where place.part != part {
            sum += place.weight * (value - place.truth) * (value - place.truth)
            weight += place.weight
        }
        return weight > 0 ? (sum / weight).squareRoot() : 1
    }

    /// The best prior, joined by others as long as their mean is better: equal parts, one prior may come twice.
    /// - Parameter part: Left out of the choice.
    func mixture(without part: Int? = nil) -> Mixture {
        let errors = names.map { (name: $0, error: error(predictions[$0] ?? [], without: part)) }
        guard let best = errors.min(by: { $0.error < $1.error }) else { return Mixture(shares: []) }
        var parts = [best.name]
        var sum = predictions[best.name] ?? []
        var lowest = best.error
        while parts.count < Self.largestPartCount {
            let tried = names.map { name in
                let joined = zip(sum, predictions[name] ?? []).map { ($0 + $1) }
                return (name: name, sum: joined, error: error(joined.map { $0 / Double(parts.count + 1) }, without: part))
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

    /// What is said of each hidden cell by the mixture that the other parts choose.
    func judgement() -> Judgement {
        var result = Judgement(predictions: Array(repeating: 0, count: places.count), deviations: Array(repeating: 0, count: places.count))
        for part in partCount > 1 ? Array(0..<partCount) : [nil] as [Int?] {
            for share in mixture(without: part).shares {
                guard let values = predictions[share.name], let spreads = deviations[share.name] else { continue }
                for index in places.indices where part == nil || places[index].part == part {
                    result.predictions[index] += share.share * values[index]
                    result.deviations[index] += share.share * spreads[index]
                }
            }
        }
        return result
    }

    func results(_ mixture: Mixture) -> [TableCompletion.PriorResult] {
        names.map { name in
            TableCompletion.PriorResult(
                name: name, heldOutError: error(of: name), share: mixture.shares.first { $0.name == name }?.share ?? 0)
        }.sorted { $0.heldOutError < $1.heldOutError }
    }

    /// The hidden cells as they were judged, in the units of their columns.
    func heldOut(_ judgement: Judgement, means: [Double], scales: [Double]) -> [TableCompletion.HeldOutCell] {
        var (place, cells) = (0, [TableCompletion.HeldOutCell]())
        for cell in folds.cells.joined() {
            let group = matrix.groups[cell % matrix.groups.count]
            cells.append(
                TableCompletion.HeldOutCell(
                    row: cell / matrix.groups.count, group: cell % matrix.groups.count,
                    predictions: group.enumerated().map { judgement.predictions[place + $0] * scales[$1] + means[$1] },
                    deviation: judgement.deviations[place] * scales[group.lowerBound]))
            place += group.count
        }
        return cells
    }

    /// The factor by which deviations must be multiplied so that intervals hold the share `coverage` of values: the conformal quantile of
    /// |error|/deviation over hidden cells (Vovk, Gammerman, Shafer 2005), which promises that share for cells that are hidden as the
    /// missing ones are, whatever the errors' distribution.
    ///
    /// - Returns: The factor, and the share of hidden cells inside intervals that the other parts calibrate; nil where there are no parts.
    func calibration(_ judgement: Judgement, coverage: Double) -> (factor: Double, coverage: Double?) {
        var ratios = [[Double]](repeating: [], count: max(partCount, 1))
        for (index, place) in places.enumerated() where place.weight == 1 && judgement.deviations[index] > 0 {
            ratios[place.part].append((judgement.predictions[index] - place.truth).magnitude / judgement.deviations[index])
        }
        let factor = ConformalQuantile.value(of: ratios.flatMap { $0 }, coverage: coverage)
        guard ratios.count > 1 else { return (factor, nil) }
        var (inside, all) = (0, 0)
        for part in ratios.indices {
            let others = ratios.indices.filter { $0 != part }.flatMap { ratios[$0] }
            let own = ConformalQuantile.value(of: others, coverage: coverage)
            inside += ratios[part].count { $0 <= own }
            all += ratios[part].count
        }
        return (factor, all > 0 ? Double(inside) / Double(all) : nil)
    }
}
