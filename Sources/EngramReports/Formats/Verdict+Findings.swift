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
        private let fromNoiseCount: Int

        init(_ content: ReportContent) {
            report = content.report
            words = Wording(content.report)
            exampleCount = content.examples.count
            lostCount = content.examples.count { !$0.recovered }
            exactCount = content.examples.count { $0.recovered && $0.exact }
            inexactCount = content.examples.count { $0.recovered && !$0.exact }
            fromNoiseCount = content.examples.count { $0.recovered && $0.fromNoise }
        }

        /// What counts as equal: the drop's own codes, or as much of them as was held.
        private var exactly: String { report.media.heldBits.map { "exact to \($0) bits" } ?? "bit-exact" }

        private var noiseRows: [DropReport.Recall] {
            report.recall.filter(\.isFromNoise)
        }

        /// What was tried, after "did not come back".
        private var triedStarts: String {
            switch (!noiseRows.isEmpty, report.hasCorruptedStarts) {
            case (true, true): " from noise or from a corrupted copy"
            case (true, false): " from pure noise"
            case (false, true): " from a corrupted copy"
            case (false, false): ""
            }
        }

        mutating func judgeSequence() {
            judgeExamples()
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
            judgeExamples()
        }

        private mutating func judgeExamples() {
            guard exampleCount > 0 else { return }
            let cameBack = exampleCount - lostCount
            if cameBack == 0 {
                failures.append(
                    exampleCount == 1
                        ? "The \(words.singular) did not come back\(triedStarts)."
                        : "Nothing was recovered: none of the \(words.counted(exampleCount)) came back\(triedStarts).")
                isHopeless = true
                return
            }
            if lostCount > 0 {
                failures.append("\(NumberText.count(lostCount)) of \(words.counted(exampleCount)) did not come back\(triedStarts).")
            }
            let subject = lostCount == 0 ? words.all(exampleCount) : NumberText.count(cameBack)
            if fromNoiseCount > 0, fromNoiseCount < cameBack {
                // The mixture needs a clause of its own, or noise would be credited with what came from copies.
                let copies =
                    report.hasCorruptedStarts
                    ? ", the \(cameBack - fromNoiseCount == 1 ? "other from a corrupted copy" : "rest from corrupted copies")" : ""
                let origin = "\(NumberText.count(fromNoiseCount)) of them from pure noise\(copies)"
                let inexact = exactCount == 0 ? "none is" : inexactCount == 1 ? "1 is not" : "\(NumberText.count(inexactCount)) are not"
                successes.append(
                    inexactCount == 0
                        ? "\(subject) came back \(exactly), \(origin)." : "\(subject) came back, \(origin); \(inexact) \(exactly).")
                return
            }
            let copies = cameBack == 1 ? " from a corrupted copy" : " from corrupted copies"
            let origin = fromNoiseCount > 0 ? " from pure noise" : report.hasCorruptedStarts ? copies : ""
            if inexactCount == 0 {
                successes.append("\(subject) came back \(exactly)\(origin).")
            } else if exactCount == 0 {
                successes.append("\(subject) came back\(origin), but \(cameBack == 1 ? "not" : "none") \(exactly).")
            } else {
                successes.append("\(subject) came back\(origin), but \(NumberText.count(inexactCount)) of them not \(exactly).")
            }
        }

        private mutating func judgeCycles() {
            let count = report.cycles.count
            guard count > 0 else { return }
            let unstable = report.cycles.filter { !$0.stable }
            guard unstable.isEmpty else {
                failures.insert(
                    contentsOf: [
                        sentence(on: unstable.filter { !$0.isNotFollowed }, verdict: "not stable", because: growth),
                        sentence(on: unstable.filter(\.isNotFollowed), verdict: "not followed by the network", because: miss),
                    ].compactMap { $0 }, at: 0)
                return
            }
            let subject = count == 1 ? "The cycle is stable" : count == 2 ? "Both cycles are stable" : "All \(count) cycles are stable"
            // A radius of exactly 0 is -infinity here, and no number to print.
            let measured = report.cycles.compactMap(\.log10SpectralRadius).filter(\.isFinite)
            if let largest = measured.max() {
                let label = count == 1 ? "log₁₀ spectral radius" : "largest log₁₀ spectral radius"
                successes.append("\(subject): \(label) \(NumberText.signedLog(largest)).")
            } else {
                successes.append("\(subject): every eigenvalue is exactly 0.")
            }
        }

        private func sentence(on cycles: [DropReport.Cycle], verdict: String, because reason: ([DropReport.Cycle]) -> String) -> String? {
            guard !cycles.isEmpty else { return nil }
            let count = report.cycles.count
            let subject = count == 1 ? "The cycle is" : "\(cycles.count) of \(count) cycles \(cycles.count == 1 ? "is" : "are")"
            return "\(subject) \(verdict): \(reason(cycles))."
        }

        private func growth(of cycles: [DropReport.Cycle]) -> String {
            guard let radius = cycles.compactMap(\.log10SpectralRadius).filter(\.isFinite).max() else {
                return "\(cycles.count == 1 ? "its" : "their") spectral radius is not finite"
            }
            let consequence = radius > 0 ? "small errors grow each time round" : "small errors do not die out"
            return "log₁₀ spectral radius \(NumberText.signedLog(radius)), so \(consequence)"
        }

        private func miss(by cycles: [DropReport.Cycle]) -> String {
            let distance = cycles.compactMap(\.residualMax).filter(\.isFinite).max().map { " by up to \(NumberText.significant($0))" }
            return "one step from a \(words.singular) misses the next\(distance ?? "")"
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
