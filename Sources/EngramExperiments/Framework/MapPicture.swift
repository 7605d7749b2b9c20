internal import EngramMedia
package import EngramReports
internal import EngramSystem

/// A basin map as pixels, for papers and slides: what the page draws, on white.
struct MapPicture {
    private let side: Int
    private let layout: MapLayout
    private let map: ExperimentFigure.Map
    /// Red, green and blue in [0, 1], row by row.
    private var pixels: [Float]

    /// Red, green, blue.
    typealias Colour = SIMD3<Float>

    private static let ink = Colour(0.1, 0.12, 0.15)
    /// Cells that had not settled.
    private static let faint = Colour(0.93, 0.94, 0.95)

    /// Nil where cells, columns and ranges of the map do not fit together.
    init?(of map: ExperimentFigure.Map, side: Int = 1000) {
        guard let layout = MapLayout(of: map, size: Double(side)) else { return nil }
        (self.map, self.layout, self.side) = (map, layout, side)
        pixels = [Float](repeating: 1, count: 3 * side * side)
        drawCells()
        // The page is 620 wide; lines keep their share of it.
        let unit = Double(side) / 620
        for arrow in layout.arrows {
            drawLine(arrow.tail, arrow.tip, width: 0.8 * unit, alpha: 0.6)
            drawLine(arrow.left, arrow.tip, width: 0.8 * unit, alpha: 0.6)
            drawLine(arrow.right, arrow.tip, width: 0.8 * unit, alpha: 0.6)
        }
        for orbit in layout.orbits {
            for (start, end) in zip(orbit, orbit.dropFirst()) { drawLine(start, end, width: 1.4 * unit, alpha: 1) }
        }
        for point in map.points {
            let place = layout.position(u: point.u, v: point.v)
            drawDisc(place, radius: 8 * unit, Self.ink)
            drawDisc(place, radius: 6.5 * unit, Self.colour(point.group))
        }
    }

    /// As PNG; the same map gives the same bytes.
    /// - Throws: `MediaError` when libpng fails.
    func png() throws(MediaError) -> [UInt8] {
        let format = ImageFormat(width: side, height: side, colorKind: .rgb, bitDepth: 8)
        return try ImagePreview(format: format, codes: pixels.map { UInt8(saturating: (255 * min(max($0, 0), 1)).rounded()) }).png()
    }

    /// Of an example's mark.
    static func colour(_ group: Int) -> Colour {
        let text = Palette.light[((group % Palette.light.count) + Palette.light.count) % Palette.light.count]
        let number = UInt32(text.dropFirst(), radix: 16) ?? 0
        return Colour(Float(number >> 16 & 255), Float(number >> 8 & 255), Float(number & 255)) / 255
    }

    /// Of a cell: what leads to something stored is tinted with its colour.
    static func basinColour(_ group: Int) -> Colour {
        switch group {
        case ExperimentFigure.Map.elsewhere: 0.25 * Colour(repeating: 1) + 0.75 * ink
        case ExperimentFigure.Map.unsettled: faint
        default: 0.58 * Colour(repeating: 1) + 0.42 * colour(group)
        }
    }

    private mutating func drawCells() {
        for row in 0..<side {
            // The first row of cells is at the bottom, the first row of pixels at the top.
            let cellRow = (side - 1 - row) * layout.rowCount / side
            for column in 0..<side {
                let cell = map.cells[cellRow * map.columnCount + column * map.columnCount / side]
                blend(row, column, Self.basinColour(cell), alpha: 1)
            }
        }
    }

    private mutating func blend(_ row: Int, _ column: Int, _ colour: Colour, alpha: Float) {
        let first = 3 * (row * side + column)
        for channel in 0..<3 { pixels[first + channel] += alpha * (colour[channel] - pixels[first + channel]) }
    }

    /// Covers each pixel by as much as the shape does, to about a pixel: `distance` of its centre outside of the shape.
    private mutating func cover(
        _ corner: MapLayout.Point, _ opposite: MapLayout.Point, _ colour: Colour, alpha: Double, distance: (Double, Double) -> Double
    ) {
        func clamped(_ value: Double) -> Int { Int(saturating: min(max(value, 0), Double(side - 1))) }
        let rows = clamped(min(corner.y, opposite.y) - 1)...clamped(max(corner.y, opposite.y) + 1)
        let columns = clamped(min(corner.x, opposite.x) - 1)...clamped(max(corner.x, opposite.x) + 1)
        for row in rows {
            for column in columns {
                let share = min(max(0.5 - distance(Double(column) + 0.5, Double(row) + 0.5), 0), 1)
                if share > 0 { blend(row, column, colour, alpha: Float(share * alpha)) }
            }
        }
    }

    private mutating func drawLine(_ start: MapLayout.Point, _ end: MapLayout.Point, width: Double, alpha: Double) {
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        let squaredLength = dx * dx + dy * dy
        cover(start, end, Self.ink, alpha: alpha) { x, y in
            let along = squaredLength > 0 ? min(max(((x - start.x) * dx + (y - start.y) * dy) / squaredLength, 0), 1) : 0
            let (awayX, awayY) = (x - start.x - along * dx, y - start.y - along * dy)
            return (awayX * awayX + awayY * awayY).squareRoot() - width / 2
        }
    }

    private mutating func drawDisc(_ center: MapLayout.Point, radius: Double, _ colour: Colour) {
        cover((center.x - radius, center.y - radius), (center.x + radius, center.y + radius), colour, alpha: 1) { x, y in
            ((x - center.x) * (x - center.x) + (y - center.y) * (y - center.y)).squareRoot() - radius
        }
    }
}

extension ExperimentReport {
    /// Every map of basins as a PNG, by file name: `map-1.png` for the first.
    /// - Throws: `ExperimentError.failed` when libpng fails.
    package func mapPictures() throws(ExperimentError) -> [(name: String, bytes: [UInt8])] {
        var pictures: [(name: String, bytes: [UInt8])] = []
        for map in figures.compactMap(\.map) {
            guard let picture = MapPicture(of: map) else { continue }
            do {
                pictures.append((name: "map-\(pictures.count + 1).png", bytes: try picture.png()))
            } catch {
                throw .failed(what: "a map of basins", reason: "\(error)")
            }
        }
        return pictures
    }
}
