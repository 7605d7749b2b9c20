public import EngramDynamics
public import EngramNumerics

/// A rectifier network that leads every state to the target of the item with the largest score.
///
/// f(x) = Σ_i h_i y_i, h_i = relu(1 - u_i/δ), u_i = max_k s_k(x) - s_i(x) ≥ 0. A tournament of ⌈log₂ n⌉ layers of rectifiers finds u exactly
/// (`TournamentLayers`), one more layer is h, and the output layer is Yᵀ. This type computes the same without the layers' many zeros.
/// Where one item leads by more than δ, h is 1 for it and 0 for all others: f is then exactly that item's target, and its Jacobian exactly
/// 0. Otherwise items within δ of the leader are added to it.
///
/// The scores are linear, s_i = ⟨w_i, x⟩ + b_i; with a shortlist another tournament goes before, of linear scores t: every item that is
/// behind its leader by more than the window θ loses c (max_k t_k - t_i - θ), so that s decides among the items that t leaves.
public struct TournamentMap: IterableMap {
    /// Scores of the tournament that goes before.
    public struct Shortlist: Sendable, Equatable {
        /// Row i gives t_i, shape `[n, d]`.
        public let weights: Matrix<Double>
        /// θ, at least 0.
        public let window: Double
        /// c, above 0.
        public let penalty: Double

        /// A shortlist from its parts.
        public init(weights: Matrix<Double>, window: Double, penalty: Double) {
            precondition(window >= 0 && penalty > 0, "A shortlist has a window of at least 0 and a penalty above 0.")
            self.weights = weights
            self.window = window
            self.penalty = penalty
        }
    }

    /// w_i, shape `[n, d]`.
    public let weights: Matrix<Double>
    /// b_i, shape `[n]`.
    public let offsets: [Double]
    /// The tournament before; nil for none.
    public let shortlist: Shortlist?
    /// δ, in units of the scores.
    public let margin: Double
    /// y_i, shape `[n, m]`; in the whole space m = d.
    public let targets: Matrix<Double>

    /// A map from its parts.
    ///
    /// - Parameters:
    ///   - weights: w_i, shape `[n, d]`, n at least 1.
    ///   - offsets: b_i, shape `[n]`.
    ///   - shortlist: Of n items and d entries; nil for none.
    ///   - margin: δ, above 0.
    ///   - targets: y_i, shape `[n, d]`.
    public init(weights: Matrix<Double>, offsets: [Double], shortlist: Shortlist? = nil, margin: Double, targets: Matrix<Double>) {
        let (n, d) = (weights.rowCount, weights.columnCount)
        precondition(
            n >= 1 && offsets.count == n && targets.rowCount == n && margin > 0
                && (shortlist.map { $0.weights.rowCount == n && $0.weights.columnCount == d } ?? true),
            "\(n) filters, \(offsets.count) offsets and \(targets.rowCount) targets do not fit.")
        self.weights = weights
        self.offsets = offsets
        self.shortlist = shortlist
        self.margin = margin
        self.targets = targets
    }

    /// d.
    public var inputDimension: Int { weights.columnCount }
    /// m.
    public var outputDimension: Int { targets.columnCount }
    /// The scores; what follows takes little beside them.
    public var operationCount: Double {
        2 * Double((shortlist == nil ? 1 : 2) * weights.rowCount) * Double(weights.columnCount + 2) + Double(targets.columnCount)
    }
    /// At a state few items lead by less than δ, at an item none.
    public var hasJacobianFactors: Bool { true }

    /// Where one item leads by more than δ, the output is its target.
    public var mergesStates: Bool { true }

    /// The leading items of one state.
    struct Leaders {
        /// The item of the largest score, the first of equal ones.
        let winner: Int
        /// Items with h_i > 0, the winner included.
        let items: [Int]
        /// h_i of each.
        let shares: [Double]
        /// The item that leads the shortlist; nil without one.
        let first: Int?
        /// Whether each of `items` is behind that by more than the window.
        let isBehind: [Bool]
    }

    /// Scores of each row of `batch`, shape `[m, n]`, with the leaders of the shortlist and t.
    private func scores(of batch: Matrix<Double>) -> (values: Matrix<Double>, listed: Matrix<Double>?, firsts: [Int]) {
        var values = batch.multiplied(by: weights, transposingOther: true)
        values.addToRows(offsets)
        guard let shortlist else { return (values, nil, []) }
        let listed = batch.multiplied(by: shortlist.weights, transposingOther: true)
        let firsts = listed.largestEntryOfEachRow()
        values.penalise(by: listed, leaders: firsts, window: shortlist.window, penalty: shortlist.penalty)
        return (values, listed, firsts)
    }

    /// The leading items of each row of `batch`.
    func leaders(of batch: Matrix<Double>) -> [Leaders] {
        let (scores, listed, firsts) = scores(of: batch)
        let (values, count, winners) = (scores.elements, scores.columnCount, scores.largestEntryOfEachRow())
        return (0..<scores.rowCount).map { row in
            let base = row * count
            let winner = winners[row]
            var (items, shares): ([Int], [Double]) = ([], [])
            for index in 0..<count where values[base + winner] - values[base + index] < margin {
                items.append(index)
                shares.append(1 - (values[base + winner] - values[base + index]) / margin)
            }
            guard let shortlist, let listed else {
                return Leaders(winner: winner, items: items, shares: shares, first: nil, isBehind: items.map { _ in false })
            }
            let bound = listed[row, firsts[row]] - shortlist.window
            return Leaders(
                winner: winner, items: items, shares: shares, first: firsts[row], isBehind: items.map { listed[row, $0] < bound })
        }
    }

