internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem
internal import Foundation

extension DropProcessor.Context {
    /// Runs `body`; whatever it throws becomes a failure of `stage`, unless it is one already or a cancellation.
    func failing<Result>(in stage: Failure.Stage, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as Failure {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch let error as MediaError {
            throw error.failure
        } catch let error as NumericsError where stage != .recall {
            // What a learner would change is of no use to somebody who asks.
            var failure = Failure(numerics: error, stage: stage == .train ? .train : .analyse)
            failure.stage = stage
            throw failure
        } catch {
            let system = error as NSError
            throw Failure(
                stage: stage, code: "failed", message: "\(error)",
                isRetryable: system.domain == NSPOSIXErrorDomain || system.domain == NSCocoaErrorDomain)
        }
    }
}
