/// `report.html` of filled pictures: one file that opens offline and runs no script.
struct InpaintPage: Page {
    let content: InpaintContent

    private var report: InpaintReport { content.report }

    /// Every part in the order of the page, with the sections of `report.json` that it shows.
    static let parts: [ReportPart<InpaintPage>] = [
        .init([JobSummary.self, InpaintReport.Seconds.self, DropReport.Interpretation.self]) { $0.cards },
        .init { $0.worthKnowing($0.report.notes) },
        .init([[InpaintReport.Picture].self]) { page in "\(page.report.pictures.indices.map { page.picture($0) })" },
        .init { $0.reproduce },
    ]

    var markup: HTML {
        document(
            title: "\(report.name): filled in", sources: "img-src data:; ", header: header, main: Self.parts.map { $0.markup(self) })
    }

    // MARK: Head

    private var missing: Int { report.pictures.reduce(0) { $0 + $1.missing } }

    private var header: HTML {
        """
        <header class="top exact">
        <p class="eyebrow"><span class="badge exact">✓ filled in</span> <span class="name"><bdi>\(report.name)</bdi></span></p>
        <h1>\(headline)</h1>
        <p class="facts">\(facts)</p>
        </header>
        """
    }

    private var headline: HTML {
        let what = missing == 1 ? "missing pixel is" : "missing pixels are"
        return "\(NumberText.count(missing)) \(what) filled in; every known pixel is as it was."
    }

    private var facts: HTML {
        guard report.pictures.count == 1, let picture = report.pictures.first else {
            return "\(NumberText.count(report.pictures.count)) pictures"
        }
        return
            "\(NumberText.count(picture.width)) × \(NumberText.count(picture.height)) pixels · \(picture.channels) \(picture.channels == 1 ? "channel" : "channels") · \(picture.bits) bits"
    }

    private var cards: HTML {
        let pixels = report.pictures.reduce(0) { $0 + $1.width * $1.height }
        var all: [HTML] = [
            card(
                "Filled", NumberText.count(missing), unit: "pixels",
                meaning: "\(NumberText.fixed(100 * Double(missing) / Double(max(pixels, 1)), decimals: 1)) % of all pixels")
        ]
        if let first = report.pictures.first, report.pictures.count == 1 {
            if let mean = first.meanDeviation, let largest = first.largestDeviation {
                all.append(
                    card(
                        "Uncertainty", NumberText.significant(100 * mean), unit: "% of the range",
                        meaning:
                            "standard deviation of a missing pixel, on average; \(NumberText.significant(100 * largest)) % at the least certain one"
                    ))
            }
            if let error = first.network.solvedError {
                all.append(
                    card(
                        "Error on held-out pixels", NumberText.significant(100 * error), unit: "% of the range",
                        meaning: "root mean square, for known pixels that were hidden and filled like the missing ones"))
            } else if let error = first.network.heldOutError {
                all.append(
                    card(
                        "Error on held-out pixels", NumberText.significant(100 * error), unit: "% of the range",
                        meaning:
                            "root mean square, for known pixels, each predicted without the others that are nearer than a missing pixel's nearest known one"
                    ))
            }
        }
        all.append(card("Time", NumberText.duration(seconds: report.seconds.total), meaning: "from the picture to this page"))
        return "<section class=\"cards\" aria-label=\"Key figures\">\(all)</section>"
    }

    // MARK: Pictures

    private func picture(_ index: Int) -> HTML {
        let picture = report.pictures[index]
        let view = content.views.indices.contains(index) ? content.views[index] : nil
        return section(
            "picture-\(index + 1)", picture.name,
            """
            \(view.map { figure($0.beforeAfter, "Before and after", "left: what was known, the rest hatched; right: filled in", isWide: true) })
            \(view.map { maps($0, picture) })
            \(picture.quality.map { quality($0) })
            \(networks(picture))
            """)
    }

    private func figure(_ bytes: [UInt8], _ title: String, _ meaning: String, isWide: Bool = false) -> HTML {
        let width = isWide ? 900 : 420
        return """
            <figure\(isWide ? " class=\"wide\"" as HTML : "")>\(EmbeddedPicture(bytes: bytes).markup(alt: title, shownWidth: width))
            <figcaption>\(title): \(meaning)</figcaption></figure>
            """
    }

    private func maps(_ view: InpaintContent.View, _ picture: InpaintReport.Picture) -> HTML {
        """
        <div class="plots">
        \(figure(view.uncertainty, "Uncertainty", "bright where the value is least certain, black where it is known"))
        \(figure(view.influence, "Where one pixel came from", "the weights of known pixels in the one at row \(picture.explainedRow + 1), column \(picture.explainedColumn + 1): orange adds, blue takes away"))
        \(view.biharmonic.map { figure($0, "Biharmonic", "the smoothest surface through the known pixels, for comparison") })
        \(figure(view.nearest, "Nearest", "each missing pixel as its nearest known one, for comparison"))
        </div>
        """
    }

    private func quality(_ rows: [InpaintReport.Quality]) -> HTML {
        table(
            caption: "How near each way came to the original",
            columns: [("way", false), ("PSNR, dB", true), ("SSIM", true)],
            rows: rows.map {
                [
                    "\(Self.methodName($0.method))", "\($0.psnr.map { NumberText.fixed($0, decimals: 2) } ?? "equal")",
                    "\($0.ssim.map { NumberText.fixed($0, decimals: 4) } ?? NumberText.missing)",
                ]
            })
    }

    private static func methodName(_ method: String) -> String {
        method == "network" ? "infinitely wide network" : method
    }

    private func networks(_ picture: InpaintReport.Picture) -> HTML {
        let chosen = [picture.network] + (picture.partner.map { [$0] } ?? [])
        let others = picture.candidates.filter { !chosen.contains($0) }
            .sorted { ($0.heldOutError ?? .infinity) < ($1.heldOutError ?? .infinity) }.prefix(Self.networkCount - chosen.count)
        let filledBy = chosen.count == 1 ? "the first line is the one that filled the picture" : "the picture is the mean of the first two"
        return table(
            caption: "The best of \(picture.candidates.count) networks on held-out pixels; \(filledBy)",
            columns: [
                ("levels", false), ("doubling", false), ("more convolutions", true), ("ridge, of a pixel's own variance", true),
                ("error by its neighbours, % of the range", true), ("error by all known pixels", true),
            ],
            rows: (chosen + others).map {
                [
                    "\($0.levels)", "\($0.upsampling)", "\($0.smoothing)", "\(NumberText.significant($0.ridge))",
                    "\(NumberText.significant($0.heldOutError.map { 100 * $0 }, digits: 3))",
                    "\(NumberText.significant($0.solvedError.map { 100 * $0 }, digits: 3))",
                ]
            })
    }

    /// report.json has all.
    private static let networkCount = 6

    private var reproduce: HTML {
        let versions = report.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · ")
        return section(
            "reproduce", "Do it again",
            """
            <pre tabindex="0"><code>\(content.command)</code></pre>
            <p>Beside this page: each filled picture under its own name; of each, in <code>details/</code>, <code>before-after.png</code>,
            <code>uncertainty.png</code>, <code>influence.png</code> and <code>influence.csv</code>, and the two baselines;
            <code>report.json</code> (these figures), <code>settings.yml</code> (what the command above needs) and
            <code>manifest.json</code> (checksums).</p>
            <p class="fine">Made with \(versions).</p>
            """)
    }
}

extension InpaintReport {
    package static var sectionTypes: [any ReportSection.Type] { InpaintPage.parts.flatMap(\.sections) }
}
