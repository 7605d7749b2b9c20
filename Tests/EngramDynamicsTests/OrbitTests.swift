import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

@Suite struct OrbitTests {
    private func search(_ network: FullyConnectedNetwork<Double>, iterations: Int = 500) throws -> OrbitSearch {
        OrbitSearch(of: network, restriction: try ImageRestriction(of: network), maximumIterationCount: iterations)
    }

    /// x → R x on the plane, R a turn by 2π/period; every circle is invariant.
    private func turn(_ period: Int) -> FullyConnectedNetwork<Double> {
        let angle = 2 * Double.pi / Double(period)
        let rotation = Matrix<Double>(rows: [[Double.cos(angle), -Double.sin(angle)], [Double.sin(angle), Double.cos(angle)]])
        return FullyConnectedNetwork(layers: [DenseLayer(weights: rotation, biases: [0, 0])], activation: .relu)
    }

    @Test(arguments: [2, 3, 4, 5, 7, 12, 31])
    func thePeriodOfARotationIsItsOrder(period: Int) throws {
        let ends = try search(turn(period)).ends(from: Matrix(rows: [[1, 0], [0.2, -3], [0, 0]]))
        #expect(ends.map(\.period) == [period, period, 1])
    }

    @Test func anOrbitThatNeverRepeatsIsUnsettledAndOneThatGrowsHasDiverged() throws {
        // A turn by 1 radian is no rational part of the circle.
        let angle = 1.0
        let rotation = Matrix<Double>(rows: [[Double.cos(angle), -Double.sin(angle)], [Double.sin(angle), Double.cos(angle)]])
        let turning = FullyConnectedNetwork(layers: [DenseLayer(weights: rotation, biases: [0, 0])], activation: .relu)
        let end = try search(turning, iterations: 200).ends(from: Matrix(rows: [[1, 0]]))[0]
        #expect(end.period == nil && !end.isDiverged && end.iterationCount == 200)
        let growing = FullyConnectedNetwork<Double>(
            layers: [DenseLayer(weights: 3 * Matrix.identity(1), biases: [0])], activation: .relu)
        let gone = try search(growing, iterations: 5000).ends(from: Matrix(rows: [[1], [0], [.infinity]]))
        #expect(gone.map(\.isDiverged) == [true, false, true])
        #expect(gone.map(\.period) == [nil, 1, nil])
        #expect(gone.allSatisfy { $0.state.allSatisfy(\.isFinite) })
    }

    @Test func theFixedPointsOfPyTorchAreFound() throws {
        struct Case: Decodable {
            let name: String
            let activation: String
            let layers: [Oracle.Layer]
            let starts: [[Double]]
            let trajectory: [[[Double]]]
            let fixed_point: [Double]
        }
        for item in try Oracle.cases("iteration", as: Case.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let restriction = try ImageRestriction(of: network)
            let ends = try search(network).ends(from: Matrix(rows: item.starts))
            #expect(ends.allSatisfy { $0.period == 1 }, "\(item.name)")
            let points = restriction.points(at: Matrix(rows: ends.map(\.state)))
            for row in 0..<points.rowCount {
                // A step below 1e-8 at a radius up to 0.85 leaves at most 1e-8/0.15.
                #expect(squaredDistance(points.row(row), item.fixed_point).squareRoot() < 7e-8, "\(item.name), start \(row)")
            }
            for (start, x) in item.starts.enumerated() {
                for inner in [nil, restriction] {
                    let way = Trajectory(of: network, from: x, stepCount: item.trajectory.count - 1, restriction: inner)
                    for step in 1..<item.trajectory.count {
                        #expect(worstRelativeError(way.states.row(step - 1), item.trajectory[step][start]) < 1e-12)
                        let length = squaredDistance(item.trajectory[step - 1][start], item.trajectory[step][start]).squareRoot()
                        #expect(abs(way.stepLengths[step - 1] - length) < 1e-12)
                    }
                }
            }
        }
    }

    /// tanh(20 x) on each axis by itself: fixed points at ±a in each coordinate, a = tanh(20 a).
    private let corners = FullyConnectedNetwork<Double>(
        layers: [DenseLayer(weights: 20 * Matrix.identity(2), biases: [0, 0]), DenseLayer(weights: .identity(2), biases: [0, 0])],
        activation: .tanh)

    @Test func whatIsNoExampleIsCountedAndGathered() throws {
        let restriction = try ImageRestriction(of: corners)
        // Two of the four corners are stored.
        let examples = Matrix<Double>(rows: [[1, 1], [-1, -1]])
        let recall = Recall(
            of: corners, restriction: restriction, examples: examples, task: .autoencoder(count: 2),
            settings: .init(maximumIterationCount: 100))
        let starts = Matrix<Double>(rows: [[0.5, 0.4], [0.3, -0.2], [0.9, -0.9], [-0.1, 0.7], [-2, -3], [0.2, 0.1]])
        let census = try AttractorCensus(
            search(corners), recall: recall, task: .autoencoder(count: 2), tolerance: 1e-7, dimension: 2, from: starts)
        #expect(census.reachedExamples == [0, nil, nil, nil, 1, 0])
        #expect(census.storedCount == 3 && census.unsettledCount == 0 && census.divergedCount == 0)
        #expect(census.clusters.map(\.starts) == [[1, 2], [3]])
        let place = restriction.points(at: census.clusters[0].states).row(0)
        #expect(abs(place[0] - 1) < 1e-12 && abs(place[1] + 1) < 1e-12)
        // (1 - 1)² + (-1 - 1)², over two entries.
        #expect(abs(census.clusters[0].meanSquaredError - 2) < 1e-12)
    }

    @Test func aCycleThatIsNotStoredIsOneClusterWhereverItIsEntered() throws {
        // A quarter turn towards saturation: (±1, ±1) in order is a cycle of four; the axes lead to another.
        let network = FullyConnectedNetwork<Double>(
            layers: [
                DenseLayer(weights: Matrix(rows: [[0, -20], [20, 0]]), biases: [0, 0]), DenseLayer(weights: .identity(2), biases: [0, 0]),
            ], activation: .tanh)
        let restriction = try ImageRestriction(of: network)
        let axes = Matrix<Double>(rows: [[1, 0], [0, 1], [-1, 0], [0, -1]])
        let task = MemoryTask.sequences([0..<4])
        let recall = Recall(
            of: network, restriction: restriction, examples: axes, task: task, settings: .init(maximumIterationCount: 100))
        let census = try AttractorCensus(
            search(network), recall: recall, task: task, tolerance: 1e-7, dimension: 2,
            from: Matrix(rows: [[0.4, 0], [0, -0.3], [0.3, 0.3], [-0.3, 0.2], [0.5, -0.5]]))
        #expect(census.storedCount == 2)
        #expect(census.clusters.count == 1)
        #expect(census.clusters.first?.states.rowCount == 4)
        #expect(census.clusters.first?.starts == [2, 3, 4])
    }

    @Test func framesOfAStoredCycleInAnotherOrderAreSpurious() throws {
        let network = turn(4)
        let examples = Matrix<Double>(rows: [[1, 0], [0, -1], [-1, 0], [0, 1]])
        let task = MemoryTask.sequences([0..<4])
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: examples, task: task,
            settings: .init(maximumIterationCount: 100))
        let census = try AttractorCensus(
            search(network), recall: recall, task: task, tolerance: 1e-7, dimension: 2, from: Matrix(rows: [[1, 0]]))
        #expect(census.storedCount == 0)
        #expect(census.clusters.map(\.states.rowCount) == [4])
    }
}
