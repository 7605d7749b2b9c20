internal import EngramSystem
import Foundation

/// Lines with marks over one axis, and a legend above them.
struct CurvePlot {
    let curves: ExperimentFigure.Curves

    private let width = 860.0
    private let height = 330.0
    private let left = 62.0
    private let right = 16.0
    private let top = 30.0
    private let bottom = 46.0

    /// Nil where no point has two finite coordinates.
    func markup(label: String) -> HTML? {
        let points = curves.series.map { series in
            zip(series.x, series.y).filter { $0.0.isFinite && $0.1.isFinite && (!curves.isLogarithmic || $0.0 > 0) }
                .map { (x: curves.isLogarithmic ? log10($0.0) : $0.0, y: $0.1) }
        }
        let all = points.flatMap { $0 }
        guard let leftmost = all.map(\.x).min(), let rightmost = all.map(\.x).max() else { return nil }
        let ordinates = all.map(\.y) + curves.references.map(\.y)
        let (lowest, highest) = (min(0, ordinates.min() ?? 0), ordinates.max() ?? 1)
        let x = Scale(from: leftmost, to: rightmost, start: left, end: width - right)
        let y = Scale(from: lowest, to: highest + 0.04 * (highest - lowest), start: height - bottom, end: top)
        var svg = SVG(width: width, height: height)
        drawAxes(&svg, x, y)
        for reference in curves.references {
            let position = y.position(of: reference.y)
            svg.line(left, position, width - right, position, class: "reference")
            svg.text(reference.label, x: width - right, y: position - 5, anchor: .end, class: "label muted")
        }
        for (index, series) in points.enumerated() {
            let drawn = series.map { (x: x.position(of: $0.x), y: y.position(of: $0.y)) }
            svg.polyline(drawn, class: "series s\(index % Palette.count)")
            for (point, value) in zip(drawn, series) {
                let shown = curves.isLogarithmic ? pow(10, value.x) : value.x
                svg.circle(
                    x: point.x, y: point.y, radius: 3.6, class: "f\(index % Palette.count)",
                    title:
                        "\(curves.series[index].name): \(NumberText.significant(shown, digits: 3)) → \(NumberText.significant(value.y, digits: 3))"
                )
            }
        }
        return svg.markup(label: label)
    }

    private func drawAxes(_ svg: inout SVG, _ x: Scale, _ y: Scale) {
        for tick in y.niceTicks(maxCount: 7) {
            let position = y.position(of: tick)
            svg.line(left, position, width - right, position, class: "grid")
            svg.text(NumberText.grouped(tick), x: left - 8, y: position + 4, anchor: .end)
        }
        svg.line(left, height - bottom, width - right, height - bottom, class: "axis")
        let ticks = curves.isLogarithmic ? x.decadeTicks(maxCount: 9).map(Double.init) : x.niceTicks(maxCount: 11)
        for tick in ticks {
            let text =
                curves.isLogarithmic ? NumberText.powerOfTen(Int(saturating: tick)) : NumberText.grouped(tick)
            svg.line(x.position(of: tick), height - bottom, x.position(of: tick), height - bottom + 5, class: "axis")
            svg.text(text, x: x.position(of: tick), y: height - bottom + 19, anchor: .middle)
        }
        svg.text(curves.yTitle, x: left - 50, y: 14, class: "axis-title")
        svg.text(curves.xTitle, x: left, y: height - 8, class: "axis-title")
    }
}
