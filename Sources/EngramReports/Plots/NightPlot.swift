import Foundation

/// What came out of the last nights and how long it took: two rows of bars over the same days.
struct NightPlot {
    let nights: [DigestContent.Night]

    private let width = 860.0
    private let height = 250.0
    private let left = 46.0
    private let right = 14.0
    /// Top and bottom of each row.
    private let rows = [(30.0, 118.0), (152.0, 216.0)]

    func markup() -> HTML? {
        guard nights.count > 1, nights.contains(where: { $0.published + $0.rejected > 0 || $0.workSeconds > 0 }) else { return nil }
        var svg = SVG(width: width, height: height)
        let x = Scale(from: 0, to: Double(nights.count), start: left, end: width - right)
        let most = nights.map { Double($0.published + $0.rejected) }.max() ?? 0
        let counts = Scale(from: 0, to: max(most, 1), start: rows[0].1, end: rows[0].0)
        let longest = (nights.map(\.workSeconds).max() ?? 0) / 3600
        let hours = Scale(from: 0, to: max(longest, 1e-3), start: rows[1].1, end: rows[1].0)
        axis(&svg, counts, rows[0], "drops", whole: true)
        axis(&svg, hours, rows[1], "hours at work", whole: false)
        for (index, night) in nights.enumerated() {
            let (start, end) = (x.position(of: Double(index)) + 1, x.position(of: Double(index + 1)) - 1)
            func bar(_ scale: Scale, _ from: Double, _ to: Double, _ name: String, _ title: String) {
                guard to > from else { return }
                svg.rectangle(
                    x: start, y: scale.position(of: to), width: end - start, height: scale.position(of: from) - scale.position(of: to),
                    class: name, title: "\(night.day): \(title)")
            }
            let (published, all) = (Double(night.published), Double(night.published + night.rejected))
            bar(counts, 0, published, "bar", "\(night.published) published")
            bar(counts, published, all, "bar warn", "\(night.rejected) rejected")
            bar(hours, 0, night.workSeconds / 3600, "bar", "\(NumberText.duration(seconds: night.workSeconds)) at work")
            if let damaged = night.damaged, damaged > 0 {
                svg.text("\(damaged) ✕", x: (start + end) / 2, y: rows[0].0 - 2, anchor: .middle)
            }
            // Every seventh day from the last one, so that the last is always named.
            if (nights.count - 1 - index).isMultiple(of: 7) {
                svg.text(String(night.day.suffix(5)), x: (start + end) / 2, y: rows[1].1 + 18, anchor: .middle)
            }
        }
        svg.text("day (month-day)", x: left, y: height - 4, class: "axis-title")
        let total = nights.reduce(0) { $0 + $1.published }
        return svg.markup(
            label: "Bars of the last \(nights.count) days: \(total) results, \(nights.reduce(0) { $0 + $1.rejected }) rejected drops, "
                + "\(NumberText.duration(seconds: nights.reduce(0) { $0 + $1.workSeconds })) at work.")
    }

    private func axis(_ svg: inout SVG, _ scale: Scale, _ row: (Double, Double), _ title: String, whole: Bool) {
        for tick in scale.niceTicks(maxCount: 4) where !whole || tick == tick.rounded() {
            svg.line(left, scale.position(of: tick), width - right, scale.position(of: tick), class: "grid")
            svg.text(NumberText.grouped(tick), x: left - 8, y: scale.position(of: tick) + 4, anchor: .end)
        }
        svg.line(left, row.1, width - right, row.1, class: "axis")
        svg.text(title, x: left - 34, y: row.0 - 12, class: "axis-title")
    }
}
