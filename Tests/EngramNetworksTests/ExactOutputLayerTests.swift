import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct ExactCase: Decodable {
    let name: String
    let kind: String
    let activation: String
    let layers: [Oracle.Layer]
    let x: [[Double]]
    let y: [[Double]]
    let hidden_features: [[Double]]
    let condition_of_h1: Double
    let A: [[Double]]
    let b: [Double]
}

@Suite struct ExactOutputLayerTests {
    @Test func smallestChangeMatchesGoldenValuesAndFits() throws {
        let cases = try Oracle.cases("exact_output_layer", as: ExactCase.self).filter { $0.kind == "minimum_norm" }
        #expect(cases.count == 4)
        for item in cases {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let x = Matrix(rows: item.x)
            let features = network.hiddenFeatures(of: x)
            #expect(worstRelativeError(features, Matrix(rows: item.hidden_features)) < 1e-13, "\(item.name)")
            let solved = try ExactOutputLayer.solve(network.layers[network.depth], features: features, targets: Matrix(rows: item.y))
            #expect(solved.rank == x.rowCount, "\(item.name)")
            // An orthogonal factorization loses digits with the condition number: 1e-15 × condition, slack 10.
            let bound = 1e-14 * item.condition_of_h1
            #expect(worstRelativeError(solved.layer.weights, Matrix(rows: item.A)) < bound, "\(item.name)")
            #expect(worstRelativeError(solved.layer.biases, item.b) < bound, "\(item.name)")
            let residual = worstRelativeError(solved.layer.applied(to: features), Matrix(rows: item.y))
            #expect(residual < 1e-13, "\(item.name): \(residual)")
        }
    }

    @Test func repeatedFeaturesGiveTheirRankAndTheLeastSquaresFit() throws {
        // Two equal rows of features with targets 0 and 1: the best any layer can do is 1/2 for both.
        let features = Matrix<Double>(rows: [[1, 2], [1, 2], [0, 1]])
        let solved = try ExactOutputLayer.solve(
            DenseLayer(inputCount: 2, outputCount: 1), features: features, targets: Matrix(rows: [[0], [1], [3]]))
        #expect(solved.rank == 2)
        let fitted = solved.layer.applied(to: features)
        #expect(worstRelativeError(fitted.elements, [0.5, 0.5, 3]) < 1e-13)
    }
}
