internal import Glibc
internal import Synchronization

/// A program that the daemon runs beside its drops, with a time limit.
package enum ChildCommand {
    /// How it ended.
    package struct Result: Equatable, Sendable {
        /// Its end.
        package var exit: WorkerExit
        /// The last lines of its standard output.
        package var lines: [String]
        /// It was ended because its time was over.
        package var isOverLimit: Bool
        /// It was ended because the task was cancelled.
        package var isCancelled: Bool
    }

    /// Lines that are kept.
    private static let keptLineCount = 20

    /// Runs the program; at the limit, and when the task is cancelled, it gets SIGTERM and `graceSeconds` later SIGKILL.
    /// - Throws: `DropError.workerNotStarted`.
    package static func run(
        _ launch: WorkerProcess.Launch, limitSeconds: Double, graceSeconds: Double = 10, clock: any DropClock = SystemDropClock(),
        onLine: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) async throws(DropError) -> Result {
        let kept = Mutex<[String]>([])
        let isOver = Atomic(false)
        let process = try WorkerProcess(launch) { line in
            kept.withLock { lines in
                lines.append(String(decoding: line, as: UTF8.self))
                if lines.count > keptLineCount { lines.removeFirst() }
            }
            onLine(line)
        }
        let end: @Sendable () async -> Void = {
            process.send(signal: SIGTERM)
            await clock.sleep(seconds: graceSeconds)
            process.send(signal: SIGKILL)
        }
        let timer = Task {
            await clock.sleep(seconds: limitSeconds)
            guard !Task.isCancelled else { return }
            isOver.store(true, ordering: .relaxed)
            await end()
        }
        let exit = await withTaskCancellationHandler {
            await process.waitUntilExit()
        } onCancel: {
            Task { await end() }
        }
        timer.cancel()
        return Result(
            exit: exit, lines: kept.withLock { $0 }, isOverLimit: isOver.load(ordering: .relaxed), isCancelled: Task.isCancelled)
    }
}
