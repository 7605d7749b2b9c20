/// `report.html`: one file that opens offline and runs no script; players play the files beside it.
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

    /// The whole page.
    var markup: HTML {
        document(
            title: "\(report.name): \(verdict.label)", sources: "img-src data: 'self' file:; media-src 'self' file:; ",
            style: report.normTransition == nil ? nil : Palette.style, header: header, main: panels)
    }
}
