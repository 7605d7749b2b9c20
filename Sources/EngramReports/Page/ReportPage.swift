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

    /// Every part in the order of the page, with the sections of `report.json` that it shows. A new section is one type, a new panel one
    /// file, and both together one entry here.
    static let parts: [ReportPart<ReportPage>] = [
        .init([DropReport.Subject.self, DropReport.Media.self, DropReport.Interpretation.self, DropReport.Outcome.self]),
        .init { $0.showcaseSection },
        .init { $0.cards },
        .init { $0.worthKnowing($0.report.notes) },
        .init([[DropReport.Playable].self]) { $0.playableSection },
        .init { $0.gallery },
        .init { $0.waveformSection },
        .init([[DropReport.Recall].self]) { $0.recallSection },
        .init([[DropReport.Recovery].self, DropReport.RecoveryMethod.self]) { $0.recoverySection },
        .init([DropReport.RecoveryBaselines.self]) { $0.baselinesSection },
        .init([DropReport.Attractors.self, [DropReport.Cycle].self]) { $0.stabilitySection },
        .init([DropReport.Tokens.self]) { $0.tokensSection },
        .init([DropReport.CertifiedRadii.self]) { $0.certifiedSection },
        .init([DropReport.Theory.self]) { $0.theorySection },
        .init([DropReport.NormTransition.self]) { $0.normTransitionSection },
        .init([DropReport.Learnability.self]) { $0.learnabilitySection },
        .init([DropReport.Spurious.self]) { $0.spuriousSection },
        .init { $0.weakestSection },
        .init([DropReport.Network.self, DropReport.Training.self, DropReport.StageSeconds.self]) { $0.trainingSection },
        .init { $0.settingsSection },
        .init { $0.reproduceSection },
        .init { $0.referenceSection },
    ]

    /// The whole page.
    var markup: HTML {
        document(
            title: "\(report.name): \(verdict.label)", sources: "img-src data: 'self' file:; media-src 'self' file:; ",
            style: report.normTransition == nil && report.learnability == nil ? nil : Palette.style, header: header,
            main: Self.parts.map { $0.markup(self) })
    }
}

extension DropReport {
    package static var sectionTypes: [any ReportSection.Type] { ReportPage.parts.flatMap(\.sections) }
}
