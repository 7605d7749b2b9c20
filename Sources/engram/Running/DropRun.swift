import EngramDrops
import EngramPipeline

/// One drop in this process: what `engram process` and `engram worker` have in common.
struct DropRun {
    /// The drop.
    var input: DropInput
    /// Its settings, all resolved.
    var settings: DropSettings
    /// Threads for linear algebra.
    var threadCount: Int
    /// A folder that outlives this process, to resume training from; nil without one.
    var checkpointFolder: String?
    /// Asked whether to go on.
    var interruption: Interruption

    /// Writes every file of the result but the manifest into `outputPath`.
    /// - Throws: `CommandFailure` or `CancellationError`.
    func run(into outputPath: String, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws {
        RuntimeLibraries.setThreadCount(threadCount)
        let (clock, interruption) = (SystemDropClock(), interruption)
        let context = DropProcessor.Context(
            dropName: input.name, threadCount: threadCount,
            versions: Program.versions.merging(["kernels": RuntimeLibraries.kernelName]) { own, _ in own },
            command: RepeatCommandText.text(dropName: input.name, threadCount: threadCount), checkpointFolder: checkpointFolder,
            monotonicSeconds: { clock.monotonicSeconds() }, onProgress: onProgress, isCancelled: { interruption.isRequested })
        let processor = DropProcessor(settings: settings, context: context)
        let inputPath = input.path
        do {
            try await ComputeThread.run { _ = try processor.process(inputPath: inputPath, into: outputPath) }
        } catch let failure as StageFailure {
            throw CommandFailure(failure)
        }
    }
}
