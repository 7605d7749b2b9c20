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
            throw Failure(any: error, stage: stage)
        }
    }
}

extension Failure {
    /// What no library promised: an error of the system in its own words, or one of the program.
    fileprivate init(any error: any Error, stage: Stage) {
        let system = error as NSError
        guard system.domain == NSPOSIXErrorDomain || system.domain == NSCocoaErrorDomain else {
            self.init(stage: stage, code: "failed", message: "\(error)", remedy: "please report it with the drop, if it may be shown")
            return
        }
        let cause = system.userInfo[NSUnderlyingErrorKey] as? NSError ?? system
        let reason = cause.domain == NSPOSIXErrorDomain ? SystemMessage.text(of: Int32(cause.code)) : system.localizedDescription
        // The folder is gone when somebody reads of it; the file's name says enough.
        let name = (system.userInfo[NSFilePathErrorKey] as? String)?.split(separator: "/").last.map { "'\($0)'" } ?? "a file"
        self.init(
            stage: stage, code: "failed", message: "reading or writing \(name) failed: \(reason).", found: reason,
            remedy: "see that the disk has room and that engram may read and write there", isRetryable: true)
    }
}
