import EngramDrops
import EngramMemories
import EngramPipeline
import EngramReports

/// To ask a stored memory with the drop.
struct RecallWork: JobWork {
    static let kind = JobKind.recall
    private let order: WorkOrder

    init(_ order: WorkOrder) { self.order = order }

    /// The memory.
    var readable: [String] { [order.memoryFolder].compactMap { $0 } }

    func prepare() throws {
        guard order.memoryFolder == nil else { return }
        _ = try MemoryLookup(outbox: order.outbox ?? "").folder(named: order.memoryName ?? "")
    }

    func run(interruption: Interruption, onProgress: @escaping @Sendable (PipelineProgress) -> Void) async throws -> JobSummary? {
        guard let memoryFolder = order.memoryFolder else {
            // It came to the outbox since `prepare`: another attempt finds it.
            throw CommandFailure(
                .temporaryFailure, stage: .recall, code: "no-memory",
                message: "the memory \(order.memoryName ?? "") was not there a moment ago.")
        }
        var request = RecallJob.Request(cues: [.withMask(order.inputPath)])
        request.missingCode = try order.settings().cue.missing.given
        let command =
            ["engram", "recall", RepeatCommandText.quoted(order.name), "--memory", RepeatCommandText.quoted(order.memoryName ?? "")]
            .joined(separator: " ") + " --output answer"
        let run = RecallRun(
            name: order.name, memoryFolder: memoryFolder, request: request, threadCount: order.threadCount, command: command,
            interruption: interruption)
        let start = SystemDropClock().monotonicSeconds()
        let report = try await run.run(into: order.outputPath, onProgress: onProgress)
        onProgress(
            PipelineProgress(
                stage: .recall, elapsedSeconds: SystemDropClock().monotonicSeconds() - start, detail: "answered",
                outcome: report.grade.text))
        return JobSummary(report.grade)
    }
}
