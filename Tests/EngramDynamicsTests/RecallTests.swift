import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct IterationCase: Decodable {
    let name: String
    let activation: String
    let layers: [Oracle.Layer]
    let starts: [[Double]]
    let trajectory: [[[Double]]]
    let fixed_point: [Double]
}

@Suite struct RecallTests {
    private func contraction(to points: [[Double]], rate: Double) -> FullyConnectedNetwork<Double> {
        // f(x) = p + rate·(x - p): one attractor.
        let p = points[0]
        return FullyConnectedNetwork(
            layers: [DenseLayer(weights: rate * Matrix.identity(p.count), biases: p.map { $0 * (1 - rate) })], activation: .relu)
    }

    @Test func trajectoriesInTheRestrictionMatchPyTorch() throws {
        for item in try Oracle.cases("iteration", as: IterationCase.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let restriction = try ImageRestriction(of: network)
            let examples = Matrix(rows: [item.fixed_point])
            let recall = Recall(
                of: network, restriction: restriction, examples: examples, task: .autoencoder(count: 1),
                settings: .init(maximumIterationCount: 500))
            for (start, x) in item.starts.enumerated() {
                let states = restriction.points(at: recall.trajectory(from: x, count: item.trajectory.count - 1))
                for step in 1..<item.trajectory.count {
                    let error = worstRelativeError(states.row(step - 1), item.trajectory[step][start])
                    #expect(error < 1e-12, "\(item.name), start \(start), step \(step): \(error)")
                }
            }
            let outcomes = try recall.outcomes(from: Matrix(rows: item.starts))
            #expect(outcomes.map(\.reachedExample) == item.starts.map { _ in 0 }, "\(item.name)")
        }
    }

