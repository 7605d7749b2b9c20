internal import EngramNetworks
public import EngramNumerics
public import EngramSystem

extension Failure {
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
            throw Failure(numerics: error, stage: stage)
        } catch let error as TrainingError {
            throw Failure(stage: stage, code: "training", message: "\(error)")
        } catch let error as NumericsError {
            throw Failure(numerics: error, stage: stage)
        }
    }
}
