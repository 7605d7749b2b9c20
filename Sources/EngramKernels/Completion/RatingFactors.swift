package import EngramNumerics

/// Ratings as inner products of factors of users and items, by alternating least squares with a ridge (low rank).
package struct RatingFactors {
    /// Shape `[users, rank]`.
    package let users: Matrix<Double>
    /// Shape `[items, rank]`.
    package let items: Matrix<Double>

    /// Alternations; more begin to follow the noise.
    private static let stepCount = 8

    /// - Parameters:
    ///   - ratings: What users and items add taken off.
    ///   - rank: At least 1.
    ///   - ridge: Of each factor; more than 0.
    package init(
        _ ratings: RatingTable, rank: Int, ridge: Double, using generator: inout some RandomNumberGenerator, onStep: () throws -> Void
    ) throws {
        var items = Matrix<Double>(
            rowCount: ratings.itemCount, columnCount: rank,
            elements: (0..<ratings.itemCount * rank).map { _ in 0.1 * generator.nextNormal() })
        var users = Matrix<Double>(rowCount: ratings.userCount, columnCount: rank)
        let exchanged = ratings.exchanged()
        let (placesOfUsers, placesOfItems) = (ratings.placesOfUsers(), exchanged.placesOfUsers())
        for _ in 0..<Self.stepCount {
            users = try Self.solved(ratings, placesOfUsers, factors: items, ridge: ridge, onStep)
            items = try Self.solved(exchanged, placesOfItems, factors: users, ridge: ridge, onStep)
        }
        self.users = users
        self.items = items
    }

    /// Least squares of each user on the factors of its items.
    private static func solved(
        _ ratings: RatingTable, _ places: [[Int]], factors: Matrix<Double>, ridge: Double, _ onStep: () throws -> Void
    ) throws -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: ratings.userCount, columnCount: factors.columnCount)
        for (user, own) in places.enumerated() where !own.isEmpty {
            if user % 256 == 0 { try onStep() }
            let rows = factors.rows(at: own.map { ratings.items[$0] })
            let targets = Matrix(rowCount: own.count, columnCount: 1, elements: own.map { ratings.values[$0] })
            let normal = rows.multiplied(by: rows, transposingSelf: true)
            let solution = try KernelCholesky(normal, ridge: ridge).solve(rows.multiplied(by: targets, transposingSelf: true))
            result.setRow(user, to: solution.elements)
        }
        return result
    }

    /// One for each pair.
    package func predictions(_ pairs: RatingPairs) -> [Double] {
        let rank = users.columnCount
        return (0..<pairs.count).map { place in
            let (u, i) = (pairs.users[place] * rank, pairs.items[place] * rank)
            var sum = 0.0
            for k in 0..<rank { sum += users.elements[u + k] * items.elements[i + k] }
            return sum
        }
    }
}
