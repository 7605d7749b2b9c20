public import EngramNumerics

/// The output layer that fits exactly and contracts most, in closed form, float64.
///
/// Among all [A b] with A h_i + b = y_i it is the one that minimises Σ c_i ‖A M_i‖_F² + λ‖A‖_F², with h_i the last hidden layer at
/// example i and M_i = D_i W_{L-1} … D_1 W_1 its Jacobian there, so that A M_i is the Jacobian of the whole map. The rows of A are
/// independent of each other in this problem: the solution is linear in Y and the same in whatever coordinates outputs are written.
/// The coordinates of the *inputs* matter, since they say which perturbations count as equally large.
public enum ContractiveOutputLayer {
    /// Σ c_i M_i M_iᵀ over the rows of `samples`, shape `[w, w]` with w the width of the last hidden layer.
    ///
    /// M_i is kept as a `[w, inputDimension]` factor from the input side, where there is more than one hidden layer; nothing of a frame's
    /// size squared is formed.
    /// - Parameters:
    ///   - network: In the coordinates whose perturbations count; its output layer is not looked at.
    ///   - samples: In the same coordinates, shape `[n, inputDimension]`.
    ///   - exampleWeights: c, shape `[n]`, none negative.
    ///   - onSample: Told of each sample after it is added, with one hidden layer of all before; may throw to cancel.
    /// - Complexity: O(n·inputDimension·Σ w_l·w_{l+1}); with one hidden layer O((n + inputDimension)·w²).
    public static func sensitivity(
        of network: FullyConnectedNetwork<Double>, at samples: Matrix<Double>, exampleWeights: [Double],
        onSample: (Int) throws -> Void
    ) rethrows -> Matrix<Double> {
        precondition(
            network.depth >= 1 && samples.columnCount == network.inputDimension && exampleWeights.count == samples.rowCount,
            "\(exampleWeights.count) weights and \(samples.rowCount) samples of \(samples.columnCount) do not fit the network.")
        precondition(exampleWeights.allSatisfy { $0 >= 0 }, "The weights of examples cannot be negative.")
        let derivatives = slopes(of: network, at: samples)
        let width = network.layers[network.depth].inputCount
        guard network.depth > 1 else {
            // Σ c_i D_i W Wᵀ D_i is W Wᵀ with each entry multiplied by that of Σ c_i s_i s_iᵀ, s_i the diagonal of D_i.
            let weights = network.layers[0].weights
            var weighted = derivatives[0]
            weighted.scaleRows(by: exampleWeights)
            for row in 0..<samples.rowCount { try onSample(row) }
            var result = weights.multiplied(by: weights, transposingOther: true)
            var sums = [Double](repeating: 0, count: width)
            result.multiplyEntries(by: derivatives[0].multiplied(by: weighted, transposingSelf: true), columnSums: &sums)
            return result
        }
        var result = Matrix<Double>(rowCount: width, columnCount: width)
        for row in 0..<samples.rowCount where exampleWeights[row] > 0 {
            var factor = network.layers[0].weights
            factor.scaleRows(by: derivatives[0].row(row))
            for index in 1..<network.depth {
                factor = network.layers[index].weights * factor
                factor.scaleRows(by: derivatives[index].row(row))
            }
            result.setToProduct(factor, factor, transposingSecond: true, scaledBy: exampleWeights[row], adding: 1)
            try onSample(row)
        }
        return result
    }

