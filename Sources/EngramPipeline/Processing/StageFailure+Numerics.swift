internal import EngramNumerics

extension StageFailure {
    /// A computation's verdict in the words of a stage, with the setting that helps where there is one.
    init(numerics error: NumericsError, stage: Stage, dropName: String) {
        self.init(stage: stage, dropName: dropName, code: "numerics", message: "\(error)")
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
}
