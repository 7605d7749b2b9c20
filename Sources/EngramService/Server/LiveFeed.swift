internal import EngramDrops
internal import EngramSystem
internal import Hummingbird
internal import NIOCore

/// One look for all: whoever watches gets the same bytes, so that fifty browsers cost the machine about what one does.
///
/// It looks once a second, and less often where looking takes long: never more than a fiftieth of one processor.
actor LiveFeed {
    private struct Watcher {
        var continuation: AsyncStream<ByteBuffer>.Continuation
        /// It was too slow for a change, and gets the whole page next.
        var isBehind: Bool
    }

    /// Seconds between looks, and the share of the time that they may take.
    static let restSeconds = 1.0
    static let largestShare = 0.02
    /// Seconds after which something is sent in any case, so that a connection that is gone is noticed.
    private static let heartbeatSeconds = 15.0

    private let clock: any DropClock
    private let read: @Sendable (inout StatusReader) throws -> Snapshot
    private let parts: @Sendable (Snapshot) -> [(id: String, html: String)]
    private var reader: StatusReader
    private var latest: (at: Double, snapshot: Snapshot)?
    private var refresh: Task<Snapshot, any Error>?
    private var watchers: [Int: Watcher] = [:]
    private var nextNumber = 0
    private var loop: Task<Void, Never>?
    private var shown: [String: String] = [:]
    private var states: [String: String] = [:]
    private var lastCost = 0.0

    init(
        _ source: ServiceSource, shelf: LedgerShelf, clock: any DropClock = SystemDropClock(),
        parts: @escaping @Sendable (Snapshot) -> [(id: String, html: String)]
    ) {
        self.clock = clock
        self.parts = parts
        reader = StatusReader(source, shelf: shelf)
        read = { reader in try reader.read() }
    }

    /// How many watch.
    var watcherCount: Int { watchers.count }

    /// The state of things, at most `restSeconds` old; however many ask at once, it is read once.
    func snapshot() async throws -> Snapshot {
        if let latest, clock.monotonicSeconds() - latest.at < rest { return latest.snapshot }
        return try await refreshed()
    }

    private var rest: Double { max(Self.restSeconds, lastCost / Self.largestShare) }

    private func refreshed() async throws -> Snapshot {
        if let refresh { return try await refresh.value }
        let (reader, read) = (reader, read)
        let task = Task { [clock] in
            let began = clock.monotonicSeconds()
            let (next, snapshot) = try await Blocking.run {
                var reader = reader
                let snapshot = try read(&reader)
                return (reader, snapshot)
            }
            self.note(next, snapshot, cost: clock.monotonicSeconds() - began)
            return snapshot
        }
        refresh = task
        defer { refresh = nil }
        return try await task.value
    }

    private func note(_ reader: StatusReader, _ snapshot: Snapshot, cost: Double) {
        self.reader = reader
        lastCost = cost
        latest = (clock.monotonicSeconds(), snapshot)
    }

    // MARK: Watching

    /// Begins to watch; the stream ends with the feed.
    func watch() -> (number: Int, events: AsyncStream<ByteBuffer>) {
        let (events, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(4))
        nextNumber += 1
        watchers[nextNumber] = Watcher(continuation: continuation, isBehind: true)
        if loop == nil { loop = Task { await self.run() } }
        return (nextNumber, events)
    }

    /// Ends one watch.
    func leave(_ number: Int) {
        watchers.removeValue(forKey: number)?.continuation.finish()
        guard watchers.isEmpty else { return }
        loop?.cancel()
        loop = nil
    }

    /// Ends all.
    func end() {
        for watcher in watchers.values { watcher.continuation.finish() }
        watchers = [:]
        loop?.cancel()
        loop = nil
    }

    private func run() async {
        var lastSent = clock.monotonicSeconds()
        while !Task.isCancelled, !watchers.isEmpty {
            if let snapshot = try? await snapshot() {
                if tell(snapshot) { lastSent = clock.monotonicSeconds() }
            }
            if clock.monotonicSeconds() - lastSent > Self.heartbeatSeconds {
                send(ByteBuffer(string: ": still here\n\n"), to: { _ in true })
                lastSent = clock.monotonicSeconds()
            }
            await clock.sleep(seconds: rest)
        }
    }

    /// Sends what changed; returns whether anything was sent.
    private func tell(_ snapshot: Snapshot) -> Bool {
        let parts = parts(snapshot)
        let changes = parts.filter { shown[$0.id] != $0.html }
        for part in parts { shown[part.id] = part.html }
        let states = Dictionary(snapshot.status.drops.map { ($0.row.id, $0.row.state.rawValue) }) { first, _ in first }
        let moved = states.filter { self.states[$0.key] != $0.value }.map(\.key).sorted()
        self.states = states
        var isSent = false
        if !changes.isEmpty || !moved.isEmpty {
            var text = changes.map { Self.event("part", Self.json($0)) }.joined()
            if !moved.isEmpty { text += Self.event("drops", .array(moved.map { .string($0) })) }
            send(ByteBuffer(string: text), to: { !$0.isBehind })
            isSent = true
        }
        if watchers.values.contains(where: \.isBehind) {
            send(ByteBuffer(string: parts.map { Self.event("part", Self.json($0)) }.joined()), to: \.isBehind)
            isSent = true
        }
        return isSent
    }

    private func send(_ buffer: ByteBuffer, to isMeant: (Watcher) -> Bool) {
        for (number, watcher) in watchers where isMeant(watcher) {
            switch watcher.continuation.yield(buffer) {
            case .enqueued: watchers[number]?.isBehind = false
            case .dropped: watchers[number]?.isBehind = true
            default: watchers[number] = nil
            }
        }
    }

    private static func json(_ part: (id: String, html: String)) -> JSONValue {
        .object([.init("id", .string(part.id)), .init("html", .string(part.html))])
    }

    /// One server-sent event. Strings in JSON have no line breaks, so that every line of it is one of the event's data.
    static func event(_ name: String, _ data: JSONValue) -> String {
        let lines = String(decoding: data.encoded(), as: UTF8.self).split(separator: "\n")
        return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }
}
