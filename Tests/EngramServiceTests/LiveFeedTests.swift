import EngramReports
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import EngramDrops
@testable import EngramService

@Suite struct LiveFeedTests {
    /// Time that passes only when a test says so; whoever sleeps wakes then.
    private final class HandClock: DropClock {
        private struct State {
            var now = 100.0
            var sleepers: [(until: Double, wake: CheckedContinuation<Void, Never>)] = []
        }
        private let state = Mutex(State())

        func secondsSinceEpoch() -> Double { 2_000_000_000 + monotonicSeconds() }
        func monotonicSeconds() -> Double { state.withLock { $0.now } }
        var sleeperCount: Int { state.withLock { $0.sleepers.count } }

        func sleep(seconds: Double) async {
            await withCheckedContinuation { wake in state.withLock { $0.sleepers.append(($0.now + seconds, wake)) } }
        }

        func advance(_ seconds: Double) {
            let due = state.withLock { state in
                state.now += seconds
                let due = state.sleepers.filter { $0.until <= state.now }
                state.sleepers.removeAll { $0.until <= state.now }
                return due
            }
            due.forEach { $0.wake.resume() }
        }
    }

    private func text(_ buffer: ByteBuffer?) -> String { buffer.map { String(buffer: $0) } ?? "" }

    @Test func fiftyWatchersShareOneLookAndGetTheSameBytes() async throws {
        let world = try World()
        let clock = HandClock()
        let looks = Mutex(0)
        let feed = LiveFeed(world.routes.source, shelf: world.routes.shelf, clock: clock) { _ in
            let count = looks.withLock { looks in
                looks += 1
                return looks
            }
            return [("now", "look \(count)")]
        }
        var watchers: [AsyncStream<ByteBuffer>.Iterator] = []
        var numbers: [Int] = []
        for _ in 0..<50 {
            let (number, events) = await feed.watch()
            numbers.append(number)
            watchers.append(events.makeAsyncIterator())
        }
        #expect(await feed.watcherCount == 50)
        for index in watchers.indices { #expect(text(await watchers[index].next()).contains("look 1")) }
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(1.5)
        for index in watchers.indices {
            #expect(
                text(await watchers[index].next())
                    == "event: part\ndata: {\ndata:   \"id\": \"now\",\ndata:   \"html\": \"look 2\"\ndata: }\n\n")
        }
        #expect(looks.withLock { $0 } == 2)
        for number in numbers { await feed.leave(number) }
        #expect(await feed.watcherCount == 0)
        clock.advance(100)
    }

    @Test func aSlowWatcherGetsTheWholePageOnceItReadsAgain() async throws {
        let world = try World()
        let clock = HandClock()
        let looks = Mutex(0)
        let feed = LiveFeed(world.routes.source, shelf: world.routes.shelf, clock: clock) { _ in
            let count = looks.withLock { looks in
                looks += 1
                return looks
            }
            return [("still", "the same"), ("now", "look \(count)")]
        }
        let (number, events) = await feed.watch()
        // Four changes are kept for it, and the fifth is lost.
        for round in 1...6 {
            while clock.sleeperCount == 0 { await Task.yield() }
            #expect(looks.withLock { $0 } == round)
            if round < 6 { clock.advance(1.5) }
        }
        var reader = events.makeAsyncIterator()
        for look in 1...4 {
            let event = text(await reader.next())
            #expect(event.contains("look \(look)") && event.contains("the same") == (look == 1))
        }
        clock.advance(1.5)
        let whole = text(await reader.next())
        #expect(whole.contains("look 7") && whole.contains("the same"))
        await feed.leave(number)
        clock.advance(100)
    }

    @Test func whatOneLookReadsIsKeptForASecond() async throws {
        let world = try World()
        let clock = HandClock()
        let feed = LiveFeed(world.routes.source, shelf: world.routes.shelf, clock: clock) { _ in [] }
        #expect(try await feed.snapshot().memories.problems.isEmpty)
        try world.publish("broken", files: ["network.safetensors": [1]])
        #expect(try await feed.snapshot().memories.problems.isEmpty)
        clock.advance(1.1)
        #expect(try await feed.snapshot().memories.problems.map(\.name) == ["broken"])
    }
}

@Suite struct LossHistoryTests {
    private func row(_ token: String) -> DropRow {
        DropRow(
            id: "d", name: "a", path: "/a", state: .running, reason: "", attempt: 1, failureCount: 0, token: token, createdAt: 0,
            updatedAt: 0)
    }

    @Test func linesAreReadOnFromWhereTheLastLookEnded() throws {
        let world = try World()
        let files = FileSystem()
        func line(_ epoch: Int, _ loss: Double) -> String {
            "{\"stage\":\"train\",\"elapsed_seconds\":1,\"epoch\":\(epoch),\"loss\":\(loss),\"detail\":\"\"}\n"
        }
        var history = LossHistory()
        let path = ".engram/work/d/worker.out"
        try world.write(line(1, 0.5) + "nonsense\n" + line(2, 0.25).dropLast(20), path)
        history.update([row("t")], folders: world.folders, files: files)
        #expect(history.rows(of: "d").map(\.epoch) == [1])
        try world.write(line(1, 0.5) + "nonsense\n" + line(2, 0.25) + line(3, 0.125), path)
        history.update([row("t")], folders: world.folders, files: files)
        #expect(history.rows(of: "d").map(\.mse) == [0.5, 0.25, 0.125])
        // Another attempt begins anew, and a drop that is not at work is forgotten.
        try world.write(line(1, 9), path)
        history.update([row("u")], folders: world.folders, files: files)
        #expect(history.rows(of: "d").map(\.mse) == [9])
        history.update([], folders: world.folders, files: files)
        #expect(history.rows(of: "d").isEmpty)
    }

    @Test func aLongRunKeepsItsShapeInFewPoints() throws {
        let world = try World()
        let lines = (1...5000).map { "{\"stage\":\"train\",\"elapsed_seconds\":1,\"epoch\":\($0),\"loss\":1,\"detail\":\"\"}\n" }
        try world.write(lines.joined(), ".engram/work/d/worker.out")
        var history = LossHistory()
        for _ in 0..<4 { history.update([row("t")], folders: world.folders, files: FileSystem()) }
        let rows = history.rows(of: "d")
        #expect(rows.count <= LossHistory.rowLimit && rows.first?.epoch == 1 && rows.last?.epoch == 5000)
    }
}
