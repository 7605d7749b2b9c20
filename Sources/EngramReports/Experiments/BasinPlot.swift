import Foundation

/// Basins of attraction, coloured, with the vector field and the stored examples.
struct BasinPlot {
    let map: ExperimentFigure.Map

    private let size = 620.0

    /// Nil where cells, columns and ranges do not fit together.
    func markup(label: String) -> HTML? {
        let columns = map.columnCount
        guard columns > 1, map.cells.count % columns == 0, map.cells.count / columns > 1, map.horizontal.count == 2, map.vertical.count == 2
        else { return nil }
        let rows = map.cells.count / columns
        // Centres of the outermost cells lie on the ranges' ends, so the drawing reaches half a cell further.
        let (halfWide, halfHigh) = (
            (map.horizontal[1] - map.horizontal[0]) / Double(columns - 1) / 2, (map.vertical[1] - map.vertical[0]) / Double(rows - 1) / 2
        )
        let x = Scale(from: map.horizontal[0] - halfWide, to: map.horizontal[1] + halfWide, start: 0, end: size)
        let y = Scale(from: map.vertical[0] - halfHigh, to: map.vertical[1] + halfHigh, start: size, end: 0)
        var svg = SVG(width: size, height: size)
        drawCells(&svg, rowCount: rows)
        drawArrows(&svg, x, y)
        drawExamples(&svg, x, y)
        return svg.markup(label: label, class: "plot map")
    }

    /// One path for each class, its cells merged along rows: a map of 10,000 cells stays a small file.
    private func drawCells(_ svg: inout SVG, rowCount: Int) {
        let columns = map.columnCount
        var paths: [Int: String] = [:]
        let (cellWidth, cellHeight) = (size / Double(columns), size / Double(rowCount))
        for row in 0..<rowCount {
            let cells = map.cells[row * columns..<(row + 1) * columns]
            var start = cells.startIndex
            while start < cells.endIndex {
                let end = cells[start...].firstIndex { $0 != cells[start] } ?? cells.endIndex
                let (left, right) = (Double(start - cells.startIndex) * cellWidth, Double(end - cells.startIndex) * cellWidth)
                let (low, high) = (size - Double(row) * cellHeight, size - Double(row + 1) * cellHeight)
                paths[cells[start], default: ""] +=
                    "M\(SVG.text(left)) \(SVG.text(high))H\(SVG.text(right))V\(SVG.text(low))H\(SVG.text(left))Z"
                start = end
            }
        }
        for (group, data) in paths.sorted(by: { $0.key < $1.key }) {
            svg.path(data, class: "basin \(Palette.fill(group))")
        }
    }

    /// Directions of one step; lengths as the fourth root of the step's, so that the slow ones show.
    private func drawArrows(_ svg: inout SVG, _ x: Scale, _ y: Scale) {
        let steps = map.arrows.map { arrow in
            (
                x: x.position(of: arrow.u), y: y.position(of: arrow.v), dx: arrow.du / (x.upper - x.lower) * size,
                dy: -arrow.dv / (y.upper - y.lower) * size
            )
        }
        .filter { $0.dx.isFinite && $0.dy.isFinite }
        let longest = steps.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() }.max() ?? 0
        guard longest > 0 else { return }
        let spacing = size / max(Double(map.arrows.count).squareRoot(), 2)
        var data = ""
        for step in steps {
            let length = (step.dx * step.dx + step.dy * step.dy).squareRoot()
            guard length > 0 else { continue }
            let shown = 0.8 * spacing * pow(length / longest, 0.25)
            let (ux, uy) = (step.dx / length, step.dy / length)
            let (tipX, tipY) = (step.x + shown * ux, step.y + shown * uy)
            let head = min(4, shown / 2)
            data += "M\(SVG.text(step.x)) \(SVG.text(step.y))L\(SVG.text(tipX)) \(SVG.text(tipY))"
            data += "M\(SVG.text(tipX - head * (ux + 0.6 * uy))) \(SVG.text(tipY - head * (uy - 0.6 * ux)))"
            data +=
                "L\(SVG.text(tipX)) \(SVG.text(tipY))L\(SVG.text(tipX - head * (ux - 0.6 * uy))) \(SVG.text(tipY - head * (uy + 0.6 * ux)))"
        }
        svg.path(data, class: "field")
    }

    private func drawExamples(_ svg: inout SVG, _ x: Scale, _ y: Scale) {
        if map.areCycles {
            for group in Set(map.points.map(\.group)).sorted() {
                let corners = map.points.filter { $0.group == group }.map { (x: x.position(of: $0.u), y: y.position(of: $0.v)) }
                svg.polyline(corners + corners.prefix(1), class: "orbit")
            }
        }
        for point in map.points {
            svg.circle(
                x: x.position(of: point.u), y: y.position(of: point.v), radius: 7, class: "example \(Palette.fill(point.group))",
                title: point.label)
        }
    }
}

/// The colours of series and basins; the style sheet defines them for light and dark.
enum Palette {
    /// How many there are; more series begin again.
    static let count = 10

    /// The class for the fill of a basin.
    static func fill(_ group: Int) -> String {
        switch group {
        case ExperimentFigure.Map.elsewhere: "fe"
        case ExperimentFigure.Map.unsettled: "fu"
        default: "f\(group % count)"
        }
    }
}
