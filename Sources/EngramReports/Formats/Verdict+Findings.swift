extension Verdict {
    /// Collects the sentences of a verdict from what was measured.
    struct Findings {
        var failures: [String] = []
        var successes: [String] = []
        /// True when nothing at all came back or held.
        var isHopeless = false
        let inexactCount: Int

        private let report: DropReport
        private let words: Wording
        private let exampleCount: Int
        private let lostCount: Int
        private let exactCount: Int

        init(_ content: ReportContent) {
            report = content.report
            words = Wording(content.report)
            exampleCount = content.examples.count
            lostCount = content.examples.count { !$0.recovered }
            exactCount = content.examples.count { $0.recovered && $0.exact }
            inexactCount = content.examples.count { $0.recovered && !$0.exact }
        }

        private var noiseRows: [DropReport.Recall] {
            report.recall.filter(\.isFromNoise)
        }

        mutating func judgeSequence() {
            let noise = noiseRows.isEmpty ? "" : " from pure noise"
            judgeExamples(source: noise)
            judgeCycles()
        }

        mutating func judgeAutoencoder() {
            let attractors = report.attractors
            let loose = attractors.total - attractors.verified
            if attractors.total > 0 {
                let radius = NumberText.significant(attractors.spectralRadiusMax)
                if loose == 0 {
                    let verb = attractors.total == 1 ? "is an attractor" : "are attractors"
                    successes.append("\(words.all(attractors.total)) \(verb) (largest spectral radius \(radius)).")
                } else if attractors.verified == 0 {
                    failures.append("None of the \(words.counted(attractors.total)) is an attractor (largest spectral radius \(radius)).")
                    isHopeless = true
                } else {
                    failures.append(
                        "\(NumberText.count(loose)) of \(words.counted(attractors.total)) \(loose == 1 ? "is no attractor" : "are no attractors")"
                            + " (largest spectral radius \(radius)).")
                    successes.append(
                        "\(NumberText.count(attractors.verified)) \(attractors.verified == 1 ? "is an attractor" : "are attractors").")
                }
            }
            judgeExamples(source: "")
        }

        private mutating func judgeExamples(source: String) {
            guard exampleCount > 0 else { return }
            let cameBack = exampleCount - lostCount
            if cameBack == 0 {
                failures.append(
                    exampleCount == 1
                        ? "The \(words.singular) did not come back\(source)."
                        : "Nothing was recovered: none of the \(words.counted(exampleCount)) came back\(source).")
                isHopeless = true
                return
            }
            if lostCount > 0 {
                failures.append("\(NumberText.count(lostCount)) of \(words.counted(exampleCount)) did not come back\(source).")
            }
            let subject = lostCount == 0 ? words.all(exampleCount) : NumberText.count(cameBack)
            if inexactCount == 0 {
                successes.append("\(subject) came back bit-exact\(lostCount == 0 ? source : "").")
            } else if exactCount == 0 {
                successes.append("\(subject) came back\(lostCount == 0 ? source : ""), but none bit-exact.")
            } else {
                successes.append(
                    "\(subject) came back\(lostCount == 0 ? source : ""), but \(NumberText.count(inexactCount)) of them not bit-exact.")
            }
        }

        private mutating func judgeCycles() {
            let unstable = report.cycles.filter { !$0.stable }
            let count = report.cycles.count
            guard count > 0 else { return }
            if unstable.isEmpty {
                let subject = count == 1 ? "The cycle is stable" : count == 2 ? "Both cycles are stable" : "All \(count) cycles are stable"
                let measured = report.cycles.compactMap(\.log10SpectralRadius)
                if let largest = measured.max() {
                    let label = count == 1 ? "log₁₀ spectral radius" : "largest log₁₀ spectral radius"
                    successes.append("\(subject): \(label) \(NumberText.signedLog(largest)).")
                } else {
                    successes.append("\(subject): every eigenvalue is exactly 0.")
                }
                return
            }
            let radius = unstable.compactMap(\.log10SpectralRadius).max()
            let consequence =
                radius.map { "log₁₀ spectral radius \(NumberText.signedLog($0)), so small errors grow each time round" }
                ?? "its spectral radius is not finite"
            let sentence =
                count == 1
                ? "The cycle is not stable: \(consequence)."
                : "\(unstable.count) of \(count) cycles \(unstable.count == 1 ? "is" : "are") not stable: \(consequence)."
            failures.insert(sentence, at: 0)
        }

        mutating func judgeNoiseStarts() {
            let starts = noiseRows.reduce(0) { $0 + $1.starts }
            let ended = noiseRows.reduce(0) { $0 + $1.recovered }
            guard starts > 0 else { return }
            let target =
                report.kind == .sequence ? (report.cycles.count > 1 ? "a stored cycle" : "the cycle") : "a stored \(words.singular)"
            if ended == starts {
                successes.append(
                    starts == 1 ? "The noise start ended on \(target)." : "All \(NumberText.count(starts)) noise starts ended on \(target)."
                )
            } else {
                failures.append("\(NumberText.count(starts - ended)) of \(NumberText.count(starts)) noise starts did not end on \(target).")
                if ended == 0, report.kind == .sequence { isHopeless = true }
            }
        }
    }
}
