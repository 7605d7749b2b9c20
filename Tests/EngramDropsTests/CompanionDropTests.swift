import EngramSystem
import EngramTestSupport
import Foundation
import Testing

@testable import EngramDrops

/// What lies beside a drop and belongs to it is taken along, and is a part of what the result was made from.
@Suite struct CompanionDropTests {
    private let scratch = Scratch()

    /// Shows what it could read, and says that it did `job`.
    private func worker(doing job: String = "memorize") -> WorkerCommand {
        WorkerCommand(executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin"]) { order in
            let record = JSONValue.object([
                .init("token", .string(order.token)), .init("code", .integer(0)), .init("job", .string(job)),
                .init("boot", .string(InstanceLock.bootIdentifier())),
            ])
            return [
                "-c", #"cd "$(dirname "$1")" && cat * > "$2/all"; printf %s "$4" > "$3/exit.json""#, "worker", order.inputPath,
                order.outputPath, order.checkpointPath, String(decoding: record.encoded(), as: UTF8.self),
            ]
        }
    }

    @Test func whatBelongsToADropGoesWithIt() async throws {
        try scratch.write("TABLE", "inbox/a.csv")
        try scratch.write("rows", "inbox/a.rows.csv")
        try scratch.write("other", "inbox/b.rows.csv")
        let scheduler = try makeScheduler(scratch, worker: worker())
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name) == ["a.csv"])
        #expect(try scratch.text("outbox/a.csv/all") == "TABLErows")
        #expect(try scratch.names("inbox").filter { !$0.hasPrefix(".") } == ["b.rows.csv"])
        let reason = summary.waiting.first?.detail ?? ""
        #expect(reason.hasPrefix("this is what is known of the rows of \"b.csv\", which is not here; put that here"), "\(reason)")
    }

    /// The same table with other rows beside it is another drop; with the same ones it is done already.
    @Test func anotherCompanionIsAnotherDrop() async throws {
        func drop(_ rows: String) async throws -> (published: Int, reused: Int) {
            try scratch.write("TABLE", "inbox/a.csv")
            try scratch.write(rows, "inbox/a.rows.csv")
            let summary = try await makeScheduler(scratch, worker: worker()).runOnce()
            return (summary.published.count, summary.reused.count)
        }
        #expect(try await drop("left") == (1, 0))
        #expect(try await drop("right") == (1, 0))
        #expect(try await drop("left") == (0, 1))
    }

    /// Its worker reads the drop and says what it is for: ledger and manifest have it, also when the ledger is made anew.
    @Test func contentDecidesOnTheJob() async throws {
        let kind = try #require(JobKind.all.last { !$0.asksMemory })
        try scratch.write("a,b\n1,\n", "inbox/t.csv")
        let scheduler = try makeScheduler(scratch, worker: worker(doing: kind.name))
        #expect(try await scheduler.runOnce().published.count == 1)
        let row = try #require(try scheduler.ledger.find(exactly: "t.csv").first)
        #expect(row.job.kind == kind && row.becomesMemory == kind.makesMemory)
        #expect(try ResultManifest.read(from: try #require(row.resultPath)).origin.job == kind.nameWhereFound)
    }

    @Test func aCompanionThatIsStillWrittenHoldsItsDropUp() throws {
        try scratch.write("TABLE", "a.csv")
        try scratch.write(Array(Sample.png.dropLast(20)), "a.csv_mask.png")
        let clock = HandClock()
        var tracker = SettleTracker(
            rule: SettleRule(settleSeconds: 2), inbox: scratch.path, files: FileSystem(), formats: .media, clock: clock)
        _ = try tracker.look(at: "a.csv", isMarkedDone: false)
        clock.advance(3)
        guard case .wait(let reason, _) = try tracker.look(at: "a.csv", isMarkedDone: false) else { return #expect(Bool(false)) }
        #expect(reason.contains("\"a.csv_mask.png\" beside it is not complete"), "\(reason)")
        // It grows: everything is looked at anew.
        try scratch.write(Sample.png, "a.csv_mask.png")
        guard case .wait = try tracker.look(at: "a.csv", isMarkedDone: false) else { return #expect(Bool(false)) }
        clock.advance(3)
        guard case .ready = try tracker.look(at: "a.csv", isMarkedDone: false) else { return #expect(Bool(false)) }
    }
}
