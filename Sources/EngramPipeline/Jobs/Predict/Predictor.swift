internal import EngramNumerics

/// A model that is ready to be asked: encoded rows in, scores of classes or a number out.
struct Predictor: Sendable {
    let model: any LabelModel
    /// Added to outputs: the mean of the targets of a regression.
    let offset: Double
    /// Times outputs.
    let scale: Double

    /// Scores, shape `[m, c]`: of each class, or the number itself.
    func outputs(at rows: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> Matrix<Double> {
        try model.outputs(at: rows, onStep: onStep).map { offset + scale * $0 }
    }

    /// Rows in coordinates in which Euclidean distances are those of the model.
    func geometry(of rows: Matrix<Double>) throws -> Matrix<Double> { try model.geometry(of: rows) }
}
