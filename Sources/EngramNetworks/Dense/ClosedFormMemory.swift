public import EngramDynamics
public import EngramNumerics

/// The `closed-form` preset: one hidden layer of sigmoid units whose weights are written down, not searched for.
///
/// f(x) = y_0 + A σ(W_1 x + b_1), with W_1 and b_1 matched filters (`MatchedFilters.layer`) and A the least-squares solution of
/// A σ(W_1 x_i + b_1) = y_i - y_0. Steep units saturate at the items, so the Jacobian there is small: the saturating regime that
/// [JP20] prove contractive, made explicit.
public struct ClosedFormMemory: MemoryTraining {
    /// Which linear scores the units take.
    public enum Filters: Sendable, Equatable {
        /// P = (X Xᵀ + λI)⁻¹ X.
        case inverse(ridge: Double)
        /// Centred scores in span coordinates of exponent p that allow for noise of variance v in each entry. With v > 0 each unit has a
        /// threshold and a steepness of its own, at least those of the settings.
        case whitened(conditioning: Double, noiseVariance: Double = 0)
    }

    /// What the network puts out when no unit answers.
    public enum Silence: String, Sendable, Equatable, CaseIterable {
        /// The first target, so that silence leads to something stored.
        case first
        /// The mean of the targets.
        case mean
        /// Zero.
        case zero
    }

    /// How the weights are written down.
    public struct Settings: Sendable, Equatable {
        /// The scores.
        public var filters: Filters
        /// g, 30 to 40 where items are to saturate their unit.
        public var steepness: Double
        /// θ.
        public var threshold: Double
        /// α.
        public var inhibition: Double
        /// y_0.
        public var silence: Silence

        /// All settings at once.
        public init(filters: Filters, steepness: Double, threshold: Double, inhibition: Double, silence: Silence) {
            self.filters = filters
            self.steepness = steepness
            self.threshold = threshold
            self.inhibition = inhibition
            self.silence = silence
        }
    }

    private let samples: Matrix<Double>
    private let targets: Matrix<Double>
    private let hidden: DenseLayer<Double>
    private let silence: Silence

    /// Writes the network down. Equal examples share one unit, since they are one item.
    ///
    /// - Parameters:
    ///   - samples: Shape `[n, d]`, finite.
    ///   - task: Which sample each maps to.
    ///   - settings: Scores, sigmoids and what an output without active units is.
    /// - Throws: `TrainingError.numerics`, among others when items depend on each other and the ridge is too small to part them.
    /// - Complexity: O(n²·d + n³) time, O(n·d + n²) memory.
    public init(samples: Matrix<Float>, task: MemoryTask, settings: Settings) throws(TrainingError) {
        precondition(samples.rowCount == task.count, "\(samples.rowCount) samples do not fit a task of \(task.count).")
        self.samples = samples.converted(to: Double.self)
        targets = self.samples.rows(at: task.successors)
        silence = settings.silence
        let groups = samples.equalRowGroups()
        let items = self.samples.rows(at: groups.indices.filter { groups[$0] == $0 })
        do {
            hidden = try Self.hiddenLayer(Self.filters(settings.filters, items: items), items: items, settings)
        } catch {
            throw .numerics(error)
        }
    }

    /// The scores that `choice` names, one for each row of `items`.
    /// - Throws: `NumericsError`, as `MatchedFilters` and `SpanCoordinates` do.
    public static func filters(_ choice: Filters, items: Matrix<Double>) throws(NumericsError) -> MatchedFilters {
        switch choice {
        case .inverse(let ridge): try .inverse(items: items, ridge: ridge)
        case .whitened(let conditioning, let variance):
            .whitened(
                items: items, coordinates: try SpanCoordinates(samples: items, conditioning: conditioning, noiseVariance: variance))
        }
    }

