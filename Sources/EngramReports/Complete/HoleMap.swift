/// Where a table's cells are missing, drawn with rows from top to bottom and columns from left to right.
package struct HoleMap: Equatable, Sendable {
    /// Rows and columns of the drawing, at most those of the table.
    package let rowCount: Int
    package let columnCount: Int
    /// Share of missing cells in each field of the drawing, row by row.
    package let shares: [Double]

    /// Most rows and columns that are drawn; a larger table has several cells in a field.
    private static let largestSide = 120

    /// A map of a table.
    /// - Parameter isMissing: Of each cell, row by row; `rows · columns` of them.
    package init(rows: Int, columns: Int, isMissing: [Bool]) {
        rowCount = max(1, min(rows, Self.largestSide))
        columnCount = max(1, min(columns, Self.largestSide))
        var missing = [Double](repeating: 0, count: rowCount * columnCount)
        var all = missing
        for (place, gap) in isMissing.enumerated() {
            let field = (place / columns) * rowCount / rows * columnCount + (place % columns) * columnCount / columns
            all[field] += 1
            if gap { missing[field] += 1 }
        }
        shares = zip(missing, all).map { $1 > 0 ? $0 / $1 : 0 }
    }

    /// Four depths of ink, none for fields without a gap.
    private static let steps: [(least: Double, name: String)] = [
        (0.75, "hole full"), (0.4, "hole much"), (0.1, "hole some"), (.leastNonzeroMagnitude, "hole few"),
    ]

    /// The drawing.
    /// - Parameter label: What it shows, in a sentence.
    func markup(label: String) -> HTML {
        let width = 860.0
        let side = width / Double(columnCount)
        let height = min(max(2.5 * Double(rowCount), 60), 320)
        let step = height / Double(rowCount)
        var svg = SVG(width: width, height: height)
        svg.rectangle(x: 0, y: 0, width: width, height: height, class: "band")
        for (index, (least, name)) in Self.steps.enumerated() {
            let most = index == 0 ? .infinity : Self.steps[index - 1].least
            var data = ""
            for row in 0..<rowCount {
                for column in 0..<columnCount {
                    let share = shares[row * columnCount + column]
                    guard share >= least, share < most else { continue }
                    data +=
                        "M\(SVG.text(Double(column) * side)) \(SVG.text(Double(row) * step))h\(SVG.text(side))v\(SVG.text(step))h-\(SVG.text(side))z"
                }
            }
            if !data.isEmpty { svg.path(data, class: name) }
        }
        return svg.markup(label: label)
    }

    /// What the drawing needs beyond the pages' own style.
    static let style: HTML = """

        svg .hole{fill:var(--accent)}.hole.much{fill-opacity:.7}.hole.some{fill-opacity:.45}.hole.few{fill-opacity:.25}
        """
}