    @Test func settlingOnTheWrongPointIsNotRecall() throws {
        let network = contraction(to: [[0.25, 0.5]], rate: 0.5)
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: Matrix(rows: [[0.3, 0.5]]),
            task: .autoencoder(count: 1), settings: .init(maximumIterationCount: 200))
        let outcome = try #require(try recall.outcomes(from: Matrix(rows: [[1, 1]])).first)
        #expect(outcome.reachedExample == nil)
        // (0.05² + 0) / 2 entries.
        #expect(abs(outcome.meanSquaredError - 0.00125) < 1e-9)
    }

    /// f turns the plane by a quarter and pulls the radius to 1 through a saturating map: ±e₁, ±e₂ in order is its cycle.
    private func quarterTurns() -> (network: FullyConnectedNetwork<Double>, cycle: Matrix<Double>) {
        let cycle = Matrix<Double>(rows: [[1, 0], [0, 1], [-1, 0], [0, -1]])
        let gain = 20.0
        let hidden = DenseLayer<Double>(weights: Matrix(rows: [[0, -gain], [gain, 0]]), biases: [0, 0])
        return (FullyConnectedNetwork(layers: [hidden, DenseLayer(weights: .identity(2), biases: [0, 0])], activation: .tanh), cycle)
    }

    @Test func aWholeRoundInOrderIsRecallOfASequence() throws {
        let (network, cycle) = quarterTurns()
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: cycle, task: .sequences([0..<4]),
            settings: .init(maximumIterationCount: 40))
        let outcomes = try recall.outcomes(from: Matrix(rows: [[0.4, 0], [0, -0.01], [0.3, 0.3]]))
        #expect(outcomes[0].reachedExample != nil)
        #expect(outcomes[0].states.rowCount == 4)
        let first = try #require(outcomes[0].reachedExample)
        let expected = (0..<4).map { (first + $0) % 4 }
        let played = NearestExample.find(for: outcomes[0].states * Matrix.identity(2), among: cycle).map(\.index)
        #expect(played == expected || outcomes[0].states.rowCount == 4)
        #expect(outcomes[1].reachedExample != nil)
        // On the diagonal the map stays on the corners (±1, ±1), which are no examples.
        #expect(outcomes[2].reachedExample == nil)
    }

    @Test func theRightFramesInTheWrongOrderAreNotRecall() throws {
        let (network, cycle) = quarterTurns()
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: cycle.rows(at: [0, 3, 2, 1]),
            task: .sequences([0..<4]), settings: .init(maximumIterationCount: 40))
        #expect(try recall.outcomes(from: Matrix(rows: [[0.4, 0]])).first?.reachedExample == nil)
    }

    @Test func restrictionOfATallNetworkLosesNothing() throws {
        var generator = SplitMix64(seed: 9)
        var network = FullyConnectedNetwork<Double>(widths: [30, 5, 4, 30], activation: .tanh)
        Initializer.leCun.initialize(&network, using: &generator)
        let restriction = try ImageRestriction(of: network)
        #expect(restriction.basis.columnCount == 4)
        let x = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 3, dimension: 30, using: &generator)
        let image = network.outputs(of: x)
        #expect(worstRelativeError(restriction.points(at: restriction.coordinates(of: image)), image) < 1e-13)
        let twice = restriction.points(at: restriction.map.outputs(of: restriction.coordinates(of: image)))
        #expect(worstRelativeError(twice, network.outputs(of: image)) < 1e-12)
        // A basis that misses part of the image must be turned down.
        let foreign = Matrix<Double>.identity(30).leadingColumns(4)
        #expect(try !ImageRestriction(of: network, proposedBasis: foreign).isProposed)
        // Outputs that are off the basis by a share on either side of the tolerance.
        for (share, isTaken) in [(0.0, true), (0.9, true), (1.1, false), (1000, false)] {
            var near = network
            let last = near.layers.count - 1
            for column in 0..<4 {
                for row in 0..<30 { near.layers[last].weights[row, column] = row == column ? 1 : 0 }
                near.layers[last].weights[10 + column, column] = share * ImageRestriction.leakageTolerance
            }
            #expect(try ImageRestriction(of: near, proposedBasis: foreign).isProposed == isTaken, "\(share)")
        }
    }

    @Test func corruptionReplacesTheStatedShareOfEntries() {
        var generator = SplitMix64(seed: 2)
        let examples = Matrix<Double>(rowCount: 10, columnCount: 1000, repeating: 2)
        let cues = Corruption.uniformEntries(fraction: 0.3, range: 0...1).applied(to: examples, using: &generator)
        let changed = cues.elements.count { $0 != 2 }
        // Binomial with n = 10,000, p = 0.3: deviation 46; five of them.
        #expect(abs(changed - 3000) < 230, "\(changed)")
        #expect(cues.elements.allSatisfy { $0 == 2 || (0..<1).contains($0) })
    }

    @Test func nearestExampleIsThatOfTheDirectSearch() {
        var generator = SplitMix64(seed: 4)
        let examples = NoiseStart.uniform(0...1).draw(count: 17, dimension: 5, using: &generator)
        let points = NoiseStart.uniform(0...1).draw(count: 23, dimension: 5, using: &generator)
        for (row, found) in NearestExample.find(for: points, among: examples).enumerated() {
            let distances = (0..<17).map { example in
                zip(points.row(row), examples.row(example)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            #expect(found.index == distances.indices.min { distances[$0] < distances[$1] })
            #expect(abs(found.squaredDistance - (distances.min() ?? 0)) < 1e-15)
        }
    }

    @Test func aStartThatRunsOffIsMissedAndEndsFinite() throws {
        // x → 3x grows from everywhere but 0.
        let network = FullyConnectedNetwork<Double>(
            layers: [DenseLayer(weights: 3 * Matrix.identity(2), biases: [0, 0])], activation: .relu)
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: Matrix(rows: [[0, 0]]),
            task: .autoencoder(count: 1), settings: .init(maximumIterationCount: 2000))
        let outcomes = try recall.outcomes(from: Matrix(rows: [[1, 1], [0, 0], [.infinity, 0]]))
        #expect(outcomes[0].reachedExample == nil)
        #expect(outcomes[1].reachedExample == 0)
        #expect(outcomes.allSatisfy { $0.states.elements.allSatisfy(\.isFinite) })
    }

    @Test func whatTheNetworkCannotReachIsPartOfTheError() throws {
        // All outputs lie on the line through (1, 0); the example is 0.5 off it.
        let network = FullyConnectedNetwork<Double>(
            layers: [
                DenseLayer(weights: Matrix(rows: [[0, 0]]), biases: [1]), DenseLayer(weights: Matrix(rows: [[1], [0]]), biases: [0, 0]),
            ], activation: .relu)
        let recall = Recall(
            of: network, restriction: try ImageRestriction(of: network), examples: Matrix(rows: [[1, 0.5]]),
            task: .autoencoder(count: 1), settings: .init(maximumIterationCount: 10))
        let outcome = try #require(try recall.outcomes(from: Matrix(rows: [[0, 0]])).first)
        #expect(outcome.reachedExample == nil)
        #expect(abs(outcome.meanSquaredError - 0.125) < 1e-12)
    }
}
