import EngramService
import EngramDrops
import EngramPipeline
import Synchronization
import Testing

@testable import engram
import EngramSystem

/// A terminal that knows what the display uses of ECMA-48: newline, carriage return, cursor up, erase to the end.
private final class Screen: Sendable {
    private let state = Mutex((lines: [""], row: 0, bytes: [UInt8]()))

    var lines: [String] { state.withLock { $0.lines.last == "" ? $0.lines.dropLast() : $0.lines } }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            var rest = Substring(String(decoding: bytes, as: UTF8.self))
            while let character = rest.popFirst() {
                switch character {
                case "\n":
                    state.row += 1
                    if state.row == state.lines.count { state.lines.append("") }
                case "\r": state.lines[state.row] = ""
                case "\u{1b}":
                    let end = rest.firstIndex { $0.isLetter } ?? rest.startIndex
                    let count = Int(rest[..<end].dropFirst()) ?? 1
                    if rest[end] == "A" { state.row -= count } else { state.lines = state.lines[..<state.row] + [""] }
                    rest = rest[rest.index(after: end)...]
                default: state.lines[state.row].append(character)
                }
            }
        }
    }
}

private final class HandClock: DropClock {
    private let now = Mutex(0.0)
    func secondsSinceEpoch() -> Double { now.withLock { $0 } }
    func monotonicSeconds() -> Double { now.withLock { $0 } }
    func sleep(seconds: Double) async {}
    func advance(_ seconds: Double) { now.withLock { $0 += seconds } }
}

@Suite struct LiveDisplayTests {
    private let screen = Screen()
    private let clock = HandClock()

    private func display(isTerminal: Bool, rows: Int = 24) -> LiveDisplay {
        let size = TerminalSize(columnCount: 60, rowCount: rows)
        return LiveDisplay(
            output: LiveDisplay.Output(isTerminal: isTerminal, size: { size }, write: { [screen] in screen.write($0) }), clock: clock,
            plainIntervalSeconds: 15)
    }

    private func message(epoch: Int, stage: Failure.Stage = .train) -> ProgressMessage {
        ProgressMessage(PipelineProgress(stage: stage, elapsedSeconds: 1, epoch: epoch, detail: ""))
    }

    @Test func jobsAreRedrawnBelowWhatStays() {
        let display = display(isTerminal: true)
        display.update(id: "1", name: "film", message: message(epoch: 1))
        clock.advance(1)
        display.update(id: "2", name: "talk", message: message(epoch: 7))
        display.show("published  digits")
        clock.advance(1)
        display.update(id: "1", name: "film", message: message(epoch: 2))
        #expect(screen.lines.count == 3)
        #expect(screen.lines.first == "published  digits")
        #expect(screen.lines.dropFirst().first?.contains("epoch 2 ") == true)
        #expect(screen.lines.last?.hasPrefix("talk") == true)
        display.remove(id: "1", leaving: "published  film")
        #expect(screen.lines.prefix(2) == ["published  digits", "published  film"])
        display.remove(id: "2")
        #expect(screen.lines == ["published  digits", "published  film"])
    }

    @Test func moreJobsThanRowsAreCounted() {
        let display = display(isTerminal: true, rows: 6)
        for id in 1...9 { display.update(id: "\(id)", name: "drop\(id)", message: nil) }
        clock.advance(1)
        display.update(id: "9", name: "drop9", message: message(epoch: 1))
        #expect(screen.lines.count == 4)
        #expect(screen.lines.last == "… and 6 more")
    }

    @Test(arguments: [true, false])
    func whatADropWasTakenForIsSaidOnceAndStays(isTerminal: Bool) {
        let display = display(isTerminal: isTerminal)
        var news = message(epoch: 1, stage: .decode)
        display.update(id: "1", name: "film", message: news)
        for epoch in 1...3 {
            news = message(epoch: epoch)
            news.interpretation = "taken for a film\u{1b}[31m"
            clock.advance(20)
            display.update(id: "1", name: "film", message: news)
        }
        display.remove(id: "1")
        #expect(screen.lines.filter { $0.contains("film: taken for a film?[31m") }.count == 1, "\(screen.lines)")
    }

    @Test func plainLinesComeAtIntervalsAndAtNewStages() {
        let display = display(isTerminal: false)
        for epoch in 1...40 {
            display.update(id: "1", name: "film", message: message(epoch: epoch))
            clock.advance(1)
        }
        display.update(id: "1", name: "film", message: message(epoch: 40, stage: .analyse))
        // At 0, 15 and 30 seconds, and the new stage at 40.
        #expect(screen.lines.map { $0.contains("analyse") } == [false, false, false, true])
        #expect(screen.lines.first?.hasPrefix("1970-01-01T00:00:00Z film") == true)
    }

    @Test func timesGoOnBetweenTwoMessages() {
        let display = display(isTerminal: true)
        let news = ProgressMessage(PipelineProgress(stage: .analyse, elapsedSeconds: 40, fraction: 0.5, remainingSeconds: 10, detail: ""))
        display.update(id: "1", name: "film", message: news)
        clock.advance(4)
        display.tick()
        #expect(screen.lines.last?.contains("50 %  6 s left  44 s so far") == true, "\(screen.lines)")
        clock.advance(60)
        display.tick()
        #expect(screen.lines.last?.contains("0 s left") == true && screen.lines.count == 1)
        // Where lines stay, nothing is drawn again.
        let plain = Screen()
        LiveDisplay(output: .init(isTerminal: false, size: { .init(columnCount: 80, rowCount: 24) }, write: plain.write), clock: clock)
            .tick()
        #expect(plain.lines.isEmpty)
    }

    @Test func theEndSaysHowLongEachStepTook() {
        let display = display(isTerminal: true)
        for (stage, seconds) in [(Failure.Stage.decode, 1.0), (.train, 20), (.analyse, 5), (.train, 8), (.analyse, 2), (.render, 0.2)] {
            display.update(id: "1", name: "film", message: message(epoch: 1, stage: stage))
            clock.advance(seconds)
        }
        #expect(display.times(of: "1").text == "decode 1 s, train 28 s, analyse 7 s")
        #expect(display.times(of: "2").text.isEmpty)
        let line = ProcessCommand.line("film", nil, seconds: 37, times: display.times(of: "1").text, output: "out")
        #expect(line == "film: done in 37 s (decode 1 s, train 28 s, analyse 7 s); open out/report.html")
    }
}
