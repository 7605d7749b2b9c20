public import EngramNumerics
internal import EngramNetworks

/// Why a set could not be memorized: what was expected, what was found, and what to do.
public struct LearningFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The two parts of learning.
    public enum Stage: String, Sendable {
        case train, analyse
    }

    /// Where it failed.
    public var stage: Stage
    /// A word for programs, such as `memory`.
    public var code: String
    /// One sentence for people.
    public var message: String
    /// What should have been there.
    public var expected: String?
    /// What was there.
    public var found: String?
    /// What to do.
    public var remedy: String?
    /// The examples that are to blame, where some are.
    public var examples: [Int] = []
    /// Whether the same set may pass later, as when memory is free again.
    public var isRetryable: Bool

    /// A failure from its parts.
    public init(
        stage: Stage = .train, code: String, message: String, expected: String? = nil, found: String? = nil, remedy: String? = nil,
        isRetryable: Bool = false
    ) {
        self.stage = stage
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.isRetryable = isRetryable
    }

    /// The message.
    public var description: String { message }

    /// A computation's verdict, with the setting that helps where there is one.
    public init(numerics error: NumericsError, stage: Stage) {
        self.init(stage: stage, code: "numerics", message: "\(error)")
        switch error {
        case .notPositiveDefinite:
            expected = "examples that do not depend on each other"
            found = "an example that is a combination of others, to within rounding"
            remedy = "set closed_form.ridge above 0, or to auto; or take out repeated and blended examples"
        case .nonFinite(_, let row, let column):
            expected = "weights and values that are finite numbers"
            found = "NaN or infinity at row \(row), column \(column)"
            remedy = "lower training.learning_rate"
        case .notConverged:
            break
        }
    }

    /// Runs `body`; a computation that fails becomes a failure of `stage`. Cancellations and all other errors pass as they are.
    static func of<Result>(_ stage: Stage, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch TrainingError.numerics(let error) {
            throw LearningFailure(numerics: error, stage: stage)
        } catch let error as TrainingError {
            throw LearningFailure(stage: stage, code: "training", message: "\(error)")
        } catch let error as NumericsError {
            throw LearningFailure(numerics: error, stage: stage)
        }
    }
}
