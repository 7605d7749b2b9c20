internal import EngramNumerics

/// One regression for each user over the items that it has rated, with a feature prior over items ([R23] Theorem 5 for a row with few known
/// cells).
///
/// The kernel is the wide network's on features that are not normalised: an item of which little is known has small factors, and keeps
/// little to say. Ratings come with what users and items add taken off, so that the mean of a row is 0.
struct RatingRegression {
    /// Shape `[items, p]`, mean squared norm 1.
    let features: Matrix<Double>
    /// Variance of the biases: what a constant may explain.
    private static let biasVariance = 0.1
    /// Most ratings of one user that take part; a user with more keeps this many spread over all of them.
    private static let largestCount = 3000

    private let kernel: FullyConnectedKernel

    /// - Parameter features: A row for each item; centred here, and scaled to a mean squared norm of 1.
    init(features: Matrix<Double>) {
        var scaled = features
        scaled.addToRows(features.columnMeans(), scaledBy: -1)
        let square = scaled.elements.reduce(0) { $0 + $1 * $1 } / Double(max(features.rowCount, 1))
        if square > 0 { scaled.scale(by: 1 / square.squareRoot()) }
        self.features = scaled
        let activation = RectifierDual(slope: 0)
        kernel = FullyConnectedKernel(
            kind: .ntk, activation: activation, depth: 1,
            prior: NetworkPrior(weightVariance: activation.unitGain, biasVariance: Self.biasVariance))
    }

    /// What is predicted.
    struct Found {
        /// For each ridge one value for each pair; 0 for users without ratings.
        var values: [[Double]]
        /// For each pair the places of the known ratings with the largest weights under the first ridge, largest first.
        var neighbours: [[RowRegression.Neighbour]]
    }

    /// Predicts pairs.
    ///
    /// - Parameter neighbourCount: Known ratings that are named for each pair.
    func predictions(
        _ ratings: RatingTable, pairs: RatingPairs, ridges: [Double], neighbourCount: Int, onStep: () throws -> Void
    ) throws -> Found {
        var found = Found(
            values: ridges.map { _ in [Double](repeating: 0, count: pairs.count) }, neighbours: Array(repeating: [], count: pairs.count))
        let known = ratings.placesOfUsers()
        for (user, wanted) in RatingTable(pairs, like: ratings).placesOfUsers().enumerated() where !wanted.isEmpty && !known[user].isEmpty {
            try onStep()
            let stride = (known[user].count + Self.largestCount - 1) / Self.largestCount
            let own = Swift.stride(from: 0, to: known[user].count, by: stride).map { known[user][$0] }
            let points = features.rows(at: own.map { ratings.items[$0] })
            let matrix = kernel.values(at: points, centers: points)
            let cross = kernel.values(at: features.rows(at: wanted.map { pairs.items[$0] }), centers: points)
            let targets = Matrix(rowCount: own.count, columnCount: 1, elements: own.map { ratings.values[$0] })
            for (index, ridge) in ridges.enumerated() {
                let cholesky = try KernelCholesky(matrix, ridge: ridge)
                let predicted = cross * (try cholesky.solve(targets))
                for (row, place) in wanted.enumerated() { found.values[index][place] = predicted[row, 0] }
                guard index == 0, neighbourCount > 0 else { continue }
                let weights = try cholesky.solve(cross.transposed())
                for (row, place) in wanted.enumerated() {
                    found.neighbours[place] = RowRegression.Neighbour.largest(neighbourCount, rowCount: own.count) { weights[$0, row] }
                        .map { .init(position: own[$0.position], weight: $0.weight) }
                }
            }
        }
        return found
    }
}

extension RatingTable {
    /// Pairs with values of 0, to be grouped.
    init(_ pairs: RatingPairs, like ratings: RatingTable) {
        self.init(
            userCount: ratings.userCount, itemCount: ratings.itemCount, users: pairs.users, items: pairs.items,
            values: Array(repeating: 0, count: pairs.count))
    }
}
