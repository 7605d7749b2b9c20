internal import EngramSystem
import Foundation

/// Small histograms that share their axis, so that they can be compared at a glance.
struct HistogramPanels {
    let histograms: ExperimentFigure.Histograms

    private let width = 860.0
    private let panelHeight = 128.0
    private let gap = 22.0
    private let binCount = 30

    /// Counts of `values` in equal bins over the axis; what lies beyond is counted in the outermost, NaN not at all.
    func counts(of values: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: binCount)
        let span = histograms.upper - histograms.lower
        for value in values where !value.isNaN {
            // Clamped before the conversion: infinities end at the edges.
            let position = min(max((value - histograms.lower) / span, 0), 1) * Double(binCount)
            counts[min(Int(saturating: position), binCount - 1)] += 1
        }
        return counts
    }

    /// Nil without panels or with an empty axis.
    func markup(label: String) -> HTML? {
        guard !histograms.panels.isEmpty, histograms.upper > histograms.lower, histograms.columnCount > 0 else { return nil }
        let columnCount = min(histograms.columnCount, histograms.panels.count)
        let rowCount = (histograms.panels.count + columnCount - 1) / columnCount
        let panelWidth = (width - gap * Double(columnCount - 1)) / Double(columnCount)
        var svg = SVG(width: width, height: Double(rowCount) * (panelHeight + gap) + 16)
        for (index, panel) in histograms.panels.enumerated() {
            draw(
                panel, x: Double(index % columnCount) * (panelWidth + gap), y: Double(index / columnCount) * (panelHeight + gap),
                width: panelWidth, &svg)
        }
        svg.text(histograms.xTitle, x: 0, y: Double(rowCount) * (panelHeight + gap) + 10, class: "axis-title")
        return svg.markup(label: label)
    }

    private func draw(_ panel: ExperimentFigure.Histograms.Panel, x: Double, y: Double, width: Double, _ svg: inout SVG) {
        let counts = counts(of: panel.values)
        let (base, top) = (y + panelHeight - 16, y + 18)
        let horizontal = Scale(from: histograms.lower, to: histograms.upper, start: x, end: x + width)
        let vertical = Scale(from: 0, to: Double(max(1, counts.max() ?? 1)), start: base, end: top)
        let step = (histograms.upper - histograms.lower) / Double(binCount)
        for (bin, count) in counts.enumerated() where count > 0 {
            let lower = histograms.lower + step * Double(bin)
            let isBeyond = histograms.limit.map { lower >= $0 - 1e-9 } ?? false
            let (start, end) = (horizontal.position(of: lower), horizontal.position(of: lower + step))
            svg.rectangle(
                x: start + 0.5, y: vertical.position(of: Double(count)), width: end - start - 1,
                height: base - vertical.position(of: Double(count)), class: isBeyond ? "bar bad" : "bar", title: "\(count)")
        }
        svg.line(x, base, x + width, base, class: "axis")
        if let limit = histograms.limit, limit > histograms.lower, limit < histograms.upper {
            svg.line(horizontal.position(of: limit), top, horizontal.position(of: limit), base, class: "limit")
        }
        for tick in horizontal.niceTicks(maxCount: 5) {
            svg.text(
                NumberText.grouped(tick), x: horizontal.position(of: tick), y: base + 13,
                anchor: .middle)
        }
        svg.text(panel.name, x: x, y: y + 11, class: "label strong")
    }
}
