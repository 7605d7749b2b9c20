@testable import EngramDrops
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct DiskAdmissionTests {
    private let scratch = Scratch()

    /// A disk of 1000 bytes whose free room a test sets.
    private final class Disk: Sendable {
        private let free: Mutex<Int64>
        init(free: Int64) { self.free = Mutex(free) }
        func set(_ value: Int64) { free.withLock { $0 = value } }
        func admission(floor: Int64?, need: Int64) -> DiskAdmission {
            DiskAdmission(floorByteCount: floor, estimate: { _, _, _ in need }) { [self] _ in
                DiskAdmission.Room(freeByteCount: free.withLock { $0 }, totalByteCount: 1000)
            }
        }
    }

    @Test func belowTheFloorNothingIsTakenAndTheReasonIsSaid() async throws {
        try scratch.write("x", "inbox/a")
        let disk = Disk(free: 99)
        let scheduler = try makeScheduler(scratch, configure: { $0.admission = disk.admission(floor: 100, need: 0) })
        let summary = try await scheduler.runOnce()
        #expect(summary.published.isEmpty && summary.waiting.map(\.name) == ["a"])
        #expect(summary.waiting[0].detail.contains("min_free_space") && summary.pauseReason == summary.waiting[0].detail)
        #expect(try scratch.names("inbox") == ["a"])
        // A second look writes no second line of history.
        let id = try #require(try scheduler.ledger.find("a").first?.id)
        let count = try scheduler.ledger.transitions(of: id).count
        _ = try await makeScheduler(scratch, configure: { $0.admission = disk.admission(floor: 100, need: 0) }).runOnce()
        #expect(try scheduler.ledger.transitions(of: id).count == count)
        // The byte of the copy that is learned.
        disk.set(101)
        let later = try await makeScheduler(scratch, configure: { $0.admission = disk.admission(floor: 100, need: 0) }).runOnce()
        #expect(later.published.map(\.name) == ["a"] && later.pauseReason == nil)
    }

    @Test func aPausedDaemonGoesOnByItselfWhenThereIsRoomAgain() async throws {
        try scratch.write("x", "inbox/a")
        let disk = Disk(free: 50)
        let (events, continuation) = AsyncStream<DropEvent>.makeStream()
        let scheduler = try makeScheduler(
            scratch, settle: SettleRule(settleSeconds: 0), observer: { continuation.yield($0) },
            configure: { $0.admission = disk.admission(floor: 100, need: 0) })
        let run = Task { try await scheduler.run() }
        for await event in events {
            if case .waiting(_, _, let reason) = event {
                #expect(reason.contains("min_free_space"))
                let status = try #require(StatusBoard.read(scratch.path + "/.engram/status.json", ofProcess: getpid()))
                #expect(status["intake"]?["paused"] == .bool(true))
                disk.set(500)
            }
            if case .published = event { break }
        }
        await scheduler.drain()
        #expect(try await run.value.published.map(\.name) == ["a"])
        #expect(try !scratch.exists(".engram/status.json"))
    }

    @Test func aDropThatDoesNotFitWaitsAndASmallOneGoesPast() async throws {
        try scratch.write("large", "inbox/1-large")
        try scratch.write("small", "inbox/2-small")
        let admission = DiskAdmission(
            floorByteCount: 100, estimate: { path, _, _ in path.hasSuffix("large") ? 901 : 10 },
            room: { _ in .init(freeByteCount: 1000, totalByteCount: 2000) })
        let summary = try await makeScheduler(scratch, configure: { $0.admission = admission }).runOnce()
        #expect(summary.published.map(\.name) == ["2-small"] && summary.waiting.map(\.name) == ["1-large"])
        #expect(summary.waiting[0].detail.contains("expected to take 906 B") && summary.pauseReason == nil)
    }

    @Test func aFloorOfZeroTurnsTheCheckOff() async throws {
        try scratch.write("x", "inbox/a")
        let disk = Disk(free: 0)
        let summary = try await makeScheduler(scratch, configure: { $0.admission = disk.admission(floor: 0, need: 500) }).runOnce()
        #expect(summary.published.map(\.name) == ["a"])
    }

    @Test func whatIsAtWorkHasItsRoomKept() async throws {
        for name in ["a", "b"] { try scratch.write(name, "inbox/" + name) }
        // Each fits alone, not both: with two jobs they go one after the other, as the worker's own lock shows.
        let worker = shellWorker(#"mkdir "\#(scratch.path)/alone" || exit 65; cp "$input" "$output/r"; rmdir "\#(scratch.path)/alone""#)
        let disk = Disk(free: 1000)
        let summary = try await makeScheduler(
            scratch, worker: worker, jobs: 2, configure: { $0.admission = disk.admission(floor: 100, need: 500) }
        ).runOnce()
        #expect(summary.published.map(\.name).sorted() == ["a", "b"] && summary.rejected.isEmpty)
    }

    @Test func theFloorIsFivePercentAndAtMost256MiB() {
        let admission = DiskAdmission()
        #expect(admission.floor(totalByteCount: 20 << 20) == 1 << 20)
        #expect(admission.floor(totalByteCount: 1 << 40) == 256 << 20)
        #expect(DiskAdmission(floorByteCount: 7).floor(totalByteCount: 1 << 40) == 7)
        #expect(DiskAdmission.text(1536 << 20) == "1.5 GiB" && DiskAdmission.text(901) == "901 B" && DiskAdmission.text(1 << 20) == "1 MiB")
    }

    @Test func theRoomIsTheKernels() throws {
        let room = try #require(DiskAdmission.room(of: "/dev/shm"))
        #expect(room.totalByteCount > 0 && room.freeByteCount <= room.totalByteCount)
        #expect(DiskAdmission.room(of: "/nonexistent") == nil)
    }
}
