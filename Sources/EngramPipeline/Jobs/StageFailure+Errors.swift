internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem

extension DropProcessor.Context {
    /// Runs `body`; whatever it throws becomes a failure of `stage`, unless it is one already or a cancellation.
    func failing<Result>(in stage: StageFailure.Stage, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StageFailure {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch let error as LearningFailure {
            throw StageFailure(error, dropName: dropName)
        } catch let fault as MemoryFault {
            throw StageFailure(fault, dropName: dropName)
        } catch let error as NumericsError where stage != .recall {
            // What a learner would change is of no use to somebody who asks.
            throw StageFailure(
                LearningFailure(numerics: error, stage: stage == .train ? .train : .analyse), dropName: dropName, stage: stage)
        } catch {
            throw StageFailure(any: error, stage: stage, dropName: dropName)
        }
    }
}

extension StageFailure.Stage {
    /// A learner's stage among those of a drop.
    init(_ stage: LearningFailure.Stage) {
        self = stage == .train ? .train : .analyse
    }
}

extension StageFailure {
    /// What no library promised: an error of the system in its own words, or one of the program.
    init(any error: any Error, stage: Stage, dropName: String) {
        guard let fault = SystemFault(error) else {
            self.init(
                stage: stage, dropName: dropName, code: "failed", message: "\(error)",
                remedy: "please report it with the drop, if it may be shown")
            return
        }
        self.init(
            stage: stage, dropName: dropName, code: "failed", message: fault.sentence, found: fault.reason, remedy: fault.remedy,
            isRetryable: true)
    }

    /// A learner's verdict on a drop.
    /// - Parameter stage: nil for the failure's own.
    fileprivate init(_ failure: LearningFailure, dropName: String, stage: Stage? = nil) {
        self.init(
            stage: stage ?? Stage(failure.stage), dropName: dropName, code: failure.code, message: failure.message,
            expected: failure.expected, found: failure.found, remedy: failure.remedy, isRetryable: failure.isRetryable)
    }

    /// What is wrong with a memory, in the words of a stage.
    fileprivate init(_ fault: MemoryFault, dropName: String) {
        self.init(
            stage: .recall, dropName: dropName, file: fault.place, code: "memory", message: fault.description, expected: fault.expected,
            found: fault.found, remedy: fault.remedy)
    }

    /// A decoder's verdict in the words of a stage.
    init(media error: MediaError, dropName: String) {
        self.init(
            stage: .decode, dropName: dropName, code: error.code, message: error.description, isRetryable: error.isRetryable)
        guard case .malformed(let fault) = error else { return }
        file = fault.file
        expected = fault.expected
        found = fault.found
        remedy = fault.remedy
    }
}

extension MediaError {
    /// One word for programs.
    var code: String {
        switch self {
        case .system: "system"
        case .notAFile: "not-a-file"
        case .malformed: "malformed"
        case .unsupported: "unsupported"
        case .overLimit: "over-limit"
        case .nameContradictsContent: "name-contradicts-content"
        case .mismatch: "mismatch"
        case .mixedDrop: "mixed-drop"
        case .empty: "empty"
        case .invalidOption: "invalid-option"
        case .nonFiniteValue: "non-finite-value"
        case .unfitCue: "unfit-cue"
        case .notWritten: "not-written"
        }
    }
}
