import ComplexModule
import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import RealModule
import Testing

private struct JacobianCase: Decodable {
    struct Point: Decodable {
        let jacobian: [[Double]]
        let eigenvalues: [[Double]]
        let eigenvalue_conditions: [Double]
        let spectral_radius: Double
        let operator_norm: Double
    }
    struct Cycle: Decodable {
        let product: [[Double]]
        let eigenvalues: [[Double]]
        let log10_moduli: [Double]
        let operator_norm_of_product: Double
    }
    let name: String
    let activation: String
    let layers: [Oracle.Layer]
    let x: [[Double]]
    let at_sample: [Point]
    let cycle: Cycle
}

/// Pairs each expected eigenvalue with the nearest one found that is still free, largest first.
private func matchingErrors(_ found: [Complex<Double>], _ expected: [[Double]]) -> [Double] {
    var free = found
    return expected.map { pair in
        let value = Complex(pair[0], pair[1])
        guard let best = free.indices.min(by: { (free[$0] - value).length < (free[$1] - value).length }) else { return .infinity }
        return (free.remove(at: best) - value).length
    }
}

@Suite struct SpectrumTests {
    @Test func jacobiansMatchPyTorch() throws {
        for item in try Oracle.cases("jacobian", as: JacobianCase.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            for (x, point) in zip(item.x, item.at_sample) {
                let expected = Matrix(rows: point.jacobian)
                #expect(worstRelativeError(network.jacobian(at: x), expected) < 1e-12, "\(item.name)")
                let single = network.converted(to: Float.self).jacobian(at: x.map { Float($0) })
                #expect(worstRelativeError(single, expected) < 3e-5, "\(item.name) in float32")
            }
        }
    }

    @Test func spectraByTheExactReductionMatchGoldenEigenvalues() throws {
        let cases = try Oracle.cases("jacobian", as: JacobianCase.self)
        #expect(cases.count > 27)
        for item in cases {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let restriction = try ImageRestriction(of: network)
            let x = Matrix(rows: item.x)
            // At a point off the image the reduction does not hold, so it is checked at f(x), against the dense Jacobian there.
            let images = network.outputs(of: x)
            let reduced = try restriction.map.spectra(at: restriction.coordinates(of: images))
            for row in 0..<x.rowCount {
                let jacobian = network.jacobian(at: images.row(row))
                let dense = try jacobian.eigenvalues()
                let scale = try #require(try jacobian.singularValues().first)
                let errors = matchingErrors(dense, reduced[row].scaledEigenvalues.map { [$0.real, $0.imaginary] })
                // Eigenvalue condition numbers of these nets reach 1e3; float64 rounding times the norm, slack 10.
                #expect((errors.max() ?? 0) < 1e-11 * max(scale, 1), "\(item.name), sample \(row): \(errors.max() ?? 0)")
            }
            // At the samples themselves the dense spectrum must be PyTorch's.
            for (row, point) in item.at_sample.enumerated() {
                let found = try network.jacobian(at: item.x[row]).eigenvalues()
                for (error, condition) in zip(matchingErrors(found, point.eigenvalues), point.eigenvalue_conditions) {
                    #expect(error < 1e-13 * point.operator_norm * max(condition, 1) * 10, "\(item.name), sample \(row)")
                }
                let radius = found.first?.length ?? 0
                #expect(abs(radius - point.spectral_radius) < 1e-9 * max(point.spectral_radius, 1e-3), "\(item.name)")
            }
        }
    }

    @Test func cycleProductsMatchGoldenValuesAndLogarithms() throws {
        for item in try Oracle.cases("jacobian", as: JacobianCase.self) {
            let network = try Oracle.network(item.layers, activation: item.activation)
            let product = try CycleProduct(of: network, along: Matrix(rows: item.x))
            let unscaled = Double.exp10(product.log10Norm) * product.normalized
            #expect(worstRelativeError(unscaled, Matrix(rows: item.cycle.product)) < 1e-12, "\(item.name)")
            let spectrum = try product.spectrum()
            let expected = try #require(item.cycle.log10_moduli.first)
            #expect(abs(spectrum.log10SpectralRadius - expected) < 1e-9, "\(item.name): \(spectrum.log10SpectralRadius)")
        }
    }

    @Test func longCyclesNeitherUnderflowNorOverflow() throws {
        // f(x) = s·x has cycle product sⁿ·I: log10 radius n·log10 s, far outside what float64 holds.
        for (factor, count) in [(1e-3, 1000), (1e3, 1000)] {
            let network = FullyConnectedNetwork<Double>(
                layers: [DenseLayer(weights: factor * Matrix.identity(3), biases: [0, 0, 0])], activation: .relu)
            let spectrum = try CycleProduct(of: network, along: Matrix(rowCount: count, columnCount: 3)).spectrum()
            let expected = Double(count) * Double.log10(factor)
            #expect(abs(spectrum.log10SpectralRadius - expected) < 1e-9 * abs(expected))
        }
        let zero = FullyConnectedNetwork<Double>(widths: [2, 2], activation: .relu)
        let spectrum = try CycleProduct(of: zero, along: Matrix(rowCount: 4, columnCount: 2)).spectrum()
        #expect(spectrum.log10SpectralRadius == -.infinity)
        #expect(spectrum.spectralRadius == 0)
    }

