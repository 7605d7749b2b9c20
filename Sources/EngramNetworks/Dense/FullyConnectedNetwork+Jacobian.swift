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
        let active = ActiveUnits(derivatives: derivatives, row: row)
        var result = tangents
        for (index, layer) in layers.enumerated() {
            result = active.weights(of: layer, at: index) * result
            if index < derivatives.count { result.scaleRows(by: active.slopes[index]) }
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
        let active = ActiveUnits(derivatives: derivatives, row: row)
        var result = active.weights(of: layers[0], at: 0)
        for index in derivatives.indices {
            result.scaleRows(by: active.slopes[index])
            result = active.weights(of: layers[index + 1], at: index + 1) * result
        }
        return result
    }
}

extension FullyConnectedNetwork {
    /// J(x_i)·t_i for each row t_i of `tangents`, shape `[n, inputDimension]` to `[n, outputDimension]`.
    ///
    /// - Parameters:
    ///   - tangents: t_i as rows, shape `[n, inputDimension]`.
    ///   - derivatives: `hiddenDerivatives(of:)` of the n points x_i.
    public func pushForward(rows tangents: Matrix<Scalar>, derivatives: [Matrix<Scalar>]) -> Matrix<Scalar> {
        var result = tangents
        for (index, layer) in layers.enumerated() {
            result = result.multiplied(by: layer.weights, transposingOther: true)
            if index < derivatives.count { result.multiplyEntries(by: derivatives[index]) }
        }
        return result
    }

    /// J(x_i)ᵀ·t_i for each row t_i of `cotangents`, shape `[n, outputDimension]` to `[n, inputDimension]`.
    public func pullBack(rows cotangents: Matrix<Scalar>, derivatives: [Matrix<Scalar>]) -> Matrix<Scalar> {
        var result = cotangents
        for (index, layer) in layers.enumerated().reversed() {
            if index < derivatives.count { result.multiplyEntries(by: derivatives[index]) }
            result = result * layer.weights
        }
        return result
    }
}

extension Matrix {
    /// Multiplies every entry by the one of `other` at its place.
    fileprivate mutating func multiplyEntries(by other: Matrix) {
        var sums = [Scalar](repeating: 0, count: columnCount)
        multiplyEntries(by: other, columnSums: &sums)
    }
}

/// The hidden units that pass anything on at one point.
///
/// Where φ' is zero, as for about half of the units of a ReLU network, a unit adds nothing to the Jacobian. Products over the others
/// alone give the same numbers, at a quarter of the cost between two half-active layers.
private struct ActiveUnits<Scalar: NumericScalar> {
    /// φ' of the units that are kept, for each hidden layer.
    let slopes: [[Scalar]]
    /// The units that are kept, for each hidden layer; nil for all of them.
    private let units: [[Int]?]

    /// Gathering weights takes a few per cent of a product, so that a layer with few silent units is taken whole.
    private static var largestShare: Double { 0.8 }

    init(derivatives: [Matrix<Scalar>], row: Int) {
        var slopes: [[Scalar]] = []
        var units: [[Int]?] = []
        for derivative in derivatives {
            let all = derivative.row(row)
            let kept = all.indices.filter { all[$0] != 0 }
            let isWhole = Double(kept.count) > Self.largestShare * Double(all.count)
            slopes.append(isWhole ? all : kept.map { all[$0] })
            units.append(isWhole ? nil : kept)
        }
        self.slopes = slopes
        self.units = units
    }

    /// The weights of layer `index` between units that are kept.
    func weights(of layer: DenseLayer<Scalar>, at index: Int) -> Matrix<Scalar> {
        let inputs = index > 0 ? units[index - 1] : nil
        let outputs = index < units.count ? units[index] : nil
        switch (outputs, inputs) {
        case (nil, nil): return layer.weights
        case (.some(let rows), nil): return layer.weights.rows(at: rows)
        default:
            return layer.weights.submatrix(
                rows: outputs ?? Array(0..<layer.outputCount), columns: inputs ?? Array(0..<layer.inputCount))
        }
    }
}
