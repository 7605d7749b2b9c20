import EngramNumerics
import Numerics
import Testing

@testable import EngramKernels

@Suite struct RatingCompletionTests {
    /// The example of [R23] SI A: users alike, items one-hot; the missing rating is the other user's of the same item.
    @Test func effectsOfUsersAndItemsCompleteTheExampleOfTheThesis() {
        let ratings = RatingTable(
            userCount: 2, itemCount: 3, users: [0, 0, 1, 1, 1], items: [0, 1, 0, 1, 2], values: [1, 2, 1, 2, 3])
        let effects = RatingEffects(ratings, ridges: (1e6, 1e-9))
        #expect((effects.predictions(RatingPairs(users: [0], items: [2]))[0] - 3).magnitude < 1e-5)
    }

    /// Ridge regression on both one-hot vectors, by the normal equations of the whole system.
    @Test func effectsAreTheRidgeSolution() throws {
        var generator = SplitMix64(seed: 1)
        let (users, items, count) = (7, 5, 30)
        let ratings = RatingTable(
            userCount: users, itemCount: items, users: (0..<count).map { _ in Int.random(in: 0..<users, using: &generator) },
            items: (0..<count).map { _ in Int.random(in: 0..<items, using: &generator) },
            values: (0..<count).map { _ in generator.nextNormal() })
        let ridges = (user: 3.0, item: 2.0)
        let found = RatingEffects(ratings, ridges: ridges)
        var normal = Matrix<Double>(rowCount: users + items, columnCount: users + items)
        var right = Matrix<Double>(rowCount: users + items, columnCount: 1)
        for index in 0..<users + items { normal[index, index] = index < users ? ridges.user : ridges.item }
        for place in 0..<count {
            let (u, i) = (ratings.users[place], users + ratings.items[place])
            for a in [u, i] {
                for b in [u, i] { normal[a, b] += 1 }
                right[a, 0] += ratings.values[place] - found.mean
            }
        }
        let solution = try normal.choleskySolve(right).elements
        // Twelve alternations; each takes off all but the product of the two shrinkages, here below 0.7² or so.
        for user in 0..<users { #expect((found.userEffects[user] - solution[user]).magnitude < 2e-2) }
        for item in 0..<items { #expect((found.itemEffects[item] - solution[users + item]).magnitude < 2e-2) }
    }

    /// Users of two tastes, items of two kinds: no effect of a user or an item alone says who likes what.
    private static func tastes(seed: UInt64, hasFeatures: Bool) -> (RatingTable, RatingPairs, [Double]) {
        var generator = SplitMix64(seed: seed)
        let (userCount, itemCount) = (60, 50)
        var (users, items, values): ([Int], [Int], [Double]) = ([], [], [])
        var (askedUsers, askedItems, truth): ([Int], [Int], [Double]) = ([], [], [])
        for user in 0..<userCount {
            for item in 0..<itemCount where generator.nextUniform() < 0.5 {
                let value = 3 + (user % 2 == item % 2 ? 1 : -1) + 0.3 * generator.nextNormal()
                if generator.nextUniform() < 0.2 {
                    (askedUsers, askedItems, truth) = (askedUsers + [user], askedItems + [item], truth + [value])
                } else {
                    (users, items, values) = (users + [user], items + [item], values + [value])
                }
            }
        }
        let features = Matrix(rowCount: itemCount, columnCount: 1, elements: (0..<itemCount).map { Double($0 % 2) })
        return (
            RatingTable(
                userCount: userCount, itemCount: itemCount, users: users, items: items, values: values,
                itemFeatures: hasFeatures ? features : nil), RatingPairs(users: askedUsers, items: askedItems), truth
        )
    }

    @Test(arguments: [false, true])
    func tastesAreFound(hasFeatures: Bool) throws {
        let (ratings, pairs, truth) = Self.tastes(seed: 3, hasFeatures: hasFeatures)
        let result = try RatingCompletion().complete(ratings, pairs: pairs)
        let error = RatingCompletion.error(result.values, truth)
        // The noise is 0.3, and effects alone leave 1.
        #expect(error < 0.45, "\(error)")
        #expect(result.priors.count == (hasFeatures ? 6 : 5))
        let inside = zip(zip(result.values, truth), result.halfWidths).count { ($0.0 - $0.1).magnitude <= $1 }
        // Some 300 pairs: three deviations are 5 %.
        #expect((Double(inside) / Double(truth.count) - 0.9).magnitude < 0.06)
        let named = result.neighbours.enumerated().filter { !$1.isEmpty }
        #expect(named.allSatisfy { pair, neighbours in neighbours.allSatisfy { ratings.users[$0.position] == pairs.users[pair] } })
        #expect(!named.isEmpty)
    }

    /// Users of whom nothing else is known get what their metadata say of their taste.
    @Test func whatIsKnownOfUsersCounts() throws {
        let (ratings, _, _) = Self.tastes(seed: 6, hasFeatures: false)
        let count = ratings.userCount + 2
        let features = Matrix(rowCount: count, columnCount: 1, elements: (0..<count).map { Double($0 % 2) })
        let known = RatingTable(
            userCount: count, itemCount: ratings.itemCount, users: ratings.users, items: ratings.items, values: ratings.values,
            userFeatures: features)
        // Two new users, one of each taste, and an item that the first likes and the second does not.
        let pairs = RatingPairs(users: [ratings.userCount, ratings.userCount + 1], items: [0, 0])
        let result = try RatingCompletion().complete(known, pairs: pairs)
        #expect(result.priors.contains { $0.name == "wide network for each item on what is known of users" && $0.share > 0 })
        #expect(result.values[0] > result.values[1] + 0.1)
        #expect(known.exchanged().itemFeatures == features)
    }

    @Test func fewHiddenRatingsWeighNoPart() throws {
        let few = (0..<3).map { Double($0 % 3) - 1 }
        #expect(StackedWeights(residuals: few, parts: [few]).weights == [0])
        let enough = (0..<60).map { Double($0 % 3) - 1 }
        #expect(StackedWeights(residuals: enough, parts: [enough]).weights == [1])
        #expect(StackedWeights(residuals: enough, parts: [enough.map { $0 / 10 }]).weights == [4])
        // One rating of twelve is hidden, and its error alone must not make the intervals narrow.
        let ratings = RatingTable(
            userCount: 4, itemCount: 3, users: (0..<12).map { $0 / 3 }, items: (0..<12).map { $0 % 3 },
            values: (0..<12).map { Double($0 * 5 % 7) })
        let result = try RatingCompletion().complete(ratings, pairs: RatingPairs(users: [0], items: [1]))
        #expect(result.calibration > 1.6 && result.halfWidths[0] > 1)
    }

    /// Deviations have the ratings' unit.
    @Test func theUnitOfRatingsIsTheUnitOfDeviations() throws {
        let (ratings, pairs, _) = Self.tastes(seed: 5, hasFeatures: false)
        let larger = RatingTable(
            userCount: ratings.userCount, itemCount: ratings.itemCount, users: ratings.users, items: ratings.items,
            values: ratings.values.map { 16 * $0 })
        let first = try RatingCompletion().complete(ratings, pairs: pairs)
        let second = try RatingCompletion().complete(larger, pairs: pairs)
        for (a, b) in zip(first.deviations, second.deviations) { #expect((16 * a - b).magnitude < 1e-9 * b) }
    }

    /// 3000³ operations for three ridges, 1200³ where the limit is below 2000³; users of whom nothing is wanted cost nothing.
    @Test func fewerRatingsOfAUserTakePartWhereAllTakeTooLong() {
        let known = [Array(0..<3000), Array(0..<10)]
        func count(_ limit: Double, wanted: [[Int]] = [[0], [1]]) -> Int {
            RatingRegression.exampleCount(known: known, wanted: wanted, ridgeCount: 3, neighbourCount: 0, operationLimit: limit)
        }
        #expect(count(1e12) == 3000 && count(2e9) == 1200 && count(1) == 200)
        #expect(count(1e4, wanted: [[], [1]]) == 3000)
    }

    @Test func usersAndItemsThatNobodyKnowsGetTheMean() throws {
        let (ratings, _, _) = Self.tastes(seed: 4, hasFeatures: false)
        let wider = RatingTable(
            userCount: ratings.userCount + 1, itemCount: ratings.itemCount + 1, users: ratings.users, items: ratings.items,
            values: ratings.values)
        let result = try RatingCompletion().complete(
            wider, pairs: RatingPairs(users: [ratings.userCount, ratings.userCount], items: [ratings.itemCount, 0]))
        let mean = ratings.values.reduce(0, +) / Double(ratings.count)
        #expect((result.values[0] - mean).magnitude < 1e-9)
        #expect(result.halfWidths[0] > result.halfWidths[1] && result.neighbours[0].isEmpty)
    }
}
