import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

/// A case of rnn.json, made by PyTorch.
private struct RecurrentCase: Decodable {
    struct Parameters: Decodable {
        let Wx: [[Double]]
        let Wh: [[Double]]
        let b: [Double]
        let V: [[Double]]
        let c: [Double]
        let U: [[Double]]
        let e: [Double]
    }

    struct Played: Decodable {
        let word: Int
        let margin: Double
    }

    let name: String
    let words: [Int]
    let vocabulary: Int
    let steps: Int
    let parameters: Parameters
    let states: [[Double]]
    let logits: [[Double]]
    let loss: Double
    let gradients: Parameters
    let state_jacobian: [[Double]]
    let state_jacobian_spectral_radius: Double
    let closed_loop_from_word_0: [Played]

    /// Token and state are read by one matrix.
    static func layers(_ parameters: Parameters) -> (state: [DenseLayer<Double>], output: [DenseLayer<Double>]) {
        let joined = zip(parameters.Wx, parameters.Wh).map { $0 + $1 }
        return (
            [DenseLayer(weights: Matrix(rows: joined), biases: parameters.b)],
            [
                DenseLayer(weights: Matrix(rows: parameters.V), biases: parameters.c),
                DenseLayer(weights: Matrix(rows: parameters.U), biases: parameters.e),
            ]
        )
    }

    var network: RecurrentNetwork<Double> {
        let layers = Self.layers(parameters)
        return RecurrentNetwork(stateLayers: layers.state, outputLayers: layers.output, activation: .selu)
    }

    /// Tokens and what follows them, one-hot; the text begins again at its end.
    var pairs: (inputs: Matrix<Double>, targets: Matrix<Double>) {
        let tokens = (0...steps).map { words[$0 % words.count] }
        func rows(_ tokens: ArraySlice<Int>) -> Matrix<Double> {
            Matrix(rows: tokens.map { token in (0..<vocabulary).map { $0 == token ? 1 : 0 } })
        }
        return (rows(tokens[..<steps]), rows(tokens[1...]))
    }
}

@Suite struct RecurrentNetworkTests {
    /// Sums of fewer than 20 products of numbers of order 1, through at most 8 steps.
    private static let tolerance = 1e-12

    @Test func statesLogitsAndLossAreThoseOfPyTorch() throws {
        for item in try Oracle.cases("rnn", as: RecurrentCase.self) {
            var gradients = SequenceGradients(network: item.network, sampleCount: item.steps)
            let (inputs, targets) = item.pairs
            let loss = gradients.evaluate(item.network, inputs: inputs, targets: targets)
            #expect(abs(loss - item.loss) <= Self.tolerance * max(1, item.loss), "\(item.name)")
            #expect(worstRelativeError(gradients.states, Matrix(rows: item.states)) <= Self.tolerance, "\(item.name)")
            #expect(worstRelativeError(gradients.logits, Matrix(rows: item.logits)) <= Self.tolerance, "\(item.name)")
        }
    }

    @Test func gradientsThroughAllStepsAreThoseOfPyTorch() throws {
        for item in try Oracle.cases("rnn", as: RecurrentCase.self) {
            var gradients = SequenceGradients(network: item.network, sampleCount: item.steps)
            let (inputs, targets) = item.pairs
            _ = gradients.evaluate(item.network, inputs: inputs, targets: targets)
            let expected = RecurrentCase.layers(item.gradients)
            for (found, wanted) in zip(gradients.gradients, expected.state + expected.output) {
                #expect(worstRelativeError(found.weights, wanted.weights) <= Self.tolerance, "\(item.name)")
                #expect(worstRelativeError(found.biases, wanted.biases) <= Self.tolerance, "\(item.name)")
            }
        }
    }

