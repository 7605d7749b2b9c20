internal import EngramDynamics

/// A share of n trials with its 95 % interval, small enough for a table cell.
struct ShareBar {
    let count: Int
    let total: Int

    /// nil without trials.
    var interval: WilsonInterval? {
        total > 0 && (0...total).contains(count) ? WilsonInterval(count: count, total: total) : nil
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
