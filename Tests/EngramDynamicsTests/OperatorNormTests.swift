import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

private struct NormCase: Decodable {
    struct Point: Decodable {
        let operator_norm: Double
    }
    struct Cycle: Decodable {
        let operator_norm_of_product: Double
    }
    let name: String
    let activation: String
    let layers: [Oracle.Layer]
    let x: [[Double]]
    let at_sample: [Point]
    let cycle: Cycle
}

@Suite struct OperatorNormTests {
    @Test func normsByTheReductionMatchPyTorch() throws {
        for item in try Oracle.cases("jacobian", as: NormCase.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let core = try network.jacobianCore(in: ImageRestriction(of: network))
            let norms = try core.operatorNorms(at: Matrix(rows: item.x))
            for (row, point) in item.at_sample.enumerated() {
                // The tolerance of the iteration is 1e-9 on the residual; the value is better than that.
                #expect(abs(norms[row].value / point.operator_norm - 1) < 1e-12, "\(item.name), sample \(row): \(norms[row])")
                #expect(norms[row].value - point.operator_norm < 1e-12 * point.operator_norm)
                let dense = try core.matrix(at: item.x[row]).singularValues().first ?? 0
                #expect(abs(dense / point.operator_norm - 1) < 1e-12, "\(item.name), sample \(row): \(dense)")
            }
            let product = try CycleProduct(of: network, along: Matrix(rows: item.x))
            let expected = Double.log10(item.cycle.operator_norm_of_product)
            #expect(abs(try product.log10OperatorNorm() - expected) < 1e-12, "\(item.name)")
        }
    }

    /// A network whose first layer reads what its last never writes, at points of its image.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theNormOfACycleNeedsWhatTheFirstFactorReads(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var network = FullyConnectedNetwork<Double>(widths: [30, 7, 6, 30], activation: .tanh)
        Initializer.standard.initialize(&network, using: &generator)
        let restriction = try ImageRestriction(of: network)
        let core = try network.jacobianCore(in: restriction)
        #expect(!core.readsItsImage)
        let points = network.outputs(of: NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 4, dimension: 30, using: &generator))
        let first = core.matrix(at: points.row(0))
        #expect(first.rowCount == 6 && first.columnCount == 7)
        let reduced = try CycleProduct(
            of: restriction.map, along: restriction.coordinates(of: points), startingWith: first
        ).log10OperatorNorm()
        // The naive way: four 30×30 Jacobians multiplied.
        var dense = network.jacobian(at: points.row(0))
        for row in 1..<4 { dense = network.jacobian(at: points.row(row)) * dense }
        let expected = Double.log10(try dense.singularValues()[0])
        #expect(abs(reduced - expected) < 1e-10, "seed \(seed): \(reduced), expected \(expected)")
        // Read only on the image, the same cycle has a smaller norm.
        let restricted = try CycleProduct(of: restriction.map, along: restriction.coordinates(of: points)).log10OperatorNorm()
        #expect(restricted < expected - 0.01)
    }

    @Test func networksThatReadTheirImageShareOneBasis() throws {
        var generator = SplitMix64(seed: 5)
        var narrow = FullyConnectedNetwork<Double>(widths: [3, 8, 3], activation: .tanh)
        Initializer.standard.initialize(&narrow, using: &generator)
        // x = Q s: the same map embedded in 20 dimensions by an orthonormal Q.
        let basis = try NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 20, dimension: 3, using: &generator).orthonormalizedColumns()
        var wide = narrow
        wide.layers[0].weights = narrow.layers[0].weights.multiplied(by: basis, transposingOther: true)
        wide.layers[1].weights = basis * narrow.layers[1].weights
        wide.layers[1].biases = basis * narrow.layers[1].biases
        let restriction = try ImageRestriction(of: wide, proposedBasis: basis)
        let core = try wide.jacobianCore(in: restriction)
        #expect(core.readsItsImage)
        let x = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 2, dimension: 3, using: &generator)
        let points = x.multiplied(by: basis, transposingOther: true)
        let norms = try core.operatorNorms(at: points)
        for row in 0..<2 {
            let expected = try narrow.jacobian(at: x.row(row)).singularValues()[0]
            #expect(abs(norms[row].value / expected - 1) < 1e-12)
        }
    }

    @Test func layersWithoutHiddenUnitsAndZerosHaveTheirNorms() throws {
        let diagonal = FullyConnectedNetwork<Double>(
            layers: [DenseLayer(weights: Matrix(rows: [[0, 3], [-4, 0]]), biases: [1, 1])], activation: .relu)
        let core = try diagonal.jacobianCore(in: ImageRestriction(of: diagonal))
        #expect(abs(try core.operatorNorms(at: Matrix(rowCount: 1, columnCount: 2))[0].value - 4) < 1e-14)
        let zero = FullyConnectedNetwork<Double>(widths: [5, 4, 5], activation: .relu)
        let none = try zero.jacobianCore(in: ImageRestriction(of: zero))
        #expect(try none.operatorNorms(at: Matrix(rowCount: 2, columnCount: 5)).map(\.value) == [0, 0])
    }

    @Test func residualsAreDistancesToTheTargets() {
        // f(x) = x/2: f(x_1) - x_2 = (3, 4)/2 - (0, 0).
        let network = FullyConnectedNetwork<Double>(
            layers: [DenseLayer(weights: 0.5 * Matrix.identity(2), biases: [0, 0])], activation: .relu)
        let norms = network.residualNorms(at: Matrix(rows: [[3, 4], [0, 0]]), task: .sequences([0..<2]))
        #expect(norms == [2.5, 5])
    }
}