    /// Deeper maps than the oracle has: central differences along a direction of norm about 10, whose error is O((10 h)²) ≈ 1e-10, and rounding
    /// of 1e-16 / h. With a smooth φ: that of SELU has a corner.
    @Test func gradientsOfDeepMapsAreDifferences() {
        var network = RecurrentNetwork<Double>(vocabularySize: 3, width: 4, depth: 3, activation: .tanh)
        var generator = SplitMix64(seed: 5)
        Initializer.leCun.initialize(&network, using: &generator)
        let tokens = [0, 1, 0, 2, 2]
        let oneHot = { (tokens: [Int]) in Matrix<Double>(rows: tokens.map { token in (0..<3).map { $0 == token ? 1 : 0 } }) }
        let (inputs, targets) = (oneHot(tokens), oneHot([1, 0, 2, 2, 0]))
        var gradients = SequenceGradients(network: network, sampleCount: 5)
        _ = gradients.evaluate(network, inputs: inputs, targets: targets)
        var (derivative, h) = (0.0, 1e-6)
        var (up, down) = (network, network)
        for index in network.layers.indices {
            for i in 0..<network.layers[index].outputCount {
                for j in 0..<network.layers[index].inputCount {
                    let direction = generator.nextNormal()
                    derivative += direction * gradients.gradients[index].weights[i, j]
                    up.layers[index].weights[i, j] += h * direction
                    down.layers[index].weights[i, j] -= h * direction
                }
                let direction = generator.nextNormal()
                derivative += direction * gradients.gradients[index].biases[i]
                up.layers[index].biases[i] += h * direction
                down.layers[index].biases[i] -= h * direction
            }
        }
        var other = gradients
        h = (other.evaluate(up, inputs: inputs, targets: targets) - other.evaluate(down, inputs: inputs, targets: targets)) / (2 * h)
        #expect(abs(h - derivative) <= 1e-7 * max(1, abs(derivative)), "\(h) and \(derivative)")
    }

    @Test func theClosedLoopPlaysWhatPyTorchPlays() throws {
        for item in try Oracle.cases("rnn", as: RecurrentCase.self) {
            let playing = ClosedLoopMap(network: item.network).played(from: item.words[0], count: item.closed_loop_from_word_0.count)
            #expect(playing.tokens == item.closed_loop_from_word_0.map(\.word), "\(item.name)")
            for (margin, wanted) in zip(playing.margins, item.closed_loop_from_word_0) { #expect(abs(margin - wanted.margin) <= 1e-11) }
        }
    }

    /// d h_T / d h_0 along the text, as a product of Jacobians of the loop: its block of states, and its eigenvalues.
    @Test func theProductOfStateJacobiansIsThatOfPyTorch() throws {
        for item in try Oracle.cases("rnn", as: RecurrentCase.self) {
            let loop = ClosedLoopMap(network: item.network)
            let width = item.network.stateSize
            var product = Matrix<Double>.identity(width)
            var (state, points) = ([Double](repeating: 0, count: width), [[Double]]())
            for step in 0..<item.steps {
                let token = item.words[step % item.words.count]
                product = loop.stateJacobian(after: token, from: state) * product
                points.append(loop.point(state: state, token: token))
                state = item.states[step]
            }
            #expect(worstRelativeError(product, Matrix(rows: item.state_jacobian)) <= 1e-11, "\(item.name)")
            let radius = try CycleProduct(of: loop, along: Matrix(rows: points)).spectrum().spectralRadius
            #expect(abs(radius - item.state_jacobian_spectral_radius) <= 1e-9, "\(item.name)")
        }
    }

    /// The general trainer trains it: a text that no map of single words can play, since a word has two successors.
    @Test func aTextWithARepeatedWordIsLearned() throws {
        var network = RecurrentNetwork<Float>(vocabularySize: 3, width: 16, depth: 1, activation: .selu)
        var generator = SplitMix64(seed: 2)
        Initializer.standard.initialize(&network, using: &generator)
        let text = [0, 1, 0, 2]
        let oneHot = { (tokens: [Int]) in Matrix<Float>(rows: tokens.map { token in (0..<3).map { $0 == token ? 1 : 0 } }) }
        // Three rounds in a row, so that the state at the end of one is learned from, too.
        let tokens = (0...12).map { text[$0 % 4] }
        var trainer = EpochTrainer(
            network: network, samples: oneHot(Array(tokens[..<12])), targets: oneHot(Array(tokens[1...])), maximumNoise: 0,
            optimizer: .adam(), seed: 1)
        for _ in 0..<400 { _ = try trainer.runEpoch(learningRate: 1e-2) }
        let playing = ClosedLoopMap(network: trainer.network.converted(to: Double.self)).played(from: 0, count: 40)
        #expect(playing.tokens == (1...40).map { text[$0 % 4] })
    }
}
