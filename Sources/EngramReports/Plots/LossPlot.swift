internal import EngramSystem
import Foundation

/// The loss over the epochs on a logarithmic axis, one column for each phase of training.
///
/// A closed-form solve takes no epochs, so on a plain epoch axis its effect would be a vertical stroke at the edge; it gets a column of its own.
struct LossPlot {
    /// One consecutive run of rows with the same phase name.
    struct Phase {
        let name: String
        var rows: [LossRow]
        var firstEpoch: Int
        var lastEpoch: Int { rows.last?.epoch ?? firstEpoch }
        var epochSpan: Int { max(0, lastEpoch - firstEpoch) }
    }

    let phases: [Phase]
    /// A loss worth marking, with its meaning.
    let references: [(mse: Double, label: String)]
    /// What the loss is.
    let name: String

    private let width = 860.0
    private let height = 320.0
    private let left = 58.0
    private let right = 12.0
    private let top = 26.0
    private let bottom = 44.0
    private let solveWidth = 64.0

    init(rows: [LossRow], name: String? = nil, references: [(mse: Double, label: String)] = []) {
        self.name = name ?? "mean squared error"
        var phases: [Phase] = []
        for row in rows where row.mse.isFinite {
            if let last = phases.indices.last, phases[last].name == row.phase {
                phases[last].rows.append(row)
            } else {
                phases.append(Phase(name: row.phase, rows: [row], firstEpoch: phases.last?.lastEpoch ?? 0))
            }
        }
        self.phases = phases
        self.references = references
    }

    func markup() -> HTML? {
        let losses = phases.flatMap(\.rows).map(\.mse).filter { $0 > 0 }
        guard let lowest = losses.min(), let highest = losses.max(), let final = phases.last?.rows.last else { return nil }
        var svg = SVG(width: width, height: height)
        let y = Scale(from: floor(log10(lowest)), to: ceil(log10(highest)), start: height - bottom, end: top)
        drawLossAxis(&svg, y)
        let columns = columnEdges()
        for (index, phase) in phases.enumerated() {
            draw(phase, number: index + 1, from: columns[index], to: columns[index + 1], &svg, y)
        }
        svg.text("epoch", x: left + 2, y: height - 6, class: "axis-title")
        let names = phases.map { "\($0.name) ending at \(NumberText.significant($0.rows.last?.mse))" }.joined(separator: ", ")
        return svg.markup(
            label: "\(name.prefix(1).uppercased() + name.dropFirst()) over \(final.epoch) epochs on a logarithmic axis: \(names).")
    }

    private func drawLossAxis(_ svg: inout SVG, _ y: Scale) {
        for exponent in y.decadeTicks(maxCount: 8) {
            let position = y.position(of: Double(exponent))
            svg.line(left, position, width - right, position, class: "grid")
            svg.text(NumberText.powerOfTen(exponent), x: left - 8, y: position + 4, anchor: .end)
        }
        for reference in references where log10(reference.mse) > y.lower && log10(reference.mse) < y.upper {
            let position = y.position(of: log10(reference.mse))
            svg.line(left, position, width - right, position, class: "reference")
            svg.text(reference.label, x: left + 6, y: position - 5, class: "label muted")
        }
        svg.text(name, x: left - 46, y: 12, class: "axis-title")
    }

    /// Left edges of the phases' columns, and the right edge of the last. Phases with epochs share the width by their length.
    private func columnEdges() -> [Double] {
        let epochs = phases.reduce(0) { $0 + $1.epochSpan }
        let solves = phases.count { $0.epochSpan == 0 }
        let total = width - left - right
        // With many solves the slots shrink so that the epochs keep at least half of the width.
        let slot = epochs == 0 ? total / Double(max(1, solves)) : min(solveWidth, total / 2 / Double(max(1, solves)))
        let perEpoch = epochs == 0 ? 0 : (total - slot * Double(solves)) / Double(epochs)
        return phases.reduce(into: [left]) { edges, phase in
            edges.append((edges.last ?? left) + (phase.epochSpan == 0 ? slot : perEpoch * Double(phase.epochSpan)))
        }
    }

    private func draw(_ phase: Phase, number: Int, from start: Double, to end: Double, _ svg: inout SVG, _ y: Scale) {
        if number.isMultiple(of: 2) {
            svg.rectangle(x: start, y: top, width: end - start, height: height - bottom - top, class: "band")
        }
        if number > 1 { svg.line(start, top, start, height - bottom, class: "divider") }
        svg.text(String(number), x: (start + end) / 2, y: top - 6, anchor: .middle, class: "label strong")
        if phase.epochSpan == 0 {
            let middle = (start + end) / 2
            for row in phase.rows where row.mse > 0 {
                svg.circle(x: middle, y: y.position(of: log10(row.mse)), radius: 4.5, class: "mark", title: "\(phase.name): \(row.mse)")
            }
            svg.text("solve", x: middle, y: height - bottom + 17, anchor: .middle, class: "label muted")
            return
        }
        let x = Scale(from: Double(phase.firstEpoch), to: Double(phase.lastEpoch), start: start, end: end)
        for tick in x.niceTicks(maxCount: max(2, Int(saturating: (end - start) / 70))) {
            let position = x.position(of: tick)
            // A tick next to a column edge would run into its neighbour's label.
            guard position < end - 16 || number == phases.count else { continue }
            svg.line(position, height - bottom, position, height - bottom + 5, class: "axis")
            svg.text(NumberText.grouped(tick), x: position, y: height - bottom + 18, anchor: .middle)
        }
        svg.polyline(thinned(phase.rows.filter { $0.mse > 0 }, x, y), class: "curve")
    }

    /// At most four points per unit of width, extremes kept, so that 10^5 epochs draw the same curve as a small file.
    private func thinned(_ rows: [LossRow], _ x: Scale, _ y: Scale) -> [(x: Double, y: Double)] {
        let points = rows.map { (x: x.position(of: Double($0.epoch)), y: y.position(of: log10($0.mse))) }
        guard points.count > 2000 else { return points }
        var kept: [(x: Double, y: Double)] = []
        var start = 0
        while start < points.count {
            var end = start
            while end < points.count, Int(saturating: points[end].x) == Int(saturating: points[start].x) { end += 1 }
            let cell = start..<end
            let low = cell.min { points[$0].y < points[$1].y } ?? start
            let high = cell.max { points[$0].y < points[$1].y } ?? start
            kept += Set([start, low, high, end - 1]).sorted().map { points[$0] }
            start = end
        }
        return kept
    }
}
