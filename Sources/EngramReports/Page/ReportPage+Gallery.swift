extension ReportPage {
    static let pictureLimit = 48
    static let waveformLimit = 12

    /// Originals beside their recalls.
    var gallery: HTML? {
        let pairs = content.pictures
        guard !pairs.isEmpty else { return nil }
        let shown = GallerySelection.indices(isFailure: pairs.map { !($0.recovered && $0.exact) }, limit: Self.pictureLimit)
        let figures = shown.map { figure(pairs[$0]) }
        let order = pairs.contains { $0.noise != nil } ? "Start, recall, original" : "Recall left, original right"
        return section(
            "gallery", "Recalled beside original", lead: "\(shownText(shown)) \(order).",
            """
            <div class="gallery">
            \(figures)
            </div>
            """)
    }

    private func figure(_ pair: PicturePair) -> HTML {
        // About a third of a column of six; only the choice between visible pixels and smooth scaling depends on it.
        let shownWidth = 80
        let start = pair.fromNoise ? "noise" : report.hasCorruptedStarts ? "corrupted copy" : "start"
        let pictures =
            (pair.noise.map { [EmbeddedPicture(bytes: $0).markup(alt: "\(start) the recall began with", shownWidth: shownWidth)] } ?? [])
            + [
                EmbeddedPicture(bytes: pair.recalled).markup(alt: "recall of \(pair.caption)", shownWidth: shownWidth),
                EmbeddedPicture(bytes: pair.original).markup(alt: "original \(pair.caption)", shownWidth: shownWidth),
            ]
        let origin = pair.fromNoise ? "from noise" : report.hasCorruptedStarts ? "from a corrupted copy" : nil
        let originMarkup: HTML? = origin.map { "<span class=\"origin\">\($0)</span>" }
        return """
            <figure class="pair \(Self.tone(pair.recovered, pair.exact))">
            <div class="pictures">\(pictures)</div>
            <figcaption><bdi>\(pair.caption)</bdi> \(originMarkup) \(Self.mark(pair.recovered, pair.exact, pair.mse))</figcaption>
            </figure>
            """
    }

    /// Waveforms of recalled sound over the original's.
    var waveformSection: HTML? {
        let pairs = content.waveforms
        guard !pairs.isEmpty else { return nil }
        let shown = GallerySelection.indices(isFailure: pairs.map { !($0.recovered && $0.exact) }, limit: Self.waveformLimit)
        let figures = shown.map { index -> HTML in
            let pair = pairs[index]
            return """
                <figure class="wide \(Self.tone(pair.recovered, pair.exact))">
                <figcaption><bdi>\(pair.caption)</bdi> \(Self.mark(pair.recovered, pair.exact, pair.mse))</figcaption>
                \(WaveformPlot(pair: pair).markup())
                </figure>
                """
        }
        let count = pairs.count > shown.count ? "\(shown.count) of \(pairs.count) stretches shown. " : ""
        return section(
            "waveforms", "Recalled sound over the original",
            lead: "\(count)Each outline spans the lowest to the highest sample of a moment.",
            "\(figures)")
    }

    private func shownText(_ shown: [Int]) -> String {
        let pairs = content.pictures
        let total = max(report.samples, pairs.count)
        guard shown.count < total else { return "\(words.all(total)) shown." }
        let failures = pairs.count { !($0.recovered && $0.exact) }
        let shownFailures = shown.count { !(pairs[$0].recovered && pairs[$0].exact) }
        let among = failures == 0 ? "" : ", \(shownFailures) of the \(NumberText.count(failures)) that are not exact among them"
        return "\(NumberText.count(shown.count)) of \(NumberText.count(total)) shown, spread evenly\(among)."
    }

    static func tone(_ recovered: Bool, _ exact: Bool) -> String {
        recovered ? (exact ? "good" : "warn") : "bad"
    }

    /// What came of one example, in a word, a sign and a colour.
    static func mark(_ recovered: Bool, _ exact: Bool, _ mse: Double) -> HTML {
        guard recovered else { return "<span class=\"mark bad\">✕ not recovered, MSE \(NumberText.significant(mse))</span>" }
        guard exact else { return "<span class=\"mark warn\">≈ MSE \(NumberText.significant(mse))</span>" }
        return "<span class=\"mark good\">✓ exact</span>"
    }
}
