import EngramPipeline
import Foundation
import Testing

@testable import EngramService
@testable import engram
import EngramSystem

@Suite struct ProgressTextTests {
    private let progress = ProgressMessage(
        PipelineProgress(
            stage: .train, elapsedSeconds: 12.4, epoch: 240, plannedEpochCount: 600, loss: 3.2149e-7, fraction: 0.4, remainingSeconds: 65,
            detail: "round 2"))

    @Test(arguments: [
        (0.0, "0 s"), (0.6, "1 s"), (59.4, "59 s"), (59.6, "1:00"), (65, "1:05"), (3599.4, "59:59"), (3600, "1:00:00"), (90061, "25:01:01"),
        (.infinity, "?"), (.nan, "?"), (-1, "?"), (1e300, "?"),
    ])
    func durationsReadAsClocksDo(seconds: Double, text: String) { #expect(ProgressText.duration(seconds) == text) }

    /// `%.2e` of the C library is the oracle.
    @Test func lossesReadAsPrintfWritesThem() {
        for value in [1.0, 9.994, 9.996, 0.5, 3.2149e-7, 123456, 1e-300, -2.5e-3, 1e9, 7e22] {
            #expect(FigureText.scientific(value) == String(format: "%.2e", value), "\(value)")
        }
        #expect(FigureText.scientific(0) == "0")
        #expect(FigureText.scientific(.nan) == "nan")
    }

    @Test func lineSaysWhatIsKnown() {
        let line = ProgressText.line(name: "steamboat", progress: progress, width: 200)
        #expect(line == "steamboat  train    40 %  1:05 left  epoch 240/600  loss 3.21e-07  12 s so far  round 2")
    }

    @Test func namesOfSeveralDropsStandBelowEachOther() {
        let lines = ["a", "longer"].map { ProgressText.line(name: $0, progress: progress, width: 80, nameWidth: 6) }
        #expect(lines[0].hasPrefix("a       train") && lines[1].hasPrefix("longer  train"))
        #expect(lines.allSatisfy { TerminalText.columnCount($0) <= 80 && $0.contains("1:05 left") })
    }

    @Test func lineKeepsToEveryWidth() {
        for width in 1...120 {
            for name in ["a", "映画の記憶映画の記憶映画の記憶", String(repeating: "long", count: 30), "\u{1b}[31m"] {
                for message in [progress, nil] {
                    let line = ProgressText.line(name: name, progress: message, width: width)
                    #expect(TerminalText.columnCount(line) <= width && !line.contains("\u{1b}"), "\(width): \(line)")
                }
            }
        }
    }

    @Test func messageSurvivesItsLine() throws {
        #expect(ProgressMessage(line: progress.line) == progress)
        #expect(!progress.line.contains(0x0a))
        var told = progress
        told.interpretation = "taken for a set of 2 pictures\n"
        #expect(ProgressMessage(line: told.line) == told && !told.line.contains(0x0a))
    }

    @Test func whatIsNotFiniteIsLeftOut() throws {
        let message = ProgressMessage(
            PipelineProgress(stage: .train, elapsedSeconds: 1, loss: .infinity, fraction: .nan, remainingSeconds: .nan, detail: ""))
        // Foundation reads back what a foreign reader would.
        let object = try #require(JSONSerialization.jsonObject(with: Data(message.line)) as? [String: Any])
        #expect(Set(object.keys) == ["stage", "elapsed_seconds", "detail"])
    }

    @Test(arguments: ["", "hello", "{}", "[1]", "{\"stage\": 3}"])
    func lineThatIsNoProgressIsNoMessage(line: String) { #expect(ProgressMessage(line: Array(line.utf8)) == nil) }
}
