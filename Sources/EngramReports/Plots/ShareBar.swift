/// A share of n trials with its 95 % interval, small enough for a table cell.
struct ShareBar {
    let count: Int
    let total: Int

    /// Wilson's score interval at 95 %: unlike the normal approximation it stays inside [0, 1] and does not shrink to a point at 0 or n of n.
    ///
    /// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
    /// - Returns: nil without trials.
    var interval: (lower: Double, upper: Double)? {
        guard total > 0, (0...total).contains(count) else { return nil }
        let z = 1.959963984540054  // 97.5 % quantile of the normal distribution
        let n = Double(total)
        let share = Double(count) / n
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return (count == 0 ? 0 : max(0, middle - half), count == total ? 1 : min(1, middle + half))
    }

    func markup() -> HTML? {
        guard let interval else { return nil }
        let width = 120.0
        var svg = SVG(width: width, height: 18)
        let share = Double(count) / Double(total)
        svg.rectangle(x: 0, y: 4, width: width, height: 10, class: "track")
        svg.rectangle(
            x: 0, y: 4, width: width * share, height: 10, class: count == total ? "bar good" : count == 0 ? "bar bad" : "bar warn")
        svg.line(width * interval.lower, 9, width * interval.upper, 9, class: "whisker")
        let text = "\(Self.percent(interval.lower)) to \(Self.percent(interval.upper)) %"
        return svg.markup(label: "\(count) of \(total); 95 % interval \(text)", class: "share")
    }

    /// "84–100 %", the interval as text.
    var intervalText: String {
        interval.map { "\(Self.percent($0.lower))–\(Self.percent($0.upper)) %" } ?? NumberText.missing
    }

    private static func percent(_ share: Double) -> String {
        NumberText.fixed(share * 100, decimals: 0)
    }
}
