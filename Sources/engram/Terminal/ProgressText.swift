import EngramSystem

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
        if let fraction = progress.fraction { parts.append(percent(fraction)) }
        if let remaining = progress.remainingSeconds { parts.append(duration(remaining) + " left") }
        if let epoch = progress.epoch {
            parts.append(progress.plannedEpochCount.map { "epoch \(epoch)/\($0)" } ?? "epoch \(epoch)")
        }
        if let loss = progress.loss { parts.append("loss " + scientific(loss)) }
        parts.append(duration(progress.elapsedSeconds) + " so far")
        if !progress.detail.isEmpty { parts.append(TerminalText.printable(progress.detail)) }
        return parts
    }

    /// `7 s`, `1:05` or `2:03:09`; a time that nobody can know is `?`.
    static func duration(_ seconds: Double) -> String {
        // Above a century nothing can be meant, and Int would trap at some point.
        guard seconds.isFinite, seconds >= 0, seconds < 3.2e9 else { return "?" }
        let total = Int(saturating: seconds.rounded())
        if total < 60 { return "\(total) s" }
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours == 0 ? "\(minutes):\(twoDigits(rest))" : "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))"
    }

    /// Three significant digits with an exponent, such as `3.21e-07`: losses cross many powers of ten.
    static func scientific(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return "0" }
        let sign = value < 0 ? "-" : ""
        var mantissa = value.magnitude
        var exponent = 0
        while mantissa >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa < 1 {
            mantissa *= 10
            exponent -= 1
        }
        var hundredths = Int(saturating: (mantissa * 100).rounded())
        if hundredths == 1000 {
            hundredths = 100
            exponent += 1
        }
        let digits = "\(hundredths / 100).\(twoDigits(hundredths % 100))"
        return "\(sign)\(digits)e\(exponent < 0 ? "-" : "+")\(twoDigits(abs(exponent)))"
    }

    private static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "?" }
        return "\(Int(saturating: (min(max(fraction, 0), 1) * 100).rounded(.down))) %"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
