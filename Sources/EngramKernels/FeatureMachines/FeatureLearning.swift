public import EngramNumerics

/// The learning of a feature machine, which can be taken up at any round.
public struct FeatureLearning: Sendable {
    /// x, shape `[n, d]`, n ≥ 1, finite.
    public let points: Matrix<Double>
    /// Y, shape `[n, c]`.
    public let targets: Matrix<Double>
    /// Bandwidth, ridge, rounds, and what becomes of M.
    public let settings: FeatureMachine.Settings
    /// How each system is solved.
    public let solver: FeatureSolver

    /// Takes every value as given.
    public init(
        points: Matrix<Double>, targets: Matrix<Double>, settings: FeatureMachine.Settings, solver: FeatureSolver = .init()
    ) {
        (self.points, self.targets, self.settings, self.solver) = (points, targets, settings, solver)
    }

    /// Learns; started at a round that an earlier course came to, it gives the same machine to the last bit.
    ///
    /// - Parameters:
    ///   - start: The round to start at, with its M; nil for round 0.
    ///   - onRound: Called with each solution, the last with the machine's own.
    ///   - onStep: Called now and then in the course of a round; what it throws ends the learning.
    /// - Throws: As `FeatureMachine.learned`.
    public func machine(
        startingAt start: FeatureMachine.Start? = nil, onRound: (FeatureMachine.Round) throws -> Void = { _ in },
        onStep: (Int) throws -> Void = { _ in }
    ) throws -> FeatureMachine {
        guard points.rowCount == targets.rowCount, points.rowCount > 0 else {
            throw FeatureMachineError.shape(points: points.rowCount, targets: targets.rowCount)
        }
        var start = start
        while true {
            let metric = try start.map { try Metric($0.metric, clipping: FeatureMachine.clipping) }
            let kernel = LaplaceKernel(bandwidth: settings.bandwidth, metric: metric)
            let solution = try solver.solution(kernel, points: points, targets: targets, ridge: settings.ridge, onStep: onStep)
            let index = start?.round ?? 0
            try onRound(
                .init(
                    index: index, kernel: kernel, coefficients: solution.coefficients,
                    leaveOneOutResiduals: solution.leaveOneOutResiduals, start: start))
            guard index < settings.roundCount else {
                return FeatureMachine(kernel: kernel, points: points, coefficients: solution.coefficients)
            }
            start = .init(round: index + 1, metric: try nextMetric(kernel, solution.coefficients, round: index, onStep: onStep))
        }
    }

    /// M of the next round.
    private func nextMetric(
        _ kernel: LaplaceKernel, _ coefficients: Matrix<Double>, round: Int, onStep: (Int) throws -> Void
    ) throws -> Matrix<Double> {
        let product = try GradientOuterProduct(
            of: kernel, points: points, coefficients: coefficients, settings: settings.product, onStep: onStep)
        let matrix = try FeatureMachine.scaled(product, by: settings.scaling, round: round)
        guard settings.shrinkage > 0 else { return matrix }
        return (1 - settings.shrinkage) * matrix + settings.shrinkage * Matrix.identity(matrix.rowCount)
    }
}
