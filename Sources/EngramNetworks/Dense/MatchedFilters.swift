public import EngramDynamics
public import EngramNumerics

/// One linear score for each item, 1 at the item itself: s(x) = P x + q.
public struct MatchedFilters: Sendable, Equatable {
    /// P, shape `[n, d]`.
    public let weights: Matrix<Double>
    /// q, shape `[n]`.
    public let offsets: [Double]

    /// Filters from their parts; `offsets` has one entry for each row of `weights`.
    public init(weights: Matrix<Double>, offsets: [Double]) {
        precondition(weights.rowCount == offsets.count, "\(weights.rowCount) filters cannot have \(offsets.count) offsets.")
        self.weights = weights
        self.offsets = offsets
    }

    /// P = (X Xᵀ + λI)⁻¹ X, not centred, so that with λ = 0 each filter answers 1 to its item and 0 to every other.
    ///
    /// - Parameters:
    ///   - items: X, shape `[n, d]`.
    ///   - ridge: λ ≥ 0, in the units of X Xᵀ.
    /// - Throws: `NumericsError.notPositiveDefinite` if items depend on each other and λ is too small to part them; `.nonFinite`.
    /// - Complexity: O(n²·d).
    public static func inverse(items: Matrix<Double>, ridge: Double) throws(NumericsError) -> MatchedFilters {
        precondition(ridge >= 0, "A ridge cannot be negative, got \(ridge).")
        var gram = items.multiplied(by: items, transposingOther: true)
        for i in 0..<items.rowCount { gram[i, i] += ridge }
        return MatchedFilters(weights: try gram.choleskySolve(items), offsets: Array(repeating: 0, count: items.rowCount))
    }

    /// Scores ⟨z_i, z(x)⟩ / ‖z_i‖² in span coordinates: centred, and whitened as far as their exponent p says.
    ///
    /// At p = 1 and v = 0 they answer 1 to their item and, of independent ones, -1/(n-1) to every other; below that they answer less to
    /// noise and more to similar items.
    /// - Parameters:
    ///   - items: Shape `[n, d]`, on the span.
    ///   - coordinates: z: of a set whose span holds the items.
    public static func whitened(items: Matrix<Double>, coordinates: SpanCoordinates) -> MatchedFilters {
        var filters = scores(ofCentred: coordinates.coordinates(of: items))
        filters.scaleColumns(by: coordinates.encodingScales)
        let weights = filters.multiplied(by: coordinates.basis, transposingOther: true)
        return MatchedFilters(weights: weights, offsets: (weights * coordinates.mean).map { -$0 })
    }

    /// s of each row of `batch`, shape `[m, d]` to `[m, n]`.
    public func scores(of batch: Matrix<Double>) -> Matrix<Double> {
        var result = batch.multiplied(by: weights, transposingOther: true)
        result.addToRows(offsets)
        return result
    }

    /// The layer W = g((1+α)P - α 1 1ᵀ P), b accordingly with the thresholds: unit i rises where
    /// (1+α) s_i(x) - α Σ_j s_j(x) passes θ_i.
    ///
    /// - Parameters:
    ///   - response: θ and g of each unit.
    ///   - inhibition: α ≥ 0: a state that mixes items switches all units off.
    public func layer(_ response: Response, inhibition: Double) -> DenseLayer<Double> {
        let (count, dimension) = (weights.rowCount, weights.columnCount)
        let total = (Matrix(rowCount: 1, columnCount: count, repeating: 1.0) * weights).elements
        let offsetTotal = offsets.reduce(0, +)
        var scaled = (1 + inhibition) * weights
        precondition(total.count == dimension, "A total over filters has one entry for each dimension.")
        scaled.addToRows(total, scaledBy: -inhibition)
        scaled.scaleRows(by: response.steepnesses)
        return DenseLayer(
            weights: scaled,
            biases: offsets.indices.map { unit in
                response.steepnesses[unit] * ((1 + inhibition) * offsets[unit] - inhibition * offsetTotal - response.thresholds[unit])
            })
    }

    /// Where the units of a layer rise that training starts from, and how steeply; one entry for each unit.
    public struct Response: Sendable, Equatable {
        /// θ, between what a unit answers to its example, 1, and the most it answers to another.
        public var thresholds: [Double]
        /// g > 0.
        public var steepnesses: [Double]

        /// One entry for each unit in both.
        public init(thresholds: [Double], steepnesses: [Double]) {
            precondition(thresholds.count == steepnesses.count, "A unit has one threshold and one steepness.")
            self.thresholds = thresholds
            self.steepnesses = steepnesses
        }
    }

    /// Whether most units have to rise above the usual threshold, since another example comes near to theirs.
    public static func isCrowded(largestOthers: [Double]) -> Bool {
        2 * largestOthers.count { thresholdBeside($0) > leastThreshold } > largestOthers.count
    }

    /// m + 0.4 (1 - m).
    private static func thresholdBeside(_ other: Double) -> Double { other + 0.4 * (1 - other) }

    /// The most that each unit answers to an item that is not its own; -∞ for a single one.
    /// - Parameter itemScores: Of every item, shape `[n, n]`.
    public static func largestOthers(_ itemScores: Matrix<Double>) -> [Double] {
        var result = [Double](repeating: -.infinity, count: itemScores.columnCount)
        for item in 0..<itemScores.rowCount {
            for (unit, score) in itemScores.row(item).enumerated() where unit != item { result[unit] = max(result[unit], score) }
        }
        return result
    }

