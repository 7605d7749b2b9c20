import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@Suite struct BasinMapTests {
    /// f(x) = tanh(4 x₁)·c in the first coordinate and 0 in the second: fixed points ±p and an unstable 0, so basins are half planes.
    private static let network = FullyConnectedNetwork<Double>(
        layers: [
            DenseLayer(weights: Matrix(rows: [[4, 0]]), biases: [0]),
            DenseLayer(weights: Matrix(rows: [[1], [0]]), biases: [0, 0]),
        ], activation: .tanh)

    /// The root of p = tanh(4 p) by iterating it, which contracts.
    private static let fixedPoint: Double = {
        var p = 1.0
        for _ in 0..<200 { p = Activation.tanh.values(of: [4 * p])[0] }
        return p
    }()

    @Test func basinsOfTwoFixedPointsAreTheirHalfPlanes() throws {
        let p = Self.fixedPoint
        let examples = Matrix(rows: [[p, 0], [-p, 0]])
        let grid = BasinMap.Grid(horizontal: -2...2, vertical: -1...1, columnCount: 8, rowCount: 5)
        let map = try BasinMap(
            of: Self.network, on: .coordinatePlane, grid: grid, examples: examples, task: .autoencoder(count: 2), arrowCount: 3,
            settings: .init(maximumIterationCount: 500))
        let points = grid.points
        #expect(points.rowCount == 40 && points.row(0) == [-2, -1] && points.row(39) == [2, 1])
        for (row, destination) in map.destinations.enumerated() {
            #expect(destination == .example(points[row, 0] > 0 ? 0 : 1), "\(points.row(row))")
        }
        let counts = map.counts(exampleCount: 2)
        #expect(counts.byExample == [20, 20] && counts.elsewhere == 0 && counts.unsettled == 0)
        // One step from (2, 1) leads to (tanh 8, 0).
        let last = try #require(map.arrows.last)
        #expect(map.arrows.count == 9 && last.u == 2 && last.v == 1)
        #expect(abs(last.du - (Activation.tanh.values(of: [8.0])[0] - 2)) < 1e-15 && last.dv == -1)
    }

    @Test func whatIsNotStoredIsElsewhereAndWhatIsNotOverIsUnsettled() throws {
        let examples = Matrix(rows: [[Self.fixedPoint, 0]])
        let grid = BasinMap.Grid(horizontal: -2...2, vertical: -1...1, columnCount: 4, rowCount: 2)
        func map(_ iterations: Int) throws -> BasinMap {
            try BasinMap(
                of: Self.network, on: .coordinatePlane, grid: grid, examples: examples, task: .autoencoder(count: 1),
                settings: .init(maximumIterationCount: iterations))
        }
        let settled = try map(500).counts(exampleCount: 1)
        #expect(settled.byExample == [4] && settled.elsewhere == 4 && settled.unsettled == 0)
        // After one step nothing has settled, and the right half is not within 1e-7 of the example yet.
        #expect(try map(1).counts(exampleCount: 1).unsettled == 8)
    }

    @Test func planeThroughThreePointsHoldsThemAndKeepsTheirDistances() throws {
        let points = Matrix(rows: [[1.0, 2, 3, 0], [0, 1, 5, 2], [2, 2, 2, -1]])
        let section = try #require(PlaneSection(through: points.row(0), points.row(1), points.row(2)))
        let coordinates = section.coordinates(of: points)
        #expect((section.points(at: coordinates) - points).frobeniusNorm < 1e-14)
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            #expect(abs(squaredDistance(coordinates.row(i), coordinates.row(j)) - squaredDistance(points.row(i), points.row(j))) < 1e-13)
        }
        // From the first towards the second is e₁.
        #expect(abs(coordinates[0, 1] - coordinates[1, 1]) < 1e-14 && coordinates[1, 0] > coordinates[0, 0])
    }

    @Test func pointsOnALineHaveNoPlane() {
        #expect(PlaneSection(through: [0, 0, 0], [1, 1, 1], [2, 2, 2]) == nil)
        #expect(PlaneSection(through: [1, 0], [1, 0], [2, 2]) == nil)
    }

    @Test func gridRoundPointsIsASquareWithItsMargin() {
        let grid = BasinMap.Grid(around: Matrix(rows: [[0.0, 0], [2, 1]]), margin: 0.5, sideCount: 3)
        #expect(grid.horizontal == -1...3 && grid.vertical == -1.5...2.5 && grid.columnCount == 3 && grid.rowCount == 3)
    }
}
