internal import EngramSystem
internal import Glibc
internal import Synchronization

/// The worker of an attempt as a job of Slurm's.
final class SlurmWorker: WorkerHandle {
    private struct State {
        var asked: Int32?
        var overrun: WorkerProcess.Overrun?
        var end: WorkerEnd?
        var waiters: [CheckedContinuation<WorkerEnd, Never>] = []
    }

    let attempt: SlurmAttempt
    let onLine: @Sendable ([UInt8]) -> Void
    private let state = Mutex(State())

    init(_ attempt: SlurmAttempt, onLine: @escaping @Sendable ([UInt8]) -> Void) {
        self.attempt = attempt
        self.onLine = onLine
    }

    // It is no process of this machine.
    var processID: Int32 { 0 }
    var startTicks: Int { 0 }
    var isRemote: Bool { true }
    func secondsSinceStart() -> Double { 0 }

    /// The strongest signal that the daemon wants it to get; the queue passes it on.
    var asked: Int32? { state.withLock { $0.asked } }

    func send(signal: Int32) {
        state.withLock { if $0.end == nil, $0.asked != SIGKILL { $0.asked = signal } }
    }

    func end(for reason: WorkerProcess.Overrun, signal: Int32) {
        state.withLock { state in
            guard state.end == nil else { return }
            if state.overrun == nil { state.overrun = reason }
            if state.asked != SIGKILL { state.asked = signal }
        }
    }

    func wait() async -> WorkerEnd {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> WorkerEnd? in
                if state.end == nil { state.waiters.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    /// Tells everybody who waits.
    func finish(_ end: WorkerEnd) {
        let (waiters, end) = state.withLock { state -> ([CheckedContinuation<WorkerEnd, Never>], WorkerEnd) in
            var end = end
            end.overrun = state.overrun
            if state.end == nil { state.end = end }
            defer { state.waiters = [] }
            return (state.waiters, state.end ?? end)
        }
        for waiter in waiters { waiter.resume(returning: end) }
    }
}

/// Follows a file that a job on another node appends to.
struct SlurmOutput {
    let path: String
    private var offset: Int64
    private var lines = LineSplitter()

    /// - Parameter offset: What was read before, by an earlier daemon.
    init(path: String, offset: Int64 = 0) {
        self.path = path
        self.offset = offset
    }

    /// Lines that came since the last look, and the bytes read in all.
    mutating func newLines() -> (lines: [[UInt8]], byteCount: Int64) {
        var found: [[UInt8]] = []
        // A few times: what grows faster than this is read at the next look.
        for _ in 0..<16 {
            guard let bytes = try? FileSystem().read(path, from: offset, count: 64 << 10), !bytes.isEmpty else { break }
            offset += Int64(bytes.count)
            found += lines.add(bytes[...])
        }
        return (found, offset)
    }
}
