internal import EngramSystem
import Foundation

/// How many damaged examples came back against how much damage was done, for one kind of damage: the network with its interval, and the two
/// baselines on the same cues.
struct RecoveryPlot {
    /// What came of one level.
    struct Point {
        let level: Double
        /// Share within the strict criterion, and its interval.
        let recovered: Double
        let low: Double
        let high: Double
        /// Share within the loosest criterion.
        let loose: Double
        let nearest: Double
        let hopfield: Double
    }

    let title: String
    /// Levels, ascending.
    let points: [Point]
    /// What the level is, for the axis.
    let levelTitle: String

    private let width = 380.0
    private let height = 250.0
    private let left = 46.0
    private let right = 12.0
    private let top = 14.0
    private let bottom = 42.0

    /// - Parameter rows: Of one kind of damage, by any number of criteria.
    init(title: String, rows: [DropReport.Recovery]) {
        self.title = title
        let strict = rows.map(\.criterion).min() ?? 0
        let loose = rows.map(\.criterion).max() ?? 0
        points = rows.filter { $0.criterion == strict && $0.total > 0 }.map { row in
            let total = Double(row.total)
            let within = rows.first { $0.level == row.level && $0.criterion == loose } ?? row
            return Point(
                level: row.level, recovered: Double(row.recovered) / total, low: row.recoveredLow, high: row.recoveredHigh,
                loose: Double(within.recovered) / total, nearest: Double(row.baseline1NN) / total,
                hopfield: Double(row.baselineHopfield) / total)
        }.sorted { $0.level < $1.level }
        levelTitle =
            switch title {
            case "gaussian noise": "standard deviation of the noise"
            case "square": "share of the picture covered"
            case "blank stretch": "share of the stretch covered"
            default: "share of the values replaced"
            }
    }

    /// Nil where one level alone makes no curve.
    func markup() -> HTML? {
        guard let last = points.last, points.count > 1 else { return nil }
        let x = Scale(from: 0, to: last.level, start: left, end: width - right)
        let y = Scale(from: 0, to: 1, start: height - bottom, end: top)
        var svg = SVG(width: width, height: height)
        for share in [0, 0.25, 0.5, 0.75, 1] {
            svg.line(left, y.position(of: share), width - right, y.position(of: share), class: "grid")
            svg.text("\(Int(saturating: share * 100)) %", x: left - 8, y: y.position(of: share) + 4, anchor: .end)
        }
        for tick in x.niceTicks(maxCount: 6) {
            svg.line(x.position(of: tick), height - bottom, x.position(of: tick), height - bottom + 5, class: "axis")
            let isShare = title != "gaussian noise"
            let label = isShare ? "\(Int(saturating: (tick * 100).rounded())) %" : NumberText.plain(tick)
            svg.text(label, x: x.position(of: tick), y: height - bottom + 18, anchor: .middle)
        }
        let band =
            points.map { "\(SVG.text(x.position(of: $0.level))) \(SVG.text(y.position(of: $0.high)))" }
            + points.reversed().map { "\(SVG.text(x.position(of: $0.level))) \(SVG.text(y.position(of: $0.low)))" }
        svg.path("M" + band.joined(separator: "L") + "Z", class: "confidence")
        func curve(_ share: (Point) -> Double, _ name: String) {
            svg.polyline(points.map { (x: x.position(of: $0.level), y: y.position(of: share($0))) }, class: name)
        }
        curve(\.hopfield, "baseline hopfield")
        curve(\.nearest, "baseline")
        curve(\.loose, "curve loose")
        curve(\.recovered, "curve")
        for point in points {
            let text = "\(NumberText.significant(point.level)): \(NumberText.fixed(point.recovered * 100, decimals: 0)) % recovered"
            svg.circle(x: x.position(of: point.level), y: y.position(of: point.recovered), radius: 3.5, class: "mark", title: text)
        }
        svg.line(left, height - bottom, width - right, height - bottom, class: "axis")
        svg.text(levelTitle, x: left, y: height - 6, class: "axis-title")
        let worst = NumberText.fixed((points.last?.recovered ?? 0) * 100, decimals: 0)
        let best = NumberText.fixed((points.first?.recovered ?? 0) * 100, decimals: 0)
        return svg.markup(
            label: "Recovered from \(title): \(best) % at \(NumberText.significant(points.first?.level)) down to \(worst) % at "
                + "\(NumberText.significant(last.level)), with the nearest example and a Hopfield network on the same cues.")
    }
}
