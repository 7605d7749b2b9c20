internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

/// What tells the label of encoded examples. A further kind is one type here, one line of `LabelModels.all`, and its place in `ModelSearch`.
protocol LabelModel: Sendable {
    /// The names under which settings, reports and files know it.
    static var kinds: [DropSettings.Predict.Model] { get }

    /// Scores of classes, or numbers in units of the targets that were learned; shape `[m, c]`.
    func outputs(at rows: Matrix<Double>, onStep: (Int) throws -> Void) throws -> Matrix<Double>

    /// Rows in coordinates in which Euclidean distances are those of the model.
    func geometry(of rows: Matrix<Double>) throws -> Matrix<Double>

    /// What a file of it holds besides the examples.
    var tensors: [Safetensors.Tensor] { get }

    /// Puts what a file says of it in words into the description.
    func describe(in description: inout StoredPredictor.Description)

    /// The model of a file.
    /// - Throws: `Failure` for a damaged one; what its parts throw.
    init(from file: StoredModelFile) throws
}

/// Every kind of model of labels.
enum LabelModels {
    /// One line each.
    static let all: [any LabelModel.Type] = [KernelModel.self, DeepModel.self, NetworkModel.self]

    /// The kind of that name.
    static func type(of kind: DropSettings.Predict.Model) -> (any LabelModel.Type)? { all.first { $0.kinds.contains(kind) } }
}

/// A file of a model, for the kind of model that is in it.
struct StoredModelFile {
    /// All tensors.
    let tensors: Safetensors
    /// What its header says.
    let description: StoredPredictor.Description
    /// The path, for messages.
    let name: String

    /// Scores that the model gives: one for each class, or one number.
    var outputCount: Int { max(description.classes.count, 1) }

    /// The failure of a file that holds something else.
    func fault(_ found: String) -> Failure { StoredPredictor.damage(found, file: name) }

    /// A float64 matrix.
    func matrix(_ name: String) throws(SafetensorsError) -> Matrix<Double> {
        let (values, shape) = try tensors.float64(name, rank: 2)
        return Matrix(rowCount: shape[0], columnCount: shape[1], elements: values)
    }

    /// Points, one a row, finite, one at least.
    func points(width: Int) throws -> Matrix<Double> {
        let points = try matrix("points")
        guard points.rowCount > 0 else { throw fault("no examples") }
        guard points.firstNonFiniteEntry == nil else { throw fault("examples that are not finite") }
        guard points.columnCount == width else { throw fault("points of \(points.columnCount) values, expected \(width)") }
        return points
    }
}
