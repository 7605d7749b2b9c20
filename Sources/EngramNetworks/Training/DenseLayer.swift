public import EngramNumerics

/// One affine map, z = W·h + b.
public struct DenseLayer<Scalar: NumericScalar>: Sendable, Equatable {
    /// W, shape `[outputCount, inputCount]`.
    public var weights: Matrix<Scalar>
    /// b, shape `[outputCount]`.
    public var biases: [Scalar]

    /// A layer from its parameters; `biases` has one entry for each row of `weights`.
    public init(weights: Matrix<Scalar>, biases: [Scalar]) {
        precondition(
            weights.rowCount == biases.count, "A layer with \(weights.rowCount) outputs cannot have \(biases.count) biases.")
        self.weights = weights
        self.biases = biases
    }

    /// A layer whose parameters are all zero.
    public init(inputCount: Int, outputCount: Int) {
        self.init(
            weights: Matrix(rowCount: outputCount, columnCount: inputCount), biases: Array(repeating: 0, count: outputCount))
    }

    /// Length of h.
    public var inputCount: Int { weights.columnCount }
    /// Length of z.
    public var outputCount: Int { weights.rowCount }

    /// The same parameters in another precision, rounded to nearest.
    public func converted<Other: NumericScalar>(to type: Other.Type) -> DenseLayer<Other> {
        DenseLayer<Other>(weights: weights.converted(to: type), biases: biases.map { Other($0) })
    }
}
