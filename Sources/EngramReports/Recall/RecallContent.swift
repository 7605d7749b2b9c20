/// Everything the page of a recall is made from.
public struct RecallContent: Equatable, Sendable {
    /// The content of report.json.
    public var report: RecallReport
    /// What the page shows of each answer, in the order of the report; fewer where there are many.
    public var views: [AnswerView]
    /// The command that asks again, ready for a shell.
    public var command: String

    /// Takes every value as given.
    public init(report: RecallReport, views: [AnswerView], command: String) {
        self.report = report
        self.views = views
        self.command = command
    }
}

/// What the page shows of one answer.
public struct AnswerView: Equatable, Sendable {
    /// The cue, PNG bytes; nil where items are no pictures.
    public var cue: [UInt8]?
    /// The recalled state, PNG bytes.
    public var recall: [UInt8]?
    /// How much the two differ, dark for not at all, PNG bytes.
    public var difference: [UInt8]?
    /// The way from the cue to memory, APNG bytes.
    public var path: [UInt8]?
    /// Outlines of sound.
    public var waveform: WaveformPair?
    /// A recalled sound that lies beside the page, by its path.
    public var sound: String?

    /// Nothing to show yet.
    public init() {}
}
