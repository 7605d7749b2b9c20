import EngramReports
import EngramSystem

/// What `engram recall` says at the end.
enum AnswerText {
    /// Answers beyond which the report is the place to look.
    private static let lineCount = 20

    /// One line for each answer, and a last one that says where to look.
    static func lines(_ report: RecallReport, output: String, seconds: Double) -> [String] {
        var lines = report.answers.prefix(lineCount).map(line)
        if report.answers.count > lineCount { lines.append("… and \(report.answers.count - lineCount) more in report.json") }
        let read = rounded(report.seconds.read)
        lines.append(
            "done in \(rounded(seconds)) s, of which \(read) s reading the memory; open "
                + RepeatCommandText.quoted(output + "/report.html"))
        return lines
    }

    private static func line(_ answer: RecallReport.Answer) -> String {
        let near = answer.nearestToCue.first
        guard let name = answer.itemName else {
            let end =
                switch answer.outcome {
                case .diverged: "the state ran off"
                case .unsettled: "nothing was reached in \(answer.steps) steps"
                default:
                    answer.spuriousPeriod == 1 ? "a spurious fixed point" : "a spurious cycle of \(answer.spuriousPeriod ?? 0) states"
                }
            return "\(answer.cue): leads to nothing stored (\(end))" + (near.map { "; nearest is \($0.name)" } ?? "")
        }
        var parts = ["\(answer.cue): \(name) in \(answer.steps) \(answer.steps == 1 ? "step" : "steps")"]
        parts.append(answer.outcome == .exact ? "equal in every code" : "not in every code")
        if answer.tried.count > 1 { parts.append("missing entries \(answer.method)") }
        if let place = answer.placement { parts.append("at \(rounded(place.offsetSeconds)) s of \(place.clip)") }
        if let agrees = answer.agreesWithNearest, let near {
            parts.append(agrees ? "as the nearest neighbour says" : "where the nearest neighbour says \(near.name)")
        }
        return parts.joined(separator: ", ")
    }

    private static func rounded(_ value: Double) -> String {
        let hundredths = Int(saturating: (value * 100).rounded())
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(abs(hundredths) % 100 < 10 ? "0" : "")\(abs(hundredths) % 100)"
    }
}
