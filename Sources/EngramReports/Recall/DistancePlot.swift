import Foundation

/// The distance to the item at each step, on a logarithmic axis.
struct DistancePlot {
    let distances: [Double]

    private let width = 860.0
    private let height = 220.0
    private let left = 58.0
    private let right = 12.0
    private let top = 22.0
    private let bottom = 40.0

    /// nil where there is nothing to plot.
    func markup() -> HTML? {
        let shown = distances.enumerated().filter { $0.element > 0 && $0.element.isFinite && $0.element < 1e300 }
        guard distances.count > 1, let lowest = shown.map(\.element).min(), let highest = shown.map(\.element).max() else { return nil }
        var svg = SVG(width: width, height: height)
        let x = Scale(from: 0, to: Double(distances.count - 1), start: left, end: width - right)
        let y = Scale(from: floor(log10(lowest)), to: ceil(log10(highest)), start: height - bottom, end: top)
        for exponent in y.decadeTicks(maxCount: 6) {
            let position = y.position(of: Double(exponent))
            svg.line(left, position, width - right, position, class: "grid")
            svg.text(NumberText.powerOfTen(exponent), x: left - 8, y: position + 4, anchor: .end)
        }
        for tick in x.niceTicks(maxCount: 10) where tick == tick.rounded() {
            svg.line(x.position(of: tick), height - bottom, x.position(of: tick), height - bottom + 5, class: "axis")
            svg.text(NumberText.plain(tick), x: x.position(of: tick), y: height - bottom + 18, anchor: .middle)
        }
        svg.line(left, height - bottom, width - right, height - bottom, class: "axis")
        let points = shown.map { (x: x.position(of: Double($0.offset)), y: y.position(of: log10($0.element))) }
        if points.count > 1 { svg.polyline(points, class: "curve") }
        if points.count <= 60 { for point in points { svg.circle(x: point.x, y: point.y, radius: 3, class: "mark") } }
        svg.text("distance to the item", x: left - 46, y: 12, class: "axis-title")
        svg.text("step", x: width - right, y: height - 4, anchor: .end, class: "axis-title")
        return svg.markup(
            label: "Distance at each of \(distances.count - 1) steps on a logarithmic axis, from "
                + "\(NumberText.significant(distances.first)) to \(NumberText.significant(distances.last)).")
    }
}
