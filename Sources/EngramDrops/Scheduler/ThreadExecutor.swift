internal import Glibc
internal import Synchronization

/// Runs an actor on a thread of its own: what it does may then block (SQLite flushes, walks through a tree), and the pool of threads that
/// runs all other async functions, which has one for each core, goes on.
final class ThreadExecutor: SerialExecutor {
    /// What the thread and the executor share; the thread must not keep an executor that nobody uses any more.
    private final class Queue: Sendable {
        typealias Entry = (job: UnownedJob, executor: ThreadExecutor)

        private struct State {
            // A job keeps its executor until it has run.
            var entries: [Entry] = []
            var isClosed = false
        }

        private let state = Mutex(State())
        /// Posted once for each entry and for the end; POSIX semaphores may be used by all threads at once.
        private nonisolated(unsafe) let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func add(_ job: UnownedJob, on executor: ThreadExecutor) {
            state.withLock { $0.entries.append((job, executor)) }
            sem_post(semaphore)
        }

        func close() {
            state.withLock { $0.isClosed = true }
            sem_post(semaphore)
        }

        /// Waits for the next job; nil once the queue is closed.
        func next() -> Entry? {
            while true {
                // A signal may end the wait early.
                while sem_wait(semaphore) != 0 {}
                let (entry, isClosed) = state.withLock { ($0.entries.isEmpty ? nil : $0.entries.removeFirst(), $0.isClosed) }
                if entry != nil || isClosed { return entry }
            }
        }
    }

    private let queue = Queue()

    /// Starts the thread.
    /// - Throws: `DropError.system` where the system has no more threads.
    init() throws(DropError) {
        let queue = queue
        try DedicatedThread.start {
            while let (job, executor) = queue.next() { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
        }
    }

    deinit { queue.close() }

    /// Puts a job at the end of the queue.
    func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), on: self) }

    /// Every job runs on the one thread.
    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
