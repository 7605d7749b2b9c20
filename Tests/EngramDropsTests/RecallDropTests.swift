import EngramTestSupport
import Foundation
import GRDB
import Testing

@testable import EngramDrops

/// Cues go the way of every drop; `recall/MEMORY/CUE` is their name in the ledger, CUE that of their files.
@Suite struct RecallDropTests {
    private let scratch = Scratch()
    /// Says what it was asked to do.
    private let worker = WorkerCommand(executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin"]) { job in
        [
            "-c", #"ls "$(dirname "$1")" > "$2/input"; echo "$3 $4" > "$2/job""#, "worker", job.inputPath, job.outputPath, job.job.name,
            job.job.memory ?? "-",
        ]
    }

    @Test func aCueIsClaimedWorkedOnPublishedAndArchived() async throws {
        try scratch.write(Sample.png, "inbox/recall/film/cue.png")
        try scratch.write(Sample.png, "inbox/recall/film/cue_mask.png")
        try scratch.write("recall: {missing: 0}", "inbox/recall/film/cue.png.drop.yml")
        try scratch.write(Sample.png, "inbox/cue.png")
        let scheduler = try makeScheduler(scratch, worker: worker)
        let summary = try await scheduler.runOnce()
        #expect(summary.published.map(\.name).sorted() == ["cue.png", "recall/film/cue.png"])
        // The same bytes, and yet two jobs with a result each.
        let jobs = try scratch.names("outbox").filter { $0 != "rejected" }.map { try scratch.text("outbox/\($0)/job") }
        #expect(jobs.sorted() == ["memorize -\n", "recall film\n"])
        let row = try #require(try scheduler.ledger.find(exactly: "recall/film/cue.png").first)
        #expect(row.job == .recall(memory: "film") && row.state == .archived && row.entryName == "cue.png")
        #expect(
            try scratch.text(row.resultPath!.replacingOccurrences(of: scratch.path + "/", with: "") + "/input")
                == "cue.png\ncue.png.drop.yml\ncue_mask.png\n")
        #expect(row.path == scratch.path + "/.engram/archive/\(row.id)/cue.png")
        #expect(try scratch.names("inbox/recall/film") == [])
        #expect(try ResultManifest.read(from: row.resultPath!).origin.name == "recall/film/cue.png")
    }

    @Test func aCueWaitsForAMemoryThatIsBeingLearned() async throws {
        try scratch.write(Sample.png, "inbox/recall/film/cue.png")
        try scratch.write("another", "inbox/film")
        let scheduler = try makeScheduler(scratch, worker: worker)
        let summary = try await scheduler.runOnce()
        // Natural order takes the memory first, and the cue only once it is there.
        #expect(summary.published.map(\.name) == ["film", "recall/film/cue.png"])
    }

    /// Its owner may have moved a large result to another disk.
    @Test func aMemoryBehindALinkHoldsNobodyUp() async throws {
        try scratch.write("{}", "elsewhere/manifest.json")
        try FileSystem().createFolder(scratch.path + "/outbox")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path + "/outbox/film", withDestinationPath: scratch.path + "/elsewhere")
        try scratch.write(Sample.png, "inbox/recall/film/cue.png")
        try scratch.write("another", "inbox/other")
        let summary = try await makeScheduler(scratch, worker: worker).runOnce()
        #expect(Set(summary.published.map(\.name)) == ["other", "recall/film/cue.png"], "\(summary)")
    }

    @Test func aRejectedCueGoesBackToItsOwnFolder() async throws {
        try scratch.write(Sample.png, "inbox/recall/film/cue.png")
        try scratch.write(Sample.png, "inbox/recall/film/cue_mask.png")
        let failing = shellWorker(#"echo '{"message":"no","code":"no-memory"}' > "$output/failure.json"; exit 65"#)
        let scheduler = try makeScheduler(scratch, worker: failing)
        #expect(try await scheduler.runOnce().rejected.map(\.name) == ["recall/film/cue.png"])
        #expect(try scratch.names("outbox/rejected/cue.png/source") == ["cue.png", "cue_mask.png"])
        try FileSystem().removeTree(scratch.path + "/inbox/recall")
        let row = try #require(try scheduler.ledger.find(exactly: "recall/film/cue.png").first)
        let outcome = try Requeue(folders: try scratch.folders(), ledger: scheduler.ledger).requeue(row)
        #expect(outcome == .returned(path: scratch.path + "/inbox/recall/film/cue.png"))
        #expect(try scratch.names("inbox/recall/film") == ["cue.png", "cue_mask.png"])
        #expect(try scheduler.ledger.row(row.id)?.state == .seen)
    }

    /// The ledger is gone; what was claimed must not come back as something to memorize.
    @Test func aClaimedCueOfALostLedgerReturnsToItsMemory() async throws {
        let folders = try scratch.folders()
        try scratch.write("x", ".engram/work/1/input/cue.png")
        try scratch.write("recall/film/cue.png", ".engram/work/1/place")
        try scratch.write("y", ".engram/work/2/input/plain.png")
        let scheduler = try makeScheduler(scratch)
        try await scheduler.recover()
        #expect(try scratch.names("inbox/recall/film") == ["cue.png"])
        #expect(try scratch.names("inbox") == ["plain.png", "recall"])
        _ = folders
    }

    @Test(arguments: ["../x", "recall/../x", "recall/a/..", "recall/a/b/c", "a/b"])
    func namesThatLeadElsewhereAreNoPaths(name: String) {
        let row = DropRow(
            id: "1", name: name, path: "", state: .ready, reason: "", attempt: 0, failureCount: 0, createdAt: 0, updatedAt: 0)
        #expect(throws: DropError.self) { try row.checkName() }
    }

    /// A file of the version before there were jobs.
    @Test func anOlderLedgerIsBroughtUpToDate() throws {
        let sql = try #require(Bundle.module.url(forResource: "ledger-2", withExtension: "sql", subdirectory: "Fixtures"))
        let path = scratch.path + "/ledger.sqlite"
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: try String(contentsOf: sql, encoding: .utf8)) }
        try queue.close()
        // A reader does not touch it.
        #expect(throws: DropError.self) { try Ledger.existing(at: path, clock: HandClock()) }
        let ledger = try Ledger(path: path, clock: HandClock())
        let rows = try ledger.rows(in: Set(DropState.allCases))
        #expect(rows.map(\.name).sorted() == ["broken.png", "digits-idx3-ubyte", "recall/digits/noisy10.png"])
        let jobs = try ledger.pool.read { try String.fetchAll($0, sql: "SELECT job FROM drops ORDER BY name") }
        #expect(jobs == ["memorize", "memorize", "recall"])
        #expect(rows.first { $0.name == "broken.png" }?.failureCode == "malformed")
        #expect(try ledger.transitions(of: try #require(rows.first { $0.state == .archived }).id).count == 8)
    }
}
