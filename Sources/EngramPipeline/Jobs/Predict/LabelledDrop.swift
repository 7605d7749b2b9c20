internal import EngramNumerics

/// What is to be predicted for each example.
enum PredictionTarget: Equatable, Sendable {
    /// One of these classes, by its place; nil where it is to be predicted.
    case classes([Int?], names: [String])
    /// A number; nil where it is to be predicted.
    case numbers([Double?])

    /// Whether it is a class.
    var isClassification: Bool {
        if case .classes = self { return true }
        return false
    }

    /// The examples whose target is known.
    var known: [Int] {
        switch self {
        case .classes(let labels, _): labels.indices.filter { labels[$0] != nil }
        case .numbers(let values): values.indices.filter { values[$0] != nil }
        }
    }
}

/// Examples before they are numbers of one scale.
enum RawExamples: Sendable {
    /// Used columns of a table, the one with the label left out.
    case table([RawColumn])
    /// Pictures or items, shape `[n, d]`, in the values that the format gives.
    case pictures(Matrix<Double>, shape: PictureShape?)

    var count: Int {
        switch self {
        case .table(let columns): columns.first?.count ?? 0
        case .pictures(let matrix, _): matrix.rowCount
        }
    }
}

/// Rows, columns and channels of pictures.
struct PictureShape: Codable, Equatable, Sendable {
    var height: Int
    var width: Int
    var channels: Int
}

/// A drop with labels, decoded.
struct LabelledDrop: Sendable {
    /// All examples, those to be predicted among them.
    var examples: RawExamples
    /// One entry for each.
    var target: PredictionTarget
    /// What the label is called, such as the name of its column.
    var targetName: String
    /// How each example is called.
    var names: [String]
    /// What users must be told.
    var notes: [String]
    /// The classes of examples that are to be predicted all the same, to see how many are right: by example, a place among the names.
    var heldBack: [Int: Int] = [:]
    /// The fold in which each example is measured, from 0, where the drop says so: one entry for each of the first examples.
    var folds: [Int]?
}