    /// The scores of each row of `batch`, shape `[m, n]`, what the shortlist takes off included.
    public func scores(at batch: Matrix<Double>) -> Matrix<Double> { scores(of: batch).values }

    /// f of each row of `batch`.
    public func outputs(of batch: Matrix<Double>) -> Matrix<Double> { Self.combined(leaders(of: batch), targets) }

    /// Σ h_i y_i for each state.
    static func combined(_ leaders: [Leaders], _ targets: Matrix<Double>) -> Matrix<Double> {
        let width = targets.columnCount
        var result: [Double] = []
        result.reserveCapacity(leaders.count * width)
        for state in leaders {
            let first = result.count
            // A state that is not a number leads nowhere.
            guard let leader = state.items.first else {
                result.append(contentsOf: repeatElement(.nan, count: width))
                continue
            }
            result.append(contentsOf: targets.elements[leader * width..<(leader + 1) * width])
            if state.shares[0] != 1 { for index in first..<first + width { result[index] *= state.shares[0] } }
            for (item, share) in zip(state.items, state.shares).dropFirst() {
                for index in 0..<width { result[first + index] += share * targets.elements[item * width + index] }
            }
        }
        return Matrix(rowCount: leaders.count, columnCount: width, elements: result)
    }

    /// The derivative of the leading items' shares at each row of `points`.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization {
        TournamentLinearization(map: self, leaders: leaders(of: points))
    }
}

/// J = Σ_i y_i (g_i - g_winner)ᵀ/δ over the items within δ of the winner, itself left out: its own share is 1 whatever the state. g_i is the
/// gradient of the score, w_i and for an item behind the window c (t_i - t_first) more.
private struct TournamentLinearization: MapLinearization {
    let map: TournamentMap
    let leaders: [TournamentMap.Leaders]

    /// Items whose shares change, and the gradients of the shares, shape `[r, d]`.
    private func gradients(at point: Int) -> (items: [Int], rows: Matrix<Double>) {
        let leading = leaders[point]
        let places = leading.items.indices.filter { leading.items[$0] != leading.winner }
        let items = places.map { leading.items[$0] }
        guard !items.isEmpty else { return ([], Matrix(rowCount: 0, columnCount: map.inputDimension)) }
        var rows = gradients(of: items, leading.first, places.map { leading.isBehind[$0] })
        let isWinnerBehind = leading.items.firstIndex(of: leading.winner).map { leading.isBehind[$0] } ?? false
        rows.addToRows(gradients(of: [leading.winner], leading.first, [isWinnerBehind]).row(0), scaledBy: -1)
        rows.scale(by: 1 / map.margin)
        return (items, rows)
    }

    /// g_i of some items.
    private func gradients(of items: [Int], _ first: Int?, _ isBehind: [Bool]) -> Matrix<Double> {
        let rows = map.weights.rows(at: items)
        guard let shortlist = map.shortlist, let first, isBehind.contains(true) else { return rows }
        var listed = shortlist.weights.rows(at: items)
        listed.addToRows(shortlist.weights.row(first), scaledBy: -1)
        listed.scaleRows(by: isBehind.map { $0 ? shortlist.penalty : 0 })
        return rows + listed
    }

    func factors(at point: Int) -> JacobianFactors? {
        let (items, rows) = gradients(at: point)
        return JacobianFactors(left: map.targets.rows(at: items).transposed(), right: rows, log10Scale: 0)
    }

    func jacobian(at point: Int) -> Matrix<Double> {
        let (items, rows) = gradients(at: point)
        return map.targets.rows(at: items).multiplied(by: rows, transposingSelf: true)
    }

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        products(of: tangents, at: points, width: map.outputDimension) { tangent, items, gradients in
            (tangent.multiplied(by: gradients, transposingOther: true) * map.targets.rows(at: items))
        }
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        products(of: cotangents, at: points, width: map.inputDimension) { cotangent, items, gradients in
            (cotangent.multiplied(by: map.targets.rows(at: items), transposingOther: true) * gradients)
        }
    }

    /// One product for each point's rows together, since most rows belong to few points.
    private func products(
        of rows: Matrix<Double>, at points: [Int], width: Int, _ product: (Matrix<Double>, [Int], Matrix<Double>) -> Matrix<Double>
    ) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: rows.rowCount, columnCount: width)
        for (point, members) in Dictionary(grouping: points.indices, by: { points[$0] }) {
            let (items, gradients) = gradients(at: point)
            guard !items.isEmpty else { continue }
            let found = product(rows.rows(at: members), items, gradients)
            for (local, row) in members.enumerated() { result.setRow(row, to: found.row(local)) }
        }
        return result
    }
}

extension Matrix<Double> {
    /// s_i - c·relu(max_k t_k - t_i - θ) in the place of scores s: what a shortlist takes off.
    ///
    /// - Parameters:
    ///   - listed: t, of the same shape.
    ///   - leaders: The column of the largest t of each row.
    ///   - window: θ.
    ///   - penalty: c.
    package mutating func penalise(by listed: Matrix, leaders: [Int], window: Double, penalty: Double) {
        let (source, width) = (listed.elements, listed.columnCount)
        changeRows { row, scores in
            let base = row * width
            let bound = source[base + leaders[row]] - window
            for index in scores.indices where source[base + index] < bound { scores[index] -= penalty * (bound - source[base + index]) }
        }
    }
}
