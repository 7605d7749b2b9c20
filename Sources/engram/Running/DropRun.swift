import EngramDrops
import EngramPipeline
import EngramReports

/// One drop in this process: what `engram process` and `engram worker` have in common.
struct DropRun {
    /// The drop's name.
    var name: String
    /// The file or folder.
    var inputPath: String
    /// Its settings, all resolved.
    var settings: DropSettings
    /// Threads for linear algebra.
    var threadCount: Int
    /// A folder that outlives this process, to resume training from; nil without one.
    var checkpointFolder: String?
    /// Asked whether to go on.
    var interruption: Interruption

    /// Writes every file of the result but the manifest into `outputPath`.
    /// - Returns: What `report.json` says.
    /// - Throws: `CommandFailure` or `CancellationError`.
    @discardableResult
    func run(into outputPath: String, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> DropReport {
        let (settings, inputPath) = (settings, inputPath)
        return try await JobRun(
            name: name, threadCount: threadCount,
            command: RepeatCommandText.text(dropName: name, threadCount: threadCount), checkpointFolder: checkpointFolder,
            interruption: interruption
        ).run(onProgress: onProgress) { context in
            try DropProcessor(settings: settings, context: context).process(inputPath: inputPath, into: outputPath)
        }
    }
}
