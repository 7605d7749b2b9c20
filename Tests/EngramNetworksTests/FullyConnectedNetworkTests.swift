import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

struct MLPCase: Decodable {
    struct Target: Decodable {
        let y: [[Double]]
        let mse: Double
        let gradients: [Oracle.Layer]
    }
    let name: String
    let activation: String
    let layers: [Oracle.Layer]
    let x: [[Double]]
    let forward: [[Double]]
    let targets: [String: Target]
}

@Suite struct FullyConnectedNetworkTests {
    @Test func outputsMatchPyTorchInBothPrecisions() throws {
        let cases = try Oracle.cases("mlp", as: MLPCase.self)
        #expect(cases.count >= 24)
        for item in cases {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let x = Matrix(rows: item.x)
            let expected = Matrix(rows: item.forward)
            // Bounds of the golden values' README: another order of summation over six layers.
            let double = worstRelativeError(network.outputs(of: x), expected)
            #expect(double < 1e-13, "\(item.name): \(double)")
            let single = worstRelativeError(
                network.converted(to: Float.self).outputs(of: x.converted(to: Float.self)), expected)
            #expect(single < 5e-6, "\(item.name) in float32: \(single)")
        }
    }

    @Test func lossAndGradientsMatchPyTorchForBothTargets() throws {
        for item in try Oracle.cases("mlp", as: MLPCase.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let x = Matrix(rows: item.x)
            for (kind, target) in item.targets {
                try expectGradients(network, x, target, bound: (loss: 1e-13, gradient: 1e-12), label: "\(item.name) \(kind)")
                try expectGradients(
                    network.converted(to: Float.self), x.converted(to: Float.self), target, bound: (loss: 5e-6, gradient: 2e-5),
                    label: "\(item.name) \(kind) float32")
            }
        }
    }

    private func expectGradients<Scalar: NumericScalar>(
        _ network: FullyConnectedNetwork<Scalar>, _ x: Matrix<Scalar>, _ target: MLPCase.Target,
        bound: (loss: Double, gradient: Double), label: String
    ) throws {
        var backpropagation = Backpropagation(network: network, sampleCount: x.rowCount)
        let y = Matrix(rows: target.y).converted(to: Scalar.self)
        let loss = backpropagation.evaluate(network, inputs: x, targets: y)
        #expect(abs(loss - target.mse) <= bound.loss * target.mse, "\(label): loss \(loss), expected \(target.mse)")
        for (index, (found, expected)) in zip(backpropagation.gradients, Oracle.dense(target.gradients)).enumerated() {
            let weights = worstRelativeError(found.weights, expected.weights)
            let biases = worstRelativeError(found.biases, expected.biases)
            #expect(max(weights, biases) < bound.gradient, "\(label), layer \(index): weights \(weights), biases \(biases)")
        }
    }

    @Test func sequenceTargetsOfTheGoldenValuesAreThoseOfTheTask() throws {
        let item = try #require(try Oracle.cases("mlp", as: MLPCase.self).first)
        let x = Matrix(rows: item.x)
        let sequence = MemoryTask.sequences([0..<x.rowCount])
        #expect(x.rows(at: sequence.successors) == Matrix(rows: try #require(item.targets["sequence"]).y))
        #expect(MemoryTask.autoencoder(count: 3).successors == [0, 1, 2])
        #expect(MemoryTask.sequences([0..<2, 2..<5]).successors == [1, 0, 3, 4, 2])
    }
}

extension FullyConnectedNetworkTests {
    /// Every activation, those without golden values among them.
    @Test(arguments: Activation.allCases)
    func gradientsMatchCentralDifferences(activation: Activation) {
        var generator = SplitMix64(seed: 22)
        var network = FullyConnectedNetwork<Double>(widths: [4, 6, 5, 4], activation: activation)
        Initializer.standard.initialize(&network, using: &generator)
        let x = Matrix<Double>(rowCount: 3, columnCount: 4, elements: (0..<12).map { _ in generator.nextNormal() / 2 })
        let y = Matrix<Double>(rowCount: 3, columnCount: 4, elements: (0..<12).map { _ in generator.nextNormal() })
        var backpropagation = Backpropagation(network: network, sampleCount: 3)
        _ = backpropagation.evaluate(network, inputs: x, targets: y)
        func loss(_ network: FullyConnectedNetwork<Double>) -> Double { network.outputs(of: x).meanSquaredDifference(to: y) }
        let step = 3e-4
        for layer in network.layers.indices {
            var (found, expected): ([Double], [Double]) = ([], [])
            for row in 0..<network.layers[layer].outputCount {
                for column in 0...network.layers[layer].inputCount {
                    func moved(by change: Double) -> Double {
                        var moved = network
                        if column == network.layers[layer].inputCount {
                            moved.layers[layer].biases[row] += change
                        } else {
                            moved.layers[layer].weights[row, column] += change
                        }
                        return loss(moved)
                    }
                    if column == network.layers[layer].inputCount {
                        found.append(backpropagation.gradients[layer].biases[row])
                    } else {
                        found.append(backpropagation.gradients[layer].weights[row, column])
                    }
                    let (near, far) = (moved(by: step) - moved(by: -step), moved(by: 2 * step) - moved(by: -2 * step))
                    expected.append((8 * near - far) / (12 * step))
                }
            }
            // h⁴·φ⁽⁵⁾/30 is 2e-10 for the sinusoid, whose fifth derivative is the largest here, and ε/h is 7e-13; slack 20.
            let scale = max(expected.map { abs($0) }.max() ?? 0, 0.01)
            let error = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
            #expect(error < 4e-9 * max(scale, 1), "\(activation), layer \(layer): \(error)")
        }
    }
}
