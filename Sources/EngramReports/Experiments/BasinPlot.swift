/// Basins of attraction, coloured, with the vector field and the stored examples.
struct BasinPlot {
    let map: ExperimentFigure.Map

    private let size = 620.0

    /// Nil where cells, columns and ranges do not fit together.
    func markup(label: String) -> HTML? {
        guard let layout = MapLayout(of: map, size: size) else { return nil }
        var svg = SVG(width: size, height: size)
        drawCells(&svg, rowCount: layout.rowCount)
        drawArrows(&svg, layout)
        drawExamples(&svg, layout)
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

    private func drawArrows(_ svg: inout SVG, _ layout: MapLayout) {
        func text(_ point: MapLayout.Point) -> String { "\(SVG.text(point.x)) \(SVG.text(point.y))" }
        let data = layout.arrows.map { "M\(text($0.tail))L\(text($0.tip))M\(text($0.left))L\(text($0.tip))L\(text($0.right))" }.joined()
        guard !data.isEmpty else { return }
        svg.path(data, class: "field")
    }

    private func drawExamples(_ svg: inout SVG, _ layout: MapLayout) {
        for orbit in layout.orbits { svg.polyline(orbit, class: "orbit") }
        for point in map.points {
            let place = layout.position(u: point.u, v: point.v)
            svg.circle(x: place.x, y: place.y, radius: 7, class: "example \(Palette.fill(point.group))", title: point.label)
        }
    }
}

/// The colours of series and basins; the style sheet defines them for light and dark.
package enum Palette {
    /// For a light background, as `#rrggbb`; they differ in lightness as well as hue. More series begin again.
    package static let light = [
        "#0b6a88", "#c8561b", "#5a7d1e", "#8a3b8f", "#b08900", "#3656b3", "#b3261e", "#2f8f83", "#7a5230", "#6b7280",
    ]
    /// How many there are.
    static let count = light.count

    /// Rules for series and fills, for light and dark backgrounds.
    static var style: HTML {
        let dark = ["#62c4dd", "#f0935f", "#a9cc63", "#d58fda", "#e7c64d", "#8fa8f5", "#ff8a7d", "#6fd6c8", "#c79b74", "#a3abb3"]
        func variables(_ colours: [String]) -> String {
            colours.enumerated().map { "--c\($0.offset):\($0.element)" }.joined(separator: ";")
        }
        let classes = light.indices.map { ".f\($0){fill:var(--c\($0))}svg path.f\($0){fill:var(--c\($0))}.s\($0){stroke:var(--c\($0))}" }
            .joined()
        return HTML(
            trusted: """

                :root{\(variables(light))}
                @media (prefers-color-scheme:dark){:root{\(variables(dark))}}
                \(classes)
                .series{stroke-width:2;stroke-linejoin:round;fill:none}
                .key{width:11px;height:11px;margin-right:6px}
                """)
    }

    /// The class for the fill of a basin.
    static func fill(_ group: Int) -> String {
        switch group {
        case ExperimentFigure.Map.elsewhere: "fe"
        case ExperimentFigure.Map.unsettled: "fu"
        default: "f\(group % count)"
        }
    }
}
