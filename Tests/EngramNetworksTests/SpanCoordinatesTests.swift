import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct SpanCase: Decodable {
    let name: String
    let rank: Int
    let p: Double
    let x: [[Double]]
    let mean: [Double]
    let singular_values: [Double]
    let V: [[Double]]
    let c: Double
    let z: [[Double]]
    let activation: String
    let z_layers: [Oracle.Layer]
    let full_layers: [Oracle.Layer]
    let probe_x: [[Double]]
    let probe_z: [[Double]]
    let probe_projection: [[Double]]
    let full_network_output: [[Double]]
}

@Suite struct SpanCoordinatesTests {
    @Test func decompositionMatchesGoldenValuesUpToSigns() throws {
        for item in try Oracle.cases("span", as: SpanCase.self) {
            let span = try SpanCoordinates(samples: Matrix(rows: item.x), conditioning: item.p)
            #expect(span.rank == item.rank, "\(item.name)")
            // Gram matrices square the condition number (about 10 here), so a few digits less than the golden 1.5e-15.
            #expect(worstRelativeError(span.singularValues, item.singular_values) < 1e-12, "\(item.name)")
            #expect(worstRelativeError([span.scale], [item.c]) < 1e-12, "\(item.name): \(span.scale), expected \(item.c)")
            // The sign of each direction is free: compare after aligning it.
            let golden = Matrix(rows: item.V)
            let overlap = golden.multiplied(by: span.basis, transposingSelf: true)
            var aligned = span.coordinates(of: Matrix(rows: item.x))
            aligned.scaleColumns(by: (0..<span.rank).map { overlap[$0, $0] < 0 ? -1 : 1 })
            let error = worstRelativeError(aligned, Matrix(rows: item.z))
            #expect(error < 1e-11, "\(item.name): \(error)")
        }
    }

    @Test func networkOnCoordinatesEqualsItsFullSpaceExport() throws {
        for item in try Oracle.cases("span", as: SpanCase.self) {
            let span = SpanCoordinates(
                mean: item.mean, basis: Matrix(rows: item.V), singularValues: item.singular_values, conditioning: item.p, scale: item.c)
            let network = try Oracle.network(item.z_layers, activation: item.activation)
            let exported = span.fullSpaceNetwork(from: network)
            for (found, expected) in zip(exported.layers, Oracle.dense(item.full_layers)) {
                #expect(worstRelativeError(found.weights, expected.weights) < 1e-12, "\(item.name)")
                #expect(worstRelativeError(found.biases, expected.biases) < 1e-12, "\(item.name)")
            }
            let probes = Matrix(rows: item.probe_x)
            #expect(worstRelativeError(exported.outputs(of: probes), Matrix(rows: item.full_network_output)) < 1e-12, "\(item.name)")
            let viaCoordinates = span.samples(at: network.outputs(of: span.coordinates(of: probes)))
            #expect(worstRelativeError(exported.outputs(of: probes), viaCoordinates) < 1e-12, "\(item.name)")
            #expect(worstRelativeError(span.coordinates(of: probes), Matrix(rows: item.probe_z)) < 1e-12, "\(item.name)")
            let projection = span.samples(at: span.coordinates(of: probes))
            #expect(worstRelativeError(projection, Matrix(rows: item.probe_projection)) < 1e-12, "\(item.name)")
        }
    }

    @Test(arguments: Activation.allCases)
    func trainedNetworkOnCoordinatesEqualsTheFullSpaceNetworkThatIsStored(activation: Activation) throws {
        var generator = SplitMix64(seed: 9)
        let x = Matrix<Float>(rowCount: 7, columnCount: 20, elements: (0..<140).map { _ in Float(generator.nextUniform()) })
        for batchSize in [nil, 3] as [Int?] {
            var training = try FastTraining(
                samples: x, task: .sequences([0..<7]),
                settings: .init(
                    depth: 2, width: 12, activation: activation, conditioning: 0.5, maximumNoise: 0.2, batchSize: batchSize,
                    solvesOutputLayer: false, seed: 5))
            try training.trainRound(epochs: 10) { _ in .proceed }
            let parameters = try #require(training.parameters)
            let onCoordinates = FullyConnectedNetwork(layers: parameters, activation: activation).converted(to: Double.self)
            let stored = try training.storedNetwork().converted(to: Double.self)
            let probes = Matrix<Double>(rowCount: 5, columnCount: 20, elements: (0..<100).map { _ in generator.nextUniform() })
            let span = training.coordinates
            let expected = span.samples(at: onCoordinates.outputs(of: span.coordinates(of: probes)))
            // Stored weights are rounded to 6e-8; powers multiply that by their degree twice.
            let error = worstRelativeError(stored.outputs(of: probes), expected)
            #expect(error < 2e-5, "\(activation), batches of \(batchSize ?? 7): \(error)")
        }
    }

