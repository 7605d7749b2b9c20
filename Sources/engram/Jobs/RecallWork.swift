import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports

/// To ask a stored memory with the drop.
struct RecallWork: JobWork {
    static let kind = JobKind.recall
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    /// The memory, and the mask that came with the cue.
    var readable: [String] { [order.memoryFolder, RecallJob.Request.CuePath.withMask(order.inputPath).maskPath].compactMap { $0 } }

    func prepare() throws {
        guard order.memoryFolder == nil else { return }
        _ = try MemoryLookup(outbox: order.outbox ?? "").folder(named: order.memoryName ?? "")
    }

    func run(interruption: Interruption) async throws {
        let input = try order.input()
        guard let memoryFolder = order.memoryFolder else {
            // It came to the outbox since `prepare`: another attempt finds it.
            throw CommandFailure(
                .temporaryFailure, stage: .recall, code: "no-memory",
                message: "the memory \(order.memoryName ?? "") was not there a moment ago.")
        }
        var request = RecallJob.Request(cues: [.withMask(input.path)])
        request.missingCode = try input.settings(pipeline: try order.pipeline()).cue.missing.given
        let command =
            ["engram", "recall", RepeatCommandText.quoted(input.name), "--memory", RepeatCommandText.quoted(order.memoryName ?? "")]
            .joined(separator: " ") + " --output answer"
        let run = RecallRun(
            name: input.name, memoryFolder: memoryFolder, request: request, threadCount: order.threadCount, command: command,
            interruption: interruption)
        let start = SystemDropClock().monotonicSeconds()
        let report = try await run.run(into: order.outputPath, onProgress: WorkOrder.report)
        WorkOrder.report(
            PipelineProgress(
                stage: .recall, elapsedSeconds: SystemDropClock().monotonicSeconds() - start, detail: "answered",
                outcome: report.grade.text))
    }
}
