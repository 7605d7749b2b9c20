public import EngramNumerics

/// The states that a map visits from one start.
public struct Trajectory: Sendable, Equatable {
    /// x, shape `[d]`.
    public let start: [Double]
    /// f(x), f(f(x)), …, shape `[stepCount, d]`.
    public let states: Matrix<Double>
    /// ‖f^{k+1}(x) - f^k(x)‖ for k = 0, 1, …, Euclidean; as many as there are states.
    public let stepLengths: [Double]

    /// Iterates `map`, R^d → R^d, from `start` in its full space.
    ///
    /// - Parameters:
    ///   - map: R^d → R^d.
    ///   - start: x, shape `[d]`.
    ///   - stepCount: Applications of the map, at least 1.
    ///   - restriction: Of the map, where there is one: steps then cost what its dimensions cost.
    public init(
        of map: any DifferentiableMap, from start: [Double], stepCount: Int, restriction: ImageRestriction? = nil
    ) {
        precondition(stepCount >= 1 && start.count == map.inputDimension, "A trajectory needs a step and a start of the map's space.")
        if let restriction {
            states = restriction.points(at: restriction.trajectory(of: map, from: start, count: stepCount))
        } else {
            var state = Matrix(rowCount: 1, columnCount: start.count, elements: start)
            var visited: [Double] = []
            for _ in 0..<stepCount {
                state = map.outputs(of: state)
                visited += state.elements
            }
            states = Matrix(rowCount: stepCount, columnCount: map.outputDimension, elements: visited)
        }
        self.start = start
        let rows = states
        stepLengths = (0..<stepCount).map { squaredDistance($0 == 0 ? start : rows.row($0 - 1), rows.row($0)).squareRoot() }
    }

    /// The first k at which ‖f^{k+1}(x) - f^k(x)‖ < `tolerance`, the convergence of [RBU20]; nil where there is none.
    public func convergenceStep(tolerance: Double = 1e-8) -> Int? { stepLengths.firstIndex { $0 < tolerance } }
}
