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
    static let largestCount = 3000
    /// Fewer that are tried where all users together take too long.
    private static let smallerCounts = [2000, 1200, 700, 400, 200]

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

    /// The largest number of ratings of a user for which all users that pairs are wanted of stay within the limit of operations.
    static func exampleCount(
        known: [[Int]], wanted: [[Int]], ridgeCount: Int, neighbourCount: Int, operationLimit: Double
    ) -> Int {
        ([largestCount] + smallerCounts).first { count in
            var operations = 0.0
            for (own, asked) in zip(known, wanted) where !asked.isEmpty {
                let n = Double(min(own.count, count))
                let named = neighbourCount > 0 ? 2 * n * n * Double(asked.count) : 0
                operations += Double(ridgeCount) * n * n * n / 3 + named
            }
            return operations <= operationLimit
        } ?? smallerCounts.last ?? largestCount
    }

    /// Predicts pairs, a tile of a user's at a time.
    ///
    /// - Parameters:
    ///   - neighbourCount: Known ratings that are named for each pair.
    ///   - operationLimit: About the most operations; where all ratings need more, fewer of each user take part.
    func predictions(
        _ ratings: RatingTable, pairs: RatingPairs, ridges: [Double], neighbourCount: Int, operationLimit: Double,
        onStep: () throws -> Void
    ) throws -> Found {
        var found = Found(
            values: ridges.map { _ in [Double](repeating: 0, count: pairs.count) }, neighbours: Array(repeating: [], count: pairs.count))
        let known = ratings.placesOfUsers()
        let allWanted = RatingTable(pairs, like: ratings).placesOfUsers()
        let largestCount = Self.exampleCount(
            known: known, wanted: allWanted, ridgeCount: ridges.count, neighbourCount: neighbourCount, operationLimit: operationLimit)
        for (user, wanted) in allWanted.enumerated() where !wanted.isEmpty && !known[user].isEmpty {
            try onStep()
            let stride = (known[user].count + largestCount - 1) / largestCount
            let own = Swift.stride(from: 0, to: known[user].count, by: stride).map { known[user][$0] }
            let points = features.rows(at: own.map { ratings.items[$0] })
            let matrix = kernel.values(at: points, centers: points)
            let targets = Matrix(rowCount: own.count, columnCount: 1, elements: own.map { ratings.values[$0] })
            var (coefficients, first): ([Matrix<Double>], KernelCholesky?) = ([], nil)
            for ridge in ridges {
                let cholesky = try KernelCholesky(matrix, ridge: ridge) { _ in try onStep() }
                coefficients.append(try cholesky.solve(targets))
                if first == nil, neighbourCount > 0 { first = cholesky }
            }
            for rows in KernelTile.ranges(of: wanted.count) {
                try onStep()
                let places = Array(wanted[rows])
                let cross = kernel.values(at: features.rows(at: places.map { pairs.items[$0] }), centers: points)
                for index in ridges.indices {
                    let predicted = cross * coefficients[index]
                    for (row, place) in places.enumerated() { found.values[index][place] = predicted[row, 0] }
                }
                guard let first else { continue }
                let weights = try first.solve(cross.transposed())
                for (row, place) in places.enumerated() {
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
