/// Why something could not be done: where, what was expected, what was found and what to do.
///
/// It is one shape from a decoder to `error.json` and the terminal. Where the reasons are a closed list that code decides by, they are an
/// enum of their own, such as `MediaError`, which becomes a failure in one place.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done. The first six are the steps of a drop, in order.
    public enum Stage: String, Sendable, CaseIterable {
        case settings, decode, train, analyse, recall, render
        /// Beside a drop's own steps: the hook before it, the process that works on it, the way to the outbox.
        case hook, worker, publish
        /// Files and folders that belong to no drop, a report of an experiment, a command of the terminal.
        case files, report, command
    }

    /// What was being done.
    public var stage: Stage
    /// A word for programs, such as `truncated`.
    public var code: String
    /// The file that is to blame, where one is.
    public var file: String?
    /// Where in that file, such as `chunk IDAT at byte 57`.
    public var place: String?
    /// What happened, in a sentence for people.
    public var message: String
    /// What should have been there.
    public var expected: String?
    /// What was there.
    public var found: String?
    /// What to do.
    public var remedy: String?
    /// The examples of a set that are to blame, by their numbers from 0, where some are.
    public var examples: [Int] = []
    /// Whether the same may pass later, as after a full disk.
    public var isRetryable: Bool

    /// A failure from its parts.
    /// - Parameter message: Left out, it is made of file, place, `expected`, `found` and `remedy`.
    public init(
        stage: Stage, code: String, file: String? = nil, place: String? = nil, message: String? = nil, expected: String? = nil,
        found: String? = nil, remedy: String? = nil, isRetryable: Bool = false
    ) {
        self.stage = stage
        self.code = code
        self.file = file
        self.place = place
        self.message = message ?? Self.sentence(file: file, place: place, expected: expected, found: found, remedy: remedy)
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.isRetryable = isRetryable
    }

    /// The message.
    public var description: String { message }

    /// For example `a.png: chunk IDAT at byte 57: expected CRC 0x1, found 0x2. Copy it again.`
    private static func sentence(file: String?, place: String?, expected: String?, found: String?, remedy: String?) -> String {
        // What a decoder found is often a sentence of its own.
        let end = found.map { $0.hasSuffix(".") ? "found \($0)" : "found \($0)." }
        let verdict = [expected.map { "expected \($0)" }, end].compactMap(\.self).joined(separator: ", ")
        let location = [file, place].compactMap(\.self).map { "\($0): " }.joined()
        return [location + verdict, remedy.map { Self.asSentence($0) }].compactMap(\.self).joined(separator: " ")
    }

    private static func asSentence(_ text: String) -> String {
        let start = text.prefix(1).uppercased() + text.dropFirst()
        return start.hasSuffix(".") ? start : start + "."
    }
}
