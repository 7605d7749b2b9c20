internal import EngramNumerics

/// What users and items add to the mean: the prior user ⊕ item with one-hot vectors, which is a sum of two shrunken means.
struct RatingEffects {
    let mean: Double
    let userEffects: [Double]
    let itemEffects: [Double]

    /// Alternations; each narrows what is left about tenfold.
    private static let stepCount = 12

    /// Ridge regression on the two one-hot vectors, by alternation.
    /// - Parameter ridges: Of the users' and the items' effects, in ratings: how many at the mean each begins with.
    init(_ ratings: RatingTable, ridges: (user: Double, item: Double)) {
        let mean = ratings.count > 0 ? ratings.values.reduce(0, +) / Double(ratings.count) : 0
        var (userEffects, itemEffects) = (
            [Double](repeating: 0, count: ratings.userCount), [Double](repeating: 0, count: ratings.itemCount)
        )
        var (userCounts, itemCounts) = (userEffects, itemEffects)
        for place in 0..<ratings.count {
            userCounts[ratings.users[place]] += 1
            itemCounts[ratings.items[place]] += 1
        }
        for _ in 0..<Self.stepCount {
            var sums = [Double](repeating: 0, count: ratings.itemCount)
            for place in 0..<ratings.count {
                sums[ratings.items[place]] += ratings.values[place] - mean - userEffects[ratings.users[place]]
            }
            for item in sums.indices { itemEffects[item] = sums[item] / (itemCounts[item] + ridges.item) }
            sums = [Double](repeating: 0, count: ratings.userCount)
            for place in 0..<ratings.count {
                sums[ratings.users[place]] += ratings.values[place] - mean - itemEffects[ratings.items[place]]
            }
            for user in sums.indices { userEffects[user] = sums[user] / (userCounts[user] + ridges.user) }
        }
        self.mean = mean
        self.userEffects = userEffects
        self.itemEffects = itemEffects
    }

    func predictions(_ pairs: RatingPairs) -> [Double] {
        zip(pairs.users, pairs.items).map { mean + userEffects[$0] + itemEffects[$1] }
    }
}
