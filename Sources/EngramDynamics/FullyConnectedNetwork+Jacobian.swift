public import EngramNetworks
public import EngramNumerics

extension FullyConnectedNetwork {
    /// φ' of every hidden layer at each row of `batch`: one matrix of shape `[n, width]` for each hidden layer.
    public func hiddenDerivatives(of batch: Matrix<Scalar>) -> [Matrix<Scalar>] {
        precondition(
            batch.columnCount == inputDimension, "The network takes \(inputDimension) values a sample, got \(batch.columnCount).")
        var features = batch
        return layers.dropLast().map { layer in
            var values = features.multiplied(by: layer.weights, transposingOther: true)
            var derivatives = Matrix<Scalar>(rowCount: values.rowCount, columnCount: values.columnCount)
            values.activate(activation, addingBias: layer.biases, derivatives: &derivatives)
            features = values
            return derivatives
        }
    }

    /// J·T for the Jacobian J[i, j] = ∂f_i/∂x_j = W_L D_{L-1} W_{L-1} … D_1 W_1 at one point, D_l the diagonal of φ' in layer l.
    ///
    /// - Parameters:
    ///   - tangents: T, shape `[inputDimension, k]`.
    ///   - derivatives: Of every hidden layer at the point, as `hiddenDerivatives(of:)` gives them.
    ///   - row: Which row of the derivatives is the point.
    /// - Returns: Shape `[outputDimension, k]`.
    public func pushForward(_ tangents: Matrix<Scalar>, derivatives: [Matrix<Scalar>], row: Int) -> Matrix<Scalar> {
        var result = tangents
        for (index, layer) in layers.enumerated() {
            result = layer.weights * result
            if index < derivatives.count { result.scaleRows(by: derivatives[index].row(row)) }
        }
        return result
    }

    /// The Jacobian at `x`, J[i, j] = ∂f_i(x)/∂x_j.
    ///
    /// For small networks and tests; of a network with many inputs take the spectrum of its `ImageRestriction`.
    /// - Parameter x: Shape `[inputDimension]`.
    /// - Returns: Shape `[outputDimension, inputDimension]`.
    public func jacobian(at x: [Scalar]) -> Matrix<Scalar> {
        let derivatives = hiddenDerivatives(of: Matrix(rowCount: 1, columnCount: x.count, elements: x))
        return jacobian(derivatives: derivatives, row: 0)
    }

    /// The Jacobian at one row of a batch whose hidden derivatives are known; shape `[outputDimension, inputDimension]`.
    func jacobian(derivatives: [Matrix<Scalar>], row: Int) -> Matrix<Scalar> {
        // From the input side the first factor needs no product: D_1 W_1 is a scaling of rows.
        var result = layers[0].weights
        for (index, derivative) in derivatives.enumerated() {
            result.scaleRows(by: derivative.row(row))
            result = layers[index + 1].weights * result
        }
        return result
    }
}