    /// The contractive layer for given features and targets.
    ///
    /// Solved in the null space of H₁ = [H 1]: a particular fit, then the best of what may be added to it without changing the fit.
    /// Unlike the dual formula this never inverts G = Σ c_i M_i M_iᵀ + λI, which is singular when the bias is free and loses digits
    /// otherwise. With n > w there is nothing to choose and the least-squares fit is returned.
    /// - Parameters:
    ///   - features: H, shape `[n, w]`.
    ///   - targets: Y, shape `[n, d]`.
    ///   - sensitivity: Σ c_i M_i M_iᵀ, shape `[w, w]`.
    ///   - ridge: λ > 0; it decides among layers that contract equally.
    ///   - penalizesBias: Whether λ‖b‖² is added to what is minimised.
    /// - Returns: The layer and the numerical rank of H₁; a rank below n says that the fit is not exact.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; `.notPositiveDefinite` if λ is too small for the rounding of `sensitivity`.
    /// - Complexity: O((w + 1)³ + n·w·d).
    public static func solve(
        features: Matrix<Double>, targets: Matrix<Double>, sensitivity: Matrix<Double>, ridge: Double, penalizesBias: Bool = false
    ) throws(NumericsError) -> (layer: DenseLayer<Double>, rank: Int) {
        let (count, width) = (features.rowCount, features.columnCount)
        precondition(
            targets.rowCount == count && sensitivity.rowCount == width && sensitivity.columnCount == width && ridge > 0,
            "\(count)×\(width) features, \(targets.rowCount) targets and a sensitivity of \(sensitivity.rowCount) do not fit, or λ ≤ 0.")
        // Nothing is free to choose, and an n×n right side may not fit in memory.
        guard count < width + 1 else {
            return try ExactOutputLayer.solve(
                DenseLayer(inputCount: width, outputCount: targets.columnCount), features: features, targets: targets)
        }
        let augmented = features.appendingColumn(repeating: 1)
        var (solution, rank) = try augmented.minimumNormSolution(.identity(count))
        let free = try nullSpace(of: augmented)
        var cost = Matrix<Double>(rowCount: width + 1, columnCount: width + 1)
        for i in 0..<width {
            cost.setRow(i, to: sensitivity.row(i) + [0])
            cost[i, i] += ridge
        }
        if penalizesBias { cost[width, width] = ridge }
        let costOfFree = cost * free
        let curvature = free.multiplied(by: costOfFree, transposingSelf: true)
        let slope = costOfFree.multiplied(by: solution, transposingSelf: true)
        solution = solution - free * (try curvature.choleskySolve(slope))
        var layer = DenseLayer<Double>(inputCount: width, outputCount: targets.columnCount)
        // The second pass removes what rounding left of the residual in the first; it stays within the optimal layers.
        for _ in 0..<2 {
            let residual = targets - layer.applied(to: features)
            let change = residual.multiplied(by: solution, transposingSelf: true, transposingOther: true)
            layer.weights = layer.weights + change.leadingColumns(width)
            for output in 0..<layer.outputCount { layer.biases[output] += change[output, width] }
        }
        return (layer, rank)
    }

    /// The weights for another solve, c_i · (radius_i / median)²: examples whose Jacobian is large count for more.
    ///
    /// - Parameters:
    ///   - exampleWeights: c of the solve before, shape `[n]`.
    ///   - spectralRadii: |λ|max at each example after it, shape `[n]`, finite.
    /// - Returns: Shape `[n]`, scaled to mean 1; unchanged where the median is 0.
    public static func reweighted(_ exampleWeights: [Double], spectralRadii: [Double]) -> [Double] {
        precondition(
            exampleWeights.count == spectralRadii.count,
            "\(exampleWeights.count) weights and \(spectralRadii.count) radii are not of the same examples.")
        let sorted = spectralRadii.sorted()
        guard !sorted.isEmpty, case let median = sorted[sorted.count / 2], median > 0 else { return exampleWeights }
        let changed = zip(exampleWeights, spectralRadii).map { $0 * ($1 / median) * ($1 / median) }
        let mean = changed.reduce(0, +) / Double(changed.count)
        return mean > 0 && mean.isFinite ? changed.map { $0 / mean } : exampleWeights
    }

    /// An orthonormal basis of directions that `matrix`, shape `[n, m]` with n < m, maps to zero; shape `[m, m - n]`.
    private static func nullSpace(of matrix: Matrix<Double>) throws(NumericsError) -> Matrix<Double> {
        let (count, width) = (matrix.rowCount, matrix.columnCount)
        // The QR factorization of [Mᵀ 0] has a full square Q; its first n columns hold the rows of M.
        var padded = Matrix<Double>(rowCount: width, columnCount: width)
        padded.copyElements(from: matrix)
        let complete = try padded.transposed().orthonormalizedColumns().transposed()
        return complete.rows(at: count..<width).transposed()
    }

    /// φ' of every hidden layer at each row of `samples`.
    private static func slopes(of network: FullyConnectedNetwork<Double>, at samples: Matrix<Double>) -> [Matrix<Double>] {
        var features = samples
        return network.layers.dropLast().map { layer in
            var values = features.multiplied(by: layer.weights, transposingOther: true)
            var derivatives = Matrix<Double>(rowCount: values.rowCount, columnCount: values.columnCount)
            values.activate(network.activation, addingBias: layer.biases, derivatives: &derivatives)
            features = values
            return derivatives
        }
    }
}
