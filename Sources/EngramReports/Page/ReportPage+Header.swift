extension ReportPage {
    /// The name, the verdict in one breath, and what the drop is.
    var header: HTML {
        // The sentence that matters most is the headline; the rest follows in smaller type.
        let sentences = verdict.failures + verdict.successes
        let rest = sentences.dropFirst().joined(separator: " ")
        let restMarkup: HTML? = rest.isEmpty ? nil : "<p class=\"deck\">\(rest)</p>"
        return """
            <header class="top \(verdict.outcome.rawValue)">
            <p class="eyebrow"><span class="badge \(verdict.outcome.rawValue)">\(Self.sign(verdict.outcome)) \(verdict.label)</span>
            <span class="name"><bdi>\(report.name)</bdi></span></p>
            <h1>\(sentences.first ?? verdict.label)</h1>
            \(restMarkup)
            <p class="facts">\(factLine)</p>
            \(interpretationLine)
            </header>
            """
    }

    /// A mark beside every colour, for readers who do not see the colour.
    static func sign(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .exact: "✓"
        case .inexact: "≈"
        case .partial: "!"
        case .failed: "✕"
        }
    }

    private var factLine: String {
        let network = report.network
        // A network is known by its size and nonlinearity; a kernel machine, which has no width, by its kernel.
        let map =
            if let depth = network.depth, let width = network.width {
                "\(depth) × \(width) \(network.activation ?? "linear") network"
            } else {
                [network.properties?["kernel"], network.family].compactMap(\.self).joined(separator: " ")
            }
        return ([mediaLine, "\(map), \(NumberText.count(network.parameters)) parameters"] + content.facts).joined(separator: " · ")
    }

    /// What the drop was taken for; nil for reports that do not say.
    private var interpretationLine: HTML? {
        report.interpretation.map { interpretation in
            let sentence = interpretation.sentence
            return "<p class=\"facts\">\(sentence.prefix(1).uppercased() + sentence.dropFirst()).</p>"
        }
    }

    private var mediaLine: String {
        ([words.counted(report.samples)] + report.media.wording.parts(of: report.media)).joined(separator: ", ")
    }

    /// Noise to memory beside the original.
    var showcaseSection: HTML? {
        content.showcase.map { "<section class=\"showcase\" aria-label=\"From noise to memory\">\(figures($0))</section>" }
    }

    /// Damaged copies on their way to memory, beside the originals.
    var cueFigures: HTML? { content.cueShowcase.map { "<div class=\"showcase small\">\(figures($0))</div>" } }

    private func figures(_ showcase: Showcase) -> HTML {
        // An animation cannot be paused without a script, so readers who asked for less motion, and paper, get the still picture.
        let still = showcase.still.map {
            "<source media=\"(prefers-reduced-motion: reduce), print\" srcset=\"\(EmbeddedPicture(bytes: $0).address)\">" as HTML
        }
        let memory = EmbeddedPicture(bytes: showcase.animation).markup(alt: showcase.caption, shownWidth: 500)
        let original = EmbeddedPicture(bytes: showcase.original).markup(alt: showcase.originalCaption, shownWidth: 500)
        return """
            <figure class="memory">
            <picture>\(still)\(memory)</picture>
            <figcaption><strong>Recalled</strong> \(showcase.caption)</figcaption>
            </figure>
            <figure>
            \(original)
            <figcaption><strong>Original</strong> \(showcase.originalCaption)</figcaption>
            </figure>
            """
    }
}
