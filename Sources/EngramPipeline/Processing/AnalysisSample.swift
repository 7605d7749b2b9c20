/// Which examples stand for all where analysing each would take too long.
enum AnalysisSample {
    /// At most `limit` of `count` indices, ascending, spread evenly from the first; all of them where they are no more.
    static func indices(of count: Int, limit: Int) -> [Int] {
        precondition(limit >= 1, "A sample needs at least one example, got a limit of \(limit).")
        guard count > limit else { return Array(0..<max(count, 0)) }
        // The quotient and remainder apart, so that no product leaves the range of an integer.
        let (step, rest) = count.quotientAndRemainder(dividingBy: limit)
        return (0..<limit).map { $0 * step + $0 * rest / limit }
    }
}
