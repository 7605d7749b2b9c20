/// The states of a network that reads texts, in a plane: a dot for each token, and a line through the tokens of each text in their order.
struct StatePlot {
    let rows: [TokenRow]

    private let size = 420.0
    private let edge = 14.0
    /// Texts of more tokens would be a tangle of lines.
    private static let drawnLineCount = 400

    func markup() -> HTML? {
        let drawn = rows.filter { $0.x.isFinite && $0.y.isFinite }
        guard drawn.count > 1 else { return nil }
        let (xs, ys) = (drawn.map(\.x), drawn.map(\.y))
        let (left, right, low, high) = (xs.min() ?? 0, xs.max() ?? 1, ys.min() ?? 0, ys.max() ?? 1)
        // One unit is as long either way: the picture is a projection.
        let half = max(right - left, high - low, 1e-12) / 2
        let (middleX, middleY) = ((left + right) / 2, (low + high) / 2)
        let across = Scale(from: middleX - half, to: middleX + half, start: edge, end: size - edge)
        let up = Scale(from: middleY - half, to: middleY + half, start: size - edge, end: edge)
        let points = drawn.map { (x: across.position(of: $0.x), y: up.position(of: $0.y)) }
        var svg = SVG(width: size, height: size)
        if drawn.count <= Self.drawnLineCount {
            for text in Self.runs(of: drawn) {
                svg.polyline(Array(points[text]) + [points[text.lowerBound]], class: "polar")
            }
        }
        svg.dots(points, cell: 2, class: drawn.count < 60 ? "dots few" : "dots")
        for text in Self.runs(of: drawn) {
            let first = drawn[text.lowerBound]
            svg.circle(x: points[text.lowerBound].x, y: points[text.lowerBound].y, radius: 7, class: "ring", title: "\(first.text) begins")
        }
        return svg.markup(
            label: "The states at \(NumberText.count(drawn.count)) places of the text in a plane; rings are where texts begin.")
    }

    /// Rows of one text each.
    private static func runs(of rows: [TokenRow]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, row) in rows.enumerated() {
            if index > 0, rows[index - 1].text == row.text, row.place > rows[index - 1].place {
                runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }
}
