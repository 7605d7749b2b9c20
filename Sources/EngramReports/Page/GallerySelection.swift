/// Which of many examples are shown: spread evenly, failures before successes, order kept.
enum GallerySelection {
    /// Indices of at most `limit` of `isFailure.count` items, ascending.
    ///
    /// Failures take up to half of the places, so that a gallery can neither hide them nor show nothing else.
    static func indices(isFailure: [Bool], limit: Int) -> [Int] {
        guard isFailure.count > limit else { return Array(isFailure.indices) }
        let failures = isFailure.indices.filter { isFailure[$0] }
        let others = isFailure.indices.filter { !isFailure[$0] }
        let failurePlaces = min(failures.count, max(limit / 2, limit - others.count))
        return (spread(failures, count: failurePlaces) + spread(others, count: limit - failurePlaces)).sorted()
    }

    /// `count` of `items` at even distances, first and last included.
    private static func spread(_ items: [Int], count: Int) -> [Int] {
        guard count < items.count else { return items }
        guard count > 1 else { return Array(items.prefix(count)) }
        return (0..<count).map { items[$0 * (items.count - 1) / (count - 1)] }
    }
}
