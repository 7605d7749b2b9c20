import EngramDrops
import EngramService
import Foundation
import Synchronization

/// Shows lines that stay and, below them, one line for each drop at work.
///
/// On a terminal the lower lines are redrawn in place. Elsewhere (a file, a pipe, the journal) every line gets a time and stays, and a
/// drop at work is mentioned when its stage changes and every `plainIntervalSeconds`.
final class LiveDisplay: Sendable {
    /// Where the lines go.
    struct Output: Sendable {
        /// Whether lines can be redrawn.
        var isTerminal: Bool
        /// Columns and rows, asked before each drawing since windows change.
        var size: @Sendable () -> TerminalSize
        /// Writes all bytes, or loses them: a display must not stop the work.
        var write: @Sendable ([UInt8]) -> Void
    }

    private struct Job {
        var id: String
        var name: String
        var message: ProgressMessage?
        /// When the message came.
        var messageAt = 0.0
        var times = StageTimes()
        var nextPlainLine = -Double.infinity
    }

    private struct State {
        var jobs: [Job] = []
        var drawnLineCount = 0
        var nextDrawing = -Double.infinity
    }

    /// Ten drawings a second look fluent and cost nothing.
    private static let drawingIntervalSeconds = 0.1

    private let output: Output
    private let clock: any DropClock
    private let plainIntervalSeconds: Double
    private let state = Mutex(State())

    init(output: Output, clock: any DropClock, plainIntervalSeconds: Double = 15) {
        self.output = output
        self.clock = clock
        self.plainIntervalSeconds = plainIntervalSeconds
    }

    /// Writes a text that stays, above the drops at work.
    func show(_ text: String) {
        state.withLock { showWithLock(text, &$0) }
    }

    private func showWithLock(_ text: String, _ state: inout State) {
        guard output.isTerminal else { return writePlain(text) }
        output.write(Array((eraser(&state) + text + "\n" + drawing(&state)).utf8))
    }

    /// Adds a drop at work, or says how far it is.
    func update(id: String, name: String, message: ProgressMessage?) {
        state.withLock { state in
            let index = state.jobs.firstIndex { $0.id == id } ?? state.jobs.endIndex
            if index == state.jobs.endIndex { state.jobs.append(Job(id: id, name: name)) }
            let isNewStage = state.jobs[index].message?.stage != message?.stage
            // What a drop was taken for is said once and stays: hours of training depend on it.
            if let interpretation = message?.interpretation, state.jobs[index].message?.interpretation == nil {
                showWithLock("\(TerminalText.printable(name)): \(TerminalText.printable(interpretation))", &state)
            }
            for remark in message?.remarks ?? [] {
                showWithLock("\(TerminalText.printable(name)): \(TerminalText.printable(remark))", &state)
            }
            let now = clock.monotonicSeconds()
            (state.jobs[index].message, state.jobs[index].messageAt) = (message, now)
            if let message { state.jobs[index].times.take(message.stage, at: now) }
            if output.isTerminal {
                guard isNewStage || now >= state.nextDrawing else { return }
                state.nextDrawing = now + Self.drawingIntervalSeconds
                output.write(Array((eraser(&state) + drawing(&state)).utf8))
            } else if message != nil, isNewStage || now >= state.jobs[index].nextPlainLine {
                state.jobs[index].nextPlainLine = now + plainIntervalSeconds
                writePlain(ProgressText.line(name: name, progress: message, width: 200))
            }
        }
    }

    /// Draws the lower lines of a terminal again, so that times go on between two messages.
    func tick() {
        state.withLock { state in
            let now = clock.monotonicSeconds()
            guard output.isTerminal, !state.jobs.isEmpty, now >= state.nextDrawing else { return }
            state.nextDrawing = now + Self.drawingIntervalSeconds
            output.write(Array((eraser(&state) + drawing(&state)).utf8))
        }
    }

    /// Runs `body`, and draws every second meanwhile.
    func ticking<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        let ticker = Task { [self, clock] in
            while !Task.isCancelled {
                await clock.sleep(seconds: 1)
                if !Task.isCancelled { tick() }
            }
        }
        defer { ticker.cancel() }
        return try await body()
    }

    /// How long each step of a drop at work took up to now.
    func times(of id: String) -> StageTimes {
        state.withLock { state in
            var times = state.jobs.first { $0.id == id }?.times ?? StageTimes()
            times.end(at: clock.monotonicSeconds())
            return times
        }
    }

    /// Takes a drop from the lower lines; with a text, that takes its place above them.
    func remove(id: String, leaving text: String? = nil) {
        state.withLock { state in
            state.jobs.removeAll { $0.id == id }
            if output.isTerminal {
                output.write(Array((eraser(&state) + (text.map { $0 + "\n" } ?? "") + drawing(&state)).utf8))
            } else if let text {
                writePlain(text)
            }
        }
    }

    private func writePlain(_ text: String) {
        output.write(Array((Timestamp.text(clock.secondsSinceEpoch()) + " " + text + "\n").utf8))
    }

    /// Moves to the first of the drawn lines and clears from there.
    private func eraser(_ state: inout State) -> String {
        defer { state.drawnLineCount = 0 }
        return state.drawnLineCount == 0 ? "" : "\r\u{1b}[\(state.drawnLineCount)A\u{1b}[J"
    }

    private func drawing(_ state: inout State) -> String {
        let size = output.size()
        // The last column stays free: terminals differ in what a line that fills it does. What is above the window cannot be erased.
        let fitting = max(1, size.rowCount - 2)
        let now = clock.monotonicSeconds()
        let nameWidth = state.jobs.map { TerminalText.columnCount(TerminalText.printable($0.name)) }.max() ?? 0
        var lines = state.jobs.prefix(fitting).map { job in
            ProgressText.line(
                name: job.name, progress: job.message?.later(by: now - job.messageAt), width: size.columnCount - 1, nameWidth: nameWidth)
        }
        if state.jobs.count > fitting { lines[fitting - 1] = "… and \(state.jobs.count - fitting + 1) more" }
        state.drawnLineCount = lines.count
        return lines.map { $0 + "\n" }.joined()
    }
}

/// A window's size in characters.
struct TerminalSize: Equatable, Sendable {
    var columnCount: Int
    var rowCount: Int
}
