import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

@Suite struct NeuralFeatureAnsatzTests {
    private static func network(_ widths: [Int], seed: UInt64) -> FullyConnectedNetwork<Double> {
        var network = FullyConnectedNetwork<Double>(widths: widths, activation: .tanh)
        var generator = CounterBasedGenerator(seed: seed)
        Initializer.leCun.initialize(&network, using: &generator)
        return network
    }

    private static func examples(_ count: Int, _ width: Int, seed: UInt64) -> Matrix<Double> {
        var generator = CounterBasedGenerator(seed: seed)
        return Matrix(rowCount: count, columnCount: width, elements: (0..<count * width).map { _ in generator.nextNormal() })
    }

    /// Naive: every Jacobian by central differences, and the sum of its Gram matrices.
    private static func product(of network: FullyConnectedNetwork<Double>, at inputs: Matrix<Double>) -> Matrix<Double> {
        let (n, d, c, step) = (inputs.rowCount, inputs.columnCount, network.outputDimension, 1e-5)
        var sum = Matrix<Double>(rowCount: d, columnCount: d)
        for row in 0..<n {
            var jacobian = Matrix<Double>(rowCount: c, columnCount: d)
            for k in 0..<d {
                var (up, down) = (inputs.rows(at: [row]), inputs.rows(at: [row]))
                up[0, k] += step
                down[0, k] -= step
                let difference = network.outputs(of: up) - network.outputs(of: down)
                for output in 0..<c { jacobian[output, k] = difference[0, output] / (2 * step) }
            }
            sum = sum + (1 / Double(n)) * jacobian.multiplied(by: jacobian, transposingSelf: true)
        }
        return sum
    }

    @Test(arguments: [1, 2] as [UInt64])
    func productsAndCorrelationsAreThoseOfCentralDifferences(seed: UInt64) throws {
        let (initial, trained) = (Self.network([3, 5, 4, 2], seed: seed), Self.network([3, 5, 4, 2], seed: seed + 10))
        let inputs = Self.examples(6, 3, seed: seed + 20)
        let found = try NeuralFeatureAnsatz(of: trained, from: initial, at: inputs)
        // Step 1e-5 leaves h² = 1e-10 and ε/h = 2e-11 of values of order 1.
        let expected = Self.product(of: trained, at: inputs)
        for (a, b) in zip(found.inputProduct.elements, expected.elements) { #expect(abs(a - b) < 1e-8, "seed \(seed): \(a) \(b)") }
        // The second layer: the rest of the network at the first layer's values.
        var hidden = inputs.multiplied(by: trained.layers[0].weights, transposingOther: true)
        hidden.activate(.tanh, addingBias: trained.layers[0].biases)
        let rest = FullyConnectedNetwork(layers: Array(trained.layers.dropFirst()), activation: .tanh)
        let second = Self.product(of: rest, at: hidden)
        let change = trained.layers[1].weights - initial.layers[1].weights
        let learned = change.multiplied(by: change, transposingSelf: true)
        let correlation = try #require(found.layers[1].correlation)
        #expect(abs(correlation - Self.correlation(learned.elements, second.elements)) < 1e-6, "seed \(seed)")
        #expect(found.layers.map(\.inputCount) == [3, 5] && found.layers.map(\.outputCount) == [5, 4])
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let n = Double(a.count)
        let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
        let squares = (a.reduce(0) { $0 + ($1 - meanA) * ($1 - meanA) }, b.reduce(0) { $0 + ($1 - meanB) * ($1 - meanB) })
        return covariance / (squares.0 * squares.1).squareRoot()
    }

    @Test func weightsThatDidNotChangeHaveNoCorrelation() throws {
        let network = Self.network([3, 4, 2], seed: 5)
        let found = try NeuralFeatureAnsatz(of: network, from: network, at: Self.examples(4, 3, seed: 6))
        #expect(found.layers.map(\.correlation) == [nil])
    }

    /// A target of one direction: the first layer must come to weigh it, and the ansatz holds there ([R23] Fig. 5-2: above .85).
    @Test func aTrainedNetworkLearnsTheDirectionOfItsTarget() throws {
        let inputs = Self.examples(96, 4, seed: 7)
        let targets = Matrix(
            rowCount: 96, columnCount: 2, elements: (0..<96).flatMap { inputs[$0, 1] > 0 ? [1.0, 0.0] : [0.0, 1.0] })
        var settings = LabelTraining.Settings()
        (settings.depth, settings.width, settings.batchSize, settings.epochCount, settings.seed) = (2, 24, 32, 400, 3)
        let training = try LabelTraining(examples: inputs, targets: targets, settings: settings)
        #expect(try #require(training.losses.last) < 0.1 * training.losses[0], "\(training.losses.last ?? -1)")
        let found = try NeuralFeatureAnsatz(of: training.network, from: training.initial, at: inputs)
        let diagonal = (0..<4).map { found.inputProduct[$0, $0] }
        #expect(diagonal.indices.max { diagonal[$0] < diagonal[$1] } == 1, "\(diagonal)")
        #expect(try #require(found.layers[0].correlation) > 0.85, "\(found.layers)")
        // The same seed gives the same weights.
        #expect(try LabelTraining(examples: inputs, targets: targets, settings: settings).network == training.network)
    }

    @Test func smallSetsGetPassesForFiveThousandStepsAndLargeOnesFiveHundred() {
        #expect(LabelTraining.Settings.epochCount(exampleCount: 100, batchSize: 128) == 5000)
        #expect(LabelTraining.Settings.epochCount(exampleCount: 256, batchSize: 128) == 2500)
        #expect(LabelTraining.Settings.epochCount(exampleCount: 100_000, batchSize: 128) == 500)
    }
}
