import EngramDrops
import EngramPipeline
import EngramReports

/// To store the drop.
struct MemorizeWork: JobWork {
    static let kind = JobKind.memorize
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    /// Everything, where no other job wants it.
    static func claims(_ drop: DropContents) -> Bool { true }

    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary? {
        let run = DropRun(
            name: order.name, inputPath: order.inputPath, settings: try order.settings(), threadCount: order.threadCount,
            checkpointFolder: order.checkpointPath, interruption: interruption)
        return try await run.run(into: order.outputPath, onProgress: onProgress).outcome.map(JobSummary.init)
    }
}
