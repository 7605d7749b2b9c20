import EngramDrops
import EngramPipeline

/// To store the drop.
struct MemorizeWork: JobWork {
    static let kind = JobKind.memorize
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    func run(interruption: Interruption) async throws {
        let input = try order.input()
        let run = DropRun(
            input: input, settings: try input.settings(pipeline: try order.pipeline()), threadCount: order.threadCount,
            checkpointFolder: order.checkpointPath, interruption: interruption)
        try await run.run(into: order.outputPath, onProgress: WorkOrder.report)
    }
}
