internal import EngramSystem
import Foundation

/// How the examples' spectral radii are distributed, with the limit 1; logarithmic where they span more than three decades.
struct RadiusHistogram {
    let radii: [Double]
    /// What is counted, and what it is counted by.
    let unit: String
    let quantity: String

    private let width = 860.0
    private let height = 240.0
    private let left = 46.0
    private let right = 14.0
    private let top = 26.0
    private let bottom = 44.0

    init(radii: [Double], unit: String = "examples", quantity: String = "spectral radius of the Jacobian at the example") {
        self.unit = unit
        self.quantity = quantity
        self.radii = radii.filter { $0.isFinite && $0 >= 0 }
    }

    /// Whether bins have equal width in log10 of the radius.
    var isLogarithmic: Bool {
        let positive = radii.filter { $0 > 0 }
        guard let lowest = positive.min(), let highest = positive.max() else { return false }
        // Below 0.02 a linear axis up to the limit would put all into one bar.
        return highest / lowest > 1000 || highest > 20 || highest < 0.02
    }

    /// Equal bins from `lower`, half-open, with the limit 1 (or its logarithm 0) on an edge so that no bar mixes stable and unstable.
    func bins() -> (lower: Double, step: Double, counts: [Int]) {
        // A radius of exactly 0 joins the smallest positive one on a logarithmic axis, which has no place for it.
        let smallest = radii.filter { $0 > 0 }.min() ?? 1
        let values = isLogarithmic ? radii.map { log10(max($0, smallest)) } : radii
        let limit = isLogarithmic ? 0.0 : 1.0
        let lowest = min(values.min() ?? 0, limit)
        let highest = max(values.max() ?? limit, limit)
        let step = Scale.niceStep(span: max(highest - (isLogarithmic ? lowest : 0), 1e-3), maxCount: 26)
        let first = isLogarithmic ? floor(lowest / step) : 0
        let binCount = max(1, Int(saturating: floor(highest / step + 1e-9) - first) + 1)
        var counts = [Int](repeating: 0, count: binCount)
        for value in values {
            // The step divides the limit, so floor alone keeps every stable value below the limit's edge.
            counts[min(max(Int(saturating: floor(value / step) - first), 0), binCount - 1)] += 1
        }
        return (first * step, step, counts)
    }

    func markup() -> HTML? {
        guard radii.count > 1 else { return nil }
        let (lower, step, counts) = bins()
        let limit = isLogarithmic ? 0.0 : 1.0
        let x = Scale(from: lower, to: lower + step * Double(counts.count), start: left, end: width - right)
        let y = Scale(from: 0, to: Double(max(1, counts.max() ?? 1)), start: height - bottom, end: top)
        var svg = SVG(width: width, height: height)
        for tick in y.niceTicks(maxCount: 5) where tick == tick.rounded() {
            svg.line(left, y.position(of: tick), width - right, y.position(of: tick), class: "grid")
            svg.text(NumberText.grouped(tick), x: left - 8, y: y.position(of: tick) + 4, anchor: .end)
        }
        for (index, count) in counts.enumerated() where count > 0 {
            let start = lower + step * Double(index)
            let left = x.position(of: start) + 1
            let barTop = y.position(of: Double(count))
            svg.rectangle(
                x: left, y: barTop, width: x.position(of: start + step) - left - 1, height: height - bottom - barTop,
                class: start >= limit - step / 2 ? "bar bad" : "bar", title: "\(count)")
        }
        svg.line(left, height - bottom, width - right, height - bottom, class: "axis")
        drawRadiusAxis(&svg, x)
        let position = x.position(of: limit)
        svg.line(position, top - 8, position, height - bottom, class: "limit")
        svg.text("limit of stability", x: position - 5, y: top - 8, anchor: .end)
        svg.text(unit, x: left - 34, y: 12, class: "axis-title")
        svg.text(quantity, x: left, y: height - 6, class: "axis-title")
        let unstable = radii.count { $0 >= 1 }
        return svg.markup(label: "Histogram of \(radii.count) values of the \(quantity), \(unstable) of them 1 or more.")
    }

    private func drawRadiusAxis(_ svg: inout SVG, _ x: Scale) {
        let ticks = isLogarithmic ? x.decadeTicks(maxCount: 9).map(Double.init) : x.niceTicks(maxCount: 9)
        for tick in ticks {
            let label = isLogarithmic ? NumberText.powerOfTen(Int(saturating: tick)) : NumberText.plain(tick)
            svg.text(label, x: x.position(of: tick), y: height - bottom + 18, anchor: .middle)
        }
    }
}
