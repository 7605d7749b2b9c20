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

    @Test(arguments: [1, 3, 4, 5, 11])
    func moreExamplesThanFeaturesLeaveAResidualOrthogonalToThem(outputCount: Int) throws {
        // 3 features and a bias: outputs below, at and above the 4 that are solved for at a time.
        var generator = SplitMix64(seed: 5)
        func random(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Matrix(rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in 2 * generator.nextUniform() - 1 })
        }
        let (features, targets) = (random(30, 3), random(30, outputCount))
        let solved = try ExactOutputLayer.solve(
            DenseLayer(inputCount: 3, outputCount: outputCount), features: features, targets: targets)
        #expect(solved.rank == 4)
        // The normal equations: [H 1]ᵀ (f(X) - Y) = 0.
        let residual = solved.layer.applied(to: features) - targets
        let projected = features.appendingColumn(repeating: 1).multiplied(by: residual, transposingSelf: true)
        // 30 terms of order 1 with rounding 1e-16 each, slack 10.
        #expect(projected.elements.allSatisfy { abs($0) < 3e-14 }, "\(projected.elements.map(abs).max() ?? 0)")
    }

    @Test func examplesByTheThousandNeedNoMatrixOfTheirSquare() throws {
        // 200,000 squared is 320 GB. Two kinds of examples, so that the fit is known: their targets.
        let count = 200_000
        let features = Matrix<Double>(rowCount: count, columnCount: 1, elements: (0..<count).map { Double($0 % 2) })
        let targets = Matrix<Double>(rowCount: count, columnCount: 1, elements: (0..<count).map { $0 % 2 == 0 ? 3 : 5 })
        let solved = try ExactOutputLayer.solve(DenseLayer(inputCount: 1, outputCount: 1), features: features, targets: targets)
        #expect(abs(solved.layer.weights[0, 0] - 2) < 1e-10)
        #expect(abs(solved.layer.biases[0] - 3) < 1e-10)
    }
}
