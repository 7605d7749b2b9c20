import EngramDrops
import EngramPipeline
import EngramReports

/// To fill the missing cells of a table.
struct CompleteWork: JobWork {
    static let kind = JobKind.complete
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    static func claims(_ drop: DropContents) throws -> Bool { try CompleteJob.claims(drop) }

    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary? {
        try await order.run(
            command: "engram complete \(RepeatCommandText.quoted(order.name)) --output completed", interruption: interruption,
            onProgress: onProgress
        ) { drop, context, outputPath in
            try CompleteJob(settings: drop.settings, context: context).run(drop, into: outputPath).summary
        }
    }
}
