public import EngramNumerics

/// Ratings in long form: of each known pair of a user and an item a value.
public struct RatingTable: Sendable {
    /// Number of users.
    public let userCount: Int
    /// Number of items.
    public let itemCount: Int
    /// Of each known rating its user.
    public let users: [Int]
    /// Its item.
    public let items: [Int]
    /// Its value.
    public let values: [Double]
    /// What is known of the items besides, shape `[items, q]`, finite; nil where there is nothing.
    public let itemFeatures: Matrix<Double>?
    /// What is known of the users besides, shape `[users, p]`, finite; nil where there is nothing.
    public let userFeatures: Matrix<Double>?

    /// Ratings; users and items count from 0.
    public init(
        userCount: Int, itemCount: Int, users: [Int], items: [Int], values: [Double], itemFeatures: Matrix<Double>? = nil,
        userFeatures: Matrix<Double>? = nil
    ) {
        precondition(
            users.count == items.count && users.count == values.count && users.allSatisfy { $0 >= 0 && $0 < userCount }
                && items.allSatisfy { $0 >= 0 && $0 < itemCount } && itemFeatures.map { $0.rowCount == itemCount } ?? true
                && userFeatures.map { $0.rowCount == userCount } ?? true,
            "Ratings need a user, an item and a value each, and features one row for each item or user.")
        self.userCount = userCount
        self.itemCount = itemCount
        self.users = users
        self.items = items
        self.values = values
        self.itemFeatures = itemFeatures
        self.userFeatures = userFeatures
    }

    /// Number of known ratings.
    public var count: Int { values.count }

    /// The ratings at these places, with other values.
    func selecting(_ places: [Int], values: [Double]? = nil) -> RatingTable {
        RatingTable(
            userCount: userCount, itemCount: itemCount, users: places.map { users[$0] }, items: places.map { items[$0] },
            values: places.map { (values ?? self.values)[$0] }, itemFeatures: itemFeatures, userFeatures: userFeatures)
    }

    /// Users and items exchanged.
    func exchanged() -> RatingTable {
        RatingTable(
            userCount: itemCount, itemCount: userCount, users: items, items: users, values: values, itemFeatures: userFeatures,
            userFeatures: itemFeatures)
    }

    /// For each user the places of its ratings, in order.
    func placesOfUsers() -> [[Int]] {
        var places = [[Int]](repeating: [], count: userCount)
        for (place, user) in users.enumerated() { places[user].append(place) }
        return places
    }
}

/// Pairs whose ratings are wanted.
public struct RatingPairs: Sendable, Equatable {
    /// The user of each.
    public let users: [Int]
    /// The item of each.
    public let items: [Int]

    /// Pairs; equal lengths.
    public init(users: [Int], items: [Int]) {
        precondition(users.count == items.count, "\(users.count) users and \(items.count) items make no pairs.")
        self.users = users
        self.items = items
    }

    /// Number of pairs.
    public var count: Int { users.count }

    func exchanged() -> RatingPairs { RatingPairs(users: items, items: users) }
}
