internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem

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
            // What no library promised: an error of the system in its own words, or one of the program.
            throw Failure(system: error, stage: stage)
                ?? Failure(stage: stage, code: "failed", message: "\(error)", remedy: "please report it with the drop, if it may be shown")
        }
    }
}
