import EngramService

/// One line about a drop at work: name, stage, epoch, loss, time left.
enum ProgressText {
    /// Columns of a name at most.
    private static let nameColumnCount = 24

    /// Renders `progress` in at most `width` columns. What a stage does not know is left out.
    /// - Parameter nameWidth: Columns that names are padded to, so that the lines of several drops stand below each other.
    static func line(name: String, progress: ProgressMessage?, width: Int, nameWidth: Int = 0) -> String {
        let most = min(nameColumnCount, max(8, width / 3))
        let name = TerminalText.shortened(TerminalText.printable(name), toColumnCount: most)
        var parts = [TerminalText.padded(name, toColumnCount: min(nameWidth, most))]
        guard let progress else {
            parts.append("starting")
            return TerminalText.shortened(parts.joined(separator: "  "), toColumnCount: width)
        }
        parts.append(TerminalText.padded(TerminalText.printable(progress.stage), toColumnCount: "analyse".count))
        parts += facts(progress)
        return TerminalText.shortened(parts.joined(separator: "  "), toColumnCount: width)
    }

    /// The same without a name and of any length.
    static func summary(_ progress: ProgressMessage) -> String {
        ([TerminalText.printable(progress.stage)] + facts(progress)).joined(separator: ", ")
    }

    private static func facts(_ progress: ProgressMessage) -> [String] {
        var parts: [String] = []
        if let fraction = progress.fraction { parts.append(FigureText.percent(fraction)) }
        if let remaining = progress.remainingSeconds { parts.append(duration(remaining) + " left") }
        if let epoch = progress.epoch {
            parts.append(progress.plannedEpochCount.map { "epoch \(epoch)/\($0)" } ?? "epoch \(epoch)")
        }
        if let loss = progress.loss { parts.append("loss " + FigureText.scientific(loss)) }
        parts.append(duration(progress.elapsedSeconds) + " so far")
        if !progress.detail.isEmpty { parts.append(TerminalText.printable(progress.detail)) }
        return parts
    }

    /// `7 s`, `1:05` or `2:03:09`; a time that nobody can know is `?`.
    static func duration(_ seconds: Double) -> String { FigureText.duration(seconds) }
}
