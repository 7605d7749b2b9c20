import Logging

/// Sends log messages through the display, so that they do not tear its lines apart.
struct DisplayLogHandler: LogHandler {
    /// Messages about what `RunJournal` shows already, and better.
    static let shownAsEvents: Set<String> = ["training", "published", "rejected", "tried again later"]

    let display: LiveDisplay
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(display: LiveDisplay, logLevel: Logger.Level) {
        self.display = display
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard !Self.shownAsEvents.contains("\(event.message)") else { return }
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let facts = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        display.show(TerminalText.printable("\(event.level): \(event.message)" + (facts.isEmpty ? "" : " (\(facts))")))
    }
}