    /// The response of units whose largest answers to other examples are `largestOthers`, m.
    ///
    /// θ is the least of them all where no other example comes near. A unit whose example has a near double has to rise between the two:
    /// θ = m + 0.4 (1 - m), rather nearer to the other, since cues score less than their example. It has to be steep enough there to be
    /// saturated at both: its part in the Jacobian is about g·σ'(g·δ) at a distance δ from the threshold, and 2g·exp(-g·δ) ≤ e^-3
    /// leaves it well below 1.
    public static func response(
        largestOthers: [Double], leastThreshold: Double = leastThreshold, leastSteepness: Double = leastSteepness
    ) -> Response {
        var result = Response(thresholds: [], steepnesses: [])
        for other in largestOthers {
            // A unit that answers another example no less than its own cannot tell them apart; the other's unit can, since of two examples
            // only one answers so (the product of both answers is cos² ≤ 1). A single example has no other.
            let hasRoom = other.isFinite && 1 - other >= leastRoom
            let threshold = hasRoom ? max(leastThreshold, thresholdBeside(other)) : leastThreshold
            var steepness = leastSteepness
            if hasRoom {
                let distance = min(threshold - other, 1 - threshold)
                // g·δ = log(2g) + 3, by iteration: the logarithm hardly moves, so it is there after a few.
                for _ in 0..<8 { steepness = max(leastSteepness, (naturalLogarithm(2 * steepness) + 3) / distance) }
            }
            result.thresholds.append(threshold)
            result.steepnesses.append(steepness)
        }
        return result
    }

    /// g where no other example comes near.
    public static let leastSteepness = 30.0
    /// θ there: between what is left of an example half of which is noise, and what similar ones score.
    public static let leastThreshold = 0.45
    /// Doubles nearer than this are one example to units in single precision.
    private static let leastRoom = 2.5e-3

    /// The rows z_i / ‖z_i‖², which answer 1 to their item. An item at the mean has no direction; its filter stays silent.
    static func scores(ofCentred items: Matrix<Double>) -> Matrix<Double> {
        var filters = items
        filters.scaleRows(
            by: (0..<items.rowCount).map { row in
                let squaredNorm = items.row(row).reduce(0) { $0 + $1 * $1 }
                return squaredNorm > 0 ? 1 / squaredNorm : 0
            })
        return filters
    }
}

extension FullyConnectedNetwork<Float> {
    /// Starts the first hidden layer as filters matched to `examples`, in coordinates centred on them.
    ///
    /// Units of a sigmoid start steep, so that each tells its example from all others (`MatchedFilters.response`); where that is the only
    /// hidden layer, the output layer starts fitted to it, and training goes on from a memory.
    /// - Parameters:
    ///   - examples: Shape `[n, inputDimension]`.
    ///   - targets: Shape `[n, outputDimension]`.
    /// - Returns: Whether most sigmoid units have to rise above the usual threshold, since another example comes near to theirs.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    mutating func setToMatchedFilters(of examples: Matrix<Float>, targets: Matrix<Float>) throws(NumericsError) -> Bool {
        guard activation == .sigmoid else {
            layers[0].setToMatchedFilters(of: examples, around: nil)
            return false
        }
        let precise = examples.converted(to: Double.self)
        let filters = MatchedFilters.scores(ofCentred: precise)
        let largestOthers = MatchedFilters.largestOthers(precise.multiplied(by: filters, transposingOther: true))
        let response = MatchedFilters.response(largestOthers: largestOthers)
        let isCrowded = MatchedFilters.isCrowded(largestOthers: largestOthers)
        let matched = MatchedFilters(weights: filters, offsets: Array(repeating: 0, count: filters.rowCount)).layer(response, inhibition: 0)
        for row in 0..<min(matched.outputCount, layers[0].outputCount) {
            layers[0].weights.setRow(row, to: matched.weights.row(row).map(Float.init))
            layers[0].biases[row] = Float(matched.biases[row])
        }
        guard depth == 1 else { return isCrowded }
        // Where no unit answers, the first target comes out, and its unit answers next: noise leads to something stored.
        layers[1] = try ClosedFormMemory.network(
            hidden: layers[0].converted(to: Double.self), silentOutput: targets.row(0).map(Double.init), samples: precise,
            targets: targets.converted(to: Double.self)
        ).layers[1].converted(to: Float.self)
        return isCrowded
    }
}

extension DenseLayer<Float> {
    /// Writes filters matched to `examples` over the first rows, one each as far as there are units: with z_i = x_i - μ,
    /// w_i = z_i/‖z_i‖ and b_i = -‖z_i‖/2 - ⟨w_i, μ⟩.
    ///
    /// Each unit passes zero half-way to its example. Rows of norm 1 move a unit about as much as the standard initializer's, whose
    /// rows have norm 1/√3.
    /// - Parameters:
    ///   - examples: Shape `[n, inputCount]`.
    ///   - centre: μ, shape `[inputCount]`; nil for 0, as in span coordinates.
    mutating func setToMatchedFilters(of examples: Matrix<Float>, around centre: [Float]?) {
        precondition(examples.columnCount == inputCount, "Examples of \(examples.columnCount) do not fit \(inputCount) inputs.")
        for row in 0..<min(examples.rowCount, outputCount) {
            var values = examples.row(row)
            if let centre { for index in values.indices { values[index] -= centre[index] } }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard norm > 0 else { continue }
            weights.setRow(row, to: values.map { $0 / norm })
            let shift = centre.map { zip(values, $0).reduce(0) { $0 + $1.0 * $1.1 } / norm } ?? 0
            biases[row] = -norm / 2 - shift
        }
    }
}
