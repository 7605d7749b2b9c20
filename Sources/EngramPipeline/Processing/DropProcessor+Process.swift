internal import EngramNetworks
internal import EngramNumerics
public import EngramReports
internal import Foundation

extension DropProcessor {
    /// Decodes, trains, analyses and renders one drop.
    ///
    /// - Parameters:
    ///   - inputPath: The drop: a file or a folder. It is only read.
    ///   - outputFolder: An existing, empty folder. Every file of a result is written there but the manifest.
    /// - Returns: What `report.json` says.
    /// - Throws: `StageFailure`; `CancellationError` once the context says so.
    public func process(inputPath: String, into outputFolder: String) throws -> DropReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "decoding"))
        let drop = try decode(inputPath)
        let plan = try planned(for: drop, available: availableMemory, capacity: memoryCapacity)
        // What the settings name is read before hours of training, not after.
        let foreign = try foreignExamples(for: drop)
        let decoded = context.monotonicSeconds()
        let trained = try train(drop, plan, foreign: foreign)
        try checkCancellation()
        let analysed = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .render, elapsedSeconds: analysed - began, detail: "writing the result"))
        let rendering = ResultRendering(
            settings: settings, context: context, drop: drop, trained: trained, decodeSeconds: decoded - began, began: began
        )
        return try failing(in: .render) { try rendering.write(into: outputFolder) }
    }

    /// Runs `body`; whatever it throws becomes a failure of `stage`, unless it is one already or a cancellation.
    func failing<Result>(in stage: StageFailure.Stage, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StageFailure {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch TrainingError.numerics(let error) {
            throw StageFailure(numerics: error, stage: stage, dropName: context.dropName)
        } catch let error as TrainingError {
            throw StageFailure(stage: stage, dropName: context.dropName, code: "training", message: "\(error)")
        } catch let error as NumericsError {
            throw StageFailure(numerics: error, stage: stage, dropName: context.dropName)
        } catch {
            let system = error as NSError
            throw StageFailure(
                stage: stage, dropName: context.dropName, code: "failed", message: "\(error)",
                isRetryable: system.domain == NSPOSIXErrorDomain || system.domain == NSCocoaErrorDomain)
        }
    }

    func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }
}

extension Duration {
    /// The whole length in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Double {
    /// Without a needless ".0": 30 and 0.5, not 30.0.
    var formatted: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}
