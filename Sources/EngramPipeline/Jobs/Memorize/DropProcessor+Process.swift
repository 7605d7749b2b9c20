internal import EngramMedia
internal import EngramMemories
internal import EngramNetworks
package import EngramReports
internal import Foundation
internal import EngramSystem

extension DropProcessor {
    /// Decodes, learns, analyses and renders one drop.
    ///
    /// - Parameters:
    ///   - inputPath: The drop: a file or a folder. It is only read.
    ///   - outputFolder: An existing, empty folder. Every file of a result is written there but the manifest.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func process(inputPath: String, into outputFolder: String) throws -> DropReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "decoding"))
        let decoder = DropDecoder(settings: settings)
        let drop = try decoder.decode(inputPath)
        var decoded = PipelineProgress(
            stage: .decode, elapsedSeconds: context.monotonicSeconds() - began, detail: "decoded",
            interpretation: drop.media.interpretation?.sentence)
        decoded.remarks = drop.notes
        context.onProgress(decoded)
        return try telling(drop.media.interpretation).meaning(drop).process(
            drop, decoder: decoder, from: inputPath, began: began, into: outputFolder)
    }

    /// The same processor with the family of maps that the drop's samples ask for, where the settings leave it open.
    private func meaning(_ drop: DecodedDrop) -> DropProcessor {
        guard drop.isReadTokenByToken, settings.text.context == .auto else { return self }
        var settings = settings
        settings.memory = settings.memory.forTokens
        return DropProcessor(self, settings: settings)
    }

    /// The same processor, whose every progress says what the drop was taken for: the latest one is all that others may see.
    private func telling(_ interpretation: Interpretation?) -> DropProcessor {
        var processor = self
        let (tell, sentence) = (context.onProgress, interpretation?.sentence)
        processor.context.onProgress = { progress in
            var progress = progress
            progress.interpretation = sentence
            tell(progress)
        }
        return processor
    }

    private func process(
        _ drop: DecodedDrop, decoder: DropDecoder, from inputPath: String, began: Double, into outputFolder: String
    ) throws -> DropReport {
        // What the settings name is read before hours of training, not after.
        let foreign = try decoder.foreignExamples(for: drop, from: inputPath)
        let decoded = context.monotonicSeconds()
        var learning = learningContext
        learning.preview = context.checkpointFolder.flatMap {
            LivePreview.preview(of: drop, seed: UInt64(clamping: settings.memory.seed), in: $0)
        }
        let learned = try failing(in: .train) {
            do {
                return try Learner(settings: settings.memory, context: learning).learn(drop.set)
            } catch var failure as Failure where !failure.examples.isEmpty {
                // The library knows examples by number; people know them by name.
                let names = failure.examples.map { "'\(drop.media.names[$0])'" }.joined(separator: " and ")
                failure.found = [names, failure.found].compactMap(\.self).joined(separator: ": ")
                throw failure
            }
        }
        // It showed what is over now.
        if let folder = context.checkpointFolder { LivePreview.remove(from: folder) }
        let drop = drop.carried(by: learned.memory.map)
        let basins = try failing(in: .analyse) {
            try BasinStudy(settings: settings.memory, context: learning).measure(
                learned, of: drop.set, foreign: foreign, began: decoded)
        }
        try learning.checkCancellation()
        let rendering = ResultRendering(
            settings: settings, context: context, drop: drop, learned: learned, basins: basins, decodeSeconds: decoded - began,
            began: began)
        let report = try failing(in: .render) { try rendering.write(into: outputFolder) }
        context.onProgress(
            PipelineProgress(
                stage: .render, elapsedSeconds: context.monotonicSeconds() - began, detail: "writing the result",
                outcome: report.outcome?.grade.text))
        return report
    }

    /// What the library that learns is told of the world.
    var learningContext: LearningContext {
        let (context, available, capacity) = (context, availableMemory, memoryCapacity)
        return LearningContext(
            threadCount: context.threadCount, monotonicSeconds: context.monotonicSeconds,
            onProgress: { context.onProgress(PipelineProgress($0)) }, isCancelled: context.isCancelled, checkpoints: checkpoints,
            memory: { (available(), capacity()) })
    }

    /// Where training is saved; what is saved belongs to these settings and this version of the program alone.
    private var checkpoints: CheckpointSource? {
        guard let folder = context.checkpointFolder else { return nil }
        // With other versions the same state may go on to other bytes.
        let versions = context.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
        return CheckpointSource(
            storage: CheckpointFile(folder: folder, willPerform: willPerformCheckpoint),
            identity: [("settings", settings.yaml), ("program versions", versions)])
    }

    /// See `Context.failing`.
    func failing<Result>(in stage: Failure.Stage, _ body: () throws -> Result) throws -> Result {
        try context.failing(in: stage, body)
    }
}

extension PipelineProgress {
    /// Progress of learning, in the words of a drop.
    fileprivate init(_ progress: LearningProgress) {
        self.init(
            stage: progress.stage, elapsedSeconds: progress.elapsedSeconds, epoch: progress.epoch,
            plannedEpochCount: progress.plannedEpochCount, loss: progress.loss, learningRate: progress.learningRate,
            fraction: progress.fraction, remainingSeconds: progress.remainingSeconds, detail: progress.detail)
    }
}
