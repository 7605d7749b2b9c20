import EngramDrops
import EngramPipeline
import EngramReports

/// To learn the labels of a drop and predict those that are missing.
struct PredictWork: JobWork {
    static let kind = JobKind.predict
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    /// Tables with a column of labels, pictures with a file of labels beside them, and folders of classes.
    static func claims(_ drop: DropContents) throws -> Bool { try PredictJob.claims(drop) }

    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary? {
        try await order.run(
            command: RepeatCommandText.text(dropName: order.name, threadCount: order.threadCount), interruption: interruption,
            onProgress: onProgress
        ) { drop, context, outputPath in
            try PredictJob(settings: drop.settings, context: context).run(drop, into: outputPath).summary
        }
    }
}
