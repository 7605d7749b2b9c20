/// Hidden cells: what they are against what was filled in, both over their column's standard deviation.
struct HeldOutPlot {
    let cells: [CompletionReport.HeldOutCell]

    private let side = 420.0
    private let left = 46.0
    private let bottom = 44.0
    private let top = 26.0
    private let right = 12.0

    /// Beyond so many standard deviations a point is drawn at the edge.
    private static let farthest = 4.0

    func markup() -> HTML? {
        guard !cells.isEmpty else { return nil }
        let most = min(cells.reduce(1) { max($0, abs($1.truth), abs($1.prediction)) }, Self.farthest)
        let x = Scale(from: -most, to: most, start: left, end: side - right)
        let y = Scale(from: -most, to: most, start: side - bottom, end: top)
        var svg = SVG(width: side, height: side)
        for tick in x.niceTicks(maxCount: 7) {
            svg.line(x.position(of: tick), top, x.position(of: tick), side - bottom, class: "grid")
            svg.text(NumberText.plain(tick), x: x.position(of: tick), y: side - bottom + 16, anchor: .middle)
            svg.line(left, y.position(of: tick), side - right, y.position(of: tick), class: "grid")
            svg.text(NumberText.plain(tick), x: left - 6, y: y.position(of: tick) + 4, anchor: .end)
        }
        svg.line(x.position(of: -most), y.position(of: -most), x.position(of: most), y.position(of: most), class: "reference")
        svg.dots(cells.map { (x.position(of: $0.truth), y.position(of: $0.prediction)) }, cell: 2, class: "dots")
        svg.text("what the hidden cell is", x: left, y: side - 8, class: "axis-title")
        svg.text("what was filled in", x: left - 40, y: 10, class: "axis-title")
        return svg.markup(
            label: "\(cells.count) hidden cells: what they are against what was filled in, in standard deviations of their columns.")
    }
}
