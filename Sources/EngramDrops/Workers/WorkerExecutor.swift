package import EngramSystem
internal import Glibc

/// Where workers run: on this machine, or through a batch system.
package protocol WorkerExecutor: Sendable {
    /// Starts the worker of one attempt.
    /// - Parameters:
    ///   - job: What it has to know.
    ///   - onLine: Gets each line of its progress, without the newline, on a thread of the worker's own.
    /// - Throws: `DropError.workerNotStarted`, or what keeps its files from being made.
    func start(_ job: WorkerJob, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) -> any WorkerHandle

    /// Takes over the worker of an attempt that an earlier daemon started, whether it still runs or has ended since.
    /// - Returns: nil where nothing is left of the attempt to go on with; what may still run of it was ended.
    func attach(to attempt: WorkerAttempt, onLine: @escaping @Sendable ([UInt8]) -> Void) -> (any WorkerHandle)?

    /// Ends every worker of a drop that the ledger does not know.
    func endWorkers(ofDrop id: String)

    /// Where the workers of a drop of this name run; the scheduler counts those of this machine and others apart.
    func place(ofDropNamed name: String) -> WorkerPlace

    /// Most workers elsewhere at once.
    var remoteLimit: Int { get }
}

extension WorkerExecutor {
    /// Here.
    package func place(ofDropNamed name: String) -> WorkerPlace { .machine }

    /// None.
    package var remoteLimit: Int { 0 }
}

/// Where a worker runs.
package enum WorkerPlace: Equatable, Sendable {
    /// As a child of the daemon.
    case machine
    /// As a job of Slurm's, which is asked for this.
    case slurm(SlurmRequest)
}

/// An attempt as the ledger has it.
package struct WorkerAttempt: Equatable, Sendable {
    /// The drop's identifier.
    package var id: String
    /// Names the attempt.
    package var token: String
    /// The worker's process; nil where the daemon ended before it could write that down.
    package var processID: Int32?
    /// When it started, in ticks since boot; with the number it names one process.
    package var startTicks: Int?

    /// What the row of a drop at work says; nil for other rows.
    init?(_ row: DropRow) {
        guard row.state == .running, let token = row.token else { return nil }
        id = row.id
        self.token = token
        processID = row.workerProcess.map { Int32(truncatingIfNeeded: $0) }
        startTicks = row.workerStart
    }
}

/// One worker at work.
package protocol WorkerHandle: AnyObject, Sendable {
    /// Its process, for the ledger; 0 where it is none of this machine's.
    var processID: Int32 { get }
    /// When it started, in ticks since boot.
    var startTicks: Int { get }
    /// Whether it runs elsewhere, where somebody else counts its time and its places.
    var isRemote: Bool { get }
    /// Seconds since it started.
    func secondsSinceStart() -> Double
    /// Sends a signal to the worker and what it started; nothing happens once it has ended.
    func send(signal: Int32)
    /// The same, and notes why; what was noted first stands.
    func end(for reason: WorkerProcess.Overrun, signal: Int32)
    /// Suspends until the worker has ended and its output is read.
    func wait() async -> WorkerEnd
}

/// How a worker ended, and what is known about why.
package struct WorkerEnd: Equatable, Sendable {
    /// How it ended.
    package var exit: WorkerExit
    /// Why the daemon ended it; nil where it did not.
    package var overrun: WorkerProcess.Overrun?
    /// Whether processes were ended for want of memory while it ran.
    package var isMemoryKillLikely = false
    /// Why it ended, where the executor knows better than its exit says.
    package var failure: Failure?
    /// What it did with the drop; nil where that stands in its record on this machine, or nobody knows.
    package var job: JobKind?
    /// It was given up for this run of the daemon and may be at work still: the next daemon goes on with it.
    package var isLeftAtWork = false

    /// Nothing is known but how it ended.
    package init(exit: WorkerExit, overrun: WorkerProcess.Overrun? = nil, isMemoryKillLikely: Bool = false) {
        self.exit = exit
        self.overrun = overrun
        self.isMemoryKillLikely = isMemoryKillLikely
    }
}

extension WorkerHandle {
    /// It is a process of this machine.
    package var isRemote: Bool { false }
}

extension WorkerHandle {
    /// Ends the worker once it has run for `seconds`: SIGTERM, so that it can write its checkpoint, and SIGKILL after `graceSeconds`.
    /// - Returns: What watches the time; to be cancelled when the worker has ended.
    func limitWallTime(to seconds: Double, graceSeconds: Double, clock: any DropClock) -> Task<Void, Never> {
        Task {
            guard seconds < .infinity, !isRemote else { return }
            await clock.sleep(seconds: max(0, seconds - secondsSinceStart()))
            guard !Task.isCancelled else { return }
            end(for: .wallTime(seconds: seconds), signal: SIGTERM)
            await clock.sleep(seconds: graceSeconds)
            if !Task.isCancelled { end(for: .wallTime(seconds: seconds), signal: SIGKILL) }
        }
    }
}
