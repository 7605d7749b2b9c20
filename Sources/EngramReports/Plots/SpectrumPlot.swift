import Foundation

/// log10 |λ| by rank, the spectra of all examples or cycles over one another: what vanishes in the unit disc is readable here.
struct SpectrumPlot {
    let rows: [EigenvalueRow]

    /// NaN and +infinity have no place on the axis; the page says how many there are.
    init(rows: [EigenvalueRow]) {
        self.rows = rows.filter { $0.log10Modulus < .infinity }
    }

    private let width = 560.0
    private let height = 420.0
    private let left = 58.0
    private let right = 14.0
    private let top = 26.0
    private let bottom = 44.0

    func markup() -> HTML? {
        let finite = rows.map(\.log10Modulus).filter(\.isFinite)
        guard let lowest = finite.min(), let highest = finite.max() else { return nil }
        let zeroCount = rows.count - finite.count
        let span = max(0, highest) - lowest
        let y = Scale(
            from: lowest - 0.02 * span, to: max(0, highest) + max(0.05 * span, 0.1), start: height - bottom - (zeroCount > 0 ? 26 : 0),
            end: top)
        let rankCount = (rows.map(\.index).max() ?? 0) + 1
        let x = Scale(from: 1, to: Double(rankCount), start: left + 8, end: width - right - 4)
        var svg = SVG(width: width, height: height)
        let limit = y.position(of: 0)
        svg.rectangle(x: left, y: limit, width: width - left - right, height: height - bottom - limit, class: "disc")
        drawAxes(&svg, x, y)
        svg.line(left, limit, width - right, limit, class: "limit")
        svg.text("|λ| = 1: above it errors grow", x: width - right - 4, y: max(limit - 6, 12), anchor: .end)
        let points = rows.map { row in
            (
                x: x.position(of: Double(row.index + 1)),
                y: row.log10Modulus.isFinite ? y.position(of: row.log10Modulus) : height - bottom - 8
            )
        }
        let size = rows.count < 60 ? " few" : ""
        svg.dots(zip(rows, points).filter { $0.0.log10Modulus < 0 }.map(\.1), cell: 2, class: "dots\(size)")
        svg.dots(zip(rows, points).filter { !($0.0.log10Modulus < 0) }.map(\.1), cell: 2, class: "dots bad\(size)")
        if zeroCount > 0 { svg.text("exactly 0", x: left - 8, y: height - bottom - 4, anchor: .end, class: "label muted") }
        let range = "from 10 to the power \(NumberText.signedLog(lowest)) to 10 to the power \(NumberText.signedLog(highest))"
        return svg.markup(
            label: "Moduli of \(NumberText.count(rows.count)) eigenvalues by rank, \(range); \(NumberText.count(zeroCount)) are exactly 0.")
    }

    private func drawAxes(_ svg: inout SVG, _ x: Scale, _ y: Scale) {
        // Spans under two decades show their numbers plainly: 0.2, 0.5, 1 rather than one lonely power of ten.
        if y.upper - y.lower < 2 {
            for value in [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] where log10(value) > y.lower && log10(value) < y.upper {
                drawLevel(&svg, y.position(of: log10(value)), NumberText.significant(value, digits: 1))
            }
        } else {
            for exponent in y.decadeTicks(maxCount: 8) {
                drawLevel(&svg, y.position(of: Double(exponent)), NumberText.powerOfTen(exponent))
            }
        }
        for tick in Set([1] + x.niceTicks(maxCount: 7).filter { $0 >= x.upper / 10 }).sorted() {
            let position = x.position(of: tick)
            svg.line(position, height - bottom, position, height - bottom + 5, class: "axis")
            svg.text(NumberText.grouped(tick), x: position, y: height - bottom + 18, anchor: .middle)
        }
        svg.line(left, height - bottom, width - right, height - bottom, class: "axis")
        svg.text("|λ|", x: left - 30, y: 14, class: "axis-title")
        svg.text("rank, largest first", x: left + 2, y: height - 6, class: "axis-title")
    }

    private func drawLevel(_ svg: inout SVG, _ position: Double, _ label: String) {
        svg.line(left, position, width - right, position, class: "grid")
        svg.text(label, x: left - 8, y: position + 4, anchor: .end)
    }
}
