/// A square of numbers as shades: entries of a metric, or how often classes are confused.
struct HeatMap {
    /// Names of rows and columns.
    let names: [String]
    /// Shape `[n, n]`, each entry from -1 to 1.
    let shares: [[Double]]
    /// What a cell's title says.
    let title: (Int, Int) -> String

    /// Longest name that is drawn whole.
    private static let longestName = 24

    /// The drawing; rows from the top.
    func markup(label: String) -> HTML {
        let left = 150.0
        let side = min(26, max(9, 560 / Double(max(names.count, 1))))
        let top = 120.0
        var drawing = SVG(width: left + side * Double(names.count) + 10, height: top + side * Double(names.count) + 10)
        for (row, name) in names.enumerated() {
            drawing.text(Self.short(name), x: left - 6, y: top + side * (Double(row) + 0.72), anchor: .end)
        }
        // Columns are numbered like rows: slanted names overlap at this size.
        for column in names.indices where names.count <= 24 {
            drawing.text("\(column + 1)", x: left + side * (Double(column) + 0.5), y: top - 6, anchor: .middle)
        }
        for row in names.indices {
            for column in names.indices {
                drawing.rectangle(
                    x: left + side * Double(column), y: top + side * Double(row), width: side - 1, height: side - 1,
                    class: Self.shade(shares[row][column]), title: title(row, column))
            }
        }
        return drawing.markup(label: label)
    }

    /// Ten shades of each sign; classes of the page's own style.
    static func shade(_ share: Double) -> String {
        guard share.isFinite else { return "heat0" }
        let step = min(9, max(0, (abs(share) * 9).rounded()))
        for level in 0...9 where Double(level) == step { return (share < 0 ? "cold" : "heat") + "\(level)" }
        return "heat0"
    }

    /// Rules of the shades, from faint to the accent.
    static var style: HTML {
        let rules = (0...9).map { level in
            let share = level * 11
            return ".heat\(level){fill:color-mix(in srgb,var(--accent) \(share)%,var(--faint))}"
                + ".cold\(level){fill:color-mix(in srgb,var(--bad) \(share)%,var(--faint))}"
        }
        return HTML(trusted: rules.joined(separator: "\n"))
    }

    private static func short(_ name: String) -> String {
        name.count > longestName ? String(name.prefix(longestName - 1)) + "…" : name
    }
}