    @Test func productsOfManyFactorsAreThoseOfTheDenseJacobians() throws {
        // Contracting in some directions much more than in others: after 40 factors most are below rounding and left out on the way.
        var generator = SplitMix64(seed: 11)
        var network = FullyConnectedNetwork<Double>(widths: [12, 30, 12], activation: .tanh)
        Initializer.standard.initialize(&network, using: &generator)
        for column in 0..<12 {
            for row in 0..<30 { network.layers[0].weights[row, column] *= Double.exp10(-Double(column) / 8) }
        }
        let points = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 43, dimension: 12, using: &generator)
        let start = NoiseStart.gaussian(mean: 0, deviation: 1).draw(count: 12, dimension: 5, using: &generator)
        for first in [nil, start] {
            var direct = Matrix<Double>.identity(12)
            var logarithm = 0.0
            for row in 0..<points.rowCount {
                if row == 0, let first { direct = first } else { direct = network.jacobian(at: points.row(row)) * direct }
                logarithm += Double.log10(direct.frobeniusNorm)
                direct.scale(by: 1 / direct.frobeniusNorm)
            }
            let product = try CycleProduct(of: network, along: points, startingWith: first)
            #expect(abs(product.log10Norm - logarithm) < 1e-11)
            #expect((product.normalized - direct).frobeniusNorm < 1e-12)
            if first == nil {
                #expect(try direct.rankRevealingFactors(relativeTolerance: Double.ulpOfOne).basis.columnCount < 6)
            }
        }
    }

    @Test func silentUnitsLeftOutOfJacobiansChangeNothing() throws {
        var generator = SplitMix64(seed: 8)
        var network = FullyConnectedNetwork<Double>(widths: [6, 20, 15, 6], activation: .relu)
        Initializer.standard.initialize(&network, using: &generator)
        // The share of silent units goes from none over about half to all.
        for shift in [10, 0, -10.0] {
            network.layers[1].biases = (0..<15).map { _ in shift * generator.nextUniform() }
            let x = (0..<6).map { _ in generator.nextUniform() }
            let derivatives = network.hiddenDerivatives(of: Matrix(rows: [x]))
            let silent = derivatives[1].elements.count { $0 == 0 }
            #expect(shift > 0 ? silent == 0 : shift < 0 ? silent == 15 : (4...11).contains(silent))
            // W_3 D_2 W_2 D_1 W_1, written out.
            let (d1, d2) = (derivatives[0].elements, derivatives[1].elements)
            let (w1, w2, w3) = (network.layers[0].weights, network.layers[1].weights, network.layers[2].weights)
            var expected = Matrix<Double>(rowCount: 6, columnCount: 6)
            for (i, j) in (0..<36).map({ ($0 / 6, $0 % 6) }) {
                for b in 0..<15 {
                    for a in 0..<20 { expected[i, j] += w3[i, b] * d2[b] * w2[b, a] * d1[a] * w1[a, j] }
                }
            }
            // 300 terms of order 1e-3 in two orders of summing.
            let bound = 300 * Double.ulpOfOne
            #expect(zip(network.jacobian(at: x).elements, expected.elements).allSatisfy { abs($0 - $1) < bound })
            let pushed = network.pushForward(.identity(6), derivatives: derivatives, row: 0)
            #expect(zip(pushed.elements, expected.elements).allSatisfy { abs($0 - $1) < bound })
        }
    }

    private struct Stop: Error {}

    @Test func spectraOfManyPointsAreThoseOfEachAlone() throws {
        var generator = SplitMix64(seed: 3)
        var network = FullyConnectedNetwork<Double>(widths: [7, 9, 7], activation: .tanh)
        Initializer.standard.initialize(&network, using: &generator)
        let points = Matrix<Double>(rowCount: 41, columnCount: 7, elements: (0..<41 * 7).map { _ in generator.nextUniform() })
        var told: [Int] = []
        let together = try network.spectra(at: points) { told.append($0) }
        #expect(told == Array(0..<41))
        for row in 0..<41 {
            // The trace of the Jacobian is the sum of its eigenvalues.
            let jacobian = network.jacobian(at: points.row(row))
            let trace = (0..<7).reduce(0) { $0 + jacobian[$1, $1] }
            let sum = together[row].scaledEigenvalues.reduce(0) { $0 + $1.real }
            #expect(abs(sum - trace) < 1e-13, "point \(row)")
            #expect(try network.spectra(at: points.rows(at: [row])) == [together[row]])
        }
        var steps = 0
        #expect(throws: Stop.self) {
            _ = try network.spectra(at: points) { row in
                steps += 1
                if row == 3 { throw Stop() }
            }
        }
        #expect(steps == 4)
    }

    @Test func divergedWeightsAreAnError() {
        var network = FullyConnectedNetwork<Double>(widths: [3, 4, 3], activation: .tanh)
        network.layers[1].weights[2, 1] = .infinity
        #expect(throws: NumericsError.nonFinite(operation: "Restriction to the image", row: 2, column: 1)) {
            _ = try ImageRestriction(of: network)
        }
    }
}