    @Test func bothGramMatricesGiveTheSameSpan() throws {
        var generator = SplitMix64(seed: 3)
        let wide = Matrix<Double>(rowCount: 6, columnCount: 6, elements: (0..<36).map { _ in generator.nextNormal() })
        // One more column of zeros changes no distance but makes d > n, the other branch.
        let wider = wide.appendingColumn(repeating: 0)
        let tall = wide.rows(at: [0, 1, 2, 3, 4, 5, 0])
        let left = try SpanCoordinates(samples: wide, conditioning: 0.5)
        let right = try SpanCoordinates(samples: wider, conditioning: 0.5)
        #expect(worstRelativeError(left.singularValues, right.singularValues) < 1e-12)
        let repeated = try SpanCoordinates(samples: tall, conditioning: 0)
        let error = worstRelativeError(repeated.samples(at: repeated.coordinates(of: tall)), tall)
        #expect(error < 1e-12, "\(error)")
    }

    @Test func oneSampleAndEqualSamplesStillHaveCoordinates() throws {
        let one = Matrix<Double>(rows: [[0.5, 0.25, 0]])
        let single = try SpanCoordinates(samples: one, conditioning: 1)
        #expect(single.rank == 1)
        #expect(worstRelativeError(single.samples(at: single.coordinates(of: one)), one) < 1e-14)
        let black = Matrix<Double>(rowCount: 3, columnCount: 4)
        let constant = try SpanCoordinates(samples: black, conditioning: 1)
        #expect(constant.rank == 1)
        #expect(constant.samples(at: constant.coordinates(of: black)) == black)
    }

    @Test func nonFiniteSamplesAreRefused() {
        #expect(throws: NumericsError.self) {
            _ = try SpanCoordinates(samples: Matrix(rows: [[0.0, .nan], [1, 2]]), conditioning: 0)
        }
    }

    @Test("With noise of variance v, products at p = 1 are those of the matched filter (XᵀX + n·v·I)⁻¹") func noiseFloor() throws {
        var generator = CounterBasedGenerator(seed: 9)
        for (count, dimension) in [(5, 12), (20, 6)] {
            var samples = Matrix<Double>(
                rowCount: count, columnCount: dimension, elements: generator.uniforms(count: count * dimension) as [Double])
            let variance = 0.03
            let span = try SpanCoordinates(samples: samples, conditioning: 1, noiseVariance: variance)
            let encoded = span.coordinates(of: samples)
            let found = encoded.multiplied(by: encoded, transposingOther: true)
            samples.addToRows(span.mean, scaledBy: -1)
            var covariance = samples.multiplied(by: samples, transposingSelf: true)
            for i in 0..<dimension { covariance[i, i] += Double(count) * variance }
            let solved = try covariance.choleskySolve(samples.transposed())
            var expected = samples * solved
            expected.scale(by: span.scale * span.scale)
            #expect(worstRelativeError(found, expected) < 1e-10)
            // The mean square of all coordinates is 1, and the way back is exact.
            let energy = encoded.elements.reduce(0) { $0 + $1 * $1 } / Double(encoded.elements.count)
            #expect(abs(energy - 1) < 1e-12)
            var back = span.samples(at: encoded)
            back.addToRows(span.mean, scaledBy: -1)
            #expect(worstRelativeError(back, samples) < 1e-10)
        }
    }
}
