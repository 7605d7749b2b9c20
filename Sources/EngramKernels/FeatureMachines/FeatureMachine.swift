public import EngramNumerics

/// A Recursive Feature Machine: kernel ridge regression with exp(-‖x - z‖_M/L), whose metric M is learned from its own gradients.
///
/// Each round solves (K_M + λI) α = Y and takes M from the average gradient outer product of the solution; a last solution with the last M
/// is the machine. Source: [R23] section 5.2, Algorithm 1, with the refit of the published code.
public struct FeatureMachine: Sendable {
    /// How M is scaled after a round.
    public enum Scaling: String, Sendable, CaseIterable {
        /// The mean over examples, as printed: M shrinks or grows with the gradients, and with it the bandwidth in effect.
        case mean
        /// The sum over examples divided by its largest entry, as in the published package.
        case largestEntry
        /// To the trace d: the bandwidth keeps the meaning that it has for the identity.
        case unitTrace
    }

    /// Settings of a machine.
    public struct Settings: Sendable, Equatable {
        /// L > 0.
        public var bandwidth: Double
        /// λ ≥ 0.
        public var ridge: Double
        /// Rounds of learning M; 0 is a Laplace kernel machine.
        public var roundCount: Int
        /// Which part of the outer product becomes M.
        public var product: GradientOuterProduct.Settings
        /// How M is scaled.
        public var scaling: Scaling
        /// Share of the identity in M of trace d, from 0 to 1: what few examples say of columns is not taken at its word. Published: 0.
        public var shrinkage: Double

        /// - Parameters:
        ///   - bandwidth: Default 10, as published.
        ///   - ridge: Default 1e-3, the smallest published.
        ///   - roundCount: Default 5, as published.
        ///   - product: The full matrix by default.
        ///   - scaling: Default: the mean, as printed.
        ///   - shrinkage: Default 0; above 0 only with `Scaling.unitTrace`.
        public init(
            bandwidth: Double = 10, ridge: Double = 1e-3, roundCount: Int = 5, product: GradientOuterProduct.Settings = .init(),
            scaling: Scaling = .mean, shrinkage: Double = 0
        ) {
            precondition(
                shrinkage == 0 || (scaling == .unitTrace && shrinkage > 0 && shrinkage <= 1),
                "A shrinkage is from 0 to 1, and above 0 for a metric of trace d; found \(shrinkage).")
            self.bandwidth = bandwidth
            self.ridge = ridge
            self.roundCount = roundCount
            self.product = product
            self.scaling = scaling
            self.shrinkage = shrinkage
        }
    }

    /// One solution on the way.
    public struct Round: Sendable {
        /// Its number, from 0: the identity.
        public let index: Int
        /// The kernel with M of this round.
        public let kernel: LaplaceKernel
        /// α, shape `[n, c]`.
        public let coefficients: Matrix<Double>
        /// What the errors of leaving an example out would be, y_i - f_without_i(x_i), shape `[n, c]`; nil where the solver does not tell.
        public let leaveOneOutResiduals: Matrix<Double>?
        /// M as the round before gave it, from which learning can start again at this one; nil in round 0.
        public let start: Start?
    }

    /// Where learning starts.
    public struct Start: Sendable, Equatable {
        /// The round.
        public let round: Int
        /// Its M before it is factored, shape `[d, d]`: a factor made of the factored one could differ in its last digits.
        public let metric: Matrix<Double>

        /// Takes both as given.
        public init(round: Int, metric: Matrix<Double>) { (self.round, self.metric) = (round, metric) }
    }

    /// k with the learned M.
    public let kernel: LaplaceKernel
    /// The examples, shape `[n, d]`.
    public let points: Matrix<Double>
    /// α, shape `[n, c]`.
    public let coefficients: Matrix<Double>

    private static let batchCount = 1024
    /// An outer product has no negative eigenvalue but for rounding, which grows where M is nearly singular.
    static let clipping = 1e-6

    /// A machine from its parts.
    public init(kernel: LaplaceKernel, points: Matrix<Double>, coefficients: Matrix<Double>) {
        precondition(
            points.rowCount == coefficients.rowCount, "\(points.rowCount) points do not have \(coefficients.rowCount) coefficients.")
        self.kernel = kernel
        self.points = points
        self.coefficients = coefficients
    }

    /// Learns a machine.
    ///
    /// - Parameters:
    ///   - points: x, shape `[n, d]`, n ≥ 1, finite.
    ///   - targets: Y, shape `[n, c]`, finite; centred columns or one-hot rows, as the fit has no constant.
    ///   - settings: Bandwidth, ridge, rounds, and what becomes of M.
    ///   - solver: How each system is solved.
    ///   - onRound: Called with each solution, the last with the machine's own.
    ///   - onStep: Called now and then in the course of a round; what it throws ends the learning.
    /// - Throws: `FeatureMachineError`; the errors of the solver; what `onRound` and `onStep` throw.
    /// - Complexity: (rounds + 1) solutions and rounds·n²·(d + 1)·c multiplications; see `FeatureSolver` and `GradientOuterProduct`.
    public static func learned(
        points: Matrix<Double>, targets: Matrix<Double>, settings: Settings, solver: FeatureSolver = .init(),
        onRound: (Round) throws -> Void = { _ in }, onStep: (Int) throws -> Void = { _ in }
    ) throws -> FeatureMachine {
        guard points.rowCount == targets.rowCount, points.rowCount > 0 else {
            throw FeatureMachineError.shape(points: points.rowCount, targets: targets.rowCount)
        }
        let course = FeatureLearning(points: points, targets: targets, settings: settings, solver: solver)
        return try course.machine(onRound: onRound, onStep: onStep)
    }

    /// M of the next round.
    static func scaled(
        _ product: GradientOuterProduct, by scaling: Scaling, round: Int
    ) throws(FeatureMachineError) -> Matrix<Double> {
        let d = product.sum.rowCount
        guard product.sum.firstNonFiniteEntry == nil else { throw .nonFiniteProduct(round: round) }
        let trace = (0..<d).reduce(0) { $0 + product.sum[$1, $1] }
        // Constant targets: there are no gradients, and no direction is better than another.
        guard trace > 0 else { throw .noGradients(round: round) }
        switch scaling {
        case .mean: return (1 / Double(product.exampleCount)) * product.sum
        case .largestEntry: return (1 / (product.sum.elements.max() ?? 1)) * product.sum
        case .unitTrace: return (Double(d) / trace) * product.sum
        }
    }

    /// f at these points.
    ///
    /// - Parameters:
    ///   - queries: Shape `[m, d]`.
    ///   - onStep: Called with the number of points that are done. What it throws ends the computation.
    /// - Returns: Shape `[m, c]`.
    /// - Complexity: O(m·n·(d + c)).
    public func outputs(at queries: Matrix<Double>, onStep: (Int) throws -> Void = { _ in }) throws -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: queries.rowCount, columnCount: coefficients.columnCount)
        for start in stride(from: 0, to: queries.rowCount, by: Self.batchCount) {
            try onStep(start)
            let batch = queries.rows(at: start..<min(start + Self.batchCount, queries.rowCount))
            result.copyElements(from: kernel.values(at: batch, centers: points) * coefficients, toRow: start)
        }
        return result
    }
}

extension FeatureMachine {
    /// Points in coordinates in which the Euclidean distance is ‖x - z‖_M.
    /// - Parameter points: Shape `[m, d]`.
    /// - Returns: Shape `[m, r]`, r the rank of M.
    public func coordinates(of points: Matrix<Double>) -> Matrix<Double> { kernel.metric.map { points * $0.factor } ?? points }
}
