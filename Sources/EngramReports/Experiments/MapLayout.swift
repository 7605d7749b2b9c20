import Foundation

/// Where the parts of a basin map lie on a square drawing, whatever it is drawn with.
package struct MapLayout {
    /// Coordinates to the right and downwards.
    package typealias Point = (x: Double, y: Double)

    /// Side of the drawing.
    package let size: Double
    /// Rows of cells, bottom row first as the map has them.
    package let rowCount: Int
    private let map: ExperimentFigure.Map
    private let x: Scale
    private let y: Scale

    /// Nil where cells, columns and ranges of the map do not fit together.
    package init?(of map: ExperimentFigure.Map, size: Double) {
        let columns = map.columnCount
        guard columns > 1, map.cells.count % columns == 0, map.cells.count / columns > 1, map.horizontal.count == 2, map.vertical.count == 2
        else { return nil }
        let rows = map.cells.count / columns
        // Centres of the outermost cells lie on the ranges' ends, so the drawing reaches half a cell further.
        let (halfWide, halfHigh) = (
            (map.horizontal[1] - map.horizontal[0]) / Double(columns - 1) / 2, (map.vertical[1] - map.vertical[0]) / Double(rows - 1) / 2
        )
        (self.map, self.size, rowCount) = (map, size, rows)
        x = Scale(from: map.horizontal[0] - halfWide, to: map.horizontal[1] + halfWide, start: 0, end: size)
        y = Scale(from: map.vertical[0] - halfHigh, to: map.vertical[1] + halfHigh, start: size, end: 0)
    }

    /// Where a point of the plane lies; one off the map is at its edge.
    package func position(u: Double, v: Double) -> Point { (x.position(of: u), y.position(of: v)) }

    /// An arrow's shaft and the two ends of its head, which meet its tip.
    package struct Arrow {
        /// Where the step begins.
        package let tail: Point
        /// Its tip.
        package let tip: Point
        /// Beside the tip.
        package let left: Point
        /// Beside the tip.
        package let right: Point
    }

    /// Directions of one step; lengths as the fourth root of the step's, so that the slow ones show.
    package var arrows: [Arrow] {
        let steps = map.arrows.map { arrow in
            (
                tail: position(u: arrow.u, v: arrow.v), dx: arrow.du / (x.upper - x.lower) * size,
                dy: -arrow.dv / (y.upper - y.lower) * size
            )
        }
        .filter { $0.dx.isFinite && $0.dy.isFinite }
        let longest = steps.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() }.max() ?? 0
        guard longest > 0 else { return [] }
        let spacing = size / max(Double(map.arrows.count).squareRoot(), 2)
        return steps.compactMap { step in
            let length = (step.dx * step.dx + step.dy * step.dy).squareRoot()
            guard length > 0 else { return nil }
            let shown = 0.8 * spacing * pow(length / longest, 0.25)
            let (ux, uy) = (step.dx / length, step.dy / length)
            let tip = (x: step.tail.x + shown * ux, y: step.tail.y + shown * uy)
            let head = min(size / 155, shown / 2)
            return Arrow(
                tail: step.tail, tip: tip, left: (tip.x - head * (ux + 0.6 * uy), tip.y - head * (uy - 0.6 * ux)),
                right: (tip.x - head * (ux - 0.6 * uy), tip.y - head * (uy + 0.6 * ux)))
        }
    }

    /// The closed lines through the states of each cycle; none where classes are examples.
    package var orbits: [[Point]] {
        guard map.areCycles else { return [] }
        return Set(map.points.map(\.group)).sorted().map { group in
            let corners = map.points.filter { $0.group == group }.map { position(u: $0.u, v: $0.v) }
            return corners + corners.prefix(1)
        }
    }
}
