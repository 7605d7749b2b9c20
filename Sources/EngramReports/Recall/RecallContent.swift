/// Everything the page of a recall is made from.
package struct RecallContent: Equatable, Sendable {
    /// The content of report.json.
    package var report: RecallReport
    /// What the page shows of each answer, in the order of the report; fewer where there are many.
    package var views: [AnswerView]
    /// The command that asks again, ready for a shell.
    package var command: String

    /// Takes every value as given.
    package init(report: RecallReport, views: [AnswerView], command: String) {
        self.report = report
        self.views = views
        self.command = command
    }
}

/// What the page shows of one answer.
package struct AnswerView: Equatable, Sendable {
    /// The cue, PNG bytes; nil where items are no pictures.
    package var cue: [UInt8]?
    /// The recalled state, PNG bytes.
    package var recall: [UInt8]?
    /// How much the two differ, dark for not at all, PNG bytes.
    package var difference: [UInt8]?
    /// The way from the cue to memory, APNG bytes.
    package var path: [UInt8]?
    /// Outlines of sound.
    package var waveform: WaveformPair?
    /// The beginning of a recalled text.
    package var text: String?
    /// A recalled sound that lies beside the page, by its path.
    package var sound: String?

    /// Nothing to show yet.
    package init() {}
}
