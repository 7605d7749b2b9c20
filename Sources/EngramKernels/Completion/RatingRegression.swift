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

    /// What is predicted for pairs, for each ridge, and the posterior variance over the noise's share; 0 and 1 for users without ratings.
    ///
    /// - Returns: For each ridge one value for each pair.
    func predictions(
        _ ratings: RatingTable, pairs: RatingPairs, ridges: [Double], onStep: () throws -> Void
    ) throws -> [[Double]] {
        var result = ridges.map { _ in [Double](repeating: 0, count: pairs.count) }
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
                let found = cross * (try KernelCholesky(matrix, ridge: ridge).solve(targets))
                for (row, place) in wanted.enumerated() { result[index][place] = found[row, 0] }
            }
        }
        return result
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
