import EngramDrops
import EngramPipeline
import EngramSystem

/// What every job in this process has in common, in the foreground and in a worker.
struct JobRun {
    /// The drop's name.
    var name: String
    /// Threads for linear algebra.
    var threadCount: Int
    /// The command that repeats it.
    var command: String
    /// A folder that outlives this process; nil without one.
    var checkpointFolder: String?
    /// Asked whether to go on.
    var interruption: Interruption

    /// Runs `work` on the thread for computing.
    /// - Throws: `CommandFailure` or `CancellationError`.
    func run<Result: Sendable>(
        onProgress: @escaping @Sendable (PipelineProgress) -> Void,
        _ work: @escaping @Sendable (DropProcessor.Context) throws -> Result
    ) async throws -> Result {
        RuntimeLibraries.setThreadCount(threadCount)
        let (clock, interruption) = (SystemDropClock(), interruption)
        let context = DropProcessor.Context(
            dropName: name, threadCount: threadCount,
            versions: Program.versions.merging(["kernels": RuntimeLibraries.kernelName]) { own, _ in own }, command: command,
            checkpointFolder: checkpointFolder, monotonicSeconds: { clock.monotonicSeconds() }, onProgress: onProgress,
            isCancelled: { interruption.isRequested })
        do {
            return try await ComputeThread.run { try work(context) }
        } catch let failure as Failure {
            throw CommandFailure(failure)
        }
    }
}
