import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct ContractiveCase: Decodable {
    let name: String
    let c: [Double]
    let lambda: Double
    let penalise_bias: Bool
    let activation: String
    let layers: [Oracle.Layer]
    let x: [[Double]]
    let y: [[Double]]
    let hidden_jacobians: [[[Double]]]
    let A: [[Double]]
    let b: [Double]
    let objective: Double
}

/// The cases of the topic that are not contractive lack the keys above.
private enum AnyCase: Decodable {
    case contractive(ContractiveCase)
    case other

    private enum Key: CodingKey { case kind }

    init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .kind)
        self = kind == "contractive" ? .contractive(try ContractiveCase(from: decoder)) : .other
    }
}

@Suite struct ContractiveOutputLayerTests {
    private func cases() throws -> [ContractiveCase] {
        try Oracle.cases("exact_output_layer", as: AnyCase.self).compactMap { if case .contractive(let item) = $0 { item } else { nil } }
    }

    @Test func sensitivityIsTheWeightedSumOfHiddenJacobianProducts() throws {
        for item in try cases() {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let found = ContractiveOutputLayer.sensitivity(of: network, at: Matrix(rows: item.x), exampleWeights: item.c) { _ in }
            var expected = Matrix<Double>(rowCount: found.rowCount, columnCount: found.columnCount)
            for (weight, rows) in zip(item.c, item.hidden_jacobians) {
                let jacobian = Matrix(rows: rows)
                expected = expected + weight * jacobian.multiplied(by: jacobian, transposingOther: true)
            }
            #expect(worstRelativeError(found, expected) < 1e-12, "\(item.name)")
        }
    }

    @Test func layerMatchesGoldenValuesWithAndWithoutAPenaltyOnTheBias() throws {
        let all = try cases()
        #expect(all.count == 12)
        #expect(Set(all.map(\.penalise_bias)) == [true, false])
        for item in all {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let x = Matrix(rows: item.x)
            let features = network.hiddenFeatures(of: x)
            let solved = try ContractiveOutputLayer.solve(
                features: features, targets: Matrix(rows: item.y),
                sensitivity: ContractiveOutputLayer.sensitivity(of: network, at: x, exampleWeights: item.c) { _ in }, ridge: item.lambda,
                penalizesBias: item.penalise_bias)
            #expect(solved.rank == x.rowCount)
            // The null-space route was measured at 8e-14 against 50 digits; slack 100.
            let error = worstRelativeError(solved.layer.weights.elements + solved.layer.biases, Matrix(rows: item.A).elements + item.b)
            #expect(error < 1e-11, "\(item.name): \(error)")
            let residual = worstRelativeError(solved.layer.applied(to: features), Matrix(rows: item.y))
            #expect(residual < 1e-13, "\(item.name): \(residual)")
        }
    }

    @Test func asManyExamplesAsParametersLeaveNothingToChoose() throws {
        // Three examples and two features: [A b] is the solution of a square system, here y = h_1 + 10 h_2 + 100.
        let features = Matrix<Double>(rows: [[0, 0], [1, 0], [0, 1]])
        let solved = try ContractiveOutputLayer.solve(
            features: features, targets: Matrix(rows: [[100], [101], [110]]), sensitivity: .identity(2), ridge: 1)
        #expect(worstRelativeError(solved.layer.weights.elements + solved.layer.biases, [1, 10, 100]) < 1e-13)
    }

    @Test func examplesWithLargerRadiiWeighMoreAndTheMeanStaysOne() {
        let weights = ContractiveOutputLayer.reweighted([1, 1, 2], spectralRadii: [1, 2, 4])
        // c_i (radius_i / 2)² = 0.25, 1, 8, divided by their mean 37/12.
        #expect(worstRelativeError(weights, [3.0 / 37, 12.0 / 37, 96.0 / 37]) < 1e-15)
        #expect(ContractiveOutputLayer.reweighted([1, 2], spectralRadii: [0, 0]) == [1, 2])
    }
}
