import EngramDrops
import EngramPipeline
import EngramReports

/// To fill the missing pixels of pictures.
struct InpaintWork: JobWork {
    static let kind = JobKind.inpaint
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    static func claims(_ drop: DropContents) throws -> Bool { try InpaintJob.claims(drop) }

    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary? {
        try await order.run(
            command: RepeatCommandText.text(dropName: order.name, threadCount: order.threadCount), interruption: interruption,
            onProgress: onProgress
        ) { drop, context, outputPath in
            try InpaintJob(settings: drop.settings, context: context).run(drop, into: outputPath).summary
        }
    }
}
