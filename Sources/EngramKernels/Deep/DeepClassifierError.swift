/// What can be wrong with data or an activation for an infinitely deep classifier.
public enum DeepClassifierError: Error, Equatable, Sendable, CustomStringConvertible {
    /// E φ² is 0 or not finite.
    case badActivation(name: String, norm: Double)
    /// No activation of [R23] Corollaries 1 and 2 has this order.
    case noConsistentActivation(dimension: Double)
    /// There are no examples.
    case noExamples
    /// The number of labels is not that of examples.
    case labelCount(examples: Int, labels: Int)
    /// A label is outside the classes.
    case badLabel(row: Int, label: Int, classCount: Int)
    /// A point has another number of columns than the examples.
    case columnCount(expected: Int, found: Int)
    /// An entry is not finite.
    case nonFinite(row: Int, column: Int)
    /// A point is not on the unit sphere's part without negative entries.
    case notOnOrthant(row: Int)
    /// The depth is not positive.
    case badDepth(Int)

    /// Where, what was expected and found, and what to do.
    public var description: String {
        switch self {
        case .badActivation(let name, let norm):
            "The activation \"\(name)\" has E φ² = \(norm) for a normal input; a deep network needs a finite mean above 0. Use another one."
        case .noConsistentActivation(let dimension):
            "No infinitely deep network of the known families is consistent for data of dimension \(dimension); give 1 or more, up to 80."
        case .noExamples:
            "A classifier needs at least one labelled example, found none."
        case .labelCount(let examples, let labels):
            "\(examples) examples came with \(labels) labels; give one label for each example."
        case .badLabel(let row, let label, let classCount):
            "The label of example \(row + 1) is class \(label), but classes go from 0 to \(classCount - 1)."
        case .columnCount(let expected, let found):
            "The examples have \(expected) columns, the points \(found); give points with the columns of the examples."
        case .nonFinite(let row, let column):
            "Row \(row + 1), column \(column + 1) is not a finite number; leave the row out or mark the value as missing."
        case .notOnOrthant(let row):
            "Row \(row + 1) is not of length 1 without negative entries; put the data on the sphere with `SphereScaling` first."
        case .badDepth(let depth):
            "A network has 1 or more hidden layers, found \(depth)."
        }
    }
}
