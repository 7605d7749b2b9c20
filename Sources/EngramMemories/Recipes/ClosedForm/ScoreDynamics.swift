internal import EngramNetworks
internal import EngramNumerics
internal import RealModule

/// A closed-form memory seen through the scores of its filters, where one step costs n² and no longer n·d.
///
/// With s(x) = P x + q the scores of a state, h = σ(g((1+α)s - α Σ s - θ)), θ and g by unit, and f = y_0 + A h, the scores of the next state are
/// s_0 + h B, with s_0 those of y_0 and B = H⁻¹(S_Y - 1 s_0ᵀ) from the features H and the targets' scores S_Y at the items.
struct ScoreDynamics {
    /// Features at the items, shape `[n, n]`.
    let features: Matrix<Double>
    private let response: MatchedFilters.Response
    private let inhibition: Double
    private let slopes: Matrix<Double>
    private let step: Matrix<Double>
    private let silentScores: [Double]

    /// - Parameters:
    ///   - itemScores: Of every item, shape `[n, n]`.
    ///   - silentScores: Of y_0, shape `[n]`.
    ///   - targetScores: Of what each item is to lead to, shape `[n, n]`.
    /// - Throws: `NumericsError.notPositiveDefinite` where units do not tell the items apart.
    init(
        itemScores: Matrix<Double>, silentScores: [Double], targetScores: Matrix<Double>, settings: ClosedFormMemory.Settings
    ) throws(NumericsError) {
        response = settings.response(count: itemScores.columnCount, itemScores: itemScores)
        inhibition = settings.inhibition
        self.silentScores = silentScores
        var (values, derivatives) = (itemScores, itemScores)
        Self.respond(&values, response, inhibition, derivatives: &derivatives)
        features = values
        slopes = derivatives
        var change = targetScores
        change.addToRows(silentScores, scaledBy: -1)
        // Normal equations suffice to compare settings; the memory itself is solved by an orthogonal factorization.
        let normal = values.multiplied(by: values, transposingSelf: true)
        step = try normal.choleskySolve(values.multiplied(by: change, transposingSelf: true))
        let growth = (step.elements.lazy.map { abs($0) }.max() ?? 0) / max(change.elements.lazy.map { abs($0) }.max() ?? 0, 1e-9)
        guard growth < Self.largestGrowth else { throw .notPositiveDefinite(operation: "Fit of a closed form", pivot: 0) }
    }

    /// An upper bound of log10 of the spectral radius at every item of an autoencoder, or of that round the cycles.
    ///
    /// ρ(M) ≤ ‖|M|^k‖^(1/k) in the maximum norm, which for a matrix without negative entries is the largest entry of |M|^k 1.
    func log10RadiusBound(cycles: [Range<Int>]) -> Double {
        var core = step
        let sums = core * [Double](repeating: 1, count: core.columnCount)
        core.scale(by: 1 + inhibition)
        if inhibition > 0 {
            let shift = sums.map { -inhibition * $0 }
            core = core.transposed()
            core.addToRows(shift)
            core = core.transposed()
        }
        core.scaleColumns(by: response.steepnesses)
        let magnitudes = core.map { abs($0) }
        guard cycles.isEmpty else { return cycleBound(magnitudes, cycles) }
        let powers = 6
        var vectors = Matrix<Double>(rowCount: slopes.rowCount, columnCount: slopes.columnCount, repeating: 1)
        var sink = [Double](repeating: 0, count: slopes.columnCount)
        for _ in 0..<powers {
            vectors = vectors * magnitudes
            vectors.multiplyEntries(by: slopes, columnSums: &sink)
        }
        return Double.log10(vectors.elements.max() ?? 0) / Double(powers)
    }

    private func cycleBound(_ magnitudes: Matrix<Double>, _ cycles: [Range<Int>]) -> Double {
        cycles.map { cycle in
            var vector = Matrix<Double>(rowCount: 1, columnCount: slopes.columnCount, repeating: 1)
            var logarithm = 0.0
            for item in cycle {
                vector = vector * magnitudes
                vector.scaleColumns(by: slopes.row(item))
                let largest = vector.elements.max() ?? 0
                guard largest > 0 else { return -.infinity }
                vector.scale(by: 1 / largest)
                logarithm += Double.log10(largest)
            }
            return logarithm
        }.max() ?? -.infinity
    }

    /// Which item each start is on, nil where none, after as many steps as it took all of them to get to one, at most `limit`.
    ///
    /// - Parameter scores: Of the starts, shape `[m, n]`.
    /// - Returns: The items, and how many steps were made.
    func itemsReached(from scores: Matrix<Double>, limit: Int) -> (items: [Int?], stepCount: Int) {
        var states = scores
        Self.respond(&states, response, inhibition)
        var count = 0
        while true {
            // Looking costs about as much as a step, so not after each.
            if count >= limit || count % 4 == 3 {
                let items = (0..<states.rowCount).map { item(at: states.row($0)) }
                if count >= limit || items.allSatisfy({ $0 != nil }) { return (items, count) }
            }
            var next = states * step
            next.addToRows(silentScores)
            Self.respond(&next, response, inhibition)
            states = next
            count += 1
        }
    }

    private func item(at found: [Double]) -> Int? {
        // In a memory that holds, an item's own unit is the one that answers to it.
        guard let strongest = found.indices.max(by: { found[$0] < found[$1] }) else { return nil }
        let isThere = zip(found, features.row(strongest)).allSatisfy { abs($0 - $1) < Self.featureTolerance }
        return isThere ? strongest : nil
    }

    /// Units that answer to their item alone give 1. Far above it the output layer tells similar items apart by small differences of
    /// features, which float32 weights lose.
    private static let largestGrowth = 30.0

    /// Features this near to an item's put out the item: the targets are of order 1, and the published nearness is 3e-4.
    private static let featureTolerance = 1e-4

    private static func respond(_ scores: inout Matrix<Double>, _ response: MatchedFilters.Response, _ inhibition: Double) {
        prepare(&scores, response, inhibition)
        scores.activate(.sigmoid, addingBias: biases(response))
    }

    private static func respond(
        _ scores: inout Matrix<Double>, _ response: MatchedFilters.Response, _ inhibition: Double, derivatives: inout Matrix<Double>
    ) {
        prepare(&scores, response, inhibition)
        scores.activate(.sigmoid, addingBias: biases(response), derivatives: &derivatives)
    }

    private static func biases(_ response: MatchedFilters.Response) -> [Double] {
        zip(response.steepnesses, response.thresholds).map { -$0 * $1 }
    }

    /// s to g((1+α)s - α Σ s).
    private static func prepare(_ scores: inout Matrix<Double>, _ response: MatchedFilters.Response, _ inhibition: Double) {
        if inhibition > 0 {
            let sums = scores * [Double](repeating: 1, count: scores.columnCount)
            let shift = sums.map { -inhibition / (1 + inhibition) * $0 }
            scores = scores.transposed()
            scores.addToRows(shift)
            scores = scores.transposed()
        }
        scores.scaleColumns(by: response.steepnesses.map { $0 * (1 + inhibition) })
    }
}
