internal import EngramSystem

/// Outlines of a stretch of sound over one another in time: the noise it began with, what was recalled, the original.
struct WaveformPlot {
    let pair: WaveformPair

    private let width = 860.0
    private let left = 74.0
    private let right = 12.0
    private let trackHeight = 64.0
    private let axisHeight = 28.0

    func markup() -> HTML {
        let tracks: [(name: String, envelope: WaveformEnvelope, style: String)] =
            (pair.noise.map { [("noise", $0, "wave noise")] } ?? [])
            + [("recalled", pair.recalled, pair.recovered ? "wave" : "wave bad"), (pair.originalName, pair.original, "wave original")]
        var svg = SVG(width: width, height: trackHeight * Double(tracks.count) + axisHeight)
        for (index, track) in tracks.enumerated() {
            let middle = trackHeight * (Double(index) + 0.5)
            svg.line(left, middle, width - right, middle, class: "grid")
            svg.path(outline(track.envelope, middle: middle), class: track.style)
            svg.text(track.name, x: left - 10, y: middle + 4, anchor: .end)
        }
        let bottom = trackHeight * Double(tracks.count)
        let time = Scale(from: 0, to: pair.seconds, start: left, end: width - right)
        for tick in time.niceTicks(maxCount: 8) {
            svg.line(time.position(of: tick), bottom, time.position(of: tick), bottom + 5, class: "axis")
            svg.text(
                "\(NumberText.plain(tick)) s", x: time.position(of: tick), y: bottom + 19, anchor: .middle)
        }
        svg.line(left, bottom, width - right, bottom, class: "axis")
        let match = pair.exact ? "equal in every sample" : "mean squared error \(NumberText.significant(pair.mse))"
        return svg.markup(label: "Waveforms of \(pair.caption): recalled and original, \(match).")
    }

    /// The outline as a closed path: along the maxima, back along the minima; at most one point per unit of width.
    private func outline(_ envelope: WaveformEnvelope, middle: Double) -> String {
        let count = min(envelope.minimum.count, envelope.maximum.count)
        guard count > 0 else { return "M0 0" }
        let columns = min(count, Int(saturating: width - left - right))
        var upper: [String] = []
        var lower: [String] = []
        for column in 0..<columns {
            let range = column * count / columns..<max((column + 1) * count / columns, column * count / columns + 1)
            let high = Double(envelope.maximum[range].max() ?? 0)
            let low = Double(envelope.minimum[range].min() ?? 0)
            let x = SVG.text(left + (width - left - right) * (Double(column) + 0.5) / Double(columns))
            upper.append("\(x) \(SVG.text(height(high, middle) - 0.3))")
            // A silent stretch would have no area and vanish; 0.6 units keep it a line.
            lower.append("\(x) \(SVG.text(height(low, middle) + 0.3))")
        }
        return "M" + (upper + lower.reversed()).joined(separator: "L") + "Z"
    }

    private func height(_ sample: Double, _ middle: Double) -> Double {
        guard sample.isFinite else { return middle }
        return middle - min(max(sample, -1), 1) * (trackHeight / 2 - 3)
    }
}
