import EngramService
import EngramDrops
import Foundation
import Testing

@testable import engram
import EngramSystem

/// The text that Prometheus reads.
@Suite struct MetricsFileTests {
    private struct StillClock: DropClock {
        func secondsSinceEpoch() -> Double { 1_700_000_000 }
        func monotonicSeconds() -> Double { 100 }
        func sleep(seconds: Double) async {}
    }

    @Test func everyLineIsOfTheTextFormat() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-metrics-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = StillClock()
        let ledger = try Ledger(path: folder + "/ledger.sqlite", clock: clock)
        let metrics = MetricsFile(ledger: ledger, schedulePath: folder + "/schedule.json", startedAt: 1_699_999_000, clock: clock)
        metrics.note(.started(id: "1", name: "a", attempt: 1, processID: 1))
        metrics.note(.published(id: "1", name: "a", path: "/a"))
        let job = ScheduledJob(
            name: "no\"quote", cron: try CronExpression("@daily"), action: .window(.train, seconds: 60, atEnd: .finish))
        try Data(#"{"schema":"engram-schedule/1","jobs":{"no\"quote":{"handled":5,"ended":1699999999,"success":true}}}"#.utf8)
            .write(to: URL(fileURLWithPath: folder + "/schedule.json"))
        try metrics.write(to: folder + "/m.prom", schedule: Schedule(jobs: [job]), now: 1_700_000_000)
        let text = try String(contentsOfFile: folder + "/m.prom", encoding: .utf8)
        #expect(
            text.hasSuffix("\n") && text.contains("\nengram_attempt_seconds_count 1\n")
                && text.contains("engram_drops{state=\"ready\"} 0\n"))
        #expect(text.contains("engram_window_open{kind=\"train\"} 0\n") && text.contains("engram_window_open{kind=\"intake\"} 1\n"))
        #expect(text.contains(#"engram_scheduled_run_success{job="no\"quote"} 1"#))
        // exposition_formats of Prometheus: HELP and TYPE before the samples of a name, and nothing else.
        let sample = try Regex(#"engram_[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"\})? -?[0-9][0-9.e+-]*"#)
        var announced = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                announced = String(line.split(separator: " ")[2])
            } else if !line.hasPrefix("# HELP ") {
                #expect(line.hasPrefix(announced) && line.wholeMatch(of: sample) != nil, "\(line)")
            }
        }
    }
}
