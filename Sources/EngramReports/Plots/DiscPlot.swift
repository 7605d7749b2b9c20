import Foundation

/// Eigenvalues in the complex plane with the unit circle, the border of stability.
///
/// When all of them lie so near 0 that they would be one dot, or far outside, the distance from the centre is drawn as log10 |λ| instead and the
/// rings are labelled; the angle stays the phase.
struct DiscPlot {
    /// Text drawn over the dots.
    private typealias Label = (text: String, x: Double, y: Double)

    let rows: [EigenvalueRow]

    /// NaN and +infinity have no place in the plane; the page says how many there are.
    init(rows: [EigenvalueRow]) {
        self.rows = rows.filter { $0.log10Modulus < .infinity }
    }

    private let size = 420.0
    private var centre: Double { size / 2 }
    private let outerRadius = 186.0

    /// Whether the distance from the centre is logarithmic.
    var isLogarithmic: Bool {
        guard let largest = rows.map(\.log10Modulus).max(), largest.isFinite else { return false }
        // 0.05 of the radius is 9 units: below that phases cannot be told apart.
        return largest < log10(0.05) || largest > log10(4)
    }

    func markup() -> HTML? {
        guard !rows.isEmpty else { return nil }
        var svg = SVG(width: size, height: size)
        let (points, labels) = isLogarithmic ? drawLogarithmic(&svg) : drawLinear(&svg)
        let inside = zip(rows, points).filter { $0.0.log10Modulus < 0 }.map(\.1)
        let outside = zip(rows, points).filter { !($0.0.log10Modulus < 0) }.map(\.1)
        // A few eigenvalues are drawn larger: they must not be mistaken for dust.
        let size = rows.count < 60 ? " few" : ""
        svg.dots(inside, cell: 2, class: "dots\(size)")
        svg.dots(outside, cell: 2, class: "dots bad\(size)")
        for label in labels {
            svg.text(label.text, x: label.x, y: label.y, class: "halo")
        }
        if let leading = rows.indices.max(by: { rows[$0].log10Modulus < rows[$1].log10Modulus }) {
            let row = rows[leading]
            svg.circle(
                x: points[leading].x, y: points[leading].y, radius: 7, class: row.log10Modulus < 0 ? "ring" : "ring bad",
                title: "largest: \(row.owner), log10 |λ| = \(NumberText.signedLog(row.log10Modulus))")
        }
        let count = NumberText.count(rows.count)
        let where_ = outside.isEmpty ? "all inside the unit circle" : "\(NumberText.count(outside.count)) on or outside the unit circle"
        return svg.markup(label: "\(count) eigenvalues in the complex plane, \(where_).")
    }

    private func unitLabel(radius: Double) -> Label {
        ("|λ| = 1", centre + radius * 0.71 + 5, centre + radius * 0.71 + 14)
    }

    private func drawLinear(_ svg: inout SVG) -> (points: [(x: Double, y: Double)], labels: [Label]) {
        let extent = max(1, rows.map(\.modulus).filter(\.isFinite).max() ?? 1)
        let unit = outerRadius / extent
        svg.circle(x: centre, y: centre, radius: unit, class: "disc")
        svg.line(centre - outerRadius - 12, centre, centre + outerRadius + 12, centre, class: "polar")
        svg.line(centre, centre - outerRadius - 12, centre, centre + outerRadius + 12, class: "polar")
        svg.circle(x: centre, y: centre, radius: unit / 2, class: "polar")
        svg.circle(x: centre, y: centre, radius: unit, class: "limit")
        svg.text("Re", x: size - 4, y: centre - 6, anchor: .end, class: "label muted")
        svg.text("Im", x: centre + 7, y: 12, class: "label muted")
        let labels: [Label] = [("½", centre + unit / 2 * 0.71 + 5, centre + unit / 2 * 0.71 + 12), unitLabel(radius: unit)]
        return (rows.map { (x: centre + unit * $0.re, y: centre - unit * $0.im) }, labels)
    }

    private func drawLogarithmic(_ svg: inout SVG) -> (points: [(x: Double, y: Double)], labels: [Label]) {
        let logs = rows.map(\.log10Modulus).filter(\.isFinite)
        let top = max(0, logs.max() ?? 0)
        let bottom = min(-1, logs.min() ?? -1)
        // The innermost eighth is left to exact zeros, so that the smallest nonzero value is not mistaken for one.
        let scale = Scale(from: bottom - (top - bottom) / 8, to: top, start: 0, end: outerRadius)
        svg.circle(x: centre, y: centre, radius: scale.position(of: 0), class: "disc")
        var labels = [unitLabel(radius: scale.position(of: 0))]
        let ringScale = Scale(from: bottom, to: top, start: 0, end: 1)
        for exponent in ringScale.decadeTicks(maxCount: 5) where exponent != 0 {
            let radius = scale.position(of: Double(exponent))
            svg.circle(x: centre, y: centre, radius: radius, class: "polar")
            labels.append((NumberText.powerOfTen(exponent), centre + 4, centre - radius - 4))
        }
        svg.circle(x: centre, y: centre, radius: scale.position(of: 0), class: "limit")
        let points = rows.map { row in
            let radius = row.log10Modulus.isFinite ? scale.position(of: row.log10Modulus) : 0
            return (x: centre + radius * cos(row.phase), y: centre - radius * sin(row.phase))
        }
        return (points, labels)
    }
}
