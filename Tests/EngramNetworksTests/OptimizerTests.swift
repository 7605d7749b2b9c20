import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct OptimizerCase: Decodable {
    struct Settings: Decodable {
        let lr: Double
        let momentum: Double?
        let weight_decay: Double?
        let alpha: Double?
        let eps: Double?
        let betas: [Double]?
    }
    let name: String
    let optimizer: String
    let settings: Settings
    let activation: String
    let start: [Oracle.Layer]
    let x: [[Double]]
    let y: [[Double]]
    let after: [String: [Oracle.Layer]]
    let mse_before_each_step: [Double]

    var rule: Optimizer {
        get throws {
            switch optimizer {
            case "SGD":
                let momentum = settings.momentum ?? 0
                let decay = settings.weight_decay ?? 0
                return momentum == 0 && decay == 0 ? .gradientDescent : .momentum(momentum, weightDecay: decay)
            case "RMSprop": return .rmsProp(smoothing: try #require(settings.alpha), epsilon: try #require(settings.eps))
            default:
                let betas = try #require(settings.betas)
                return .adam(beta1: betas[0], beta2: betas[1], epsilon: try #require(settings.eps), weightDecay: settings.weight_decay ?? 0)
            }
        }
    }
}

@Suite struct OptimizerTests {
    @Test func parametersAfter25StepsMatchPyTorch() throws {
        let cases = try Oracle.cases("optimizers", as: OptimizerCase.self)
        #expect(Set(cases.map(\.optimizer)) == ["SGD", "RMSprop", "Adam"])
        for item in cases {
            // Bounds of the golden values' README.
            try expectSteps(item, as: Double.self, bound: 1e-12)
            try expectSteps(item, as: Float.self, bound: 1e-5)
        }
    }

    private func expectSteps<Scalar: NumericScalar>(_ item: OptimizerCase, as type: Scalar.Type, bound: Double) throws {
        var network = try Oracle.network(item.start, activation: item.activation).converted(to: Scalar.self)
        var state = OptimizerState(try item.rule, for: network.layers)
        let x = Matrix(rows: item.x).converted(to: Scalar.self)
        let y = Matrix(rows: item.y).converted(to: Scalar.self)
        var backpropagation = Backpropagation(network: network, sampleCount: x.rowCount)
        for (step, expectedLoss) in item.mse_before_each_step.enumerated() {
            let loss = backpropagation.evaluate(network, inputs: x, targets: y)
            #expect(abs(loss - expectedLoss) <= max(bound, 1e-12) * 10 * expectedLoss, "\(item.name) \(type), step \(step)")
            state.step(&network.layers, gradients: backpropagation.gradients, learningRate: item.settings.lr)
            guard let expected = item.after["\(step + 1)"] else { continue }
            for (index, (found, golden)) in zip(network.layers, Oracle.dense(expected)).enumerated() {
                let error = max(worstRelativeError(found.weights, golden.weights), worstRelativeError(found.biases, golden.biases))
                #expect(error < bound, "\(item.name) \(type), layer \(index) after \(step + 1) steps: \(error)")
            }
        }
    }
}
