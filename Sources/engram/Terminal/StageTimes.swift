/// How long each step of a drop took, as its progress tells them apart.
struct StageTimes: Equatable, Sendable {
    private var stages: [(name: String, seconds: Double)] = []
    private var current: (name: String, since: Double)?

    static func == (left: Self, right: Self) -> Bool {
        left.stages.elementsEqual(right.stages) { $0.name == $1.name && $0.seconds == $1.seconds }
            && left.current?.name == right.current?.name
            && left.current?.since == right.current?.since
    }

    /// Takes note of a step under way.
    /// - Parameter now: Seconds on a clock that never goes back.
    mutating func take(_ stage: String, at now: Double) {
        guard current?.name != stage else { return }
        end(at: now)
        current = (stage, now)
    }

    /// Ends the step under way.
    mutating func end(at now: Double) {
        guard let (name, since) = current else { return }
        current = nil
        // A step that comes again, as training between two looks at it, is one.
        if let index = stages.firstIndex(where: { $0.name == name }) {
            stages[index].seconds += now - since
        } else {
            stages.append((name, now - since))
        }
    }

    /// `decode 1 s, train 28 s, analyse 34 s`; nothing where no step took a second, or there was but one.
    var text: String {
        let told = stages.filter { $0.seconds >= Self.leastSeconds }
        guard stages.count > 1, !told.isEmpty else { return "" }
        return told.map { "\(TerminalText.printable($0.name)) \(ProgressText.duration($0.seconds))" }.joined(separator: ", ")
    }

    /// What takes less rounds to 0 s.
    private static let leastSeconds = 0.5
}
