public import EngramNumerics

/// How near a trained network is to the deep neural feature ansatz: what a layer's weights have learned, (W - W₀)ᵀ(W - W₀), is in proportion
/// to the average gradient outer product of the rest of the network with respect to that layer's input.
///
/// With f_l the part of the network from layer l on and h_l(x) what goes into it, the average is (1/n) Σ_i Σ_c ∇f_lc(h_l(x_i)) ∇f_lc(h_l(x_i))ᵀ
/// over n examples and all outputs c. Source: [R23] section 5.2 and Fig. 5-2; hidden layers only, as there.
public struct NeuralFeatureAnsatz: Sendable, Equatable {
    /// One hidden layer.
    public struct Layer: Sendable, Equatable {
        /// Length of its input.
        public let inputCount: Int
        /// Its units.
        public let outputCount: Int
        /// Pearson's correlation of the entries of (W - W₀)ᵀ(W - W₀) with those of the average; nil where one of them has no spread.
        public let correlation: Double?
        /// The same with W₀ᵀW₀ in place of the average: what the initial weights alone explain.
        public let initialCorrelation: Double?
    }

    /// From the input on.
    public let layers: [Layer]
    /// The average gradient outer product with respect to the input of the network, shape `[d, d]`.
    public let inputProduct: Matrix<Double>

    /// Examples whose values in every layer are held at once.
    private static let blockCount = 512

    /// Compares a network with what it was before training.
    ///
    /// - Parameters:
    ///   - network: After training; one hidden layer or more.
    ///   - initial: Before training, of the same shape.
    ///   - examples: x, shape `[n, d]`, n ≥ 1.
    ///   - onStep: Called with the number of examples that are done. What it throws ends the computation.
    /// - Complexity: n·c passes backwards with 4·width² operations a layer.
    public init<Scalar: NumericScalar>(
        of network: FullyConnectedNetwork<Scalar>, from initial: FullyConnectedNetwork<Scalar>, at examples: Matrix<Double>,
        onStep: (Int) throws -> Void = { _ in }
    ) rethrows {
        let trained = network.converted(to: Double.self)
        let before = initial.converted(to: Double.self)
        precondition(
            trained.depth > 0 && trained.layers.map(\.inputCount) == before.layers.map(\.inputCount),
            "A network is compared with its own beginning, and has a hidden layer.")
        precondition(examples.rowCount > 0, "An average needs an example.")
        var products = trained.layers.dropLast().map { Matrix<Double>(rowCount: $0.inputCount, columnCount: $0.inputCount) }
        for start in stride(from: 0, to: examples.rowCount, by: Self.blockCount) {
            try onStep(start)
            let block = examples.rows(at: start..<min(start + Self.blockCount, examples.rowCount))
            Self.add(block, through: trained, to: &products)
        }
        for index in products.indices { products[index].scale(by: 1 / Double(examples.rowCount)) }
        inputProduct = products[0]
        layers = products.indices.map { index in
            let (layer, first) = (trained.layers[index], before.layers[index])
            let change = layer.weights - first.weights
            let learned = change.multiplied(by: change, transposingSelf: true).elements
            let start = first.weights.multiplied(by: first.weights, transposingSelf: true).elements
            return Layer(
                inputCount: layer.inputCount, outputCount: layer.outputCount,
                correlation: Self.correlation(learned, products[index].elements), initialCorrelation: Self.correlation(learned, start))
        }
    }

    /// Adds Σ_i Σ_c ∇∇ᵀ of these examples for each hidden layer.
    private static func add(
        _ block: Matrix<Double>, through network: FullyConnectedNetwork<Double>, to products: inout [Matrix<Double>]
    ) {
        let depth = network.depth
        var value = block
        var derivatives: [Matrix<Double>] = []
        for layer in network.layers.dropLast() {
            value = value.multiplied(by: layer.weights, transposingOther: true)
            var derivative = value
            value.activate(network.activation, addingBias: layer.biases, derivatives: &derivative)
            derivatives.append(derivative)
        }
        for output in 0..<network.outputDimension {
            let row = network.layers[depth].weights.row(output)
            var delta = Matrix<Double>(rowCount: block.rowCount, columnCount: row.count) { _, target in
                for k in row.indices { target[k] = row[k] }
            }
            for index in stride(from: depth - 1, through: 0, by: -1) {
                var sums = Array(repeating: 0.0, count: delta.columnCount)
                delta.multiplyEntries(by: derivatives[index], columnSums: &sums)
                delta = delta * network.layers[index].weights
                products[index].setToProduct(delta, delta, transposingFirst: true, scaledBy: 1, adding: 1)
            }
        }
    }

    /// Pearson's correlation; nil where one list has no spread.
    static func correlation(_ first: [Double], _ second: [Double]) -> Double? {
        let count = Double(first.count)
        let (a, b) = (first.reduce(0, +) / count, second.reduce(0, +) / count)
        var (covariance, firstSquares, secondSquares) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            covariance += (x - a) * (y - b)
            firstSquares += (x - a) * (x - a)
            secondSquares += (y - b) * (y - b)
        }
        // Roots apart: the product of two small sums of squares may be 0 where they are not.
        let spread = firstSquares.squareRoot() * secondSquares.squareRoot()
        guard spread > 0, spread.isFinite else { return nil }
        return covariance / spread
    }
}
