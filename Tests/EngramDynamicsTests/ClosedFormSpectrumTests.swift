import ComplexModule
import EngramDynamics
import EngramNetworks
import EngramNumerics
import EngramTestSupport
import Testing

private struct SpectrumCase: Decodable {
    struct Item: Decodable {
        let eigenvalues: [[Double]]
        let spectral_radius: Double
    }
    struct Cycle: Decodable {
        let log10_radius: Double
    }
    let name: String
    let y0: [Double]
    let x: [[Double]]
    let W1: [[Double]]
    let b1: [Double]
    let A: [[Double]]
    let at_item: [Item]
    let cycle: Cycle
}

@Suite struct ClosedFormSpectrumTests {
    @Test func saturatedUnitsKeepTheDigitsOfTheirEigenvalues() throws {
        for item in try Oracle.cases("closed_form", as: SpectrumCase.self) {
            let network = FullyConnectedNetwork(
                layers: [
                    DenseLayer(weights: Matrix(rows: item.W1), biases: item.b1), DenseLayer(weights: Matrix(rows: item.A), biases: item.y0),
                ], activation: .sigmoid)
            let restriction = try ImageRestriction(of: network)
            let points = restriction.coordinates(of: Matrix(rows: item.x))
            let spectra = try restriction.map.spectra(at: points)
            for (found, expected) in zip(spectra, item.at_item) {
                let error = abs(found.spectralRadius / expected.spectral_radius - 1)
                #expect(error < 1e-10, "\(item.name): \(found.spectralRadius), expected \(expected.spectral_radius)")
                for pair in expected.eigenvalues {
                    let nearest = found.scaledEigenvalues.map { ($0 - Complex(pair[0], pair[1])).length }.min() ?? .infinity
                    #expect(nearest < 1e-10 * expected.spectral_radius, "\(item.name): \(pair), \(nearest) away")
                }
            }
            let cycle = try CycleProduct(of: restriction.map, along: points).spectrum()
            #expect(abs(cycle.log10SpectralRadius - item.cycle.log10_radius) < 1e-9, "\(item.name): \(cycle.log10SpectralRadius)")
        }
    }
}