    /// The network in float64 over given filters.
    ///
    /// - Parameters:
    ///   - filters: One for each hidden unit, matched to that row of `samples`; of `settings` everything but the choice of filters is used.
    ///   - samples: Shape `[n, d]`.
    ///   - targets: Shape `[n, d]`.
    ///   - settings: Sigmoids and what an output without active units is.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public static func network(
        filters: MatchedFilters, samples: Matrix<Double>, targets: Matrix<Double>, settings: Settings
    ) throws(NumericsError) -> FullyConnectedNetwork<Double> {
        try network(
            hidden: hiddenLayer(filters, items: samples, settings), silentOutput: settings.silence.output(of: targets), samples: samples,
            targets: targets)
    }

    private static func hiddenLayer(_ filters: MatchedFilters, items: Matrix<Double>, _ settings: Settings) -> DenseLayer<Double> {
        let response = settings.response(count: filters.offsets.count, itemScores: filters.scores(of: items))
        return filters.layer(response, inhibition: settings.inhibition)
    }

    /// None: nothing is trained.
    public var epochCount: Int { 0 }

    /// Does nothing: the weights are final.
    public mutating func trainRound(epochs: Int, onEpoch: (TrainingProgress) throws -> TrainingDecision) {}

    /// The network as full-space float32, its output layer solved for the rounded hidden layer, which is what the file holds.
    public func storedNetwork() throws(TrainingError) -> FullyConnectedNetwork<Float> {
        // From here on only the rounded hidden layer and y_0 count: they are what the file holds.
        let rounded = hidden.converted(to: Float.self).converted(to: Double.self)
        let silent = silence.output(of: targets).map { Double(Float($0)) }
        do {
            return try Self.network(hidden: rounded, silentOutput: silent, samples: samples, targets: targets).converted(to: Float.self)
        } catch {
            throw .numerics(error)
        }
    }

    /// `storedNetwork()`.
    public func storedMap() throws(TrainingError) -> any StoredMap { try storedNetwork() }

    /// The network of a given hidden layer and y_0 with A the least-squares solution of A h_i = y_i - y_0.
    static func network(
        hidden: DenseLayer<Double>, silentOutput: [Double], samples: Matrix<Double>, targets: Matrix<Double>
    ) throws(NumericsError) -> FullyConnectedNetwork<Double> {
        var features = hidden.applied(to: samples)
        features.activate(.sigmoid, addingBias: Array(repeating: 0, count: features.columnCount))
        let fit = try OutputFit(features: features)
        var residual = targets
        residual.addToRows(silentOutput, scaledBy: -1)
        var weights = try fit.weights(for: residual)
        // The second pass removes what rounding left of the residual in the first.
        residual.setToProduct(features, weights, transposingSecond: true, scaledBy: -1, adding: 1)
        weights = weights + (try fit.weights(for: residual))
        return FullyConnectedNetwork(layers: [hidden, DenseLayer(weights: weights, biases: silentOutput)], activation: .sigmoid)
    }
}

extension ClosedFormMemory.Settings {
    /// θ and g of each unit.
    /// - Parameters:
    ///   - count: Of the units, n.
    ///   - itemScores: Of every item, shape `[n, n]`; asked for where units have thresholds of their own.
    public func response(count: Int, itemScores: @autoclosure () -> Matrix<Double>) -> MatchedFilters.Response {
        guard case .whitened(_, let variance) = filters, variance > 0 else {
            return .init(thresholds: Array(repeating: threshold, count: count), steepnesses: Array(repeating: steepness, count: count))
        }
        return MatchedFilters.response(
            largestOthers: MatchedFilters.largestOthers(itemScores()), leastThreshold: threshold, leastSteepness: steepness)
    }
}

extension ClosedFormMemory.Silence {
    /// y_0 for targets of shape `[n, d]`, n ≥ 1.
    public func output(of targets: Matrix<Double>) -> [Double] {
        switch self {
        case .first: targets.row(0)
        case .mean: targets.columnMeans()
        case .zero: Array(repeating: 0, count: targets.columnCount)
        }
    }
}
