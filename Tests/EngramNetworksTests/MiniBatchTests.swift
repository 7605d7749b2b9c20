import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

@Suite struct MiniBatchTests {
    private func examples(_ count: Int, _ dimension: Int, seed: UInt64) -> Matrix<Double> {
        var generator = SplitMix64(seed: seed)
        return Matrix(rowCount: count, columnCount: dimension, elements: (0..<count * dimension).map { _ in generator.nextUniform() })
    }

    private func network(_ dimension: Int, seed: UInt64) -> FullyConnectedNetwork<Double> {
        var result = FullyConnectedNetwork<Double>(widths: [dimension, 11, dimension], activation: .selu)
        var generator = SplitMix64(seed: seed)
        Initializer.standard.initialize(&result, using: &generator)
        return result
    }

    /// Written out: one step of plain descent for each batch, on rows gathered by hand; every order is tried.
    @Test func anEpochIsOneStepForEachBatchOfSomeOrder() throws {
        let x = examples(5, 3, seed: 1)
        let start = network(3, seed: 2)
        var trainer = EpochTrainer(
            network: start, samples: x, targets: x, maximumNoise: 0, optimizer: .gradientDescent, batchSize: 2, seed: 3)
        let loss = try trainer.runEpoch(learningRate: 0.1)
        var matches = 0
        for order in permutations([0, 1, 2, 3, 4]) {
            var expected = start
            var state = OptimizerState<Double>(.gradientDescent, for: expected.layers)
            var sum = 0.0
            for batch in [order[0..<2], order[2..<4], order[4..<5]] {
                let rows = x.rows(at: batch)
                var backpropagation = Backpropagation(network: expected, sampleCount: rows.rowCount)
                sum += Double(rows.rowCount) * backpropagation.evaluate(expected, inputs: rows, targets: rows)
                state.step(&expected.layers, gradients: backpropagation.gradients, learningRate: 0.1)
            }
            let error = zip(trainer.network.layers, expected.layers).map { worstRelativeError($0.weights, $1.weights) }.max() ?? 1
            if error < 1e-12 {
                matches += 1
                #expect(abs(sum / 5 - loss) < 1e-12 * loss)
            }
        }
        // The order within a batch does not matter: 2!·2!·1! orders are one, and it is not the one of the file for this seed.
        #expect(matches == 4)
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        items.count < 2
            ? [items]
            : items.indices.flatMap { index in
                var rest = items
                let first = rest.remove(at: index)
                return permutations(rest).map { [first] + $0 }
            }
    }

    @Test func everyExampleIsSeenOnceInEachEpochAndInAnotherOrderInTheNext() throws {
        // With a rate of 0 nothing changes, so the mean loss over an epoch is that of the whole set, whatever the order.
        let x = examples(23, 4, seed: 4)
        let start = network(4, seed: 5)
        let whole = start.outputs(of: x).meanSquaredDifference(to: x)
        for size in [1, 2, 7, 22, 23, 24, 1000] {
            var trainer = EpochTrainer(
                network: start, samples: x, targets: x, maximumNoise: 0, optimizer: .gradientDescent, batchSize: size, seed: 6)
            for _ in 0..<3 {
                let loss = try trainer.runEpoch(learningRate: 0)
                #expect(abs(loss - whole) < 1e-12 * whole, "\(size): \(loss), expected \(whole)")
            }
        }
        var trainer = EpochTrainer(
            network: start, samples: x, targets: x, maximumNoise: 0, optimizer: .gradientDescent, batchSize: 4, seed: 6)
        func moved() throws -> FullyConnectedNetwork<Double> {
            _ = try trainer.runEpoch(learningRate: 0.1)
            return trainer.network
        }
        let first = try moved()
        var again = EpochTrainer(
            network: start, samples: x, targets: x, maximumNoise: 0, optimizer: .gradientDescent, batchSize: 4, seed: 7)
        _ = try again.runEpoch(learningRate: 0.1)
        #expect(again.network != first, "another seed, another order")
    }

    @Test func aBatchOfAllIsFullBatchTrainingToTheByte() throws {
        let x = examples(9, 5, seed: 8)
        func weights(_ size: Int?) throws -> FullyConnectedNetwork<Double> {
            var trainer = EpochTrainer(
                network: network(5, seed: 9), samples: x, targets: x, maximumNoise: 0.4, optimizer: .adam(), batchSize: size, seed: 3)
            for _ in 0..<5 { _ = try trainer.runEpoch(learningRate: 1e-2) }
            return trainer.network
        }
        #expect(try weights(9) == weights(nil))
        #expect(try weights(100) == weights(nil))
        #expect(try weights(4) != weights(nil))
    }

    @Test func aSmallerBatchInTheSameBuffersGivesTheGradientsOfItsOwn() {
        let x = examples(6, 4, seed: 10)
        let map = network(4, seed: 11)
        var shared = Backpropagation(network: map, sampleCount: 6)
        _ = shared.evaluate(map, inputs: x, targets: x)
        for count in [2, 6, 1] {
            let rows = x.rows(at: 0..<count)
            var own = Backpropagation(network: map, sampleCount: count)
            #expect(shared.evaluate(map, inputs: rows, targets: rows) == own.evaluate(map, inputs: rows, targets: rows))
            #expect(shared.gradients == own.gradients, "\(count)")
        }
    }

    /// Against the factorization of all features at once.
    @Test func blockwiseLeastSquaresIsTheFitOfAllBlocks() throws {
        let (features, targets) = (examples(50, 7, seed: 12), examples(50, 3, seed: 13))
        let layer = DenseLayer<Double>(inputCount: 7, outputCount: 3)
        let expected = try ExactOutputLayer.solve(layer, features: features, targets: targets)
        for size in [1, 7, 50, 64] {
            let found = try ExactOutputLayer.leastSquares(layer, exampleCount: 50, blockSize: size) { rows in
                (features.rows(at: rows), targets.rows(at: rows))
            }
            #expect(found.rank == 8)
            // The condition number of these features is below 20, and normal equations lose its square.
            #expect(worstRelativeError(found.layer.weights, expected.layer.weights) < 1e-11, "\(size)")
            #expect(worstRelativeError(found.layer.biases, expected.layer.biases) < 1e-11, "\(size)")
        }
        // A feature twice: no unique layer, and the one of least norm shares the weight.
        let doubled = Matrix(rows: (0..<50).map { features.row($0) + [features[$0, 0]] })
        let shared = try ExactOutputLayer.leastSquares(DenseLayer(inputCount: 8, outputCount: 3), exampleCount: 50) { rows in
            (doubled.rows(at: rows), targets.rows(at: rows))
        }
        #expect(shared.rank == 8)
        for output in 0..<3 { #expect(abs(shared.layer.weights[output, 0] - shared.layer.weights[output, 7]) < 1e-10) }
    }

    @Test func outputsOfALongBatchAreThoseOfItsParts() {
        let map = network(3, seed: 14)
        let x = examples(9000, 3, seed: 15)
        let whole = map.outputs(of: x)
        for row in [0, 4095, 4096, 8191, 8192, 8999] {
            #expect(worstRelativeError(whole.row(row), map.outputs(of: x.rows(at: [row])).row(0)) < 1e-14, "\(row)")
        }
    }
}
