/// The stages' shares of the wall-clock time as one bar.
struct TimingBar {
    let seconds: DropReport.StageSeconds

    /// Stages in their order with a finite, positive time; the number picks the shade.
    var stages: [(name: String, seconds: Double, shade: Int)] {
        [("decode", seconds.decode), ("train", seconds.train), ("analyse", seconds.analyse), ("render", seconds.render)].enumerated()
            .compactMap {
                index, stage in
                stage.1.flatMap { $0.isFinite && $0 > 0 ? (stage.0, $0, index + 1) : nil }
            }
    }

    func markup() -> HTML? {
        let total = stages.reduce(0) { $0 + $1.seconds }
        guard total > 0 else { return nil }
        var svg = SVG(width: 860, height: 30)
        var start = 0.0
        for stage in stages {
            let end = start + 860 * stage.seconds / total
            svg.rectangle(
                x: start, y: 2, width: max(end - start - 1.5, 0.8), height: 26, class: "stage\(stage.shade)",
                title: "\(stage.name): \(NumberText.duration(seconds: stage.seconds))")
            start = end
        }
        let text = stages.map { "\($0.name) \(NumberText.duration(seconds: $0.seconds))" }.joined(separator: ", ")
        return svg.markup(label: "Time by stage: \(text).")
    }
}
