public import EngramNumerics

extension TournamentMap {
    /// For each point a distance within which every state leads exactly to the target that the point leads to.
    ///
    /// With i the item of the point: without a shortlist min_k (s_i - s_k - δ)/‖w_i - w_k‖ over the other items, the largest there is. With one
    /// it is a bound: while item i stays within the window of the leader it loses nothing, and another item is beaten where its own score
    /// is too low, or where its place behind the window costs it what it is ahead.
    /// - Parameter points: Shape `[m, d]`.
    /// - Returns: Euclidean distances, shape `[m]`; infinite for one item alone, at most 0 where no item leads by δ.
    public func certifiedRadii(at points: Matrix<Double>) -> [Double]? {
        var scores = points.multiplied(by: weights, transposingOther: true)
        scores.addToRows(offsets)
        let listed = shortlist.map { points.multiplied(by: $0.weights, transposingOther: true) }
        let fine = FilterDistances(of: weights)
        let coarse = shortlist.map { FilterDistances(of: $0.weights) }
        let winners = leaders(of: points).map(\.winner)
        return winners.indices.map { point in
            let item = winners[point]
            let others = (0..<weights.rowCount).filter { $0 != item }
            func lead(_ other: Int) -> Double { scores[point, item] - scores[point, other] - margin }
            guard let shortlist, let listed, let coarse else {
                return others.map { FilterDistances.distance(lead($0), fine[item, $0]) }.min() ?? .infinity
            }
            let top = (0..<listed.columnCount).max { listed[point, $0] < listed[point, $1] } ?? item
            return others.map { other in
                // Until some item is ahead of i by more than the window, i loses nothing.
                let slack = shortlist.window - (listed[point, other] - listed[point, item])
                let behind = listed[point, top] - listed[point, other] - shortlist.window
                let byScore = FilterDistances.distance(lead(other), fine[item, other])
                // What the other loses to the present leader of the shortlist shrinks on the way.
                let byList = FilterDistances.distance(
                    lead(other) + shortlist.penalty * behind, fine[item, other] + shortlist.penalty * coarse[top, other])
                return min(
                    FilterDistances.distance(slack, coarse[item, other]), max(byScore, behind > 0 ? byList : -.infinity))
            }.min() ?? .infinity
        }
    }
}

/// ‖w_i - w_k‖ of filters.
private struct FilterDistances {
    private let products: Matrix<Double>

    init(of weights: Matrix<Double>) { products = weights.multiplied(by: weights, transposingOther: true) }

    subscript(one: Int, other: Int) -> Double {
        let sum = products[one, one] + products[other, other]
        // Rounding of the products may only make a radius smaller.
        return (max(0, sum - 2 * products[one, other]) + 1e-12 * sum).squareRoot()
    }

    /// How far a lead holds that falls by at most `slope` for each unit of distance.
    static func distance(_ lead: Double, _ slope: Double) -> Double { slope > 0 ? lead / slope : lead > 0 ? .infinity : -.infinity }
}
