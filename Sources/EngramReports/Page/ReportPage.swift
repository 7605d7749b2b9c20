/// `report.html`: one file that opens offline, runs no script and loads nothing.
struct ReportPage: Page {
    let content: ReportContent
    let verdict: Verdict
    let words: Wording

    var report: DropReport { content.report }

    init(_ content: ReportContent) {
        self.content = content
        verdict = Verdict(content)
        words = Wording(content.report)
    }

    /// Every panel in the order of the page; nil where a drop has nothing for it. A new panel is a file of its own and one entry here.
    private var panels: [HTML?] {
        [
            showcaseSection, cards, notesSection, playableSection, gallery, waveformSection, recallSection, recoverySection,
            stabilitySection, theorySection, normTransitionSection, spuriousSection, weakestSection,
            trainingSection, settingsSection, reproduceSection, referenceSection,
        ]
    }

    /// The whole page. The content policy forbids scripts and every request, should escaping ever fail.
    var markup: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(report.name): \(verdict.outcome.label) – Engram</title>
        <style>\(StyleSheet.markup)\(report.normTransition == nil ? nil : Palette.style)</style>
        </head>
        <body>
        \(header)
        <main>
        \(panels.compactMap { $0 })
        </main>
        </body>
        </html>

        """
    }
}
