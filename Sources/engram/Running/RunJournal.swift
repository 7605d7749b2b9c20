import EngramDrops
import EngramService
import Synchronization

/// Shows what happens to the drops of a run, and remembers where rejected ones went.
final class RunJournal: Sendable {
    /// A rejected drop.
    struct RejectedDrop: Equatable, Sendable {
        var name: String
        var path: String
        var reason: String
    }

    private let display: LiveDisplay
    private let rejected = Mutex<[RejectedDrop]>([])
    /// What workers said last of what they verified, by identifier, and of published results by path.
    private let outcomes = Mutex<[String: String]>([:])

    init(display: LiveDisplay) { self.display = display }

    /// Rejected drops in the order of their rejection.
    var rejections: [RejectedDrop] { rejected.withLock { $0 } }

    /// What the verification of the result at `path` came to; nil where its worker did not say it to this daemon.
    func outcome(ofResult path: String) -> String? { outcomes.withLock { $0[path] } }

    /// Takes note of an event; does not block for longer than a write to the terminal.
    func note(_ event: DropEvent) {
        switch event {
        case .claimed: break
        case .waiting(_, let name, let reason): display.show(Self.line("waiting", name, ReasonText.shown(reason)))
        case .started(let id, let name, let attempt, _):
            if attempt > 1 { display.show(Self.line("again", name, "attempt \(attempt)")) }
            display.update(id: id, name: name, message: nil)
        case .progress(let id, let name, let line):
            guard let message = ProgressMessage(line: line) else { break }
            if let outcome = message.outcome { outcomes.withLock { $0[id] = outcome } }
            display.update(id: id, name: name, message: message)
        case .published(let id, let name, let path):
            let outcome = outcomes.withLock { outcomes in
                outcomes[path] = outcomes.removeValue(forKey: id)
                return outcomes[path]
            }
            let times = display.times(of: id).text
            let came = (outcome.map { [$0] } ?? []) + (times.isEmpty ? [] : [times]) + [PathText.shown(path)]
            display.remove(id: id, leaving: Self.line("published", name, came.joined(separator: "; ")))
        case .reused(let id, let name, let path):
            display.remove(id: id, leaving: Self.line("known", name, "the same as " + PathText.shown(path)))
        case .rejected(let id, let name, let path, let reason):
            rejected.withLock { $0.append(RejectedDrop(name: name, path: path, reason: reason)) }
            display.remove(
                id: id, leaving: Self.line("rejected", name, ReasonText.shown(reason, whole: PathText.shown(path) + "/error.json")))
        case .postponed(let id, let name, let reason, let seconds):
            display.remove(id: id, leaving: Self.line("later", name, "in \(ProgressText.duration(seconds)): \(ReasonText.shown(reason))"))
        case .interrupted(let id, let name):
            display.remove(id: id, leaving: Self.line("stopped", name, "it goes on at the next start"))
        }
    }

    private static func line(_ word: String, _ name: String, _ text: String) -> String {
        "\(TerminalText.padded(word, toColumnCount: 9))  \(TerminalText.printable(name)): \(TerminalText.printable(text))"
    }
}
