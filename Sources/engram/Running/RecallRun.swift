import EngramDrops
import EngramPipeline
import EngramReports

/// One recall in this process: what `engram recall` and `engram worker` have in common.
struct RecallRun {
    /// The name of the cue drop.
    var name: String
    /// The folder of the memory.
    var memoryFolder: String
    /// What is asked.
    var request: RecallJob.Request
    /// Threads for linear algebra.
    var threadCount: Int
    /// The command that asks again.
    var command: String
    /// Asked whether to go on.
    var interruption: Interruption

    /// Writes every file of the result but the manifest into `outputPath`.
    /// - Throws: `CommandFailure` or `CancellationError`.
    @discardableResult
    func run(into outputPath: String, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> RecallReport {
        let (request, memoryFolder, threadCount) = (request, memoryFolder, threadCount)
        return try await JobRun(name: name, threadCount: threadCount, command: command, interruption: interruption)
            .run(onProgress: onProgress) { context in
                try RecallJob(context: context).run(
                    request, open: { try OpenMemory(MemoryFiles(sealed: memoryFolder), threadCount: threadCount) }, into: outputPath)
            }
    }
}
