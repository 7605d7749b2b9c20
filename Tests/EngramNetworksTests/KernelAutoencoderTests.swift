import EngramNumerics
import Testing

@testable import EngramNetworks

@Suite struct KernelAutoencoderTests {
    /// One step against central differences of the published loss in the published parameters W, f = n^{-½} W_1 σ(n_0^{-½} W_0 x).
    @Test func oneStepDescendsThePublishedLossInThePublishedParameters() throws {
        let (dimension, width, rate) = (3, 4, 0.7)
        var generator = SplitMix64(seed: 11)
        let examples = Matrix<Double>(rowCount: 2, columnCount: dimension, elements: (0..<6).map { _ in generator.nextNormal() })
        var autoencoder = KernelAutoencoder(examples: examples, hiddenWidths: [width], activation: .sigmoid, using: &generator)
        let scales = [Double(dimension).squareRoot(), Double(width).squareRoot()]
        var parameters = (0..<2).map { layer in autoencoder.network.layers[layer].weights.elements.map { $0 * scales[layer] } }

        func loss(_ weights: [[Double]]) -> Double {
            var sum = 0.0
            for row in 0..<2 {
                let x = examples.row(row)
                let hidden = (0..<width).map { unit -> Double in
                    let z = (0..<dimension).reduce(0) { $0 + weights[0][unit * dimension + $1] * x[$1] } / scales[0]
                    return Activation.sigmoid.values(of: [z])[0]
                }
                for output in 0..<dimension {
                    let value = (0..<width).reduce(0) { $0 + weights[1][output * width + $1] * hidden[$1] } / scales[1]
                    sum += (value - x[output]) * (value - x[output])
                }
            }
            return sum / 4
        }
        let step = 1e-5
        let gradients = parameters.indices.map { layer in
            parameters[layer].indices.map { index -> Double in
                var (up, down) = (parameters, parameters)
                up[layer][index] += step
                down[layer][index] -= step
                return (loss(up) - loss(down)) / (2 * step)
            }
        }
        let before = loss(parameters)
        _ = autoencoder.train(to: 0, limit: 1, learningRate: rate) { _, found in #expect(abs(found - before) < 1e-13) }
        for layer in 0..<2 {
            for index in parameters[layer].indices { parameters[layer][index] -= rate * gradients[layer][index] }
            let found = autoencoder.network.layers[layer].weights.elements.map { $0 * scales[layer] }
            // Central differences at 1e-5 err by about 1e-10.
            let worst = zip(found, parameters[layer]).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-8, "layer \(layer): \(worst)")
        }
        #expect(autoencoder.epochCount == 1)
    }

    /// Against gradients by central differences of every output by every published parameter.
    @Test func theTangentKernelIsTheProductOfGradients() {
        let (dimension, width, count) = (2, 3, 3)
        var generator = SplitMix64(seed: 12)
        let points = Matrix<Double>(rowCount: count, columnCount: dimension, elements: (0..<6).map { _ in generator.nextNormal() })
        let autoencoder = KernelAutoencoder(examples: points, hiddenWidths: [width], activation: .erf, using: &generator)
        var gradients = [[Double]](repeating: [], count: count * dimension)
        for (layer, inputCount) in [dimension, width].enumerated() {
            let scale = Double(inputCount).squareRoot()
            for index in autoencoder.network.layers[layer].weights.elements.indices {
                func outputs(_ step: Double) -> [Double] {
                    var network = autoencoder.network
                    var weights = network.layers[layer].weights.elements
                    // A step of W is one of V = W/√n.
                    weights[index] += step / scale
                    network.layers[layer].weights = Matrix(
                        rowCount: network.layers[layer].outputCount, columnCount: inputCount, elements: weights)
                    return network.outputs(of: points).elements
                }
                for (place, pair) in zip(outputs(1e-5), outputs(-1e-5)).enumerated() { gradients[place].append((pair.0 - pair.1) / 2e-5) }
            }
        }
        let kernel = autoencoder.tangentKernel(at: points, withFirst: 2)
        for i in gradients.indices {
            for j in 0..<2 * dimension {
                let expected = zip(gradients[i], gradients[j]).reduce(0) { $0 + $1.0 * $1.1 }
                // Central differences at 1e-5 err by about 1e-10.
                #expect(abs(kernel[i, j] - expected) < 1e-8, "\(i), \(j): \(kernel[i, j]) for \(expected)")
            }
        }
    }
}
