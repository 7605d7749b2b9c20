internal import EngramSystem

extension ReportPage {
    /// The key figures, each with what it means.
    var cards: HTML {
        let all = ([recoveredCard] + stabilityCards + [noiseCard, sizeCard, trainingCard, timeCard]).compactMap { $0 }
        return """
            <section class="cards" aria-label="Key figures">
            \(all)
            </section>
            """
    }

    private var recoveredCard: HTML? {
        let total = content.examples.count
        guard total > 0 else { return nil }
        let exact = content.examples.count { $0.recovered && $0.exact }
        let back = content.examples.count(where: \.recovered)
        let fromNoise = content.examples.count { $0.recovered && $0.fromNoise }
        let origin =
            fromNoise == 0
            ? "" : fromNoise == total ? "; all came back from pure noise" : "; \(NumberText.count(fromNoise)) came back from pure noise"
        let precision = report.media.heldBits.map { "the \($0) bits that were held" } ?? "the file's own precision"
        let meaning =
            exact == back
            ? "\(words.plural) whose \(words.codes) all equal the original after rounding to \(precision)\(origin)"
            : "\(words.plural) equal in all \(words.codes); \(NumberText.count(back)) came back within the criterion\(origin)"
        return card(
            "Bit-exact", NumberText.count(exact), unit: "of \(NumberText.count(total))", meaning: meaning,
            tone: exact == total ? "good" : back == 0 ? "bad" : "warn")
    }

    private var stabilityCards: [HTML] {
        var cards: [HTML] = []
        let attractors = report.attractors
        if attractors.total > 0 {
            let tone = attractors.verified == attractors.total ? "good" : attractors.verified == 0 ? "bad" : "warn"
            cards.append(
                card(
                    "Attractors", NumberText.count(attractors.verified), unit: "of \(NumberText.count(attractors.total))",
                    meaning: "\(words.plural) that the network maps to themselves and that pull in what is near", tone: tone))
            cards.append(
                card(
                    "Spectral radius", NumberText.significant(attractors.spectralRadiusMax), unit: "at most",
                    meaning:
                        "below 1, a small error shrinks at every step; the median is \(NumberText.significant(attractors.spectralRadiusMedian))",
                    tone: attractors.spectralRadiusMax.map { $0 < 1 } ?? false ? "good" : "bad"))
        }
        // The least stable cycle speaks for all; one that is exactly 0 has no logarithm and is the most stable there is.
        if let worst = report.cycles.max(by: { Self.rank($0).lexicographicallyPrecedes(Self.rank($1)) }) {
            let name = report.cycles.count == 1 ? "Cycle" : "Least stable cycle"
            let isZero = worst.hasZeroRadius
            cards.append(
                card(
                    name, isZero ? "0" : NumberText.signedLog(worst.log10SpectralRadius),
                    unit: isZero ? "spectral radius" : "log₁₀ spectral radius", meaning: meaning(of: worst),
                    tone: worst.stable ? "good" : "bad"))
        }
        return cards
    }

    private func meaning(of cycle: DropReport.Cycle) -> String {
        if cycle.isNotFollowed {
            let distance = cycle.residualMax.flatMap { $0.isFinite ? " by up to \(NumberText.significant($0))" : nil } ?? ""
            return "errors shrink, but the network does not follow the cycle: one step from a \(words.singular) misses the next\(distance)"
        }
        guard cycle.stable else {
            return "not below 0: a small error does not shrink over one round of \(cycle.length), the cycle is not stable"
        }
        return cycle.hasZeroRadius
            ? "every eigenvalue is exactly 0: a small error is gone after at most a few rounds of \(cycle.length)"
            : "below 0 the cycle is stable: a small error ends up 10 to this power times as large after one round of \(cycle.length)"
    }

    /// Sort key of a cycle, least stable largest: verdict before radius.
    private static func rank(_ cycle: DropReport.Cycle) -> [Double] {
        let radius = cycle.log10SpectralRadius.map { $0.isNaN ? .infinity : $0 }
        return [cycle.stable ? 0 : 1, radius ?? (cycle.stable ? -.infinity : .infinity)]
    }

    private var noiseCard: HTML? {
        let rows = report.recall.filter(\.isFromNoise)
        let starts = rows.reduce(0) { $0 + $1.starts }
        let ended = rows.reduce(0) { $0 + $1.recovered }
        guard starts > 0 else { return nil }
        let target = report.kind == .sequence ? "stored cycle" : "stored \(words.singular)"
        return card(
            "From noise", NumberText.count(ended), unit: "of \(NumberText.count(starts))",
            meaning: "random starts that ended on a \(target) by iterating the network alone",
            tone: ended == starts ? "good" : ended == 0 ? "bad" : "warn")
    }

    /// The network beside what it holds.
    private var sizeCard: HTML? {
        let parameters = report.network.parameters
        guard parameters > 0 else { return nil }
        // Stored as float32.
        let bytes = 4 * Double(parameters)
        var meaning = "\(NumberText.count(parameters)) parameters"
        if let codes = report.media.wording.codes(of: report.media) {
            let held = Double(report.samples) * Double(report.dimension) * Double(codes.bitCount) / 8
            if held > 0 {
                meaning +=
                    "; \(NumberText.significant(bytes / held, digits: 2)) times the \(NumberText.bytes(Int64(saturating: held))) "
                    + "that the \(words.plural) take uncompressed"
            }
        }
        return card("Network", NumberText.bytes(Int64(saturating: bytes)), meaning: meaning)
    }

    private var trainingCard: HTML? {
        let training = report.training
        return card(
            "Training error", NumberText.significant(training.mse), unit: "MSE",
            meaning:
                "mean squared error over all \(words.codes) after \(NumberText.count(training.epochs)) epochs of the \(training.preset) preset"
        )
    }

    private var timeCard: HTML? {
        guard let total = report.seconds.total else { return nil }
        return card(
            "Time", NumberText.duration(seconds: total), unit: "in all",
            meaning: "from drop to report on \(report.threads) \(report.threads == 1 ? "thread" : "threads"), "
                + "\(NumberText.duration(seconds: report.seconds.train)) of it training")
    }
}
